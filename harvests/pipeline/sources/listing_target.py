"""What the HTML parser calls: cuts a page into rows, and rows into entries.

A row begins at `<tr>`, `<li>`, `<br>` and the like, and at the line ends of a
`<pre>`. What a link is, and its date, come from its own row only.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from urllib.parse import unquote

from harvests.pipeline.sources.listing_links import Entry, Links
from harvests.pipeline.sources.listing_rows import Anchor, Row

_ROW: Final = frozenset(
    {"tr", "li", "br", "hr", "pre", "table", "thead", "tbody", "ul", "ol", "dl", "dt"}
    | {"body", "h1", "h2", "h3", "h4"}
)
_BLOCK: Final = frozenset(
    {"div", "p", "header", "footer", "nav", "main", "section", "article"}
)
_CROWD: Final = 500  # pieces of one row; with more it is no row but a heap
_RECENT: Final = 1000
_LINK: Final = "\t|\t"  # stands for the link, whose name is no word of the row


class Target:
    """What the parser calls: builds one row after the other."""

    def __init__(self, links: Links) -> None:
        self.entries: list[Entry] = []
        self.title = ""
        self.asks_password = False
        self._links = links
        self._row = Row()
        self._naming: Anchor | None = None  # the link whose name is being read
        self._in_anchor = self._in_pre = self._in_title = False
        self._slashes: bool | None = None  # does this server end folders in one?
        self._recent: set[str] = set()
        self.rows = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _ROW or (tag in _BLOCK and not self._in_anchor):
            self.end_row()
            self._in_pre = tag == "pre" or (self._in_pre and tag != "table")
        else:
            self._end_name()
            self._add(_LINK if tag == "a" else "\t")
        if tag == "a":
            self._start_anchor(attributes)
        elif attributes:
            self._row.attributes.append(attributes)
            self._start_special(tag, attributes)
        elif tag == "title":
            self._in_title = not self.title

    def end(self, tag: str) -> None:
        if tag == "a":
            self._naming = None
            self._in_anchor = False
            self._row.texts.append(_LINK)
        elif tag in _ROW or (tag in _BLOCK and not self._in_anchor):
            self.end_row()
            self._in_pre = self._in_pre and tag != "pre"
        else:
            self._end_name()
        self._in_title = False

    def data(self, text: str) -> None:
        if self._naming is not None:
            self._naming.name += text
        elif self._in_pre and "\n" in text:
            self._row.texts.append(text[: text.index("\n")])
            self.end_row()
            self._row.texts.append(text[text.rindex("\n") + 1 :])
        elif self._in_title:
            self.title += text
        else:
            self._add(text)

    def close(self) -> None:
        self.end_row()

    def end_row(self) -> None:
        """Emit what the row holds, and begin the next."""
        self._naming = None
        self._in_anchor = False
        if self._row.anchors:
            self._emit()
        self._row.clear()
        self._row.is_crowded = False

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stay in the `<pre>` while the parser closes it at the end of a segment."""
        in_pre = self._in_pre
        yield
        self._in_pre = in_pre

    def _add(self, text: str) -> None:
        self._row.texts.append(text)
        if len(self._row.texts) > _CROWD:  # it does not end: let go of it
            self._row.is_crowded = True
            self._emit()
            self._row.clear()

    def _end_name(self) -> None:
        if self._naming is not None and self._naming.name.strip():
            self._naming = None

    def _start_anchor(self, attributes: Mapping[str, str]) -> None:
        href = attributes.get("href")
        if href is None:
            return
        self._note_slashes(href)
        self._in_anchor = True
        if link := self._links.resolve(href):
            self._naming = Anchor(link, attributes)
            self._row.anchors.append(self._naming)

    def _start_special(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "time":
            self._row.texts.append(f"\t{attributes.get('datetime', '')}\t")
        elif tag == "base":
            self._links.rebase(attributes.get("href", ""))
        elif tag == "input":
            self.asks_password |= attributes.get("type", "").lower() == "password"

    def _note_slashes(self, href: str) -> None:
        """Learn from the link to the parent, which every server writes in its way."""
        if href in {".", ".."} and self._slashes is None:
            self._slashes = False
        elif href in {"./", "../"}:
            self._slashes = True

    def _emit(self) -> None:
        self.rows += 1
        for entry in self._row.entries(slashless=self._slashes is False):
            if entry.is_folder and entry.url.endswith("/"):
                self._slashes = True
            self._emit_once(entry)

    def _emit_once(self, entry: Entry) -> None:
        key = unquote(entry.url) if "%" in entry.url else entry.url
        if key in self._recent:
            return
        if len(self._recent) >= _RECENT:  # the whole page would not fit in memory
            self._recent.clear()
        self._recent.add(key)
        self.entries.append(entry)
