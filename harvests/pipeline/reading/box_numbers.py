"""Finds where in a document's bytes the numbers of its bounding boxes stand.

lxml knows lines only; expat knows byte offsets. Used for the few records that
have a box without area.
"""

import re
from dataclasses import dataclass
from xml.parsers import expat

from harvests.pipeline.reading.boxes import BOX, EDGES, number_of

_START_TAG = re.compile(rb"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")


@dataclass(slots=True)
class Number:
    """A number as written, between its first and its last byte."""

    text: str = ""
    start: int = 0
    end: int = 0

    @property
    def value(self) -> float:
        """The number; only of numbers that `numbers_in` gives."""
        return float(self.text)


BoxNumbers = dict[str, Number]


def numbers_in(text: bytes) -> list[BoxNumbers]:
    """The numbers of each box that has all four of them."""
    finder = _Finder()
    try:
        finder.parser.Parse(text, True)
    except expat.ExpatError:
        # It knows the element names of XML's fourth edition only; libxml2 all.
        return []
    return [
        {tag: _trim(number, text) for tag, number in box.items()}
        for box in finder.boxes
        if all(tag in box and number_of(box[tag].text) is not None for tag in EDGES)
    ]


def _trim(number: Number, text: bytes) -> Number:
    """From the element to the digits in it."""
    tag = _START_TAG.match(text, number.start)
    start = tag.end() if tag else number.start
    content = text[start : number.end]
    digits = content.strip()
    if b"<" not in content and b"&" not in content:
        start += content.index(digits)
        return Number(number.text.strip(), start, start + len(digits))
    # A comment, CDATA section or character reference goes with the old number.
    return Number(number.text.strip(), start, number.end)


class _Finder:
    """Notes each edge's first element, where it starts and where it ends."""

    def __init__(self) -> None:
        self.boxes: list[BoxNumbers] = []
        self._edge = ""
        self._number: Number | None = None
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.CharacterDataHandler = self._characters
        self.parser.EndElementHandler = self._end

    def _start(self, name: str, _: dict[str, str]) -> None:
        tag = "{" + name
        if tag == BOX:
            self.boxes.append({})
        elif tag in EDGES and self.boxes:
            self._edge = "" if tag in self.boxes[-1] else tag
            self.boxes[-1].setdefault(tag, Number())
        elif self._edge:
            self._number = self.boxes[-1][self._edge]
            self._number.start = self.parser.CurrentByteIndex
            self._edge = ""

    def _characters(self, text: str) -> None:
        if self._number:
            self._number.text += text

    def _end(self, _: str) -> None:
        if self._number:
            self._number.end = self.parser.CurrentByteIndex
        self._number, self._edge = None, ""
