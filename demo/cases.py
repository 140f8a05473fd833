"""What goes wrong (or only looks odd) in the records of the partly broken source."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from demo.datasets import Bounds, Dataset
from demo.foreign import ERROR_PAGE, FGDC, ISO_19115_3
from demo.records import record

Spoil = Callable[[Dataset], bytes | None]


class Case(NamedTuple):
    """`spoil` makes the broken record, or None where the link is dead."""

    name: str
    spoil: Spoil = record
    title: str = ""


def edited(pattern: str, put: str = "") -> Spoil:
    """The record with every match of the pattern replaced."""

    def spoil(dataset: Dataset) -> bytes:
        xml, count = re.subn(pattern, put, record(dataset).decode(), flags=re.DOTALL)
        assert count, pattern
        return xml.encode()

    return spoil


def moved(change: Callable[[Bounds], Bounds]) -> Spoil:
    return lambda dataset: record(replace(dataset, bounds=change(dataset.bounds)))


def swapped(bounds: Bounds) -> Bounds:
    west, east, south, north = bounds
    return west, east, north, south


def point(bounds: Bounds) -> Bounds:
    west, _, south, _ = bounds
    return west, west, south, south


def in_latin_1(dataset: Dataset) -> bytes:
    return record(dataset).decode().encode("latin-1")


def cut_short(dataset: Dataset) -> bytes:
    return record(dataset)[:3000]


def always(body: bytes | None) -> Spoil:
    return lambda dataset: body


CITATION = r"(      <gmd:citation>.*?</gmd:citation>\n)"
ABSTRACT = r"(      <gmd:abstract>.*?</gmd:abstract>\n)"
CASES = (
    Case("no-title.xml", edited("<gmd:title>.*?<.gmd:title>", "<gmd:title/>")),
    Case("empty-measure.xml", edited("(<gco:Measure[^>]*>)[^<]+", r"\1")),
    Case("wrong-order.xml", edited(CITATION + ABSTRACT, r"\2\1")),
    Case("no-contact.xml", edited(" *<gmd:contact>.*?</gmd:contact>\n")),
    Case("no-identifier.xml", edited(" *<gmd:fileIdentifier>.*?<.gmd:fileId[^>]*>\n")),
    Case("swapped-box.xml", moved(swapped)),
    Case("point-box.xml", moved(point)),
    Case(
        "bad-date.xml", edited("(<gmd:dateStamp>\\s*<gco:Date>)[^<]*", r"\1Spring 2019")
    ),
    Case("latin-1.xml", in_latin_1, "Niveles del mar, Bahía de Añasco"),
    Case("malformed.xml", cut_short),
    Case("error-page.xml", always(ERROR_PAGE)),
    Case("fgdc.xml", always(FGDC)),
    Case("iso19115-3.xml", always(ISO_19115_3)),
    Case("dead-link.xml", always(None)),
    Case("UPPER-CASE.XML"),
    Case("bahía de monterey – 2024 (copy).xml"),
    Case("script-title.xml", title="<script>alert(1)</script>"),
    Case("emoji.xml", title="Whale sightings 🐋🌊 Stellwagen Bank"),
    Case("right-to-left.xml", title="درجة حرارة سطح البحر في خليج عُمان"),
)
