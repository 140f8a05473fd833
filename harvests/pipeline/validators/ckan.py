"""What CKAN refuses or overlooks though ISO 19139 allows it: prefix, date, file name.

Each was tried on CKAN 2.11 with ckanext-spatial 2.3.2 (`make test-ckan` tries again).
What other catalogues mind too is told by the other rules: missing titles, dates and
identifiers, boxes, and identifiers that two records share.
"""

import re
from collections.abc import Iterator

from harvests.pipeline.iso import Document
from harvests.pipeline.reading.extraction import DATE_STAMP, child_of
from harvests.pipeline.types import Finding, Metadata, Severity
from harvests.pipeline.validators.date_stamp import moment_of
from harvests.pipeline.validators.places import warning_at

# A zone without a time of day; CKAN takes “-05:00” for one
_ZONED = re.compile(r"[\d-]+(Z|\+\d\d:\d\d)", re.ASCII)


def validate(document: Document) -> tuple[Finding, ...]:
    """Check what the document alone tells."""
    return (*_prefix(document), *_date(document))


def overlooked(name: str) -> Finding | None:
    """Warn of a file name that CKAN does not see in a listing."""
    if name.endswith(".xml") and not name.startswith("_"):
        return None
    message = (
        f'The file is named "{name}"; CKAN overlooks names that begin with “_” or end '
        "in other than “.xml”. Publish the record under another name."
    )
    return Finding("ckan-name", Severity.WARNING, message)


def usual_root(metadata: Metadata) -> str:
    """Return the root element with the prefix that CKAN looks for."""
    return "gmi:MI_Metadata" if metadata.root == "MI_Metadata" else "gmd:MD_Metadata"


def _prefix(document: Document) -> Iterator[Finding]:
    usual = usual_root(document.metadata)
    prefix = document.root.prefix
    written = f"{prefix}:{document.metadata.root}" if prefix else document.metadata.root
    if written != usual:
        message = (
            f"The root element is written {written}; CKAN recognises ISO records only "
            f"if it is written {usual}. Use the usual prefix."
        )
        yield warning_at(document.root, "ckan-prefix", message)


def _date(document: Document) -> Iterator[Finding]:
    written = document.metadata.date_stamp
    if moment_of(written) and _ZONED.fullmatch(written):
        place = child_of(document.root, DATE_STAMP)
        message = (
            f'The gmd:dateStamp "{written}" has a time zone and no time; CKAN cannot '
            "read it and refuses the record. Write the date alone, or a time too."
        )
        yield warning_at(
            document.root if place is None else place, "ckan-date", message
        )
