"""Validates documents that are too large for their errors to be found in the tree.

There, libxml2 counts the siblings before each error: 100,000 errors in 15 MB took a
minute, in one call that nothing can stop. Here they take a second, but have no path,
and their line only because the document is fed line by line.
"""

from contextlib import suppress
from typing import Final

from lxml import etree

from harvests.pipeline.types import Finding, Severity
from harvests.pipeline.validators.places import MOST_FINDINGS
from harvests.pipeline.validators.schema_wording import plain_message

LARGE: Final = 500_000  # bytes; the most that a smaller one takes is a second or two
MANY: Final = 1_000  # errors; so many may be told with their paths


def findings(text: bytes, schema: etree.XMLSchema) -> tuple[Finding, ...]:
    """Return the first findings if there are many, () if the tree may be asked."""
    if len(text) <= LARGE:
        return ()
    count = _count(text, schema)
    if count <= MANY:
        return ()
    message = (
        f"The record has {count - MOST_FINDINGS:,} more schema errors, and is too "
        "large to tell where they are. Correct these first."
    )
    first = _first(text, schema)
    return (*first, Finding("xsd-more", Severity.ERROR, message))


def _count(text: bytes, schema: etree.XMLSchema) -> int:
    parser = etree.XMLParser(
        schema=schema,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,  # of a million, each would take room
        remove_pis=True,
    )
    with suppress(etree.XMLSyntaxError):
        etree.fromstring(text, parser)
    return len(parser.error_log)


def _first(text: bytes, schema: etree.XMLSchema) -> list[Finding]:
    parser = etree.XMLPullParser(schema=schema, resolve_entities=False, no_network=True)
    found: list[Finding] = []
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        with suppress(etree.XMLSyntaxError):
            parser.feed(line)
        new = list(parser.feed_error_log)[len(found) :]
        found += [_finding(entry.message, number) for entry in new]
        if len(found) >= MOST_FINDINGS:
            break
    return found[:MOST_FINDINGS]


def _finding(message: str, line: int) -> Finding:
    return Finding("xsd", Severity.ERROR, plain_message(message), line)
