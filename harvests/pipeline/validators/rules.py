"""What a catalogue needs of a record: title, abstract, identifier.

And two rules about a record's history, for those who know it.
"""

from collections.abc import Iterator

from lxml.etree import _Element

from harvests.pipeline.iso import Document
from harvests.pipeline.reading.extraction import (
    ABSTRACT,
    IDENTIFIER,
    TITLE,
    child_of,
    identifications,
)
from harvests.pipeline.types import Finding, Metadata, Severity
from harvests.pipeline.validators.ckan import usual_root
from harvests.pipeline.validators.date_stamp import moment_of
from harvests.pipeline.validators.places import error_at, warning_at

_TITLE = (
    "The record has no title; catalogues cannot list it. Fill in "
    "gmd:identificationInfo/*/gmd:citation/gmd:CI_Citation/gmd:title."
)
_ABSTRACT = (
    "The record has no abstract; people cannot tell what the data is. Fill in "
    "gmd:identificationInfo/*/gmd:abstract."
)
_IDENTIFIER = (
    "The record has no gmd:fileIdentifier; CKAN knows it by its address alone, and "
    "makes a new dataset of it once that changes. Give it an identifier that is "
    "unique and never changes."
)


def validate(document: Document) -> tuple[Finding, ...]:
    """Check the texts."""
    return tuple(_missing(document.root, document.metadata))


def date_not_newer(metadata: Metadata, previous_date_stamp: str) -> Finding | None:
    """Warn where the content changed and the date stamp did not get newer."""
    before, now = moment_of(previous_date_stamp), moment_of(metadata.date_stamp)
    if before is None or now is None or now > before:
        return None
    message = (
        f"The record changed, but its gmd:dateStamp ({metadata.date_stamp}) is not "
        f"newer than before ({previous_date_stamp}); CKAN ignores such a change. Set "
        "the date of the change."
    )
    xpath = f"/{usual_root(metadata)}/gmd:dateStamp"
    return Finding("date-not-newer", Severity.WARNING, message, xpath=xpath)


def duplicate_identifier(
    identifier: str, other_url: str, *, elsewhere: bool = False
) -> Finding:
    """Warn that another record has the same identifier; `elsewhere`: another source."""
    place = " in another source" if elsewhere else ""
    message = (
        f'The gmd:fileIdentifier "{identifier}" is also that of {other_url}{place}; '
        "CKAN keeps one of the two. Give each record its own."
    )
    return Finding("duplicate-identifier", Severity.WARNING, message)


def _missing(root: _Element, metadata: Metadata) -> Iterator[Finding]:
    if not metadata.identifier:
        place = child_of(root, IDENTIFIER)
        yield error_at(
            root if place is None else place, "identifier-missing", _IDENTIFIER
        )
    if not metadata.title:
        yield error_at(_place(root, TITLE), "title-missing", _TITLE)
    if not metadata.abstract:
        yield warning_at(_place(root, ABSTRACT), "abstract-missing", _ABSTRACT)


def _place(root: _Element, tag: str) -> _Element:
    """The empty element, else the identification that lacks it, else the root."""
    identification = next(identifications(root), root)
    return next(identification.iter(tag), identification)
