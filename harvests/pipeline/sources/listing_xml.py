"""Reads the listings that are XML: nginx's, and the buckets of object stores."""

from collections.abc import Mapping
from typing import Final, cast

from lxml import etree

from harvests.pipeline.sources.listing_dates import read_date
from harvests.pipeline.sources.listing_links import Entry, Links, ListingError

ROOTS: Final = frozenset({b"list", b"listbucketresult"})
_POSITIONS: Final = frozenset({"marker", "continuation-token", "start-after"})


class XmlReader:
    """Takes the document in chunks; `entries` are those found since they were taken."""

    def __init__(self, links: Links) -> None:
        self._target = _Target(links)
        self.entries = self._target.entries
        self._parser = etree.XMLParser(
            target=cast("etree.ParserTarget", self._target),
            resolve_entities=False,
            no_network=True,
        )

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.feed(chunk)
        except etree.XMLSyntaxError as error:
            raise ListingError(f"is not well-formed XML ({error.msg})") from error

    def close(self) -> None:
        try:
            self._parser.close()
        except etree.XMLSyntaxError as error:
            raise ListingError(f"is XML that breaks off ({error.msg})") from error


class _Target:
    """What the parser calls. `_fields` are the texts since the last entry."""

    def __init__(self, links: Links) -> None:
        self.entries: list[Entry] = []
        self._links = links
        self._attributes: Mapping[str, str] = {}
        self._text = ""
        self._fields: dict[str, str] = {}
        self._key = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._attributes = dict(attributes)
        self._text = ""

    def data(self, text: str) -> None:
        self._text += text

    def end(self, tag: str) -> None:
        local = tag.rpartition("}")[2]
        if local in {"file", "directory"}:
            self._add(self._text, self._attributes, is_folder=local == "directory")
        elif local == "Contents":
            self._add_object()
        elif local == "CommonPrefixes":
            self._add_page({"prefix": self._fields.pop("Prefix", "")})
        elif local == "ListBucketResult":
            self._add_rest()
        else:
            self._fields[local] = self._text
        self._text = ""

    def close(self) -> None:
        """Nothing is left to do: entries end with their element."""

    def _add(self, name: str, facts: Mapping[str, str], *, is_folder: bool) -> None:
        if not is_folder and not name.lower().endswith(".xml"):
            return
        if url := self._links.child(name, is_folder=is_folder):
            size = facts.get("size", "")
            exact = int(size) if size.isdecimal() and not is_folder else None
            modified = read_date(facts.get("mtime", ""))
            self.entries.append(Entry(url, is_folder, modified, exact))

    def _add_object(self) -> None:
        self._key = self._fields.pop("Key", "")
        facts = {
            "mtime": self._fields.pop("LastModified", ""),
            "size": self._fields.pop("Size", ""),
        }
        self._add(self._key, facts, is_folder=False)

    def _add_rest(self) -> None:
        """Add the next page of a bucket, which lists 1,000 objects at a time."""
        if self._fields.get("IsTruncated") != "true":
            return
        token = self._fields.get("NextContinuationToken")
        if token:
            self._add_page({"continuation-token": token})
        else:
            self._add_page({"marker": self._fields.get("NextMarker") or self._key})

    def _add_page(self, change: Mapping[str, str]) -> None:
        url = self._links.with_query(change, drop=_POSITIONS)
        self.entries.append(Entry(url, is_folder=True))
