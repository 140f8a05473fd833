"""How a catalogue service is asked: method, type names, sorting, version, filter."""

import io

import pytest

from harvests.pipeline.sources import csw_capabilities
from harvests.pipeline.types import Access, Box, FetchPolicy, Page, Selection
from tests import csw_server
from tests.csw_server import CSW3, GMD, exception, iso, numbered, serving
from tests.pipeline.csw_runs import POLICY, gathered
from tests.pipeline.test_csw_paging import on_pages

GMI = "http://www.isotc211.org/2005/gmi"


NO = exception("Not like this")


def refusing(is_refused, answer=NO):
    return on_pages(lambda ask, _: answer if is_refused(ask) else None)


def whole(server, **plan) -> bool:
    result = gathered(server.url, **plan)
    return (len(result.records), result.error, result.problems) == (12, "", [])


@pytest.mark.parametrize(
    ("get", "post", "method"),
    [("", "", "POST"), (None, "", "POST"), ("", None, "GET"), (None, None, "POST")],
)
def test_post_is_preferred_and_get_taken_where_nothing_else_is_offered(
    get, post, method
):
    with serving(numbered(12), get=get, post=post, most=5) as server:
        assert whole(server)
    assert {a.method for a in server.asks if a.request == "GetRecords"} == {method}
    assert len(server.pages()) == 3


@pytest.mark.parametrize(
    "answer",
    [
        *((status, b"") for status in (400, 405, 415, 500, 501)),
        exception("POST is not supported"),
        csw_server.capabilities("http://127.0.0.1/"),  # Esri's Geoportal 2, issue 258
        b"<html><body>Use GET</body></html>",
    ],
    ids=lambda answer: str(answer)[:20],
)
def test_a_server_that_refuses_post_is_asked_by_get(answer):
    odd = refusing(lambda ask: ask.method == "POST", answer)
    with serving(numbered(12), odd, most=5) as server:
        assert whole(server)
    assert len(set(server.pages("POST"))) == 1
    assert len(server.pages("GET")) == 3


def test_a_server_that_cannot_sort_is_not_asked_to():
    with serving(numbered(12), refusing(lambda ask: ask.sortby), most=5) as server:
        assert whole(server)


@pytest.mark.parametrize("wanted", ["csw:Record", "gmd:MD_Metadata"])
def test_the_server_chooses_the_type_names(wanted):
    odd = refusing(lambda ask: ask.typenames != wanted)
    with serving(numbered(12), odd, most=5) as server:
        assert whole(server)
        server.said = {"types": (wanted,), "most": 5}
        server.asks.clear()
        assert whole(server)
    assert len(server.pages()) == 3


def test_the_server_that_gives_iso_for_one_type_name_only_is_asked_for_that():
    def dublin(ask, server):
        if ask.typenames == "gmd:MD_Metadata":
            ask.values["elementsetname"] = "brief"
        return server.honest(ask)

    with serving(numbered(12), on_pages(dublin), most=5) as server:
        assert whole(server)


def test_gmi_is_asked_for_where_gmd_is_not_offered():
    with serving(numbered(12), schemas=(GMI,), most=5) as server:
        assert whole(server)
    assert {a.outputschema for a in server.asks if a.request == "GetRecords"} == {GMI}


def test_both_kinds_of_iso_record_are_taken_from_one_page():
    acquired = iso("b").replace(b"gmd:MD_Metadata", b"gmi:MI_Metadata")
    acquired = acquired.replace(b" xmlns", f' xmlns:gmi="{GMI}" xmlns'.encode(), 1)
    with serving({"a": iso("a"), "b": acquired}) as server:
        result = gathered(server.url)
    assert result.identifiers == ["a", "b"]
    assert result.records[1].body.endswith(b"</gmi:MI_Metadata>")


def test_what_is_asked_is_sorted_full_and_iso():
    with serving(numbered(1)) as server:
        gathered(server.url)
    ask = server.asks[-1]
    assert (ask.elementsetname, ask.resulttype) == ("full", "results")
    assert (ask.outputschema, ask.sortby) == (GMD, "apiso:IdentifierASC")


def test_a_server_of_version_3_only_is_spoken_to_in_its_version():
    def new(ask, server):
        if ask.request == "GetCapabilities" and ask.version == "2.0.2":
            return exception("2.0.2 is history", "VersionNegotiationFailed")
        if ask.request == "GetRecords" and ask.version != "3.0.0":
            return exception("Wrong version")
        return server.honest(ask).replace(csw_server.CSW.encode(), CSW3.encode())

    with serving(numbered(12), new, most=5, csw=CSW3) as server:
        assert whole(server)
        assert "&version=2.0.2&" in gathered(server.url).records[0].url


def test_a_record_of_version_3_comes_alone_without_a_wrapper():
    def new(ask, server):
        if ask.request == "GetRecordById":
            return server.records[ask.id]
        if ask.request == "GetRecords" and not ask.is_brief:
            return server.honest(ask).replace(iso("r003"), b"")
        return None

    with serving(numbered(12), new) as server:
        assert whole(server)


@pytest.mark.parametrize("methods", [{}, {"post": None}])
def test_cql_selects_at_the_server_as_a_filter(methods):
    cql = "dc:title LIKE '%sea & ice%' AND a < 3"
    with serving(numbered(12), **methods) as server:
        assert whole(server, selection=Selection(cql=cql))
    assert "<ogc:Literal>%sea &amp; ice%</ogc:Literal>" in server.asks[-1].constraint
    assert "PropertyIsLessThan" in server.asks[-1].constraint


@pytest.mark.parametrize("methods", [{}, {"post": None}])
def test_cql_that_is_not_understood_here_is_sent_as_it_is(methods):
    cql = "DWITHIN(shape, POINT(1 2), 3, km) & a < 3"
    with serving(numbered(12), **methods) as server:
        assert whole(server, selection=Selection(cql=cql))
    assert "DWITHIN(shape, POINT(1 2), 3, km) &" in server.asks[-1].constraint
    assert "Filter" not in server.asks[-1].constraint


@pytest.mark.parametrize("methods", [{}, {"post": None}])
def test_a_box_selects_at_the_server_longitude_first(methods):
    box = Box(west=-70.5, east=-60, south=40, north=45.25)
    with serving(numbered(12), **methods) as server:
        assert whole(server, selection=Selection(box=box))
    constraint = server.asks[-1].constraint
    assert "lowerCorner>-70.5 40</" in constraint
    assert "upperCorner>-60 45.25</" in constraint
    assert "apiso:BoundingBox" in constraint


def test_cql_and_box_are_combined_in_a_filter():
    selection = Selection(cql="a = 1 OR b = 2", box=Box(-10, 10, -5, 5))
    with serving(numbered(12)) as server:
        assert whole(server, selection=selection)
    constraint = server.asks[-1].constraint
    assert "<ogc:And><ogc:Or><ogc:PropertyIsEqualTo>" in constraint
    assert "lowerCorner>-10 -5</" in constraint


def test_what_cannot_be_translated_is_left_to_the_server_with_its_box():
    selection = Selection(cql="f(a) = 1", box=Box(-10, 10, -5, 5))
    with serving(numbered(12), types=("csw:Record",)) as server:
        assert whole(server, selection=selection)
    wanted = "(f(a) = 1) AND BBOX(ows:BoundingBox, -10, -5, 10, 5)"
    assert wanted in server.asks[-1].constraint


def test_a_server_that_takes_cql_only_gets_it():
    odd = refusing(lambda ask: "Filter" in ask.constraint)
    with serving(numbered(12), odd) as server:
        assert whole(server, selection=Selection(cql="a LIKE '%x%'"))
    assert "a LIKE '%x%'" in server.asks[-1].constraint


def test_a_filter_that_the_server_refuses_is_to_be_corrected():
    odd = refusing(lambda ask: ask.constraint, exception("Invalid CQL: no such field"))
    with serving(numbered(12), odd) as server:
        result = gathered(server.url, selection=Selection(cql="oops = 1"))
    assert result.records == []
    assert "refused the source's filter: Invalid CQL: no such field" in result.error
    assert "Correct the filter" in result.error


def test_a_server_that_refuses_everything_is_not_blamed_on_the_filter():
    odd = refusing(lambda _: True, exception("Closed on Mondays"))
    with serving(numbered(12), odd) as server:
        result = gathered(server.url, selection=Selection(cql="a = 1"))
    assert "Closed on Mondays" in result.error
    assert "filter" not in result.error


def test_a_filter_that_selects_nothing_is_to_be_corrected():
    with serving({}) as server:
        result = gathered(server.url, selection=Selection(cql="a = 1"))
    assert "no record that the source's filter selects" in result.error


def test_what_people_paste_is_cleaned_and_the_rest_kept():
    pasted = "?map=/srv/csw.map&SERVICE=CSW&Request=GetCapabilities&version=2.0.2"
    with serving(numbered(12), get=None, post=None, most=5) as server:
        result = gathered(f"{server.url}{pasted}")
    assert len(result.records) == 12
    home = f"{server.url}?map=/srv/csw.map&service=CSW&version=2.0.2"
    assert result.records[0].url.startswith(f"{home}&request=GetRecordById&id=r001&")


def test_the_address_that_the_capabilities_name_is_taken_on_the_same_host():
    with serving(numbered(12), most=5) as server:
        server.said |= {"post": server.url + "/publication?"}
        assert whole(server)
    assert {ask.path for ask in server.asks} == {"/csw", "/csw/publication"}


def test_a_service_that_moved_to_https_is_asked_there():
    page = Page(
        "https://x/csw?a=b", "", io.BytesIO(csw_server.capabilities("http://x/csw"))
    )
    says = csw_capabilities.read(page, "http://x/csw")
    assert (says.get, says.post, says.elsewhere) == (*("https://x/csw",) * 2, "")


def test_an_address_on_another_host_is_not_asked_and_is_named_where_it_matters():
    inside = "http://csw.internal:8080/csw"
    with serving(numbered(12), get=inside, post=inside, most=5) as server:
        assert whole(server)
        server.odd = on_pages(lambda *_: (404, b""))
        result = gathered(server.url)
    assert f"Its capabilities name {inside}, which was not asked" in result.error


def test_credentials_go_to_the_given_host_only():
    with serving(numbered(12)) as other, serving(numbered(12), most=5) as server:
        server.said |= {"get": other.url, "post": other.url}
        access = Access(server.url, username="ann", password="secret")
        values = {name: getattr(POLICY, name) for name in POLICY.__slots__}
        gathered(server.url, FetchPolicy(**{**values, "access": access}))
    assert other.asks == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"<html><body>Welcome</body></html>", "a web page (HTML)"),
        (b"<rss/>", "a document <rss> instead"),
        (b"", "an empty answer"),
        (b"hello", "something that is not XML"),
        (b"<csw:Capabilities xmlns:csw='http://www.opengis.net/cat/csw/2.0.2'>", "cut"),
        (exception("No service today"), "No service today"),
        ((500, b""), "500"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_address_that_is_no_catalogue_service_is_told(answer, said):
    with serving({}, lambda *_: answer) as server:
        result = gathered(server.url)
    assert said in result.error
    assert "did not answer with the capabilities" in result.error


def test_capabilities_that_are_not_there_are_told_with_the_status():
    with serving({}, lambda *_: (404, b"")) as server:
        result = gathered(server.url)
    assert "404" in result.error
    assert len(server.asks) == 1
