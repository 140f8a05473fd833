"""The central WAF over HTTP."""

import datetime as dt
import os
import threading

import pytest
import requests

from harvests import conf
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.types import Plan

pytestmark = pytest.mark.django_db

BODY = b"<gmd:MD_Metadata/>" * 10
WHEN = dt.datetime(2025, 10, 2, 11, 47, 33, tzinfo=dt.UTC)


@pytest.fixture
def published(folder):
    """Three records, one with an odd name, and things that are no records."""
    for name in ("a.xml", "b c.xml", "é&<x>.xml"):
        folder.stage(name, BODY)
    folder.commit()
    for name in folder.names():
        os.utime(folder.path_of(name), (WHEN.timestamp(), WHEN.timestamp()))
    (folder.path / ".tmp-1").write_bytes(b"half")
    (folder.path / "notes.txt").write_text("not a record")
    (conf.store().root / ".trash" / "Ocean Institute").mkdir(parents=True)
    return folder


@pytest.fixture
def url(published):
    return "/waf/Ocean%20Institute/"


def text(response) -> str:
    return b"".join(response.streaming_content).decode()


def test_the_root_lists_organizations_and_nothing_hidden(client, published):
    page = text(client.get("/waf/"))
    assert 'href="Ocean%20Institute/"' in page
    assert "trash" not in page


def test_the_index_lists_records_with_nginx_dates(client, url):
    page = text(client.get(url))
    assert '<a href="a.xml">a.xml</a>' in page
    assert "02-Oct-2025 11:47" in page
    assert "é&amp;&lt;x&gt;.xml" in page
    assert ".tmp" not in page
    assert "notes" not in page


def test_an_empty_central_waf_is_an_empty_page(client):
    page = text(client.get("/waf/"))
    assert page.count("href") == page.count('href="/about/?"') == 1


def test_a_record_has_length_date_and_tag(client, url):
    response = client.get(f"{url}a.xml")
    assert b"".join(response.streaming_content) == BODY
    assert response["Content-Length"] == str(len(BODY))
    assert response["Last-Modified"] == "Thu, 02 Oct 2025 11:47:33 GMT"
    assert response["Content-Type"] == "text/xml; charset=utf-8"


def test_what_did_not_change_is_not_sent_again(client, url):
    first = client.get(f"{url}a.xml")
    first.close()
    for header in (
        {"If-None-Match": first["ETag"]},
        {"If-Modified-Since": first["Last-Modified"]},
    ):
        assert client.get(f"{url}a.xml", headers=header).status_code == 304


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        pytest.param("bytes=0-3", 206, BODY[:4], id="first"),
        pytest.param("bytes=4-", 206, BODY[4:], id="rest"),
        pytest.param("bytes=-5", 206, BODY[-5:], id="last"),
        pytest.param("bytes=0-99999", 206, BODY, id="too-far"),
        pytest.param("bytes=99999-", 416, b"", id="beyond"),
        pytest.param("bytes=-0", 416, b"", id="nothing"),
        pytest.param("bytes=5-2", 200, BODY, id="backwards"),
        pytest.param("bytes=0-1,4-5", 200, BODY, id="several"),
        pytest.param("bytes=-", 200, BODY, id="empty"),
        pytest.param("lines=1-2", 200, BODY, id="other-unit"),
    ],
)
def test_ranges(client, url, asked, status, expected):
    response = client.get(f"{url}a.xml", headers={"Range": asked})
    assert (response.status_code, response.getvalue()) == (status, expected)


def test_what_is_no_request_is_no_error(client, url, published):
    headers = {"Range": f"bytes={'9' * 5000}-"}
    response = client.get(f"{url}a.xml", headers=headers)
    assert (response.status_code, response.getvalue()) == (200, BODY)
    assert client.get(f"{url}%00.xml").status_code == 404


def test_a_name_that_is_no_text_does_not_cut_the_index(client, url, published):
    (published.path / b"\xff.xml".decode("utf-8", "surrogateescape")).touch()
    (published.path / "line\nbreak.xml").touch()
    page = text(client.get(url))
    assert page.count(".xml</a>") == 3
    assert page.endswith("</html>\n")


def test_a_range_of_another_version_is_ignored(client, url):
    headers = {"Range": "bytes=0-3", "If-Range": '"another"'}
    response = client.get(f"{url}a.xml", headers=headers)
    assert (response.status_code, response.getvalue()) == (200, BODY)


def test_head_sends_headers_only(client, url):
    response = client.head(f"{url}a.xml")
    assert response["Content-Length"] == str(len(BODY))
    response.close()


@pytest.mark.parametrize(
    "path",
    [
        *("nobody/", "nobody/a.xml", "Ocean%20Institute/nothing.xml"),
        *("Ocean%20Institute/notes.txt", "Ocean%20Institute/.tmp-1"),
        *(".trash/", "%2e%2e/", "Ocean%20Institute/%2e%2e%2fsettings.xml"),
        *(".trash/Ocean%20Institute/x.xml", "Ocean%20Institute/.hidden.xml"),
    ],
)
def test_nothing_else_is_served(client, published, path):
    assert client.get(f"/waf/{path}").status_code == 404


def test_a_browser_gets_its_icon(client):
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/static/harvests/favicon.svg",
    )


def test_it_is_read_only(client, url):
    for method in (client.post, client.put, client.delete):
        assert method(f"{url}a.xml").status_code == 405


def test_our_own_gather_reads_back_what_is_in_the_store(live_server, published):
    fetcher = conf.fetcher(threading.Event())
    url = f"{live_server.url}/waf/Ocean%20Institute/"
    found = list(SOURCES["WAF"].gather(Plan("WAF", url), fetcher))
    fetcher.close()
    names = {requests.utils.unquote(record.url.rsplit("/", 1)[1]) for record in found}
    assert names == set(published.names())
    assert {r.modified for r in found} == {dt.datetime(2025, 10, 2, 11, 47)}
    assert {r.size for r in found} == {len(BODY)}


def test_the_whole_central_waf_is_found_from_its_root(live_server, published):
    fetcher = conf.fetcher(threading.Event())
    url = f"{live_server.url}/waf/"
    found = list(SOURCES["WAF"].gather(Plan("WAF", url), fetcher))
    fetcher.close()
    assert len(found) == 3
