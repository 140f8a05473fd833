"""Reads an ISO 19139 or 19115-2 record: bytes in, tree and metadata out.

Never loads a DTD, never expands entities, never goes to the network. What is no
such record becomes a ReadError that says what it is.
"""

import re
import threading
from dataclasses import dataclass

from lxml import etree

from harvests.pipeline.errors import ReadError
from harvests.pipeline.reading import kinds
from harvests.pipeline.reading.boxes import Boxes, boxes_in
from harvests.pipeline.reading.decoding import Decoded, decode, offset_of
from harvests.pipeline.reading.encodings import mark_of, wide_start
from harvests.pipeline.reading.extraction import extract
from harvests.pipeline.reading.xml_errors import plain_reason
from harvests.pipeline.types import Finding, Metadata

# Atomic groups: a long prolog must not make the search slow.
_DOCTYPE = re.compile(
    rb"(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->))*+"
    rb"(<!DOCTYPE[^\[>]*(?:\[(?>.*?\]\s*>)|>))",
    re.DOTALL,
)
_LEGACY_GML = re.compile(
    rb"""(xmlns(?::[\w.-]+)?\s*=\s*["']http://www\.opengis\.net/gml)(?=["'])"""
)
_LEGACY_ENDS = (b'opengis.net/gml"', b"opengis.net/gml'")
_INVALID_CHAR = "Char"
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Document:
    """A record that was read.

    `text` is the record as UTF-8, without byte-order mark or declared encoding.
    `root` is parsed from it, without comments; where `has_legacy_gml`, the
    namespace of GML 3.2.0 is lifted to that of GML 3.2.1. `boxes` are all in it.
    """

    root: etree._Element
    text: bytes
    metadata: Metadata
    boxes: Boxes
    findings: tuple[Finding, ...] = ()
    has_legacy_gml: bool = False

    @property
    def parsed(self) -> bytes:
        """The text as it was parsed."""
        return _lift(self.text) if self.has_legacy_gml else self.text


class _Parser(threading.local):
    """One parser per thread: lxml lets a shared one parse one document at a time."""

    def __init__(self) -> None:
        self.xml = etree.XMLParser(
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )


_parser = _Parser()


def read(body: bytes, *, url: str = "", content_type: str = "") -> Document:
    """Read one record, or raise a ReadError that says what else it is."""
    problem = _not_xml(body)
    if problem:
        raise ReadError(problem, url=url)
    decoded = decode(body, content_type=content_type)
    lifted = _lift(decoded.text)
    try:
        root = _parse(lifted)
    except etree.XMLSyntaxError as error:
        raise ReadError(_explain(error, body, decoded), url=url) from error
    if root.tag not in kinds.ROOTS:
        raise ReadError(kinds.of_root(root, decoded.text, url), url=url)
    if _DOCTYPE.match(decoded.text):
        raise ReadError(kinds.DOCTYPE, url=url)
    is_legacy = lifted is not decoded.text
    boxes = boxes_in(root)
    metadata = extract(root, boxes)
    return Document(root, decoded.text, metadata, boxes, decoded.findings, is_legacy)


def _not_xml(body: bytes) -> str:
    if body.startswith(b"<") or mark_of(body)[1] or wide_start(body):
        return ""
    return kinds.of_bytes(body)


def _lift(text: bytes) -> bytes:
    """Call GML 3.2.0 by the name of GML 3.2.1; the same object if there is none."""
    if not any(end in text for end in _LEGACY_ENDS):  # as most: 20 µs less
        return text
    lifted, count = _LEGACY_GML.subn(rb"\1/3.2", text)
    return lifted if count else text


def _parse(text: bytes) -> etree._Element:
    """Parse without the DOCTYPE, so that nothing that it declares takes effect."""
    found = _DOCTYPE.match(text)
    if found:
        text = text[: found.start(1)] + text[found.end(1) :]
    return etree.fromstring(text, _parser.xml)


def _explain(error: etree.XMLSyntaxError, body: bytes, decoded: Decoded) -> str:
    kind = kinds.of_text(decoded.text)
    if kind:
        return kind
    if _DOCTYPE.match(decoded.text):
        return kinds.DOCTYPE
    line, column = error.position
    reason = _forbidden(body, decoded) if _INVALID_CHAR in error.msg else ""
    return (
        f"The document is not well-formed XML (line {line}, column {column}): "
        f"{reason or plain_reason(error.msg)}; correct it at the source."
    )


def _forbidden(body: bytes, decoded: Decoded) -> str:
    found = offset_of(body, decoded, _FORBIDDEN)
    if not found:
        return ""
    offset, character = found
    return (
        f"the character U+{ord(character):04X} at byte offset {offset}, which XML "
        "forbids"
    )
