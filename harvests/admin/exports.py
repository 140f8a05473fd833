"""The list of records as CSV and JSON: what is filtered, found and ordered there.

Streamed from a database cursor: the memory is that of one chunk, however many.
"""

import csv
import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.http import (
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils import timezone

from harvests.admin.base import list_url
from harvests.models import HarvestSource

CHUNK: Final = 200  # rows that a query brings at once
BLOCK: Final = 50  # rows that go out at once
READ: Final = (
    *("title", "file_id", "source_id", "url", "record_url", "file_name"),
    *("metadata_date", "update_time", "missing_since", "failure"),
    *("error_count", "warning_count", "validation_errors", "validation_warnings"),
)
COLUMNS: Final = (
    *("title", "identifier", "organization", "source", "url", "published_url"),
    *("file_name", "metadata_date", "updated", "errors", "warnings"),
    *("failed_stage", "failure", "held_since", "findings"),
)
# Excel opens a file as UTF-8 only with a mark; JSON must not have one.
MARK: Final = "\ufeff"
# With these, a spreadsheet takes a text for a formula (OWASP, CSV injection).
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

Row = dict[str, Any]
Writer = Callable[[Iterator[Row]], Iterator[str]]


def as_csv(request: HttpRequest, model_admin: Any) -> HttpResponseBase:
    return _answer(request, model_admin, _csv, "csv", "text/csv; charset=utf-8")


def as_json(request: HttpRequest, model_admin: Any) -> HttpResponseBase:
    return _answer(request, model_admin, _json, "json", "application/json")


def _answer(
    request: HttpRequest, model_admin: Any, write: Writer, ending: str, kind: str
) -> HttpResponseBase:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    try:
        listed = model_admin.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:  # the list says so
        return HttpResponseRedirect(f"{list_url('harvestrecord')}?e=1")
    name = f"records-{timezone.now():%Y-%m-%d}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    chunks = _together(write(_rows(listed)))
    return StreamingHttpResponse(chunks, content_type=kind, headers=headers)


def _rows(listed: Any) -> Iterator[Row]:
    sources = HarvestSource.objects.values_list("pk", "name", "organization_id")
    names = {pk: (name, organization) for pk, name, organization in sources}
    found = listed.prefetch_related(None).defer(None).values(*READ)
    for row in found.iterator(chunk_size=CHUNK):
        yield _row(row, *names.get(row["source_id"], ("", "")))


def _row(row: Row, source: str, organization: str) -> Row:
    failure = row["failure"] or {}
    return {
        "title": row["title"],
        "identifier": row["file_id"] or "",
        "organization": organization,
        "source": source,
        "url": row["url"],
        "published_url": row["record_url"] or "",
        "file_name": row["file_name"],
        "metadata_date": row["metadata_date"] or "",
        "updated": row["update_time"],
        "errors": row["error_count"],
        "warnings": row["warning_count"],
        "failed_stage": failure.get("stage") or "",
        "failure": failure.get("message") or "",
        "held_since": row["missing_since"],
        "findings": [*row["validation_errors"], *row["validation_warnings"]],
    }


class _Echo:
    """What csv.writer writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def _csv(rows: Iterator[Row]) -> Iterator[str]:
    line = csv.writer(_Echo()).writerow
    yield MARK + line(COLUMNS)
    for row in rows:
        yield line([_cell(row[column]) for column in COLUMNS])


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    text = value if isinstance(value, str) else value.isoformat()
    return f"'{text}" if text.startswith(FORMULA) else text


def _json(rows: Iterator[Row]) -> Iterator[str]:
    encode = DjangoJSONEncoder(ensure_ascii=False).encode
    yield "["
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n{encode(row)}"
    yield "\n]\n"


def _together(lines: Iterator[str]) -> Iterator[str]:
    """Join lines: each chunk of an answer costs a write to the network."""
    block: list[str] = []
    for line in lines:
        block.append(line)
        if len(block) >= BLOCK:
            yield "".join(block)
            block = []
    yield "".join(block)
