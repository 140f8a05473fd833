"""Gathers records from the folder in which ERDDAP offers ISO 19115 for its datasets.

It is read as any other folder; its records keep the names that ERDDAP gives them.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin, urlsplit

from harvests.pipeline.errors import FetchError, GatherError
from harvests.pipeline.reading.kinds import ERDDAP_ADVICE, is_iso_19115_3
from harvests.pipeline.sniffing import HEAD, root_of, sample_of, software_of
from harvests.pipeline.sources import waf
from harvests.pipeline.sources.file_names import by_last_part
from harvests.pipeline.sources.listing_links import is_within
from harvests.pipeline.sources.pages import PageFetcher
from harvests.pipeline.types import Plan, Recognition, RemoteRecord, Sample

FOLDER: Final = "metadata/iso19115/xml/"
_ENOUGH: Final = 3  # records that tell which standard a server writes
_HOME: Final = re.compile(r"(?:/[^/]+)*?/erddap(?=/|$)", re.IGNORECASE)
_SIGNS: Final = re.compile(
    rb"<title>\s*ERDDAP - |ERDDAP, Version [\d.]|/erddap/images/fileIcons/"
)


def gather(plan: Plan, fetcher: PageFetcher) -> Iterator[RemoteRecord]:
    """Yield the records of the server's folder, wherever on the server `url` points.

    Raises GatherError as `waf.gather` does, and at once if the records are of a
    standard that we do not read: on such a server all of them are.
    """
    url = _folder(plan.url, fetcher)
    records = waf.gather(replace(plan, url=url), fetcher)
    for record in _readable(records, url, fetcher):
        yield replace(record, name=by_last_part(record.url))


def recognise(sample: Sample) -> Recognition | None:
    """Tell any page of an ERDDAP by its title, its footer or its icons."""
    if sample.root or not _SIGNS.search(sample.head):
        return None
    url = _folder_near(sample.url)
    software = software_of(sample)
    software = software if "ERDDAP" in software else "ERDDAP"
    if url == sample.url:
        return Recognition("it is ERDDAP's folder of ISO 19115 records", url, software)
    reason = "it is a page of ERDDAP, whose ISO 19115 records are in a folder"
    return Recognition(reason, url, software)


def guesses(url: str) -> tuple[str, ...]:
    """Return where the folder may be: in the ERDDAP of the address, or of its host."""
    parts = urlsplit(url)
    if home := _HOME.match(parts.path):
        return (urljoin(url, f"{home[0]}/{FOLDER}"),)
    first = parts.path.strip("/").partition("/")[0]
    homes = ("/", f"/{first}/") if first else ("/",)
    return tuple(urljoin(url, f"{home}erddap/{FOLDER}") for home in homes)


def _folder(url: str, fetcher: PageFetcher) -> str:
    """Return the folder of records; a copy of one on another server is one too."""
    if urlsplit(url).path.rstrip("/").endswith(FOLDER.rstrip("/")):
        return url
    try:
        page = fetcher.page(url)
    except FetchError as error:
        raise GatherError(str(error), url=url) from error
    with closing(page.file):
        found = recognise(sample_of(page))
    is_ours = found is not None and is_within(found.url, urljoin(url, "/"))
    return found.url if found and is_ours else url


def _folder_near(url: str) -> str:
    """Return the folder of the ERDDAP that the page at `url` belongs to."""
    path = urlsplit(url).path
    if path.endswith("/" + FOLDER):
        return url
    if home := _HOME.match(path):
        return urljoin(url, f"{home[0]}/{FOLDER}")
    return urljoin(url, f"/{FOLDER}")


def _readable(
    records: Iterator[RemoteRecord], url: str, fetcher: PageFetcher
) -> Iterator[RemoteRecord]:
    """Pass the records on, unless the first ones are all ISO 19115-3.

    A server that was just set otherwise may still have some of either kind.
    """
    held: list[RemoteRecord] = []
    for record in records:
        if not _is_iso_19115_3(record.url, fetcher):
            yield from (*held, record)
            yield from records
            return
        held.append(record)
        if len(held) == _ENOUGH:
            break
    raise GatherError(
        f"{url} offers records in ISO 19115-3, where ISO 19139 was expected: none was "
        f"harvested, what is published stays. {ERDDAP_ADVICE}",
        url=url,
    )


def _is_iso_19115_3(url: str, fetcher: PageFetcher) -> bool:
    try:
        page = fetcher.page(url)
    except FetchError:  # that record will say so itself
        return False
    with closing(page.file):
        return is_iso_19115_3(root_of(page.file.read(HEAD)))
