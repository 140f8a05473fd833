"""Names documents that are no ISO 19139 record for what they are.

Each answer is a sentence for staff and providers: what it is, what to do.
"""

import html
import re

from lxml.etree import _Element

from harvests.pipeline.reading.namespaces import GMD, GMI, split
from harvests.pipeline.reading.quoting import LONGEST, quote

ROOTS = (f"{{{GMD}}}MD_Metadata", f"{{{GMI}}}MI_Metadata")
EMPTY = "The document is empty: check that the file has content on the provider's side."
DOCTYPE = (
    "The document has a DOCTYPE, which is refused because it can load other files and "
    "grow without limit: remove the DOCTYPE; ISO 19139 needs none."
)

ERDDAP_ADVICE = (
    "ERDDAP writes it since version 2.26 where its setup.xml says "
    "<useSisISO19115>true</useSisISO19115>: ask the provider to set that to false or, "
    "from version 2.29 on, to add <useSisISO19139>true</useSisISO19139>, and to "
    "restart ERDDAP."
)

_ISO_19115_3 = re.compile(r"\{https?://standards\.iso\.org/iso/19115/-3/.*")
_CONVERT = "ask the provider to publish it as ISO 19139 (gmd:MD_Metadata)"
_REMOVE = "leave it out of the folder, or exclude it from the source"
_MAGIC = (
    (b"%PDF-", "a PDF file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x89HDF", "a netCDF or HDF5 file"),
    (b"CDF", "a netCDF file"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
)
# Namespace and name of the root (either may match in part), what it is, what to do.
_XML = tuple(
    (re.compile(pattern), kind, advice)
    for pattern, kind, advice in (
        (r"\{http://www\.opengis\.net/cat/csw.*Record", "a Dublin Core csw:Record", ""),
        (r".*(oai_dc|purl\.org/dc).*", "a Dublin Core record", ""),
        (r".*22-rdf-syntax-ns#\}RDF", "a DCAT/RDF document", ""),
        (r".*ncml.*\}netcdf", "an NcML file", ""),
        (r"inport-metadata", "an InPort metadata file", ""),
        (r"\{http://www\.openarchives\.org/.*", "an OAI-PMH response", ""),
        (r".*/thredds/.*\}catalog", "a THREDDS catalog", _REMOVE),
        (r".*(WMT_MS|WMS)_Capabilities", "a WMS capabilities document", _REMOVE),
        (r".*WFS_Capabilities", "a WFS capabilities document", _REMOVE),
        (r".*Capabilities", "a service's capabilities document", _REMOVE),
        (r".*\}CT_\w+", "an ISO codelist or CRS catalogue", _REMOVE),
        (r".*\}(urlset|sitemapindex)", "a sitemap", _REMOVE),
    )
)
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?<(!doctype\s+html|html|head|body)\b", re.IGNORECASE
)
_TITLE = re.compile(rb"<title[^<>]*>(.{0,2000}?)</title", re.IGNORECASE | re.DOTALL)
_TEMPLATE = re.compile(rb"\{\{.{1,200}?\}\}|\{%.{1,200}?%\}", re.DOTALL)
_WHERE_TEMPLATES_SHOW = 20_000
_JSON = re.compile(rb'\s*(\{\s*["}]|\[\s*["\d\[\]{])')


def of_bytes(body: bytes) -> str:
    """What a document is that doesn't start like XML; "" if it might be text."""
    for magic, kind in _MAGIC:
        if body.startswith(magic):
            return _sentence(kind, _REMOVE)
    if _JSON.match(body):
        return _sentence("a JSON document", _CONVERT)
    return _sentence("a binary file", _REMOVE) if b"\0" in body[:1024] else ""


def of_text(text: bytes) -> str:
    """What a document is that no XML parser reads; "" if it is just broken XML."""
    start = text.lstrip()[: 4 * LONGEST]
    if not start:
        return EMPTY
    if not start.startswith(b"<"):
        starts = quote(start.decode("utf-8", "replace"))
        return _sentence(f"a text file that starts with {starts}", _REMOVE)
    if _HTML.match(text):
        return _web_page(text)
    if _TEMPLATE.search(text, 0, _WHERE_TEMPLATES_SHOW):
        return (
            "This is a template whose placeholders were never filled in: publish "
            "the record that it makes."
        )
    return ""


def is_iso_19115_3(tag: str) -> bool:
    """Tell the successor of ISO 19139 by its root's Clark name."""
    return bool(_ISO_19115_3.fullmatch(tag))


def of_root(root: _Element, text: bytes, url: str = "") -> str:
    """What a document is that parses but is no ISO 19139 record."""
    tag = str(root.tag)
    if is_iso_19115_3(tag):
        return _successor("/erddap/" in url or b"/erddap/" in text)
    local = split(tag)[1]
    if local.lower() == "html":
        return _web_page(text)
    if local in ("ExceptionReport", "ServiceExceptionReport"):
        return _exception(root)
    if next(root.iter(*ROOTS), None) is not None:
        return _envelope(local)
    if local == "metadata" and root.find("idinfo") is not None:
        return _sentence("an FGDC CSDGM record", _CONVERT)
    for pattern, kind, advice in _XML:
        if pattern.fullmatch(tag):
            return _sentence(kind, advice or _CONVERT)
    return _sentence(f"an XML document with the root element {tag}", _REMOVE)


def _sentence(kind: str, advice: str) -> str:
    return f"This is {kind}, not an ISO 19139 record: {advice}."


def _successor(is_of_erddap: bool) -> str:
    kind = "an ISO 19115-3 record"
    if not is_of_erddap:
        return _sentence(kind, _CONVERT)
    return f"This is {kind} of ERDDAP, not an ISO 19139 record. {ERDDAP_ADVICE}"


def _web_page(text: bytes) -> str:
    found = _TITLE.search(text)
    title = html.unescape(found[1].decode("utf-8", "replace")) if found else ""
    kind = f"a web page (HTML) titled {quote(title)}" if title else "a web page (HTML)"
    return _sentence(kind, "open its address in a browser to see what the server says")


def _exception(root: _Element) -> str:
    says = quote(" ".join(str(text) for text in root.itertext()))
    return _sentence(
        f"an OGC service's error message (ExceptionReport) that says {says}",
        "correct the address or ask the provider",
    )


def _envelope(local: str) -> str:
    return (
        f"This is an ISO record inside the envelope {local}: publish the record "
        "alone, or register the server as a CSW source."
    )
