"""Sources that name their records one by one: sitemaps and texts."""

import datetime as dt
import gzip
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvests.pipeline.detection import detect
from harvests.pipeline.errors import GatherError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.sources import url_list
from harvests.pipeline.types import GatherLimits, RemoteRecord, Sample
from tests import misbehaving
from tests.behaviours import Exchange
from tests.conftest import CORPUS
from tests.folders import record
from tests.pipeline.gathered import POLICY, Gathered, Run, gathered

SAMPLE = (Path(__file__).parent.parent / "data" / "sitemap.xml").read_bytes()
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@pytest.fixture
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.server() as server:
        yield server


def serve(
    server: misbehaving.Server, body: bytes | str, path: str = "/list", kind: str = ""
) -> None:
    data = body.encode() if isinstance(body, str) else body

    def answer(exchange: Exchange) -> None:
        exchange.answer(200, *([f"Content-Type: {kind}"] * bool(kind)), body=data)

    server.at[path] = answer


def of(server: misbehaving.Server, body: bytes | str, kind: str = "") -> Gathered:
    serve(server, body, kind=kind)
    return gathered("URL-LIST", server.url("list"))


def urls(found: Gathered) -> list[str]:
    return [record.url for record in found.records]


def index(*paths: str) -> str:
    inside = "".join(f"<sitemap><loc>{path}</loc></sitemap>" for path in paths)
    return f"<sitemapindex {NS}>{inside}</sitemapindex>"


def sitemap(*paths: str) -> str:
    inside = "".join(f"<url><loc>{path}</loc></url>" for path in paths)
    return f"<urlset {NS}>{inside}</urlset>"


def test_a_sitemap_yields_what_can_be_a_record_on_any_host(server):
    found = of(server, SAMPLE, "application/xml")
    assert found.error == ""
    assert urls(found) == [
        "https://data.example.org/waf/buoy.xml",
        "https://other.example.org/api/records/4711/formatters/xml",
        "https://data.example.org/csw?request=GetRecordById&id=1",
        server.url("waf/two words.XML"),
    ]
    dates = [record.modified for record in found.records]
    first = dt.datetime(2025, 10, 2, 11, 47, 33)
    assert dates == [first, dt.datetime(2025, 10, 2), None, None]


def test_a_record_is_named_by_its_address(server):
    url = "https://data.example.org/a.xml"
    name = hashlib.sha1(url.encode()).hexdigest() + ".xml"
    assert of(server, url).records == [RemoteRecord(url, name)]


@pytest.mark.parametrize("kind", ["text/plain", "text/plain; charset=latin-1", ""])
def test_a_text_yields_every_line_that_is_no_comment(server, kind):
    text = "\ufeff# Ours\r\nhttps://a.example.org/1\r\n\r\n  http://b.org/é.xml \r\n"
    text += "/waf/2.xml\n./3\nrec 4.xml?v=1\n#http://c.org/5.xml"
    found = of(server, text, kind)
    assert found.error == ""
    below = [server.url(name) for name in ("waf/2.xml", "3", "rec 4.xml?v=1")]
    assert urls(found) == ["https://a.example.org/1", "http://b.org/é.xml", *below]


def test_a_text_in_another_encoding_is_read_too(server):
    assert urls(of(server, "http://h/é.xml".encode("latin-1"))) == ["http://h/é.xml"]


def test_lines_that_are_no_address_are_told_after_the_rest(server):
    wrong = ["hello", "ftp://h/a.xml", "http://", "http://[h/a.xml", "C:\\a.xml", "x"]
    found = of(server, "\n".join(["http://h/1.xml", *wrong, "http://h/2.xml"]))
    assert urls(found) == ["http://h/1.xml", "http://h/2.xml"]
    assert found.error == (
        f"{server.url('list')} names what is no web address: line 2 “hello”, line 3 "
        "“ftp://h/a.xml”, line 4 “http://”, line 5 “http://[h/a.xml”, line 6 "
        "“C:\\a.xml” and 1 more. Correct that, or take it out."
    )


def test_what_is_no_address_in_a_sitemap_is_told_after_the_rest(server):
    found = of(server, sitemap("http://h/1.xml", "oops", "http://h/2.xml"))
    assert urls(found) == ["http://h/1.xml", "http://h/2.xml"]
    assert "names what is no web address: “oops”. Correct" in found.error


def test_an_index_leads_to_sitemaps_packed_or_not_on_any_host(server):
    other = server.url("c.xml", host="localhost")
    serve(server, sitemap("http://h/a.xml"), "/a.xml")
    serve(server, gzip.compress(sitemap("http://h/b.xml").encode()), "/b.xml.gz")
    serve(server, sitemap("http://h/c.xml"), "/c.xml")
    found = of(server, index("a.xml", "/b.xml.gz", other, "/list"))
    assert found.error == ""
    assert urls(found) == [f"http://h/{name}.xml" for name in "abc"]


def test_a_sitemap_that_fails_does_not_hide_the_others(server):
    serve(server, sitemap("http://h/a.xml"), "/a.xml")
    found = of(server, index("/status/404", "/a.xml"))
    assert urls(found) == ["http://h/a.xml"]
    assert found.error.startswith("1 list was not read: ")
    assert "404" in found.error


@pytest.mark.parametrize(
    ("body", "kind", "came"),
    [
        ("<title>Sign in</title>", "text/html", "a page titled “Sign in” (text/html)"),
        ("", "text/plain", "an empty page (text/plain)"),
        ("<feed/>", "text/xml", "an XML document <feed> (text/xml)"),
        (b"\x89PNG\0\0", "image/png", "a page (image/png)"),
    ],
    ids=["html", "empty", "other xml", "binary"],
)
def test_what_is_no_list_is_named_for_what_it_is(server, body, kind, came):
    assert of(server, body, kind).error == (
        f"{server.url('list')} should be a sitemap or a text with one URL per line, "
        f"but {came} came: give the address of the list itself."
    )


def test_half_a_sitemap_yields_its_records_and_an_error(server):
    found = of(server, sitemap("http://h/a.xml", "http://h/b.xml")[:-40])
    assert urls(found) == ["http://h/a.xml"]
    assert "is not well-formed XML" in found.error


@pytest.mark.parametrize(
    "damage",
    [
        lambda packed: packed[:40],
        lambda packed: packed[:-60],
        lambda packed: packed[:60] + bytes(60) + packed[120:],
        lambda packed: b"\x1f\x8b" + b"x" * 90,
        lambda packed: packed + b"rest",
    ],
    ids=["beginning", "cut", "damaged", "none", "more behind"],
)
def test_gzip_that_is_none_is_an_error(server, damage):
    packed = gzip.compress(sitemap(*(f"http://h/{n}.xml" for n in range(99))).encode())
    assert "is gzip that breaks off or is damaged" in of(server, damage(packed)).error


def test_a_sitemap_that_comes_as_gzip_is_told_when_it_is_broken(server):
    found = of(server, gzip.compress(sitemap("http://h/a.xml")[:-9].encode()))
    assert urls(found) == ["http://h/a.xml"]
    assert "is not well-formed XML" in found.error


def test_gzip_that_breaks_off_at_its_end_yields_all_and_an_error(server):
    digests = (hashlib.sha1(bytes([n % 256, n // 256])) for n in range(30_000))
    text = "".join(f"http://h/{digest.hexdigest()}.xml\n" for digest in digests)
    found = of(server, gzip.compress(text.encode())[:-8])
    assert len(found.records) == 30_000
    assert "is gzip that breaks off or is damaged" in found.error


def test_gzip_that_unpacks_to_too_much_is_an_error(server, monkeypatch):
    monkeypatch.setattr(url_list, "_UNPACKED", 100_000)
    found = of(server, gzip.compress(b"http://h/a.xml\n" * 100_000))
    assert "unpacks to more than 100,000 bytes" in found.error


def test_a_line_without_end_is_an_error(server):
    found = of(server, "http://h/a.xml\nhttp://h/" + "x" * 8_000)
    assert urls(found) == ["http://h/a.xml"]
    assert "Line 2 of" in found.error


@pytest.mark.parametrize(
    "body", ["# nothing yet\n", sitemap("http://h/a.html"), index()]
)
def test_a_list_without_records_is_an_error(server, body):
    assert of(server, body).error.startswith(f"{server.url('list')} names no record")


def test_sitemaps_below_the_depth_are_told(server):
    serve(server, index("/deep"), "/below")
    serve(server, index("/below"))
    found = gathered("URL-LIST", server.url("list"), GatherLimits(depth=1))
    assert found.error.startswith("1 list was not read, first ")


def test_a_list_is_harvested_and_what_it_no_longer_names_is_removed(server, tmp_path):
    for name in "abc":
        serve(server, record(name), f"/{name}.xml", "text/xml")
    run = Run("URL-LIST", server.url("list"), tmp_path / "waf")
    serve(server, "a.xml\nb.xml\nc.xml\n")
    assert run() == {"added": 3}
    serve(server, "a.xml\noops\nc.xml\n")
    with pytest.raises(GatherError, match="no web address: line 2 “oops”"):
        run()
    serve(server, "a.xml\nc.xml\n")
    assert run() == {"unchanged": 2, "removed": 1}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (sitemap(), "it is a sitemap"),
        (gzip.compress(sitemap().encode()), "it is a sitemap"),
        (index(), "it is an index of sitemaps"),
        (
            "# Ours\nhttp://h/1\n\nhttps://h/2\nhtt",
            "it is a text with one URL per line",
        ),
        ("\ufeffhttp://h/1.xml", "it is a text with one URL per line"),
    ],
)
def test_a_list_is_recognised(server, body, reason):
    serve(server, body)
    stop = threading.Event()
    fetcher = Fetcher(POLICY, stop=stop)
    found = detect(server.url("list"), fetcher, stop=stop)
    fetcher.close()
    assert (found.kind, found.url) == ("URL-LIST", server.url("list"))
    assert reason in found.reason


@pytest.mark.parametrize(
    "head", [b"", b"# only words", b"See http://h/", b"\x1f\x8bno", b"<p>http://h/\n"]
)
def test_other_pages_are_not_taken_for_lists(head):
    assert url_list.recognise(Sample("http://h/a", "text/plain", "", head)) is None


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not at hand")
def test_the_cut_sitemap_of_the_corpus_is_an_error(server):
    body = (CORPUS / "other/erddap/sitemap-truncated.xml").read_bytes()
    assert "is not well-formed XML" in of(server, body).error


def test_a_login_in_a_list_is_left_out(server):
    text = "http://bob:secret@example.org/a.xml\n//bob:secret@example.org/b.xml\n"
    sitemap = (
        f"<urlset {NS}><url><loc>http://b:s@example.org/a.xml</loc></url></urlset>"
    )
    assert [url.rpartition("/")[0] for url in urls(of(server, text))] == [
        "http://example.org"
    ] * len(urls(of(server, text)))
    assert urls(of(server, sitemap)) == ["http://example.org/a.xml"]
