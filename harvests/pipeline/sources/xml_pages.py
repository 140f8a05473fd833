"""Reads a page that is XML in one pass, without a tree: what it holds comes at once.

Loads, expands and declares nothing: a DOCTYPE is refused.
"""

import codecs
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol, cast

from lxml import etree

from harvests.pipeline.errors import GatherError
from harvests.pipeline.reading.xml_errors import plain_reason
from harvests.pipeline.sniffing import described, sample_of
from harvests.pipeline.sources.crawl import Found
from harvests.pipeline.types import Page

_CHUNK: Final = 1 << 16
_BLANK: Final = codecs.BOM_UTF8 + b" \t\r\n"


class Reader(Protocol):
    """What reads the elements; `found` is what they held since it was emptied."""

    found: list[Found]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take an element's local name, and its attributes by theirs."""

    def end(self, name: str, text: str) -> None:
        """Take an element's local name, and the text since the last tag."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a page should be: the words for it, how to tell, what to do if it isn't."""

    words: str
    is_root: Callable[[str], bool]
    advice: str


def read_xml(page: Page, reader: Reader, expected: Expected) -> Iterator[Found]:
    """Yield what `reader` finds; raise GatherError if the page breaks off."""
    sample = sample_of(page)
    if not expected.is_root(sample.root):
        raise GatherError(
            f"{page.url} should be {expected.words}, but {described(sample)} came: "
            f"{expected.advice}"
        )
    try:
        yield from _parsed(page, reader)
    except _DoctypeError as error:
        raise GatherError(
            f"{page.url} is XML with a DOCTYPE, which is refused because it can load "
            "other files and grow without limit; ask its server's staff."
        ) from error
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise GatherError(
            f"{page.url} is not well-formed XML (line {line}, column {column}): "
            f"{plain_reason(error.msg)}; what came before that was read. Ask its "
            "server's staff."
        ) from error


def _parsed(page: Page, reader: Reader) -> Iterator[Found]:
    target = cast("etree.ParserTarget", _Target(reader))
    parser = etree.XMLParser(
        target=target, resolve_entities=False, load_dtd=False, no_network=True
    )
    chunk = page.file.read(_CHUNK).lstrip(_BLANK)
    while chunk:
        try:
            parser.feed(chunk)
        finally:
            yield from _taken(reader)
        chunk = page.file.read(_CHUNK)
    try:
        parser.close()
    finally:
        yield from _taken(reader)


def _taken(reader: Reader) -> Iterator[Found]:
    yield from reader.found
    reader.found.clear()


class _DoctypeError(Exception):
    """The page has a DOCTYPE. Caught by `read_xml`."""


class _Target:
    """What the parser calls."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._text: list[str] = []

    def doctype(self, *_: object) -> None:
        raise _DoctypeError

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._text.clear()
        plain = {_local(name): value for name, value in attributes.items()}
        self._reader.start(_local(tag), plain)

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, tag: str) -> None:
        self._reader.end(_local(tag), "".join(self._text).strip())
        self._text.clear()

    def close(self) -> None:
        """Nothing is left to do: what was found came with its element."""


def _local(name: str) -> str:
    return name.rpartition("}")[2]
