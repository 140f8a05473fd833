"""One row of an HTML listing: its links, and what the row says about them."""

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote

from harvests.pipeline.sources.listing_dates import read_stamp
from harvests.pipeline.sources.listing_links import Entry, Link, Shape

_WORDS = r"(?:dir|directory|folder)s?"
_HINT: Final = re.compile(rf"(?:^|[^a-z]){_WORDS}(?:[^a-z]|$)", re.IGNORECASE)
_CELL: Final = re.compile(rf"[<\[]?{_WORDS}[>\]]?", re.IGNORECASE)
_COLUMNS: Final = re.compile(r"\t|\s\s+")
_DASHES: Final = frozenset({"-", "–", "—"})
_EXTENSION: Final = re.compile(r"\.[A-Za-z]\w{0,9}$")


class Anchor:
    """A link and the name under which the row shows it."""

    __slots__ = ("attributes", "link", "name")

    def __init__(self, link: Link, attributes: Mapping[str, str]) -> None:
        self.link = link
        self.attributes = attributes
        self.name = ""


class Row:
    """What was read since the row began. `texts` leaves out the links' names."""

    __slots__ = ("anchors", "attributes", "is_crowded", "texts")

    def __init__(self) -> None:
        self.anchors: list[Anchor] = []
        self.texts: list[str] = []
        self.attributes: list[Mapping[str, str]] = []
        self.is_crowded = False

    def clear(self) -> None:
        self.anchors.clear()
        self.texts.clear()
        self.attributes.clear()

    def entries(self, *, slashless: bool) -> Iterable[Entry]:
        """Return the row's records and folders.

        Date and size belong to an entry only if it is the row's only one.
        `slashless`: this server writes its folders without a slash.
        """
        if len(self.anchors) == 1:
            link = self.anchors[0].link
            if link.shape is not Shape.OTHER:
                return (self._entry(link.url, link.shape is Shape.FOLDER),)
        anchors = self._distinct()
        found = [
            (anchor.link.url, is_folder)
            for anchor in anchors
            if (is_folder := self._is_folder(anchor, len(anchors), slashless))
            or anchor.link.shape is Shape.RECORD
        ]
        if len(found) == 1:
            return (self._entry(*found[0]),)
        return [Entry(url, is_folder) for url, is_folder in found]

    def _entry(self, url: str, is_folder: bool) -> Entry:
        if self.is_crowded:
            return Entry(url, is_folder)
        modified, size = read_stamp("".join(self.texts))
        return Entry(url, is_folder, modified, None if is_folder else size)

    def _distinct(self) -> list[Anchor]:
        """Return one anchor per file: an icon and a text may lead to the same."""
        found: dict[str, Anchor] = {}
        for anchor in self.anchors:
            first = found.setdefault(anchor.link.file, anchor)
            first.name = first.name.strip() or anchor.name
        return list(found.values())

    def _is_folder(self, anchor: Anchor, among: int, slashless: bool) -> bool:
        """Tell whether a link is a folder: by its slash, else by the evidence."""
        if anchor.link.shape is not Shape.OTHER:
            return anchor.link.shape is Shape.FOLDER
        name = anchor.name.strip()
        if name.endswith("/") or _hints_at_folder(anchor.attributes):
            return True
        columns: list[str] = []
        if among == 1 and not self.is_crowded:
            columns = [text.strip() for text in _COLUMNS.split("".join(self.texts))]
            if any(map(_hints_at_folder, self.attributes)):
                return True
        if any(map(_CELL.fullmatch, columns)):
            return True
        path = unquote(anchor.link.url)
        if _EXTENSION.search(path.rpartition("/")[2]):
            return False
        shows_no_size = not _DASHES.isdisjoint(columns)
        return shows_no_size or (slashless and path.endswith(f"/{name}"))


def _hints_at_folder(attributes: Mapping[str, str]) -> bool:
    texts = (
        attributes.get("class", ""),
        attributes.get("alt", ""),
        attributes.get("src", "").rpartition("/")[2],
    )
    return any(map(_HINT.search, texts))
