"""Reads geographic bounding boxes: the four edges, and the numbers in them."""

import math
import re
from collections.abc import Mapping

from lxml.etree import _Element

from harvests.pipeline.reading.namespaces import GMD
from harvests.pipeline.types import Box

BOX = f"{{{GMD}}}EX_GeographicBoundingBox"
WEST = f"{{{GMD}}}westBoundLongitude"
EAST = f"{{{GMD}}}eastBoundLongitude"
SOUTH = f"{{{GMD}}}southBoundLatitude"
NORTH = f"{{{GMD}}}northBoundLatitude"
# In the order of the fields of `Box`.
EDGES = (WEST, EAST, SOUTH, NORTH)

Boxes = Mapping[_Element, Box | None]

# float() would also take "nan", "inf", "1_0" and Arabic digits.
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LONGEST_NUMBER = 100


def edges_of(box: _Element) -> dict[str, _Element]:
    """The first element of each edge that the box has."""
    found: dict[str, _Element] = {}
    for edge in box:
        found.setdefault(str(edge.tag), edge)
    return found


def written_in(edge: _Element) -> str:
    """The text of the edge's gco:Decimal, "" if it has none."""
    value = next(iter(edge), None)
    return "" if value is None else value.text or ""


def number_of(text: str) -> float | None:
    """The finite decimal number that a text is."""
    digits = text.strip()
    if len(digits) > _LONGEST_NUMBER or not _NUMBER.fullmatch(digits):
        return None
    number = float(digits)
    return number if math.isfinite(number) else None


def box_of(element: _Element) -> Box | None:
    """The box, None if an edge is missing or no number."""
    edges = edges_of(element)
    numbers = [
        number
        for tag in EDGES
        if tag in edges and (number := number_of(written_in(edges[tag]))) is not None
    ]
    return Box(*numbers) if len(numbers) == len(EDGES) else None


def boxes_in(root: _Element) -> Boxes:
    """Each box of a record, with its numbers as `box_of` reads them."""
    return {element: box_of(element) for element in root.iter(BOX)}


def is_flat(box: Box) -> bool:
    """Whether the box has no area; CKAN refuses such a box."""
    return box.west == box.east or box.south == box.north
