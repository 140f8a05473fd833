"""What a pasted address leads to, asked of real servers."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from harvests.pipeline.detection import Detection, detect
from harvests.pipeline.errors import DetectionError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.sources import SOURCES, Kind
from harvests.pipeline.types import FetchPolicy, Recognition, Sample
from tests import misbehaving
from tests.behaviours import Exchange, behaviour
from tests.certificates import Authority
from tests.folders import add_records, record
from tests.pipeline.folders_site import Answer, Site, running

POLICY = FetchPolicy(allow_networks=("127.0.0.0/8",), retries=0, connect_timeout=1)
LATER = "20991231235959Z"


@behaviour
def listing(exchange: Exchange) -> None:
    """A folder with one record."""
    page = b'<title>Index of /listing/</title><a href="a.xml">a.xml</a>'
    exchange.answer(200, "Content-Type: text/html", "Server: \x1b[2JIIS", body=page)


@behaviour
def hangs_but_here(exchange: Exchange) -> None:
    """Answers at this address only: a page that is no source."""
    if exchange.arguments:
        exchange.stop.wait()
    exchange.answer(200, "Content-Type: text/html", body=b"<p>Welcome")


@pytest.fixture
def web() -> Iterator[Site]:
    with running() as site:
        yield site


def look(
    pasted: str, *, seconds: float = 20, total_timeout: float = 0, **limits
) -> Detection:
    stop = threading.Event()
    patience = total_timeout or seconds * 0.8
    fetcher = Fetcher(replace(POLICY, total_timeout=patience), stop=stop)
    try:
        return detect(pasted, fetcher, stop=stop, seconds=seconds, **limits)
    finally:
        fetcher.close()


def refusal(pasted: str, **limits) -> DetectionError:
    with pytest.raises(DetectionError) as caught:
        look(pasted, **limits)
    return caught.value


def test_a_folder_of_a_real_server_is_told_with_reason_and_server(site):
    path, url = site
    add_records(path, 3)
    found = look(url)
    assert (found.kind, found.url, found.software) == ("WAF", url, "nginx")
    assert found.server.startswith("nginx/")
    assert found.reason == "the page lists 3 records and 0 folders at its start"
    ((asked, came),) = found.tried
    assert (asked, came) == (url, f"{SOURCES['WAF'].label}: {found.reason}")


def test_a_folder_that_lost_its_slash_gets_it_back_from_the_server(site):
    path, url = site
    add_records(path / "waf", 3)
    assert look(f"{url}waf").url == f"{url}waf/"


def test_a_folder_gets_its_slash_though_the_server_does_not_mind(web):
    web.folder("/waf/", "a.xml")
    web.answers["/waf"] = Answer('<title>Index of</title><a href="/waf/a.xml">')
    assert look(web.url("/waf")).url == web.url("/waf/")


def test_a_folder_that_answers_only_without_its_slash_is_taken_as_it_is(web):
    web.answers["/waf"] = Answer('<title>Index of</title><a href="/waf/a.xml">')
    assert look(web.url("/waf")).url == web.url("/waf")


def test_a_folder_that_answers_only_with_its_slash_is_found(web):
    web.folder("/waf/", "a.xml")
    assert look(web.url("/waf")).url == web.url("/waf/")


def test_the_index_page_of_a_folder_is_the_folder(web):
    web.folder("/waf/", "a.xml")
    web.answers["/waf/index.html"] = web.answers["/waf/"]
    assert look(web.url("/waf/index.html")).url == web.url("/waf/")


def test_an_index_page_whose_folder_is_closed_is_taken_as_it_is(web):
    web.folder("/waf/index.html", "a.xml")
    web.answers["/waf/"] = Answer("", status=403)
    found = look(web.url("/waf/index.html"))
    assert found.url == web.url("/waf/index.html")
    assert [url for url, _ in found.tried] == [web.url("/waf/"), found.url]


def test_http_is_found_where_https_was_given(web):
    web.folder("/waf/", "a.xml")
    found = look(web.url().replace("http:", "https:"))
    assert found.url == web.url()
    assert "by http, because by https it is not to be had" in found.reason


def test_http_is_found_where_no_scheme_was_given(web):
    web.folder("/waf/", "a.xml")
    assert look(web.url().removeprefix("http://")).url == web.url()


def test_https_is_found_where_http_was_given(tmp_path, monkeypatch):
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    context = authority.sign("good", "127.0.0.1", until=LATER)
    with misbehaving.server(context) as server:
        found = look(server.url("listing/").replace("https:", "http:"))
        assert (found.url, found.server) == (server.url("listing/"), "[2JIIS")
    assert "by https, because by http it is not to be had" in found.reason


def test_a_redirect_elsewhere_is_followed_and_told(web):
    with misbehaving.server() as other:
        target = other.url("listing/", host="localhost")
        web.redirect("/waf/", target)
        found = look(web.url())
    assert found.url == target
    assert f"{web.url()} redirects to {target}" in found.reason


def test_a_page_of_folders_is_a_source_if_one_of_them_is_a_listing(web):
    web.answers["/"] = Answer('<a href="about/">About</a> <a href="waf/">Data</a>')
    web.answers["/about/"] = Answer("<p>About us")
    web.folder("/waf/", "a.xml")
    found = look(web.url("/"))
    assert (found.kind, found.url) == ("WAF", web.url("/"))
    assert f"one of them, {web.url('/waf/')}, is a listing" in found.reason


def test_a_web_site_is_no_source_for_all_its_links(web):
    web.answers["/"] = Answer('<title>Us</title><a href="about/">About</a>')
    web.answers["/about/"] = Answer('<a href="team/">Team</a>')
    error = refusal(web.url("/"))
    assert str(error).startswith(f"Found nothing to harvest at {web.url('/')}: ")
    assert (web.url("/about/"), "Web accessible folder") in [
        (url, came.partition(":")[0]) for url, came in error.tried
    ]


def test_an_empty_listing_of_a_server_is_a_source(web):
    web.folder("/waf/", "sub/")
    assert look(web.url()).kind == "WAF"


def test_never_more_requests_than_allowed(web):
    web.answers["/"] = Answer("<p>Welcome")
    error = refusal(web.url("/"), requests=2)
    assert len(web.asked) == len(error.tried) == 2


def test_a_page_that_is_no_source_is_described(web):
    web.answers["/"] = Answer("<title>Sign in</title>")
    error = refusal(web.url("/"), requests=1)
    assert error.tried[0][1] == "a page titled “Sign in” (text/html) that is no source"
    assert str(error) == (
        f"Found nothing to harvest at {web.url('/')}: {error.tried[0][1]}. "
        "Give the address of a folder, catalogue or record."
    )


def test_a_dead_host_is_asked_once_by_each_scheme():
    with misbehaving.closed_port() as port:
        error = refusal(f"http://127.0.0.1:{port}/waf/")
    assert [url[:5] for url, _ in error.tried] == ["http:", "https"]
    assert "refused the connection" in str(error)
    assert "1 more address nearby led to nothing" in str(error)


def test_a_host_that_stops_answering_is_left_alone():
    with misbehaving.server() as server:
        error = refusal(server.url("hangs-but-here"), seconds=20, total_timeout=0.5)
    missed = [url for url, came in error.tried if "not complete after" in came]
    assert len(missed) == 2


@pytest.mark.parametrize("behaviour", ["hang", "drip", "trickle"])
def test_a_page_that_never_comes_ends_the_search_in_time(behaviour):
    with misbehaving.server() as server:
        started = time.monotonic()
        error = refusal(server.url(behaviour), seconds=1.2)
        assert time.monotonic() - started < 4
    assert "The search was ended after 1.2 seconds." in str(error)
    assert error.tried[-1][1] == "no answer in time"


def test_what_is_no_address_is_refused_without_a_request():
    error = refusal("me@example.org")
    assert (error.tried, error.url) == ((), "")


def test_a_private_address_is_refused():
    error = refusal("http://10.0.0.1/waf/")
    assert "ALLOW_PRIVATE_NETWORKS" in str(error)


def test_the_fetcher_s_own_stop_is_not_needed(web):
    web.folder("/waf/", "a.xml")
    assert detect(web.url(), Fetcher(POLICY)).kind == "WAF"


@pytest.fixture
def documents(monkeypatch) -> None:
    """The kind of single records, as long as there is none."""

    def recognise(sample: Sample) -> Recognition | None:
        is_record = sample.root.endswith("}MD_Metadata")
        return Recognition("it is a record", sample.url) if is_record else None

    if "DOCUMENT" not in SOURCES:
        kind = Kind("One record", SOURCES["WAF"].gather, recognise)
        monkeypatch.setitem(SOURCES, "DOCUMENT", kind)


@pytest.mark.usefixtures("documents")
def test_a_record_in_a_folder_is_told_with_its_folder(web):
    web.answers["/waf/a.xml"] = Answer(record("a").decode(), "application/xml")
    web.folder("/waf/", "a.xml", "b.xml", "c/")
    found = look(web.url("/waf/a.xml"))
    assert (found.kind, found.url) == ("DOCUMENT", web.url("/waf/a.xml"))
    assert f"; its folder {web.url('/waf/')} lists 2 records" in found.reason
    assert (web.url("/waf/"), "a page that lists 2 records") in found.tried


@pytest.mark.usefixtures("documents")
def test_a_record_alone_is_not_told_of_its_folder(web):
    for path in ("/a/x.xml", "/b/x.xml"):
        web.answers[path] = Answer(record("a").decode(), "application/xml")
    web.folder("/b/", "x.xml")
    reasons = [look(web.url(path)).reason for path in ("/a/x.xml", "/b/x.xml")]
    assert "folder" not in "".join(reasons)


CAPABILITIES = """<csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"
 xmlns:ows="http://www.opengis.net/ows" version="2.0.2"/>"""
QUERY = "service=CSW&request=GetCapabilities&version=2.0.2"


def test_the_capabilities_of_a_catalogue_lead_to_its_address(web):
    web.answers[f"/c?map=x&{QUERY}"] = Answer(CAPABILITIES, "text/xml")
    found = look(web.url(f"/c?map=x&{QUERY}"))
    assert (found.kind, found.url) == ("CSW", web.url("/c?map=x"))
    assert found.tried[0][1].startswith("Catalogue service (CSW): it gives the capab")


def test_a_catalogue_is_found_at_its_bare_address(web):
    web.answers["/x/endpoint"] = Answer("<p>Use GetCapabilities")
    web.answers[f"/x/endpoint?{QUERY}"] = Answer(CAPABILITIES, "text/xml")
    found = look(web.url("/x/endpoint"))
    assert (found.kind, found.url) == ("CSW", web.url("/x/endpoint"))


def test_a_catalogue_is_found_behind_the_portal_s_front_page(web):
    web.answers["/"] = Answer('<title>Portal</title><a href="about/">About</a>')
    web.answers[f"/csw?{QUERY}"] = Answer(CAPABILITIES, "text/xml")
    found = look(web.url("/"))
    assert (found.kind, found.url) == ("CSW", web.url("/csw"))
    assert f"found at a usual place near {web.url('/')}" in found.reason


@pytest.mark.parametrize("path", ["/erddap", "/erddap/index.html", "/erddap/info/"])
def test_the_folder_of_an_erddap_is_found_from_its_pages(web, path):
    page = "<title>ERDDAP - Home Page</title><p>ERDDAP, Version 2.23"
    web.answers["/erddap/index.html"] = web.answers["/erddap/info/"] = Answer(page)
    web.redirect("/erddap", "/erddap/index.html")
    web.redirect("/erddap/", "/erddap/index.html")
    found = look(web.url(path))
    assert (found.kind, found.software) == ("ERDDAP-WAF", "ERDDAP 2.23")
    assert found.url == web.url("/erddap/metadata/iso19115/xml/")


@pytest.mark.parametrize("status", [401, 403])
def test_an_address_that_wants_a_login_is_told_and_nothing_else_tried(status):
    with misbehaving.server() as server:
        error = refusal(server.url(f"status/{status}"))
    assert f"the server answered {status}" in str(error)
    assert len(error.tried) == 2  # with its slash, too
