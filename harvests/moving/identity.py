"""By which URL, and by which file name, we know a record of the registry."""

from typing import Final
from urllib.parse import parse_qsl, urldefrag, urlsplit

from harvests.models import HarvestSource
from harvests.moving.values import Document, text
from harvests.pipeline.sources.csw_urls import identity_url

CATALOGUE: Final = "CSW"
LONGEST: Final = 2000


def url_of(document: Document, source: HarvestSource) -> str:
    """Return the URL by which the next harvest meets the record, "" if there is none.

    The registry writes the address of a catalogue's record in a way of its own.
    """
    url = urldefrag(text(document.get("url"))).url
    if source.harvest_type == CATALOGUE:
        identifier = _asked(url) or text(document.get("file_id"))
        return identity_url(source.url, identifier) if identifier else ""
    return url if len(url) <= LONGEST else ""


def place_of(document: Document) -> tuple[str, str]:
    """Return the folder and name of its file in the old WAF, "" where unknown."""
    path = text(document.get("location"))
    path = path or urlsplit(text(document.get("record_url"))).path
    before, _slash, name = path.rpartition("/")
    return before.rpartition("/")[2], name


def _asked(url: str) -> str:
    """Return the identifier that a GetRecordById asks for."""
    pairs = parse_qsl(urlsplit(url).query)
    return next((value for name, value in pairs if name.lower() == "id"), "")
