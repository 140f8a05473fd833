"""The page of a record's document: every line has a number to link to.

Streamed, so that a document of 20 MB costs the memory of a line.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.html import escape

from harvests import xmlview
from harvests.admin import record_page
from harvests.models import HarvestRecord
from harvests.xmlview import Line

BLOCK: Final = 200  # lines a chunk
PLACEHOLDER: Final = "<!-- lines -->"
ROW: Final = (
    '<div id="L{number}"{mark}><a href="#L{number}" data-line="{number}" '
    'aria-label="Line {number}"></a><code>{text}</code></div>\n'
)
Marks = dict[int, tuple[str, str]]


def document(
    request: HttpRequest, object_id: str, model_admin: Any
) -> HttpResponseBase:
    """Show the published document of a record, or a page of it."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    record = get_object_or_404(
        HarvestRecord.objects.select_related("source"), pk=object_id
    )
    path = record_page.published(record)
    if path is None:
        raise Http404("This record has no published document.")
    context = model_admin.admin_site.each_context(request)
    context |= _context(request, record, path) | {"opts": model_admin.opts}
    head, _, tail = render_to_string(
        "admin/harvests/record_xml.html", context, request
    ).partition(PLACEHOLDER)
    lines = xmlview.lines_of(path, context["page"])
    rows = _rows(lines, _marks(record))
    return StreamingHttpResponse(_chain(head, rows, tail))


def _context(request: HttpRequest, record: HarvestRecord, path: Path) -> dict[str, Any]:
    count = xmlview.count_lines(path)
    pages = xmlview.page_of(count)
    wanted = request.GET.get("page", "1")
    page = min(int(wanted), pages) if wanted.isdecimal() and len(wanted) < 9 else 1
    return {
        "record": record,
        "title": f"XML of {record}",
        "line_count": count,
        "size": xmlview.size_of(path),
        "page": max(1, page),
        "pages": range(1, pages + 1),
        "per_page": xmlview.PAGE,
        "is_of_another": record_page.is_of_another(record),
    }


def _marks(record: HarvestRecord) -> Marks:
    """Return what was found on each line: its severity and messages."""
    marks: Marks = {}
    if record_page.is_of_another(record):
        return marks
    for finding in record.findings:
        line = finding.get("line_number")
        if isinstance(line, int):
            before = marks.get(line, (finding.get("severity", "error"), ""))
            text = f"{before[1]}\n{finding.get('error', '')}".strip()[:1000]
            marks[line] = (before[0], text)
    return marks


def _rows(lines: Iterator[Line], marks: Marks) -> Iterator[str]:
    block: list[str] = []
    for line in lines:
        block.append(_row(line, marks))
        if len(block) >= BLOCK:
            yield "".join(block)
            block = []
    yield "".join(block)


def _row(line: Line, marks: Marks) -> str:
    mark = ""
    if found := marks.get(line.number):
        variant = "warning" if found[0] == "warning" else "danger"
        mark = f' class="ch-{variant}" title="{escape(found[1])}"'
    return ROW.format(number=line.number, mark=mark, text=escape(line.text))


def _chain(head: str, rows: Iterator[str], tail: str) -> Iterator[str]:
    yield head
    yield from rows
    yield tail
