"""Checks the links to data and services. Does not follow them."""

import re
from collections.abc import Iterator

from harvests.pipeline.iso import Document
from harvests.pipeline.reading.extraction import (
    LINKAGE,
    SERVICE,
    child_of,
    data_links,
    identifications,
    text_of,
)
from harvests.pipeline.reading.quoting import quote
from harvests.pipeline.types import Finding
from harvests.pipeline.validators.places import first_of, warning_at

_WELL_FORMED = re.compile(r"(?!https?:)[A-Za-z][\w+.-]*:\S+|(?i:https?)://[^\s/?#]\S*")


def validate(document: Document) -> tuple[Finding, ...]:
    """Check that links look like links, and that a service has one."""
    links = document.metadata.links
    if not links:
        return first_of(_unlinked(document))
    if all(_WELL_FORMED.fullmatch(link.url) for link in links):
        return ()
    return first_of(_malformed(document))


def _unlinked(document: Document) -> Iterator[Finding]:
    message = (
        "The service has no address, so nobody can call it. Give the URL in "
        "srv:containsOperations//gmd:CI_OnlineResource/gmd:linkage."
    )
    for identification in identifications(document.root):
        if identification.tag == SERVICE:
            yield warning_at(identification, "service-link-missing", message)


def _malformed(document: Document) -> Iterator[Finding]:
    for online in data_links(document.root):
        linkage = child_of(online, LINKAGE)
        url = text_of(linkage)
        if linkage is not None and url and not _WELL_FORMED.fullmatch(url):
            message = (
                f"{quote(url)} is no link that a browser can open. Write a full URL "
                "without spaces, such as https://example.org/data."
            )
            yield warning_at(linkage, "link-malformed", message)
