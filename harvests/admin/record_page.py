"""What a record's page shows beside its own texts: findings, extent, history."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.urls import reverse

from harvests import advice, conf, maps, xmlview
from harvests.admin import ckan
from harvests.admin.record_history import history_of
from harvests.advice.words import Advice
from harvests.models import HarvestRecord
from harvests.pipeline.errors import StoreError
from harvests.pipeline.store import Store
from harvests.pipeline.types import Stage
from harvests.templatetags.harvesting import counted
from harvests.xmlview import Line, Place

EXCERPTS: Final = 100  # of the first findings; the others link to their lines
MOVED: Final = (
    "The published document has something else on this line: it is not the one in "
    "which this was found."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding as the page shows it; `is_first` of those with the same advice."""

    finding: dict[str, Any]
    place: Place | None
    url: str
    lines: Sequence[Line]
    note: str
    advice: Advice
    is_first: bool


def record_context(record: HarvestRecord) -> dict[str, Any]:
    path = published(record)
    boxes = (record.details or {}).get("boxes", [])
    return {
        "record": record,
        "online": online(record),
        "frames": maps.frames_of(boxes),
        "areas": [maps.words_of(box) for box in boxes],
        "entries": list(entries_of(record, path)),
        "finding_count": counts_of(record),
        "is_of_another": is_of_another(record),
        "history": history_of(record),
        "xml_url": xml_url(record) if path else "",
        **ckan.of_record(record),
    }


def published(record: HarvestRecord) -> Path | None:
    """Return where the record's file lies, None if there is none."""
    folder = record.source.organization_id
    try:
        for name in (folder, record.file_name):
            Store.check_name(name)
    except StoreError:
        return None
    path = conf.store().root / folder / record.file_name
    return path if path.is_file() else None


def xml_url(record: HarvestRecord, line: int = 0) -> str:
    """Return the address of the document, or of one of its lines."""
    url = reverse("admin:harvests_record_xml", args=[record.pk])
    page = xmlview.page_of(line)
    return f"{url}{f'?page={page}' if page > 1 else ''}{f'#L{line}' if line else ''}"


def counts_of(record: HarvestRecord) -> str:
    """Return “2 errors, 1 warning”, without what there is none of."""
    errors, warnings = record.error_count, record.warning_count
    named = ((errors, "error"), (warnings, "warning"))
    return ", ".join(counted(count, noun) for count, noun in named if count)


def is_of_another(record: HarvestRecord) -> bool:
    """Tell whether the findings are of a document that was not published."""
    return (record.failure or {}).get("stage") == Stage.VALIDATE


def entries_of(record: HarvestRecord, path: Path | None) -> Iterator[Entry]:
    if is_of_another(record):
        path = None
    findings = record.findings
    lines = _excerpts(path, [_place(f) for f in findings[:EXCERPTS]])
    explained: set[int] = set()
    for number, finding in enumerate(findings):
        place = _place(finding)
        said = advice.advice_on(finding.get("rule", ""), finding.get("error", ""))
        shown = lines.get(place, ()) if place else ()
        looked = bool(path and place and number < EXCERPTS)
        yield Entry(
            finding=finding,
            place=place,
            url=xml_url(record, place.line) if path and place else "",
            lines=shown,
            note=MOVED if looked and not shown else "",
            advice=said,
            is_first=id(said) not in explained,
        )
        explained.add(id(said))


def _place(finding: dict[str, Any]) -> Place | None:
    line = finding.get("line_number")
    if not isinstance(line, int) or line < 1:
        return None
    return Place(line, xmlview.name_in(finding.get("xpath", "")))


def _excerpts(
    path: Path | None, places: Sequence[Place | None]
) -> dict[Place, list[Line]]:
    try:
        return xmlview.excerpts(path, filter(None, places)) if path else {}
    except OSError:  # it has just been removed
        return {}


def online(record: HarvestRecord) -> list[dict[str, str]]:
    """Return services and links as {url, kind, name}, each URL once.

    A link comes first, since it has a name; what kind of service its URL is, the
    service says.
    """
    found: dict[str, dict[str, str]] = {}
    for link in (record.details or {}).get("links", []):
        kind = link.get("protocol", "")
        shown = {"url": link.get("url", ""), "kind": kind, "name": link.get("name", "")}
        found.setdefault(shown["url"], shown)
    for service in record.services or []:
        url, kind = service.get("service_url", ""), service.get("service_type", "")
        shown = found.setdefault(url, {"url": url, "kind": "", "name": ""})
        shown["kind"] = shown["kind"] or kind or "Service"
    return list(found.values())
