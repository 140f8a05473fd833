"""Looks into the XML that a catalogue service sends: carefully, and piece by piece."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Final

from lxml import etree

from harvests.pipeline.reading.xml_errors import plain_reason
from harvests.pipeline.sources.csw_exceptions import (
    REPORTS,
    PageError,
    Refused,
    explain,
)
from harvests.pipeline.sources.csw_urls import GMD

GMI: Final = "http://www.isotc211.org/2005/gmi"
ISO: Final = frozenset((f"{{{GMD}}}MD_Metadata", f"{{{GMI}}}MI_Metadata"))
_HTML: Final = re.compile(rb"\s*<(!doctype\s+html|html)", re.IGNORECASE)
SOAP: Final = frozenset(("Envelope", "Header", "Body"))
CHUNK: Final = 65_536
_MOST: Final = 20_000_000  # bytes of a document that is read as a whole
_MOST_OF_REPORT: Final = 2_000_000
_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"


def local(tag: object) -> str:
    """Return the local name of an element's tag, "" of a comment's."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the file from its start, without the blanks that some put there."""
    file.seek(0)
    yield file.read(CHUNK).lstrip()
    while chunk := file.read(CHUNK):
        yield chunk


def root_of(head: bytes) -> str:
    """Return the first tag that is not of a SOAP envelope, "" if it is not XML."""
    parser = _pull(None)
    with suppress(etree.XMLSyntaxError):
        parser.feed(head.lstrip())
    tags = (str(element.tag) for element in started(parser))
    return next((tag for tag in tags if local(tag) not in SOAP), "")


def puller(*names: str) -> "etree.XMLPullParser":
    """Return a parser that tells of the start of the elements with these names."""
    return _pull([f"{{*}}{name}" for name in names])


def started(parser: "etree.XMLPullParser") -> Iterator[etree._Element]:
    """Yield the elements that began since the parser was asked last."""
    events = (element for _event, element in parser.read_events())
    return (element for element in events if isinstance(element, etree._Element))


def _pull(tags: list[str] | None) -> "etree.XMLPullParser":
    return etree.XMLPullParser(
        events=("start",),
        tag=tags,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        collect_ids=False,
    )


def parsed(file: IO[bytes], *, most: int = 0) -> etree._Element:
    """Return the root of a short document; raise PageError."""
    most = most or _MOST
    file.seek(0)
    data = file.read(most + 1).lstrip()
    if len(data) > most:
        raise PageError(f"it sent more than {most:,} bytes where a page was due")
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise PageError(broken(error)) from error
    if local(root.tag) in SOAP:
        root = next((e for e in root.iter("*") if local(e.tag) not in SOAP), root)
    return root


def broken(error: etree.XMLSyntaxError) -> str:
    line, column = error.position
    return (
        f"it sent XML that is not well-formed (line {line}, column {column}): "
        f"{plain_reason(error.msg)}"
    )


def expect(file: IO[bytes], *names: str) -> str:
    """Return the root's tag if its local name is one of these; raise PageError."""
    file.seek(0)
    head = file.read(CHUNK)
    tag = root_of(head)
    name = local(tag)
    if name in names:
        return tag
    if name in REPORTS:
        raise Refused(explain(parsed(file, most=_MOST_OF_REPORT)), status=400)
    raise Refused(_unexpected(name, head))


def _unexpected(name: str, head: bytes) -> str:
    if not head.strip():
        return "it sent an empty answer"
    if name.lower() == "html" or re.match(
        rb"\s*<(!doctype\s+html|html)", head, re.IGNORECASE
    ):
        return "it sent a web page (HTML) where XML was due"
    if name:
        return f"it sent a document <{name}> instead"
    return "it sent something that is not XML"


def document(record: etree._Element) -> bytes:
    """Return the record as a document of its own; it is taken out of its page.

    Prefixes that are used in the values of xsi:type only are declared again, because
    lxml carries over those of elements and attributes alone.
    """
    scope = record.nsmap
    parent = record.getparent()
    if parent is not None:
        parent.remove(record)
    types = {value.partition(":")[0] for value in _values(record, _TYPE)}
    lost = {prefix: scope[prefix] for prefix in types if prefix in scope}
    lost = {p: uri for p, uri in lost.items() if record.nsmap.get(p) != uri}
    if lost:
        keep = [prefix for prefix in (*record.nsmap, *lost) if prefix]
        etree.cleanup_namespaces(record, top_nsmap=lost, keep_ns_prefixes=keep)
    return etree.tostring(record, encoding="UTF-8", with_tail=False)


def _values(record: etree._Element, attribute: str) -> Iterator[str]:
    for element in record.iter(etree.Element):
        if (value := element.get(attribute)) is not None:
            yield value
