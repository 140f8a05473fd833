"""Reads the listings that are data: JSON arrays and bare lists of names."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from harvests.pipeline.sources.listing_charset import Decoder
from harvests.pipeline.sources.listing_dates import read_date
from harvests.pipeline.sources.listing_links import Entry, Links, ListingError

_GAP: Final = re.compile(r"[\s,]*")
_LONGEST_ITEM: Final = 1_000_000
_EXTENSION: Final = re.compile(r"\.[A-Za-z]\w{0,9}$")
_DATES: Final = ("mtime", "mod_time", "modified", "last_modified", "date")
_FOLDERS: Final = frozenset({"directory", "dir", "folder"})


class NamesReader:
    """Takes one name a line; `entries` are those found since they were taken."""

    def __init__(self, links: Links, decoder: Decoder) -> None:
        self.entries: list[Entry] = []
        self._links = links
        self._decoder = decoder
        self._line = ""

    def feed(self, chunk: bytes) -> None:
        self._read(self._decoder.decode(chunk))

    def close(self) -> None:
        self._read(self._decoder.decode(b"", final=True) + "\n")

    def _read(self, text: str) -> None:
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self.entries.extend(bare_name(self._links, line.strip()))


class JsonReader:
    """Takes a JSON array of names or objects, one item after the other."""

    def __init__(self, links: Links, decoder: Decoder) -> None:
        self.entries: list[Entry] = []
        self._links = links
        self._decoder = decoder
        self._text = ""
        self._decode = json.JSONDecoder().raw_decode
        self._is_open = self._is_closed = False

    def feed(self, chunk: bytes) -> None:
        self._text += self._decoder.decode(chunk)
        if not self._is_open and "[" in self._text:
            self._is_open = True
            self._text = self._text.partition("[")[2]
        for item in self._items() if self._is_open else ():
            if isinstance(item, str):
                self.entries.extend(bare_name(self._links, item))
            elif isinstance(item, dict):
                self.entries.extend(_described(self._links, item))
        if len(self._text) > _LONGEST_ITEM:
            raise ListingError("is not valid JSON")

    def close(self) -> None:
        if not self._is_closed:
            raise ListingError("is JSON that breaks off or is not valid")

    def _items(self) -> Iterator[object]:
        position = 0
        while not self._is_closed:
            gap = _GAP.match(self._text, position)
            position = gap.end() if gap else position
            self._is_closed = self._text.startswith("]", position)
            try:
                item, position = self._decode(self._text, position)
            except (ValueError, RecursionError):  # the rest of it is still to come
                break
            yield item
        self._text = self._text[position:]


def bare_name(links: Links, name: str) -> Iterator[Entry]:
    """Yield the entry of a list that holds nothing but names.

    A name without an extension passes for a folder: there is no other sign.
    """
    is_folder = name.endswith("/") or not _EXTENSION.search(name)
    if is_folder or name.lower().endswith(".xml"):
        url = links.child(name, is_folder=is_folder)
        if url:
            yield Entry(url, is_folder)


def _described(links: Links, item: Mapping[str, object]) -> Iterator[Entry]:
    """Yield the entry of an object as nginx or Caddy writes it."""
    name = str(item.get("name", ""))
    is_folder = item.get("is_dir") is True or item.get("type") in _FOLDERS
    if not is_folder and not name.lower().endswith(".xml"):
        return
    url = links.child(name, is_folder=is_folder)
    if isinstance(item.get("url"), str):
        link = links.resolve(str(item["url"]))
        url = link.url if link else None
    if url:
        dates = [str(item[key]) for key in _DATES if key in item]
        modified = read_date(dates[0]) if dates else None
        size = item.get("size")
        exact = size if isinstance(size, int) and not is_folder else None
        yield Entry(url, is_folder, modified, exact)
