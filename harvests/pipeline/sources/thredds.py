"""Gathers records from a THREDDS server: those its ISO service makes of datasets.

Reads catalogues (catalog.xml) and those that they refer to on the same host. Pages of
HTML that link to thredds/iso/ are what the kind WAF reads.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit

from harvests.pipeline.sniffing import software_of
from harvests.pipeline.sources.crawl import Crawl, Found, Manner
from harvests.pipeline.sources.pages import PageFetcher
from harvests.pipeline.sources.thredds_catalogue import Catalogue, Tally
from harvests.pipeline.sources.xml_pages import Expected, read_xml
from harvests.pipeline.types import Page, Plan, Recognition, RemoteRecord, Sample

_SIGNS: Final = re.compile(
    rb"THREDDS Data Server|<title>\s*Catalog https?://|/thredds/(?:folder\.gif|\w*\.css)"
)
_PLACE: Final = re.compile(r"/thredds(?:/|$)|/catalog\.html$", re.IGNORECASE)
_HOME: Final = re.compile(r"(?:/[^/]+)*?/thredds(?=/|$)", re.IGNORECASE)


def gather(plan: Plan, fetcher: PageFetcher) -> Iterator[RemoteRecord]:
    """Yield the records; raise GatherError if any may have been missed."""
    tally = Tally()

    def read(page: Page) -> Iterator[Found]:
        return read_xml(page, Catalogue(page.url, tally), _EXPECTED)

    manner = Manner("catalogue", read, tally.complaint)
    start = replace(plan, url=_catalogue_of(plan.url))
    yield from Crawl(start, fetcher, manner).records()


def recognise(sample: Sample) -> Recognition | None:
    """Tell a catalogue by its root, or the page that shows one to people."""
    url = _catalogue_of(sample.url)
    if _is_catalogue(sample.root):
        return Recognition("it is a THREDDS catalogue", sample.url)
    path = urlsplit(sample.url).path
    if sample.root or not _PLACE.search(path) or not _SIGNS.search(sample.head):
        return None
    reason = "it is a page of a THREDDS server, which gives its catalogue as XML too"
    return Recognition(reason, url, software_of(sample))


def guesses(url: str) -> tuple[str, ...]:
    """Return where the catalogue may be: at the address, or the server's first one."""
    home = _HOME.match(urlsplit(url).path)
    if not home:
        return (urljoin(url, "/thredds/catalog.xml"),)
    return (_catalogue_of(url), urljoin(url, f"{home[0]}/catalog.xml"))


def _catalogue_of(url: str) -> str:
    """Return the address of the catalogue that `url`, perhaps a page, shows."""
    parts = urlsplit(url)
    path, query = parts.path, parts.query
    last = path.rpartition("/")[2]
    if path in {"", "/"}:
        path = "/thredds/catalog.xml"
    elif last.endswith((".html", ".htm")):
        path, query = path[: path.rindex(".")] + ".xml", ""
    elif "." not in last:
        path = path.rstrip("/") + "/catalog.xml"
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def _is_catalogue(root: str) -> bool:
    namespace, _, name = root.rpartition("}")
    return name == "catalog" and "thredds" in namespace


_EXPECTED: Final = Expected(
    "a THREDDS catalogue (catalog.xml)",
    _is_catalogue,
    "give the address of the catalogue, such as https://host/thredds/catalog.xml.",
)
