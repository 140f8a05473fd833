"""Tells whether a file that the predecessor wrote still holds what a source publishes.

It wrote the bytes as fetched (of a catalogue service, as it wrote them anew), and where
the first box was a point, it moved every edge of that by 0.00001 degrees.
"""

import copy
import hashlib
from typing import Final

from lxml import etree

from harvests.pipeline.errors import ReadError
from harvests.pipeline.iso import Document, read
from harvests.pipeline.reading.boxes import BOX, EDGES, box_of, edges_of

ADOPTED: Final = "adopted"  # the revision of a record until we have read it ourselves
_POINT: Final = 3e-5  # degrees; a box below that is a point that was widened


def is_still(document: Document, held: bytes, *, digest: str = "") -> bool:
    """Tell whether a file holds the document: the bytes with this MD5, or the same XML.

    That is canonical XML, widened points taken for points.
    """
    if digest and hashlib.md5(held, usedforsecurity=False).hexdigest() == digest:
        return True
    try:
        return _canonical(document) == _canonical(read(held))
    except (ReadError, etree.C14NError):  # no record, or a relative namespace
        return False


def _canonical(document: Document) -> bytes:
    root = copy.deepcopy(document.root)
    for box in root.iter(BOX):
        _collapse(box)
    return etree.tostring(root, method="c14n", exclusive=True)


def _collapse(element: etree._Element) -> None:
    """Write a point, or what became of it, as the point in its middle."""
    box = box_of(element)
    if box is None:
        return
    width, height = abs(box.west - box.east), abs(box.south - box.north)
    if max(width, height) > _POINT:
        return
    x, y = (box.west + box.east) / 2, (box.south + box.north) / 2
    edges = edges_of(element)
    for tag, middle in zip(EDGES, (x, x, y, y), strict=True):
        edges[tag][0].text = f"{middle:.7f}"
