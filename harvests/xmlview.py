"""Shows a stored document line by line. Knows nothing of Django or of XML's meaning.

A line ends at a line feed, as libxml2 counts, and nowhere else: other characters that
break lines (U+2028, a lone carriage return) would shift the numbers of findings.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from textwrap import dedent

AROUND = 3  # lines before and after the one that a finding names
PAGE = 10_000  # lines
LONGEST = 5_000  # characters of a line on the page of the document
EXCERPT = 300  # characters of a line in an excerpt
_TAG_REACH = 30  # lines that a start tag may span: libxml2 names the last of them
_BLOCK = 1 << 20
_NAME = re.compile(r"([\w.-]+)(?:\[\d+\])?$|local-name\(\)='([^']+)'\](?:\[\d+\])?$")


@dataclass(frozen=True, slots=True)
class Line:
    """`is_meant` tells the lines of the element that a finding is about."""

    number: int
    text: str
    is_meant: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A line, and the local name of the element whose start tag ends there."""

    line: int
    name: str = ""


def name_in(xpath: str) -> str:
    """Return the local name of the element at the end of a path, "" if none."""
    found = _NAME.search(xpath)
    return (found[1] or found[2]) if found else ""


def excerpts(path: Path, places: Iterable[Place]) -> dict[Place, list[Line]]:
    """Return the lines around each place; none where its element is not there.

    It isn't where the file is not the document that the place was found in.
    Raises OSError.
    """
    wanted = set(places)
    numbers = {n for p in wanted for n in _reach(p)}
    held = dict(_lines(path, numbers))
    return {place: _excerpt(place, held) for place in wanted}


def page_of(line: int) -> int:
    """Return the page that a line is on, counted from 1."""
    return max(0, line - 1) // PAGE + 1


def lines_of(path: Path, page: int) -> Iterator[Line]:
    """Yield the lines of a page, one at a time. Raises OSError."""
    first = (page - 1) * PAGE
    with path.open("rb") as file:
        for number, line in enumerate(islice(file, first, first + PAGE), first + 1):
            yield Line(number, _text(line, LONGEST))


def count_lines(path: Path) -> int:
    """Return how many lines a file has. Raises OSError."""
    count, last = 0, b"\n"
    with path.open("rb") as file:
        for block in iter(partial(file.read, _BLOCK), b""):
            count += block.count(b"\n")
            last = block[-1:]
    return count + (last != b"\n")


def size_of(path: Path) -> int:
    """Return the size of a file in bytes. Raises OSError."""
    return os.stat(path).st_size


def _reach(place: Place) -> range:
    return range(max(1, place.line - _TAG_REACH), place.line + AROUND + 1)


def _lines(path: Path, numbers: set[int]) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        for number, line in enumerate(islice(file, max(numbers, default=0)), 1):
            if number in numbers:
                yield number, line[: 4 * LONGEST]


def _excerpt(place: Place, held: dict[int, bytes]) -> list[Line]:
    start = _start(place, held)
    if start is None:
        return []
    first = max(1, min(start, place.line - AROUND))
    numbers = [n for n in range(first, place.line + AROUND + 1) if n in held]
    texts = dedent("\n".join(_text(held[n], EXCERPT) for n in numbers)).split("\n")
    return [
        Line(n, text, start <= n <= place.line)
        for n, text in zip(numbers, texts, strict=True)
    ]


def _start(place: Place, held: dict[int, bytes]) -> int | None:
    """Return the line where the element's start tag begins, None if it isn't there."""
    if place.line not in held:
        return None
    if not place.name:
        return place.line
    tag = re.compile(rb"<(?:[^\s<>/:]+:)?" + re.escape(place.name.encode()) + rb"\b")
    for number in range(place.line, max(0, place.line - _TAG_REACH - 1), -1):
        line = held.get(number, b"")
        if tag.search(line) or len(line) >= 4 * LONGEST:
            return number
    return None


def _text(line: bytes, most: int) -> str:
    text = line[: 4 * most + 4].decode(errors="replace").rstrip("\r\n")
    return text if len(text) <= most else f"{text[:most]}…"
