"""Checks gmd:dateStamp: CKAN needs it, and skips records whose date is not newer."""

import datetime as dt
import re

from harvests.pipeline.iso import Document
from harvests.pipeline.reading.extraction import DATE_STAMP, child_of
from harvests.pipeline.reading.quoting import quote
from harvests.pipeline.types import Finding
from harvests.pipeline.validators.places import error_at, warning_at

# What gco:Date and gco:DateTime allow (XML Schema part 2, 3.2.7 to 3.2.11).
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d:\d\d(?:\.\d+)?))?)?)?"
    r"(Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_TOLERANCE = dt.timedelta(days=1)
_MISSING = (
    "The record has no gmd:dateStamp; CKAN needs it to see changes. Give the date of "
    "the record's last change as gco:Date or gco:DateTime."
)
_UNREADABLE = (
    "The gmd:dateStamp {} is no date that ISO 19139 allows. Write YYYY-MM-DD in "
    "gco:Date, or YYYY-MM-DDThh:mm:ss in gco:DateTime."
)
_FUTURE = (
    "The gmd:dateStamp {} is more than a day ahead; CKAN ignores every change until "
    "then. Give the date of the record's last change."
)


def validate(
    document: Document, *, now: dt.datetime | None = None
) -> tuple[Finding, ...]:
    """Check that the record has a date, and none in the future."""
    written = document.metadata.date_stamp
    moment = moment_of(written)
    if moment and moment <= (now or dt.datetime.now(dt.UTC)) + _TOLERANCE:
        return ()
    element = child_of(document.root, DATE_STAMP)
    place = document.root if element is None else element
    if not written:
        return (error_at(place, "date-stamp-missing", _MISSING),)
    if not moment:
        return (
            error_at(
                place, "date-stamp-unreadable", _UNREADABLE.format(quote(written))
            ),
        )
    return (warning_at(place, "date-stamp-future", _FUTURE.format(written)),)


def moment_of(written: str) -> dt.datetime | None:
    """When that is, or None if it is not written as ISO 19139 wants it.

    A part left out counts as the first one, a zone left out as UTC.
    """
    found = _DATE.fullmatch(written)
    if not found:
        return None
    year, month, day, time, zone = found.groups()
    date = f"{year}-{month or '01'}-{day or '01'}"
    try:
        return dt.datetime.fromisoformat(f"{date}T{time or '00:00:00'}{zone or 'Z'}")
    except ValueError:
        return None
