"""What is no ISO 19139 record is refused with a sentence that names it."""

import pytest

from harvests.pipeline import iso
from harvests.pipeline.errors import ReadError
from tests.pipeline.records import BUOY, buoy, line_of

BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]>\n"
FILE = "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>\n"
ROOT = "<gmd:MD_Metadata"
FGDC = b"<metadata><idinfo/></metadata>"


def sentence_about(body: bytes) -> str:
    with pytest.raises(ReadError) as caught:
        iso.read(body, url="https://ocean.example/x.xml")
    assert caught.value.url == "https://ocean.example/x.xml"
    return str(caught.value)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b" \r\n ", "is empty", id="blank"),
        pytest.param("\ufeff".encode("utf-16-le"), "is empty", id="only-a-mark"),
        pytest.param(b"Not here", 'a text file that starts with "Not here"', id="text"),
        pytest.param(b'{"a": 1}', "a JSON document", id="json"),
        pytest.param(b"%PDF-1.4\n", "a PDF file", id="pdf"),
        pytest.param(b"\x1f\x8b\x08\0", "a gzip archive", id="gzip"),
        pytest.param(b"PK\x03\x04", "a ZIP archive", id="zip"),
        pytest.param(b"\x7fELF\0\0", "a binary file", id="binary"),
        pytest.param(b"<html><p>Hi<br></html>", "a web page (HTML),", id="html"),
        pytest.param(
            b"<!doctype html><title>404 &ndash;\n Not here</title>",
            'a web page (HTML) titled "404 – Not here"',
            id="html-with-title",
        ),
        pytest.param(
            b'<html xmlns="http://www.w3.org/1999/xhtml"><title>Log in</title></html>',
            'a web page (HTML) titled "Log in"',
            id="xhtml",
        ),
        pytest.param(FGDC, "an FGDC CSDGM record", id="fgdc"),
        pytest.param(
            b'<!DOCTYPE metadata SYSTEM "http://x.example/fgdc.dtd">' + FGDC,
            "an FGDC CSDGM record",
            id="fgdc-with-doctype",
        ),
        pytest.param(b"<metadata/>", "the root element metadata", id="metadata"),
        pytest.param(b'<a xmlns="urn:x"/>', "the root element {urn:x}a", id="other"),
        pytest.param(
            b"<ServiceExceptionReport>No\n such layer</ServiceExceptionReport>",
            'error message (ExceptionReport) that says "No such layer"',
            id="exception",
        ),
        pytest.param(b"<x><title>{{ title }}</x>", "a template", id="template"),
    ],
)
def test_a_document_is_called_what_it_is(body, kind):
    assert kind in sentence_about(body)


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        pytest.param(tag, kind, id=kind.split()[1])
        for tag, kind in {
            "{http://standards.iso.org/iso/19115/-3/mdb/1.0}MD_Metadata": (
                "an ISO 19115-3 record"
            ),
            "{http://www.opengis.net/cat/csw/2.0.2}SummaryRecord": (
                "a Dublin Core csw:Record"
            ),
            "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc": "a Dublin Core record",
            "{http://www.openarchives.org/OAI/2.0/}OAI-PMH": "an OAI-PMH response",
            "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF": "a DCAT/RDF document",
            "{http://www.unidata.ucar.edu/namespaces/netcdf/ncml-2.2}netcdf": (
                "an NcML file"
            ),
            "{http://www.unidata.ucar.edu/namespaces/thredds/InvCatalog/v1.0}catalog": (
                "a THREDDS catalog"
            ),
            "{http://www.opengis.net/wms}WMS_Capabilities": (
                "a WMS capabilities document"
            ),
            "{http://www.opengis.net/wfs}WFS_Capabilities": (
                "a WFS capabilities document"
            ),
            "{http://www.opengis.net/cat/csw/2.0.2}Capabilities": (
                "a service's capabilities document"
            ),
            "{http://www.isotc211.org/2005/gmx}CT_CodelistCatalogue": (
                "an ISO codelist or CRS catalogue"
            ),
            "{http://www.sitemaps.org/schemas/sitemap/0.9}urlset": "a sitemap",
            "inport-metadata": "an InPort metadata file",
        }.items()
    ],
)
def test_an_xml_document_is_known_by_its_root(tag, kind):
    uri, _, local = tag.rpartition("}")
    body = f'<{local} xmlns="{uri.lstrip("{")}"/>'.encode()

    assert sentence_about(body).startswith(f"This is {kind}, not an ISO 19139 record: ")


def test_a_record_in_a_csw_envelope_is_refused_by_name():
    record = BUOY.split(b"?>\n")[1]
    uri = b"http://www.opengis.net/cat/csw/2.0.2"
    head, tail = b'<c:GetRecordByIdResponse xmlns:c="', b"</c:GetRecordByIdResponse>"

    sentence = sentence_about(head + uri + b'">' + record + tail)

    assert "an ISO record inside the envelope GetRecordByIdResponse" in sentence


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(buoy((ROOT, BOMB + ROOT), ("Buoy 17", "&b;")), id="entity-bomb"),
        pytest.param(buoy((ROOT, FILE + ROOT), ("Buoy 17", "&f;")), id="external"),
        pytest.param(buoy((ROOT, "<!-- x --><!DOCTYPE x>" + ROOT)), id="unused"),
    ],
)
def test_a_doctype_is_refused(body):
    assert sentence_about(body).startswith("The document has a DOCTYPE")


def test_the_word_doctype_in_a_text_is_no_doctype():
    body = buoy(("Buoy 17", "<![CDATA[<!DOCTYPE x>]]>"))

    assert iso.read(body).metadata.title.startswith("<!DOCTYPE x>")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("</gmd:MD_Metadata>", "", "it ends before <MD_Metad", id="cut"),
        pytest.param(
            "</gmd:title>", "</gmd:name>", "<title> (line 54) is closed", id="mismatch"
        ),
        pytest.param("°C", "&nbsp;C", "&nbsp; is unknown in XML", id="html-entity"),
        pytest.param("°C", "& C", "an & stands alone; write &amp;", id="ampersand"),
        pytest.param("°C", "&C;", "&C; is unknown in XML", id="entity"),
        pytest.param("°C", "< 3", "a < stands alone; write &lt;", id="less-than"),
        pytest.param(
            "gmx:Anchor", "g:Anchor", "<Anchor> uses the prefix g, but", id="prefix"
        ),
        pytest.param(
            ' xlink:href="', ' x:href="', "<Anchor> uses the prefix x", id="attribute"
        ),
        pytest.param(
            "</gmd:MD_Metadata>",
            "</gmd:MD_Metadata>\nThe end",
            "text follows",
            id="end",
        ),
        pytest.param("°C", "<?xml version='1.0'?>", "an XML declaration", id="two"),
        pytest.param(
            "<gmd:title>", '<gmd:title a="1" a="2">', "a occurs twice", id="twice"
        ),
        pytest.param("<gmd:title>", "<gmd:title a=1>", "has no quotes", id="unquoted"),
        pytest.param("<gmd:title>", '<gmd:title a="<">', "contains <;", id="less-in"),
        pytest.param("<gmd:title>", "<gmd:title a>", "a has no value", id="valueless"),
        pytest.param("°C", "<!-- -- -->", "a comment contains --", id="comment"),
        pytest.param("°C", "&#11;", "to a character that XML forbids", id="reference"),
        pytest.param("°C", "]]>", "Sequence ']]>' not allowed", id="rare"),
        pytest.param("°C", "<a>" * 300, "deeper than 256 levels", id="deep"),
        pytest.param("°C", "x" * 10_100_000, "larger than 10 MB", id="huge"),
    ],
)
def test_broken_xml_is_explained(old, new, reason):
    sentence = sentence_about(buoy((old, new)))

    assert sentence.startswith("The document is not well-formed XML (line ")
    assert reason in sentence


def test_broken_xml_is_located():
    sentence = sentence_about(buoy(("°C", "< 3")))

    assert f"(line {line_of('°C')}, column " in sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_forbidden_character_is_located_by_its_byte(encoding):
    text = "\ufeff" + buoy(("17, ", "17\x0b, "), (' encoding="UTF-8"', "")).decode()
    body = text.encode(encoding)
    offset = body.index("\x0b".encode(encoding))

    sentence = sentence_about(body)

    assert f"the character U+000B at byte offset {offset}, which" in sentence
