"""Documents that no server should send, as records and as listings."""

import gzip

from tests.bad_input.provider import HTML, XML, listing
from tests.behaviours import Behaviour, sends
from tests.folders import record

RECORD = record("b")
DECLARATION, _, REST = RECORD.partition(b"?>")
SIGN_IN = (
    b"<html><head><title>Sign in</title></head>"
    b"<body><form><input type=password></form></body></html>"
)
GZIPPED = gzip.compress(RECORD)
HALF_RECORD = RECORD[: RECORD.index(b"</gmd:title>")]
HALF_LISTING = listing("a.xml", "b.xml")[:-15]
LATIN = RECORD.replace(b"Dataset b", "Données b".encode("latin-1"))
NOT_UTF_16 = RECORD.replace(b"UTF-8", b"UTF-16")


def laughs() -> bytes:
    """A DOCTYPE whose entity lol9 is a thousand million times "lol"."""
    entities = b'<!ENTITY lol0 "lol">'
    for level in range(1, 10):
        entities += b'<!ENTITY lol%d "%s">' % (level, b"&lol%d;" % (level - 1) * 10)
    return entities


# The string that the first entity holds looks like the root element.
TRAP = b'<!ENTITY z "> <list>">'
BOMBS = {
    "billion laughs": (laughs(), b"&lol9;"),
    "quadratic blow-up": (b'<!ENTITY a "%s">' % (b"a" * 50_000), b"&a;" * 50_000),
}


def with_entities(entities: bytes, reference: bytes) -> Behaviour:
    """Send a record whose title is what the entities make of the reference."""
    doctype = b"?><!DOCTYPE gmd:MD_Metadata [%s]>" % entities
    return sends(DECLARATION + doctype + REST.replace(b"Dataset b", reference), XML)


def listing_with_entities(entities: bytes, reference: bytes) -> Behaviour:
    """Send a listing as nginx writes it in XML, with a file named so."""
    files = b"<file>a.xml</file><file>%s.xml</file>" % reference
    body = b'<?xml version="1.0"?><!DOCTYPE list [%s]><list>%s</list>'
    return sends(body % (entities, files), XML)


def web_page(body: bytes) -> Behaviour:
    return sends(body, HTML)


def document(body: bytes) -> Behaviour:
    return sends(body, XML)
