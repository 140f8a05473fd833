"""Makes the bytes that the store holds: the record's text, flat boxes widened.

CKAN refuses a bounding box without area. The numbers are edited in place; every
other byte stays, and the same document always gives the same bytes.
"""

from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from harvests.pipeline.errors import ReadError
from harvests.pipeline.iso import Document, read
from harvests.pipeline.reading.box_numbers import BoxNumbers, Number, numbers_in
from harvests.pipeline.reading.boxes import EAST, NORTH, SOUTH, WEST, is_flat

# What the predecessor added; about one metre.
WIDENING = Decimal("0.00001")

Edit = tuple[int, int, bytes]


def publish(document: Document) -> bytes:
    """The bytes to publish."""
    if not any(box and is_flat(box) for box in document.boxes.values()):
        return document.text
    edits = [edit for box in numbers_in(document.text) for edit in _edits(box)]
    return _apply(sorted(edits), document.text)


def says_the_same(data: bytes, held: bytes) -> bool:
    """Tell whether two published documents are one in canonical XML (exc-c14n)."""
    try:
        return _canonical(data) == _canonical(held)
    except (ReadError, etree.C14NError):  # no record, or a relative namespace
        return False


def _canonical(data: bytes) -> bytes:
    return etree.tostring(read(data).root, method="c14n", exclusive=True)


def _edits(box: BoxNumbers) -> Iterator[Edit]:
    if box[WEST].value == box[EAST].value:
        limit = 180 if abs(box[EAST].value) <= 180 else 360
        yield from _widen(box[WEST], box[EAST], limit)
    if box[SOUTH].value == box[NORTH].value:
        yield from _widen(box[SOUTH], box[NORTH], 90)


def _widen(low: Number, high: Number, limit: int) -> Iterator[Edit]:
    """Raise the upper edge, or lower the other one where that would overflow.

    What lies off the globe stays: no widening makes it right.
    """
    if abs(high.value) > limit:
        return
    raised = Decimal(high.text) + WIDENING
    if raised <= limit:
        yield high.start, high.end, f"{raised:f}".encode()
    else:
        lowered = Decimal(low.text) - WIDENING
        yield low.start, low.end, f"{lowered:f}".encode()


def _apply(edits: list[Edit], text: bytes) -> bytes:
    pieces, position = [], 0
    for start, end, number in edits:
        pieces += [text[position:start], number]
        position = end
    return b"".join([*pieces, text[position:]])
