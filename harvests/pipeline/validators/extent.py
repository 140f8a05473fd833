"""Checks geographic bounding boxes: four numbers, on the globe, with an area.

A box whose west edge is east of its east edge crosses the antimeridian: legal.
"""

from collections.abc import Iterator

from lxml.etree import _Element

from harvests.pipeline.iso import Document
from harvests.pipeline.reading.boxes import (
    EDGES,
    edges_of,
    is_flat,
    number_of,
    written_in,
)
from harvests.pipeline.reading.namespaces import prefixed
from harvests.pipeline.reading.quoting import quote
from harvests.pipeline.types import Box, Finding
from harvests.pipeline.validators.places import error_at, first_of, warning_at

_LATITUDES = (-90, 90)
# Climate models and ERDDAP count longitude from 0 to 360.
_LONGITUDES = (-180, 360)
_MEANT = "Latitude goes from -90 to 90, longitude from -180 to 180 (or 0 to 360)."


def validate(document: Document) -> tuple[Finding, ...]:
    """Check every box of the record."""
    boxes = document.boxes.items()
    return first_of(finding for pair in boxes for finding in _check(*pair))


def _check(element: _Element, box: Box | None) -> Iterator[Finding]:
    if not box:
        yield from _not_numeric(element)
        return
    off_globe = tuple(_out_of_range(element, box))
    yield from off_globe
    if box.south > box.north:
        message = (
            f"The box's southern edge ({box.south:g}) is north of its northern edge "
            f"({box.north:g}). Swap them."
        )
        yield error_at(element, "bbox-swapped", message)
    if is_flat(box) and not off_globe:
        message = (
            "The box has no area, which CKAN refuses; it is published widened by "
            "0.00001°. Give the extent of the data, if it has any."
        )
        yield warning_at(element, "bbox-zero-area", message)


def _not_numeric(element: _Element) -> Iterator[Finding]:
    edges = edges_of(element)
    for tag in EDGES:
        edge = edges.get(tag)
        written = "" if edge is None else written_in(edge).strip()
        if number_of(written) is None:
            says = f"says {quote(written)}" if written else "is missing"
            message = (
                f"The box's {prefixed(tag)} {says}; catalogues need a number in "
                "decimal degrees, such as -70.25."
            )
            place = element if edge is None else edge
            yield error_at(place, "bbox-not-numeric", message)


def _out_of_range(element: _Element, box: Box) -> Iterator[Finding]:
    edges = edges_of(element)
    ranges = (_LONGITUDES, _LONGITUDES, _LATITUDES, _LATITUDES)
    values = (box.west, box.east, box.south, box.north)
    for tag, value, (low, high) in zip(EDGES, values, ranges, strict=True):
        if not low <= value <= high:
            message = (
                f"The box's {prefixed(tag)} {value:g} is not on the globe. {_MEANT}"
            )
            yield error_at(edges[tag], "bbox-out-of-range", message)
