"""Reads a folder's listing from any server: HTML, JSON, XML or bare names.

One pass with flat memory, because a listing may show a million entries. What a page
is, its first bytes and its content type tell; the server's name is never asked.
"""

import re
from collections.abc import Iterator
from typing import Final, Protocol

from harvests.pipeline.errors import GatherError
from harvests.pipeline.sources.listing_charset import Decoder, charset_of
from harvests.pipeline.sources.listing_data import JsonReader, NamesReader
from harvests.pipeline.sources.listing_html import HtmlReader
from harvests.pipeline.sources.listing_links import Entry, Links, ListingError
from harvests.pipeline.sources.listing_xml import ROOTS, XmlReader
from harvests.pipeline.types import Page

__all__ = ["Entry", "Listing", "read_listing"]

_CHUNK: Final = 1 << 16
_ROOT: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*"
    rb"(?>(?><\?.*?\?>|<!--.*?-->|<!(?!--)[^>]*>)\s*)*+"
    rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)",
    re.DOTALL,
)
_DOCTYPE: Final = (
    "is XML with a DOCTYPE, which is refused because it can load other files and grow "
    "without limit"
)
_NAME: Final = re.compile(r"\S+|.{0,250}\.\w{1,10}/?|.{0,250}/")


class _Reader(Protocol):
    entries: list[Entry]

    def feed(self, chunk: bytes) -> None: ...
    def close(self) -> None: ...


class Listing:
    """The entries of one page; after them, what kind of page it was.

    Iterating raises GatherError if the page breaks off. A page that is no listing
    has no entries.
    """

    def __init__(self, page: Page, *, scope: str) -> None:
        self._page = page
        self._links = Links(page.url, scope)
        self._type = page.content_type.partition(";")[0].strip().lower()
        self._reader: _Reader | None = None
        self._root = ""
        self.has_entries = False

    def __iter__(self) -> Iterator[Entry]:
        try:
            for entry in self._entries():
                self.has_entries = True
                yield entry
        except ListingError as error:
            message = f"The listing {self._page.url} {error}; ask its server's staff."
            raise GatherError(message, url=self._page.url) from error

    def _entries(self) -> Iterator[Entry]:
        chunk = self._page.file.read(_CHUNK)
        reader = self._reader = self._choose(chunk)
        while reader and chunk:
            reader.feed(chunk)
            yield from reader.entries
            reader.entries.clear()
            chunk = self._page.file.read(_CHUNK)
        if reader:
            reader.close()
            yield from reader.entries
            if isinstance(reader, HtmlReader) and reader.breaks_off:
                raise ListingError("is HTML that breaks off before its end")

    @property
    def is_listing(self) -> bool:
        """Tell whether the page has a form that a listing can have."""
        return self._reader is not None

    @property
    def asks_password(self) -> bool:
        return isinstance(self._reader, HtmlReader) and self._reader.asks_password

    @property
    def description(self) -> str:
        """What the page is, for people: "text/html, title 'Sign in'"."""
        kind = self._type or "without a content type"
        if isinstance(self._reader, HtmlReader) and self._reader.title:
            return f"{kind}, title '{self._reader.title[:80]}'"
        return f"{kind}, {self._root}" if self._root else kind

    def _choose(self, head: bytes) -> _Reader | None:
        root = _ROOT.match(head)
        name = root[1].lower() if root else b""
        is_xml = self._type.endswith("xml") or b"<?xml" in head[:100]
        if (name in ROOTS or (is_xml and not root)) and b"<!DOCTYPE" in head:
            raise ListingError(_DOCTYPE)
        if name in ROOTS:
            return XmlReader(self._links)
        if root and is_xml and name != b"html":
            self._root = f"an XML document <{root[1].decode()}>"
            return None
        decoder = Decoder(charset_of(self._page.content_type, head))
        if not head.strip():
            self._root = "an empty page"
        if root or self._type in {"text/html", "application/xhtml+xml"}:
            return HtmlReader(self._links, decoder)
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            return JsonReader(self._links, decoder)
        if self._type == "text/plain" and _are_names(head):
            return NamesReader(self._links, decoder)
        return None


def read_listing(page: Page, *, scope: str) -> Iterator[Entry]:
    """Yield the records and folders below `page.url` that the page lists.

    `scope` is the final URL of the source's root; nothing outside of it is yielded.
    """
    return iter(Listing(page, scope=scope))


def _are_names(head: bytes) -> bool:
    """Tell a list of names from a text: every line one name, one a record."""
    *lines, last = head.decode("utf-8", "replace").splitlines() or [""]
    lines += [last] if len(head) < _CHUNK else []
    names = [line.strip() for line in lines if line.strip()]
    return all(map(_NAME.fullmatch, names)) and any(
        name.lower().endswith(".xml") for name in names
    )
