"""The central WAF for programs: lists in JSON, sitemaps, a feed, an archive.

They stand beside the HTML index, which names none of them: CKAN would take them for
records or folders. Where they are is told by a `Link` header. What is long is streamed;
all of it answers conditional requests.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote

from django.db.models import Sum
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.html import escape
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from harvests import archive, changes
from harvests.models import HarvestSource, Organization
from harvests.published import (
    Document,
    Version,
    documents,
    documents_of,
    root_url,
    url_of,
    version_of,
)

JSON: Final = "application/json"
XML: Final = "application/xml"
SITEMAP: Final = 50_000  # URLs of one, at most (sitemaps.org)
SITEMAP_XML: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<{} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
)
SAFE: Final = re.compile(r"[A-Za-z0-9_.-]+")
BLOCK: Final = 200  # lines that go out at once


@require_safe
def root_index(request: HttpRequest) -> HttpResponseBase:
    """List the organizations that have sources: what is in the central WAF, where."""
    sums = HarvestSource.objects.order_by().values("organization_id")
    found = sums.annotate(records=Sum("last_record_count")).order_by("organization_id")
    folders = [
        {
            "organization": row["organization_id"],
            "url": url_of(row["organization_id"]),
            "index": url_of(row["organization_id"], "index.json"),
            "changes": url_of(row["organization_id"], "changes.atom"),
            "archive": url_of(row["organization_id"], "records.zip"),
            "records": row["records"],
        }
        for row in found
    ]
    lists = {name: f"{root_url()}{name}" for name in ("changes.atom", "sitemap.xml")}
    return _whole(request, json.dumps({**lists, "folders": folders}, indent=1), JSON)


@require_safe
def index(request: HttpRequest, organization: str) -> HttpResponseBase:
    """List an organization's records, as the HTML index does, with what we know."""
    version = version_of(_known(organization))
    changed = version.changed.isoformat() if version.changed else None
    folder = url_of(organization)
    head = {"organization": organization, "url": folder}
    items = (json.dumps(_item(folder, each)) for each in documents_of(organization))
    start = json.dumps({**head, "changed": changed})[:-1] + ', "records": [\n'
    lines = _lines(start, _with_commas(items), "\n]}\n")
    return _streamed(request, version, lines, JSON)


def _item(folder: str, document: Document) -> dict[str, Any]:
    return {
        "name": document.name,
        "url": f"{folder}{_quoted(document.name)}",
        "identifier": document.identifier,
        "date_stamp": document.date_stamp,
        "source_url": document.source_url,
        "sha256": document.sha256,
        "size": document.size,
        "changed": document.changed.isoformat(timespec="seconds"),
    }


def _quoted(name: str) -> str:
    """Quote a name, if it is one of the few that need it: that takes its time."""
    return name if SAFE.fullmatch(name) else quote(name)


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """List the sitemaps: those of each source, 50,000 records in each."""
    sources = HarvestSource.objects.filter(last_record_count__gt=0).order_by("pk")
    lines = [SITEMAP_XML.format("sitemapindex")]
    for source, count in sources.values_list("pk", "last_record_count"):
        for part in range(1, -(-count // SITEMAP) + 1):
            place = escape(f"{root_url()}sitemap-{quote(source)}-{part}.xml")
            lines.append(f"<sitemap><loc>{place}</loc></sitemap>\n")
    return _whole(request, "".join([*lines, "</sitemapindex>\n"]), XML)


@require_safe
def sitemap_part(request: HttpRequest, source: str, part: int) -> HttpResponseBase:
    """List the published records among 50,000 of a source."""
    if part < 1:
        raise Http404("The first part of a sitemap is number 1.")
    owner = get_object_or_404(HarvestSource, pk=source)
    organization = owner.organization_id
    found = documents(owner.pk, start=(part - 1) * SITEMAP, most=SITEMAP)
    lines = (
        f"<url><loc>{escape(url_of(organization, each.name))}</loc>"
        f"<lastmod>{each.changed.isoformat(timespec='seconds')}</lastmod></url>\n"
        for each in found
    )
    content = _lines(SITEMAP_XML.format("urlset"), lines, "</urlset>\n")
    return _streamed(request, version_of(organization), content, XML)


@require_safe
def feed(request: HttpRequest, organization: str = "") -> HttpResponseBase:
    """The latest changes of an organization's records, or of all."""
    if organization:
        _known(organization)
    return _whole(request, changes.as_atom(organization), "application/atom+xml")


@require_safe
def zipped(request: HttpRequest, organization: str) -> HttpResponseBase:
    """All records of an organization in one file."""
    version = version_of(_known(organization))
    names = (each.name for each in documents_of(organization))
    content = archive.of_folder(organization, names)
    return _streamed(request, version, content, "application/zip")


def _known(organization: str) -> str:
    if not Organization.objects.filter(name=organization).exists():
        raise Http404(f"There is no organization {organization}.")
    return organization


def _lines(start: str, lines: Iterable[str], end: str) -> Iterator[str]:
    yield start
    block: list[str] = []
    for line in lines:
        block.append(line)
        if len(block) >= BLOCK:
            yield "".join(block)
            block = []
    yield "".join(block) + end


def _with_commas(items: Iterable[str]) -> Iterator[str]:
    for number, item in enumerate(items):
        yield f",\n{item}" if number else item


def _whole(request: HttpRequest, text: str, kind: str) -> HttpResponseBase:
    """Answer with a short document, whose tag is made from what it says."""
    body = text.encode()
    tag = hashlib.sha256(body).hexdigest()[:32]
    response = HttpResponse(body, content_type=kind, headers={"ETag": f'"{tag}"'})
    return get_conditional_response(request, f'"{tag}"', None, response)


def _streamed(
    request: HttpRequest, version: Version, content: Iterator[Any], kind: str
) -> HttpResponseBase:
    """Answer with a long document, unless the client has this version of it."""
    response: HttpResponseBase = StreamingHttpResponse(content, content_type=kind)
    if request.method == "HEAD":
        response = HttpResponse(content_type=kind)
    if not version.tag:
        response["Cache-Control"] = "no-store"
        return response
    response["ETag"] = f'"{version.tag}"'
    modified = int(version.changed.timestamp()) if version.changed else None
    if modified is not None:
        response["Last-Modified"] = http_date(modified)
    return get_conditional_response(request, response["ETag"], modified, response)
