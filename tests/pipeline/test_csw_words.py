"""What a service says of itself, and how it refuses: recognised and put in words."""

import pytest
from lxml import etree

from harvests.pipeline.sources.csw import recognise
from harvests.pipeline.sources.csw_exceptions import explain
from harvests.pipeline.types import Sample
from tests import csw_server
from tests.csw_server import exception, serving
from tests.pipeline.csw_runs import gathered
from tests.pipeline.test_csw_paging import on_pages

OWS = (
    '<r:ExceptionReport xmlns:r="{}"><r:Exception exceptionCode="InvalidParameterValue"\
 locator="sortby"><r:ExceptionText>  Invalid\n SortBy </r:ExceptionText></r:Exception>\
</r:ExceptionReport>'
)
OGC = '<ServiceExceptionReport{}><ServiceException code="InvalidParameterValue" \
locator="sortby">Invalid SortBy</ServiceException></ServiceExceptionReport>'
SOAP = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{}\
</s:Body></s:Envelope>'
REPORTS = {
    "ows": OWS.format("http://www.opengis.net/ows"),
    "ows 1.1": OWS.format("http://www.opengis.net/ows/1.1"),
    "ows 2.0": OWS.format("http://www.opengis.net/ows/2.0"),
    "ogc": OGC.format(' xmlns="http://www.opengis.net/ogc"'),
    "none": OGC.format(""),
    "soap": SOAP.format(OWS.format("http://www.opengis.net/ows")),
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_an_exception_is_one_sentence_whatever_its_namespace(report):
    with serving({}, on_pages(lambda *_: report.encode())) as server:
        result = gathered(server.url)
    assert "Invalid SortBy (InvalidParameterValue, sortby)" in result.error
    assert "\n" not in result.error


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ("<ExceptionReport/>", "an exception without a text"),
        ("<ExceptionReport><Exception exceptionCode='X'/></ExceptionReport>", "X"),
        ("<a><ExceptionText>No.</ExceptionText></a>", "No"),
        (
            "<a><Text>No</Text><!-- c --><Text>No</Text><Text>Never</Text></a>",
            "No; Never",
        ),
        (f"<a><ExceptionText>{'x' * 900}</ExceptionText></a>", "x" * 400 + "…"),
    ],
)
def test_an_exception_says_what_it_says_once_and_shortly(report, said):
    assert explain(etree.fromstring(report)) == said


def sample(head: bytes, url: str = "http://x/y?service=CSW&map=m") -> Sample:
    return Sample(url, "text/xml", "", head)


PYCSW = b"<!-- pycsw 2.6.2 -->" + csw_server.capabilities("http://x/y")
NEW = csw_server.capabilities("http://x/y", csw=csw_server.CSW3)
ESRI = csw_server.capabilities("http://x/y").replace(b"Buoys", b"Esri Geoportal Server")


@pytest.mark.parametrize(
    ("head", "reason", "software"),
    [
        (PYCSW, "capabilities", "pycsw 2.6.2"),
        (NEW, "capabilities", ""),
        (ESRI, "capabilities", "Esri Geoportal Server"),
        (SOAP.encode().replace(b"{}", PYCSW), "capabilities", "pycsw 2.6.2"),
        (csw_server.results([]), "page of a catalogue", ""),
        (csw_server.by_id(b""), "record out of a catalogue", ""),
        (exception("No"), "exception report", ""),
        (PYCSW[:700], "capabilities", "pycsw 2.6.2"),
    ],
)
def test_a_catalogue_service_is_recognised(head, reason, software):
    found = recognise(sample(head))
    assert reason in found.reason
    assert (found.url, found.software) == ("http://x/y?map=m", software)


@pytest.mark.parametrize(
    ("head", "url"),
    [
        (b"<html><a href='a.xml'>a</a></html>", "http://x/csw"),
        (b"", "http://x/csw"),
        (b"plain", "http://x/csw"),
        (b"<Capabilities/>", "http://x/csw"),
        (b"<WMS_Capabilities version='1.3.0'/>", "http://x/csw"),
        (REPORTS["ogc"].encode(), "http://x/wms?service=WMS"),
        (csw_server.iso("a"), "http://x/csw"),
    ],
)
def test_another_page_is_not_taken_for_a_catalogue_service(head, url):
    assert recognise(sample(head, url)) is None


def test_the_program_is_told_by_the_address_too():
    found = recognise(sample(NEW, "http://x/geonetwork/srv/eng/csw?a=b"))
    assert found.software == "GeoNetwork"


def test_an_exception_is_recognised_by_the_address_that_was_asked():
    for url in ("http://x/a?SERVICE=csw", "http://x/csw", "http://x/csw.py?a=b"):
        assert recognise(sample(exception("No"), url))
