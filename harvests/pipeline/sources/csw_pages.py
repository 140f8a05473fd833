"""Reads a page of records: one record in memory at a time, however long the page."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import IO, Final

from lxml import etree

from harvests.pipeline.sources.csw_exceptions import PageError
from harvests.pipeline.sources.csw_names import digest
from harvests.pipeline.sources.csw_urls import GMD
from harvests.pipeline.sources.csw_xml import (
    ISO,
    broken,
    chunks,
    document,
    expect,
    local,
    parsed,
    puller,
    started,
)
from harvests.pipeline.types import FetchPolicy

_FILE_ID: Final = f"{{{GMD}}}fileIdentifier"
_DC_ID: Final = "{http://purl.org/dc/elements/1.1/}identifier"
_MDB_ID: Final = "{*}metadataIdentifier//{*}code/*"  # ISO 19115-3
_MOST_OF_RECORD: Final = FetchPolicy().max_bytes
_MOST_BESIDE: Final = 2_000_000  # bytes of a page that belong to no record
_CONTAINERS: Final = ("SearchResults", "GetRecordByIdResponse")


@dataclass(frozen=True, slots=True)
class Found:
    """One record of a page. `body` is b"" if it is not an ISO 19139 record.

    `mark` tells its content from any other.
    """

    tag: str
    identifiers: tuple[str, ...]
    body: bytes = b""
    mark: str = ""

    @property
    def identifier(self) -> str:
        return self.identifiers[0] if self.identifiers else ""


class RecordPage:
    """A page that answers GetRecords or GetRecordById.

    Iterate over it, as often as you like; `total` and `next` hold what it says of
    itself once that began (None where it says nothing that makes sense).
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.total: int | None = None
        self.next: int | None = None
        names = ("GetRecordsResponse", "GetRecordByIdResponse", "MD_Metadata")
        self._root = expect(file, *names, "MI_Metadata")

    def __iter__(self) -> Generator[Found]:
        if local(self._root).endswith("_Metadata"):  # CSW 3.0: GetRecordById
            yield _found(parsed(self._file))
            return
        try:
            yield from self._records()
        except etree.XMLSyntaxError as error:
            raise PageError(broken(error)) from error

    def _records(self) -> Iterator[Found]:
        parser = puller(*_CONTAINERS)
        container: etree._Element | None = None
        held = 0  # bytes fed since the last record was taken
        for chunk in chunks(self._file):
            parser.feed(chunk)
            held += len(chunk)
            if container is None:
                container = self._container(parser)
            if container is not None:
                for found in _taken(container, leave=1):
                    held = 0
                    yield found
            _check(held, container)
        parser.close()
        if container is not None:
            yield from _taken(container, leave=0)

    def close(self) -> None:
        self._file.close()

    def first(self) -> Found | None:
        """Return the page's first record."""
        with closing(iter(self)) as records:
            return next(records, None)

    def _container(self, parser: "etree.XMLPullParser") -> etree._Element | None:
        element = next(started(parser), None)
        if element is not None:
            self.total = _number(element.get("numberOfRecordsMatched"))
            self.next = _number(element.get("nextRecord"))
        return element


def _check(held: int, container: etree._Element | None) -> None:
    """Raise PageError if what is kept of the page has become too much."""
    if container is None or not len(container):
        if held > _MOST_BESIDE:
            raise PageError(
                f"it sent more than {_MOST_BESIDE:,} bytes that belong to no record"
            )
    elif held > _MOST_OF_RECORD:
        raise PageError(
            f"it sent a record of more than {_MOST_OF_RECORD:,} bytes, the most that "
            "a harvest takes"
        )


def _taken(container: etree._Element, *, leave: int) -> Iterator[Found]:
    """Take the records that are complete out of the page: those with one behind."""
    while len(container) > leave:
        child = container[0]
        if isinstance(child.tag, str):
            yield _found(child)
        if child.getparent() is not None:
            container.remove(child)


def _found(record: etree._Element) -> Found:
    tag = str(record.tag)
    names = [*record.iterfind(_DC_ID), *record.iterfind(_MDB_ID)]
    identifiers = _texts(record.findall(_FILE_ID) if tag in ISO else names)
    body = document(record)
    return Found(tag, identifiers, body if tag in ISO else b"", digest(body))


def _texts(elements: list[etree._Element]) -> tuple[str, ...]:
    """Return the texts that are not blank, with the blanks in them as they are."""
    texts = ("".join(str(t) for t in e.itertext(etree.Element)) for e in elements)
    return tuple(text.strip() for text in texts if text.strip())


def _number(text: str | None) -> int | None:
    try:
        number = int(text or "")
    except ValueError:
        return None
    return number if number >= 0 else None
