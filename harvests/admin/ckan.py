"""What CKAN says of a source and its records, and the buttons that ask it."""

from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import urlencode

from harvests import ckan, trail
from harvests.admin.base import back, owned
from harvests.ckan import words
from harvests.models import CkanComplaint, CkanSource, HarvestRecord, HarvestSource
from harvests.permissions import is_admin
from harvests.states import State

SHOWN: Final = 10  # documents on a source's page
READ: Final = 200  # complaints that are looked through for them
ASKED: Final = "CKAN is asked to harvest: its card below says how it goes."
NONE: Final = "No CKAN source is set for “{}” or its organization, or no CKAN_API."


def of_source(source: HarvestSource) -> dict[str, Any]:
    """Return what the card on a source's page shows; nothing where no CKAN is set."""
    name = ckan.name_for(source)
    if not name:
        return {}
    row = CkanSource.objects.filter(pk=name).first() or CkanSource(pk=name)
    label, colour = words.badge_of(row)
    return {
        "ckan": {
            "row": row,
            "state": State(label, colour, row.message),
            "sentence": words.told(row),
            "documents": _documents(source, row) if row.complaint_count else [],
            "shown": SHOWN,
            "expected": _expected(source),
            "hidden_folder": "index" in source.organization_id,
        }
    }


def of_record(record: HarvestRecord) -> dict[str, Any]:
    """Return what the card on a record's page shows."""
    name = ckan.name_for(record.source)
    if not name or not record.file_name:
        return {}
    row = CkanSource.objects.filter(pk=name).first()
    complaint = complaints_of([record]).get(record.pk) if row else None
    return {"ckan": {"row": row, "complaint": complaint, "search": search(record)}}


def search(record: HarvestRecord) -> str:
    """Return where CKAN shows the dataset of a record, "" without an identifier."""
    if not record.file_id:
        return ""
    quoted = record.file_id.replace("\\", "\\\\").replace('"', '\\"')
    query = urlencode({"q": f'guid:"{quoted}"'})
    return f"{ckan.site()}/dataset?{query}"


def complaints_of(records: list[HarvestRecord]) -> dict[str, CkanComplaint]:
    """Return what CKAN says of each of these records, by their keys."""
    places = {ckan.place_in_waf(record): record.pk for record in records}
    found = CkanComplaint.objects.filter(place__in=list(places))
    return {places[complaint.place]: complaint for complaint in found}


def _expected(source: HarvestSource) -> list[dict[str, Any]]:
    """Return the findings that CKAN minds: what it does, the cause, how many."""
    minded = source.causes.open().filter(rule__in=list(words.EFFECTS))
    causes = minded.defer("examples").order_by("-records")[:SHOWN]
    return [{"effect": words.EFFECTS[cause.rule], "cause": cause} for cause in causes]


def _documents(source: HarvestSource, row: CkanSource) -> list[dict[str, Any]]:
    """Return the first records of the source that CKAN complains of."""
    folder = f"{source.organization_id}/"
    found = row.complaints.filter(place__startswith=folder)[:READ]
    by_name = {complaint.place.removeprefix(folder): complaint for complaint in found}
    mine = source.records.filter(file_name__in=list(by_name))
    rows = mine.only("title", "url", "file_name", "source_id")[:SHOWN]
    return [{"record": r, "complaint": by_name[r.file_name]} for r in rows]


def harvest(
    request: HttpRequest, object_id: str, model_admin: Any
) -> HttpResponseRedirect:
    """Have CKAN harvest, changed or not: a person asks."""
    source = owned(request, HarvestSource, object_id)
    if request.method == "POST":
        if ckan.tell(source, request.user.get_username()):
            trail.note(request.user, source, "CKAN asked to harvest.")
            messages.success(request, ASKED)
        else:
            messages.error(request, NONE.format(source))
    return back(request, source.get_absolute_url())


def check(
    request: HttpRequest, object_id: str, model_admin: Any
) -> HttpResponseRedirect:
    """Check that CKAN lets us in, for admins: the token is theirs."""
    source = owned(request, HarvestSource, object_id)
    if not is_admin(request.user):
        raise PermissionDenied
    if request.method == "POST":
        name = ckan.name_for(source)
        verdict = ckan.check(name)
        if name:
            ckan.look_soon(name)
        level = messages.SUCCESS if verdict.is_well else messages.ERROR
        messages.add_message(request, level, verdict.sentence)
    return redirect(source)


URLS: Final = (
    ("<str:object_id>/ckan/", "harvests_source_ckan", harvest),
    ("<str:object_id>/ckan-check/", "harvests_source_ckan_check", check),
)
