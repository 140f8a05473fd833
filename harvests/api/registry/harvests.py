"""The registry's harvests, which are our sources: told to anybody, started by some."""

import datetime as dt
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from harvests.api.acting import start
from harvests.api.registry.answers import WITH_CHARSET, reply
from harvests.api.registry.people import logged_in
from harvests.models import HarvestSource
from harvests.permissions import CHANGE, may

FIELDS: Final = (
    *("harvest_type", "name", "url", "publish", "harvest_interval"),
    *("last_harvest_dt", "last_record_count", "last_good_count", "last_bad_count"),
    *("last_harvest_status", "harvest_contact"),
)


def all_harvests(request: HttpRequest) -> HttpResponse:
    rows = HarvestSource.objects.order_by("name", "pk")
    return reply({"status": "success", "data": [document(row) for row in rows]})


def one_harvest(request: HttpRequest, key: str) -> HttpResponse:
    row = HarvestSource.objects.filter(pk=key).first()
    if row is None:
        return reply({"status": "fail", "message": "Item not found"}, 404)
    return reply({"status": "success", "data": document(row)})


def document(source: HarvestSource) -> dict[str, Any]:
    """Return a source as the registry's collection has it: a status is never a date.

    An address for the contact is there only if somebody gave one.
    """
    values = {name: _plain(getattr(source, name)) for name in FIELDS}
    if not values["harvest_contact"]:
        del values["harvest_contact"]
    return {"_id": source.pk, "organization": source.organization_id, **values}


def _plain(value: Any) -> Any:
    """Return a value as JSON.stringify wrote it: 1 for 1.0, dates in milliseconds."""
    if isinstance(value, dt.datetime):
        text = value.astimezone(dt.UTC).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


@logged_in
def harvest(request: HttpRequest, key: str) -> HttpResponse:
    """Queue a harvest; one that is under way already is as good."""
    source = HarvestSource.objects.filter(pk=key).first()
    if source is None:
        return reply({"status": "Not Found"}, 404, WITH_CHARSET)
    may_write = request.api_token.may_write  # type: ignore[attr-defined]
    if not (may_write and may(request.user, CHANGE, source)):
        return reply({"status": "Unauthorized"}, 401, WITH_CHARSET)
    start(request, source)
    return reply({"status": "harvesting"})
