"""Gathers the records that a list names: a sitemap, or a text with a URL per line.

A list may name any host. Of a sitemap, which names pages for people too, only what
can be a record is taken: what ends in .xml, or asks for XML. Of a text, all.
"""

import datetime as dt
import gzip
import re
import tempfile
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import IO, Final
from urllib.parse import urlsplit

from harvests.pipeline.errors import GatherError
from harvests.pipeline.sniffing import printable, root_of
from harvests.pipeline.sources.crawl import Crawl, Found, Further, Manner
from harvests.pipeline.sources.file_names import by_address
from harvests.pipeline.sources.listing_links import joined, without_login
from harvests.pipeline.sources.pages import PageFetcher
from harvests.pipeline.sources.xml_pages import Expected, read_xml
from harvests.pipeline.types import Page, Plan, Recognition, RemoteRecord, Sample

_CHUNK: Final = 1 << 16
_UNPACKED: Final = 500_000_000  # bytes of a list that comes as gzip
_LONGEST: Final = 8_000  # bytes of a line
_NAMED: Final = 5  # wrong lines that are told in full; the rest is counted
_GZIP: Final = b"\x1f\x8b"
_ABSOLUTE: Final = re.compile(r"https?://", re.IGNORECASE)
_RELATIVE: Final = re.compile(
    r"\.{0,2}/(?!/)\S|[^:\t?]+\.xml(?:\?\S*)?$", re.IGNORECASE
)
_IS_XML: Final = re.compile(r"[./]xml$", re.IGNORECASE)
_ASKS_XML: Final = re.compile(r"xml|getrecordbyid", re.IGNORECASE)
_ROOTS: Final = {"urlset": "a sitemap", "sitemapindex": "an index of sitemaps"}


def gather(plan: Plan, fetcher: PageFetcher) -> Iterator[RemoteRecord]:
    """Yield the records; raise GatherError if any may have been missed."""
    manner = Manner("list", _read, _complaint, roams=True)
    yield from Crawl(plan, fetcher, manner).records()


def recognise(sample: Sample) -> Recognition | None:
    """Tell a sitemap by its root, a text by having nothing but addresses in it."""
    head = sample.head
    if head.startswith(_GZIP):
        with suppress(zlib.error):
            head = zlib.decompressobj(wbits=31).decompress(head, _CHUNK)
    if words := _ROOTS.get(_local(root_of(head))):
        return Recognition(f"it is {words}", sample.url)
    whole, newline, _ = head.rpartition(b"\n")  # the last line may go on
    lines = [
        line for line in map(_line, (whole + newline or head).splitlines()) if line
    ]
    if lines and all(map(_ABSOLUTE.match, lines)):
        return Recognition("it is a text with one URL per line", sample.url)
    return None


def _complaint(root: str) -> str:
    return (
        f"{root} names no record: it is empty, or it names pages only. Of a sitemap, "
        "addresses that end in .xml or ask for XML are taken."
    )


def _read(page: Page) -> Iterator[Found]:
    is_packed = page.file.read(2) == _GZIP
    page.file.seek(0)
    if not is_packed:
        yield from _read_plain(page)
        return
    with tempfile.SpooledTemporaryFile(max_size=1 << 20) as file:
        problem = _unpack(page, file)
        try:
            yield from _read_plain(Page(page.url, "", file))
        except GatherError as error:
            raise GatherError(problem or str(error)) from error
    if problem:
        raise GatherError(problem)


def _unpack(page: Page, into: IO[bytes]) -> str:
    """Unpack what can be unpacked; return what is wrong with the rest."""
    problem = ""
    try:
        with gzip.GzipFile(fileobj=page.file, mode="rb") as packed:
            while into.tell() <= _UNPACKED and (chunk := packed.read1(_CHUNK)):
                into.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        problem = f"{page.url} is gzip that breaks off or is damaged: {error}."
    if into.tell() > _UNPACKED:
        problem = f"{page.url} unpacks to more than {_UNPACKED:,} bytes: split it."
    into.seek(0)
    return problem


def _read_plain(page: Page) -> Iterator[Found]:
    head = page.file.read(_CHUNK).removeprefix(BOM_UTF8).lstrip()
    page.file.seek(0)
    is_text = bool(head) and not head.startswith(b"<") and b"\0" not in head
    if not is_text:
        sitemap = _Sitemap(page.url)
        yield from read_xml(page, sitemap, _EXPECTED)
        sitemap.wrong.check(page.url)
        return
    wrong = _Wrong()
    for number, line in _lines(page):
        if url := _address(page.url, line):
            yield RemoteRecord(url, by_address(url))
        else:
            wrong.add(line, f"line {number} ")
    wrong.check(page.url)


def _lines(page: Page) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with their numbers."""
    number = 0
    while raw := page.file.readline(_LONGEST):
        number += 1
        if len(raw) == _LONGEST and not raw.endswith(b"\n"):
            raise GatherError(
                f"Line {number} of {page.url} is longer than {_LONGEST:,} bytes: give "
                "a list with one URL per line."
            )
        if line := _line(raw):
            yield number, line


def _line(raw: bytes) -> str:
    """Return what a line says, "" if it is blank or a comment."""
    raw = raw.removeprefix(BOM_UTF8).strip()
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return "" if text.startswith("#") else text


def _address(base: str, text: str) -> str:
    """Return the address that `text` is, in full; "" if it is none."""
    with suppress(ValueError):  # http://[half/an/address
        if _ABSOLUTE.match(text):
            return without_login(text, base) if urlsplit(text).hostname else ""
        if _RELATIVE.match(text):
            return joined(base, text)
    return ""


class _Wrong:
    """What a list names that is no address."""

    def __init__(self) -> None:
        self._named: list[str] = []
        self._more = 0

    def add(self, text: str, place: str = "") -> None:
        if len(self._named) < _NAMED:
            self._named.append(f"{place}“{printable(text)[:60]}”")
        else:
            self._more += 1

    def check(self, url: str) -> None:
        """Raise GatherError if there is any."""
        if self._named:
            more = f" and {self._more:,} more" * bool(self._more)
            raise GatherError(
                f"{url} names what is no web address: {', '.join(self._named)}{more}. "
                "Correct that, or take it out."
            )


class _Sitemap:
    """Takes the elements of a sitemap; `found` is what they name."""

    def __init__(self, url: str) -> None:
        self.found: list[Found] = []
        self.wrong = _Wrong()
        self._url = url
        self._open: list[str] = []
        self._fields: dict[str, str] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._open.append(name)

    def end(self, name: str, text: str) -> None:
        """Keep an entry's fields, not those of the images and videos in it."""
        self._open.pop()
        if len(self._open) == 2:
            self._fields.setdefault(name, text)
        elif len(self._open) == 1 and name in {"url", "sitemap"}:
            self._add(name, self._fields)
            self._fields = {}

    def _add(self, name: str, fields: Mapping[str, str]) -> None:
        text = fields.get("loc", "")
        url = _address(self._url, text)
        if not url:
            self.wrong.add(text)
        elif name == "sitemap":
            self.found.append(Further(url))
        elif _can_be_record(url):
            modified = _date(fields.get("lastmod", ""))
            self.found.append(RemoteRecord(url, by_address(url), modified))


def _can_be_record(url: str) -> bool:
    parts = urlsplit(url)
    return bool(_IS_XML.search(parts.path) or _ASKS_XML.search(parts.query))


def _date(text: str) -> dt.datetime | None:
    """Return the date in UTC, naive like that of any listing."""
    try:
        date = dt.datetime.fromisoformat(text)
        return date.astimezone(dt.UTC).replace(tzinfo=None) if date.tzinfo else date
    except (ValueError, OverflowError):
        return None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


_EXPECTED: Final = Expected(
    "a sitemap or a text with one URL per line",
    lambda root: _local(root) in _ROOTS,
    "give the address of the list itself.",
)
