"""What the page of a finding shows: what to do, and the records with their lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse

from harvests import advice
from harvests.admin.base import list_url
from harvests.admin.record_page import is_of_another, published, xml_url
from harvests.models import Cause, HarvestRecord
from harvests.notifications.wording import site_url
from harvests.problems import key_of_finding

LINES: Final = 8  # of a record, with links
ELSEWHERE: Final = 20  # other sources
READ: Final = (
    *("title", "url", "file_name", "failure", "source_id", "update_time"),
    *("validation_errors", "validation_warnings"),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A record that has it: what is said there, where that is more than the cause."""

    record: HarvestRecord
    said: str
    lines: list[tuple[int, str]]  # with the address of the line, or ""
    more: int


def cause_context(cause: Cause) -> dict[str, Any]:
    path = reverse("admin:harvests_cause_change", args=[cause.pk])
    others = Cause.objects.open().filter(problem=cause.problem).exclude(pk=cause.pk)
    shown = others.prefetch_related("source").order_by("-records")[:ELSEWHERE]
    return {
        "cause": cause,
        "advice": advice.advice_on(cause.rule, cause.message),
        "examples": list(examples_of(cause)),
        "elsewhere": list(shown),
        "permalink": site_url(path),
        "records_url": list_url("harvestrecord", cause=cause.pk),
    }


def examples_of(cause: Cause) -> Iterator[Example]:
    records = HarvestRecord.objects.filter(pk__in=cause.examples).only(*READ)
    for record in sorted(records, key=str):
        record.source = cause.source
        found = [f for f in record.findings if key_of_finding(f) == cause.problem]
        if found:
            yield _example(cause, record, found)


def _example(
    cause: Cause, record: HarvestRecord, found: list[dict[str, Any]]
) -> Example:
    has_lines = not is_of_another(record) and published(record) is not None
    numbers = [f["line_number"] for f in found if isinstance(f["line_number"], int)]
    lines = [(n, xml_url(record, n) if has_lines else "") for n in numbers[:LINES]]
    said = found[0]["error"]
    return Example(
        record=record,
        said="" if said == cause.message else said,
        lines=lines,
        more=len(found) - len(lines),
    )
