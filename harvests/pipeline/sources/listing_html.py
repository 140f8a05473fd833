"""Reads the listings that are HTML, of any server, in one pass without a tree."""

import re
from contextlib import suppress
from typing import Final, cast

from lxml import etree

from harvests.pipeline.sources.listing_charset import Decoder
from harvests.pipeline.sources.listing_links import Links
from harvests.pipeline.sources.listing_target import Target

_SEGMENT: Final = 1 << 20
_ROW_START: Final = re.compile(
    r"\n(?=[^\n<]*<(?:a|img)\b)|(?<=<br>)|(?=<(?:tr|li)\b)", re.IGNORECASE
)
_ASIDES: Final = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"))


_OPENED: Final = re.compile(r"<html[\s>]", re.IGNORECASE)
_CLOSED: Final = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_TAIL: Final = 2000  # characters that may follow the end, such as comments


class HtmlReader:
    """Takes the page in chunks; `entries` are those found since they were taken."""

    def __init__(self, links: Links, decoder: Decoder) -> None:
        self._target = Target(links)
        self._decoder = decoder
        self._parser = self._begin()
        self._fed = 0
        self._opened = False
        self._tail = ""
        self.entries = self._target.entries

    @property
    def title(self) -> str:
        return " ".join(self._target.title.split())

    @property
    def asks_password(self) -> bool:
        return self._target.asks_password

    @property
    def breaks_off(self) -> bool:
        """Tell whether a page that opened <html> ended without closing anything."""
        return self._opened and not _CLOSED.search(self._tail)

    def feed(self, chunk: bytes) -> None:
        text = self._decoder.decode(chunk)
        self._opened = self._opened or bool(_OPENED.search(text))
        self._tail = (self._tail + text)[-_TAIL:]
        self._fed += len(text)
        if self._fed > _SEGMENT:
            text = self._cut(text)
        self._parser.feed(text.encode())

    def close(self) -> None:
        self._parser.feed(self._decoder.decode(b"", final=True).encode())
        self._end()

    def _begin(self) -> etree.HTMLParser:
        target = cast("etree.ParserTarget", self._target)
        return etree.HTMLParser(target=target, encoding="utf-8", huge_tree=True)

    def _end(self) -> None:
        with suppress(etree.XMLSyntaxError):  # an empty page
            self._parser.close()

    def _cut(self, text: str) -> str:
        """Go on with a new parser, if a row begins in `text`; return what is left.

        The parser keeps all that it was fed (libxml2 never lets go of pushed HTML),
        which would hold a listing of a million rows in memory.
        """
        cuts = [match.start() for match in _ROW_START.finditer(text)]
        cut = cuts[-1] if cuts else max(text.rfind("<a "), 0)
        rows = self._target.rows
        self._parser.feed(text[:cut].encode())
        if self._target.rows > rows and not _is_inside(text[:cut]):
            with self._target.paused():
                self._end()
            self._parser = self._begin()
            self._fed = 0
        return text[cut:]


def _is_inside(text: str) -> bool:
    """Tell whether `text` breaks off inside a comment or a script."""
    return any(text.rfind(start) > text.rfind(end) for start, end in _ASIDES)
