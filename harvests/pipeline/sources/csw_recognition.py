"""Recognises the answers of a catalogue service, whatever they answer."""

import re
from typing import Final
from urllib.parse import urlsplit

from harvests.pipeline.sources.csw_exceptions import REPORTS
from harvests.pipeline.sources.csw_urls import cleaned
from harvests.pipeline.sources.csw_xml import local, root_of
from harvests.pipeline.types import Recognition, Sample

_NAMESPACE: Final = b"http://www.opengis.net/cat/csw"
_SAYS_CSW: Final = re.compile(r"[?&]service=csw(&|$)|/csw[^/]*$", re.IGNORECASE)
_REASONS: Final = {
    "Capabilities": "it gives the capabilities of a catalogue service (CSW)",
    "GetRecordsResponse": "it gives a page of a catalogue service's (CSW) records",
    "GetRecordByIdResponse": "it gives a record out of a catalogue service (CSW)",
    "Acknowledgement": "it acknowledges a request to a catalogue service (CSW)",
}
# Where a page tells of its program: comments, title, provider, declared prefixes
_TELLING: Final = re.compile(
    rb"<!--.*?-->|<(?:\w+:)?(?:Title|ProviderName)\b.*?</|xmlns:geonet=", re.DOTALL
)
_PRODUCT: Final = re.compile(
    r"(pycsw|geonet|deegree|GeoServer|Esri Geoportal Server|Constellation|Examind"
    r"|GeoNode)\w*(?:[ /]v?(\d[\w.-]*))?",
    re.IGNORECASE,
)


def recognise(sample: Sample) -> Recognition | None:
    """Tell a catalogue service by its own words, or by how it refuses."""
    name = local(root_of(sample.head))
    is_csw = _NAMESPACE in sample.head
    if name in _REASONS and is_csw:
        reason = _REASONS[name]
    elif name in REPORTS and (is_csw or _SAYS_CSW.search(sample.url)):
        reason = "it answers with the exception report of a catalogue service (CSW)"
    else:
        return None
    return Recognition(reason, cleaned(sample.url), software(sample))


def software(sample: Sample) -> str:
    """Return the program and its version, as far as page or address tell."""
    told = b" ".join(_TELLING.findall(sample.head)).decode("utf-8", "replace")
    found = _PRODUCT.search(f"{told} {urlsplit(sample.url).path}")
    if not found:
        return ""
    name = "GeoNetwork" if found[1].lower() == "geonet" else found[1]
    return f"{name} {found[2]}" if found[2] else name
