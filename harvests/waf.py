"""The central WAF over HTTP: for CKAN, wget, other harvesters and people.

In production nginx serves the same folder; these views answer alike. The index has
nginx's form, because CKAN's harvester reads dates only from listings of nginx and
Apache (docs: DESIGN §5), and reads it no faster than the client does.
"""

import datetime as dt
import io
import os
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.html import escape
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from harvests.pipeline.errors import StoreError
from harvests.pipeline.store import Store, is_record_name

HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Index of {title}</title>
<meta name="viewport" content="width=device-width">
<style>:root {{ color-scheme: light dark }} body {{ font: 15px system-ui; margin: 2em }}
pre {{ font: 14px/1.6 ui-monospace, monospace; overflow-x: auto }}</style></head>
<body><h1>Index of {title}</h1><pre>
"""
TAIL = "</pre>{more}</body></html>\n"
# CKAN takes a link for a folder that ends in /, and for nothing one that has a ?
ABOUT = '<p><a href="{}?">About this site</a></p>'
# Published records are UTF-8 and do not say so themselves. Without the charset, CKAN
# (requests) takes text/xml for ISO 8859-1, and “Ä” becomes “Ã„”.
XML = "text/xml; charset=utf-8"
NO_SCRIPT = "sandbox; default-src 'none'; style-src 'unsafe-inline'"  # of strangers
# To programs; in the page, CKAN would take links for records. deploy/nginx.conf has it
ALSO = {
    "Link": '<index.json>; rel="alternate"; type="application/json", '
    '<changes.atom>; rel="alternate"; type="application/atom+xml"'
}
SINGLE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
BLOCK = 200  # lines of the index per chunk


@require_safe
def root(request: HttpRequest) -> HttpResponseBase:
    """List the organizations that have a folder."""
    folders = sorted(
        entry.name
        for entry in _scan(settings.OUTPUT_DIR)
        if entry.is_dir() and not entry.name.startswith(".")
    )
    lines = (_line(f"{name}/", settings.OUTPUT_DIR / name) for name in folders)
    return _index(request, "/waf/", lines, more=ABOUT.format(reverse("about")))


@require_safe
def folder(request: HttpRequest, organization: str) -> HttpResponseBase:
    """List the records of an organization."""
    path = _folder(organization)
    names = sorted(entry.name for entry in _scan(path) if is_record_name(entry.name))
    lines = (_line(name, path / name) for name in names)
    return _index(request, f"/waf/{organization}/", _with_parent(lines))


@require_safe
def document(request: HttpRequest, organization: str, name: str) -> HttpResponseBase:
    """Answer with a record: conditional and range requests as nginx has them."""
    path = _folder(organization) / name
    if not is_record_name(name):
        raise Http404("Only records are served from here.")
    try:
        file = path.open("rb")
    except OSError as error:
        raise Http404(f"There is no record {name}.") from error
    status = os.fstat(file.fileno())
    etag = f'"{int(status.st_mtime):x}-{status.st_size:x}"'
    headers = {
        "ETag": etag,
        "Last-Modified": http_date(int(status.st_mtime)),
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": NO_SCRIPT,
    }
    wanted = _range(request, headers, status.st_size)
    if wanted:
        response: HttpResponseBase = _part(file, wanted, status.st_size)
    elif request.method == "HEAD":
        response = HttpResponse(content_type=XML)
    else:
        response = FileResponse(file, content_type=XML)
    if not response.streaming:
        file.close()
    if not wanted:
        response["Content-Length"] = str(status.st_size)
    for header, value in headers.items():
        response[header] = value
    return _conditional(request, response, etag, int(status.st_mtime))


def _conditional(
    request: HttpRequest, response: HttpResponseBase, etag: str, modified: int
) -> HttpResponseBase:
    answer = get_conditional_response(request, etag, modified, response)
    if answer is not response:
        response.close()
    return answer


def _range(
    request: HttpRequest, headers: dict[str, str], size: int
) -> tuple[int, int] | None:
    """Return (start, end) of a single satisfiable or not range, None for all.

    RFC 9110 §14.2: a range whose If-Range does not match, or that is malformed, is
    ignored; several ranges may be, and are.
    """
    condition = request.headers.get("If-Range")
    if condition not in (None, headers["ETag"], headers["Last-Modified"]):
        return None
    match = SINGLE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or request.method != "GET" or match[0] == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size if int(last) else 0
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1 if last else size)


def _part(file: io.BufferedReader, wanted: tuple[int, int], size: int) -> HttpResponse:
    start, end = wanted
    if start >= end:
        response = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        response["Content-Range"] = f"bytes */{size}"
        return response
    file.seek(start)
    data = file.read(end - start)
    response = HttpResponse(data, status=HTTPStatus.PARTIAL_CONTENT, content_type=XML)
    response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _folder(organization: str) -> Path:
    path: Path = settings.OUTPUT_DIR / organization
    try:
        Store.check_name(organization)
    except StoreError as error:
        raise Http404(str(error)) from error
    if not path.is_dir():
        raise Http404(f"There is no folder {organization}.")
    return path


def _scan(path: Path) -> Iterator[os.DirEntry[str]]:
    path.mkdir(parents=True, exist_ok=True)
    with os.scandir(path) as entries:
        yield from entries


def _with_parent(lines: Iterator[str]) -> Iterator[str]:
    yield '<a href="../">../</a>\n'
    yield from lines


def _line(name: str, path: Path) -> str:
    """One line of nginx's autoindex; "" if the file went away meanwhile."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return ""
    when = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
    size = "-" if name.endswith("/") else str(status.st_size)
    gap = " " * max(1, 51 - len(name))
    date = f"{when:%d-%b-%Y %H:%M}"
    return f'<a href="{quote(name)}">{escape(name)}</a>{gap}{date} {size:>19}\n'


def _index(
    request: HttpRequest, title: str, lines: Iterator[str], *, more: str = ""
) -> HttpResponseBase:
    if request.method == "HEAD":
        return HttpResponse(content_type="text/html", headers=ALSO)
    page = _page(title, lines, more)
    return StreamingHttpResponse(page, content_type="text/html", headers=ALSO)


def _page(title: str, lines: Iterator[str], more: str) -> Iterator[str]:
    yield HEAD.format(title=escape(title))
    block: list[str] = []
    for line in lines:
        block.append(line)
        if len(block) >= BLOCK:
            yield "".join(block)
            block = []
    yield "".join(block) + TAIL.format(more=more)
