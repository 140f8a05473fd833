"""Fetching when all is well, against a real server."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.types import Request, Response
from tests import misbehaving
from tests.behaviours import DOCUMENT, ETAG, MODIFIED
from tests.pipeline.fetching import POLICY, fetch, fetch_all, fetcher, finish


@pytest.fixture
def site() -> Iterator[misbehaving.Server]:
    with misbehaving.server() as running:
        yield running


def test_a_document_comes_with_its_type_and_tags(site: misbehaving.Server) -> None:
    assert fetch(site.url("a.xml")) == Response(
        url=site.url("a.xml"),
        status=200,
        body=DOCUMENT,
        content_type="application/xml",
        etag=ETAG,
        last_modified=MODIFIED,
    )


@pytest.mark.parametrize("path", ["bare", "chatty", "odd-status?HTTP/1.1+200OK"])
def test_an_answer_may_be_oddly_dressed(site: misbehaving.Server, path: str) -> None:
    answer = fetch(site.url(path))
    assert answer.body in (DOCUMENT, b"<a/>")
    assert answer.etag in ("", ETAG)


@pytest.mark.parametrize(
    "way", ["gzip", "deflate", "raw", "two-parts", "charset"], ids=str
)
def test_a_compressed_document_is_unpacked(site: misbehaving.Server, way: str) -> None:
    assert fetch(site.url(f"packed/{way}")).body == DOCUMENT


def test_we_say_who_we_are_and_what_we_take(site: misbehaving.Server) -> None:
    fetch(site.url("a.xml"), user_agent="Catalog/1 (+https://example.org)")
    headers = site.seen[0].headers
    assert headers["user-agent"] == "Catalog/1 (+https://example.org)"
    assert headers["accept"].startswith("application/xml")
    assert headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    "tags", [{"etag": ETAG}, {"last_modified": MODIFIED}], ids=["etag", "date"]
)
def test_a_known_document_is_unchanged(
    site: misbehaving.Server, tags: dict[str, str]
) -> None:
    request = Request(site.url("a.xml"), **tags)
    with fetcher().batch() as batch:
        batch.add(request)
        answer = finish(batch)[request.url]
    expected = Response(url=request.url, status=304, **tags)
    assert answer == expected


def test_conditions_do_not_stick_to_a_connection(site: misbehaving.Server) -> None:
    with fetcher(connections_per_host=1).batch() as batch:
        batch.add(Request(site.url("a.xml"), etag=ETAG))
        batch.add(Request(site.url("b.xml")))
        answers = finish(batch)
    assert [answer.status for answer in answers.values()] == [304, 200]


def test_a_tag_never_smuggles_in_a_header(site: misbehaving.Server) -> None:
    with fetcher().batch() as batch:
        batch.add(
            Request(site.url("a.xml"), etag='"x"\r\nCookie: a', last_modified="é")
        )
        finish(batch)
    assert "cookie" not in site.seen[0].headers
    assert site.seen[0].headers["if-modified-since"] == "é"


def test_connections_are_reused_and_bounded(site: misbehaving.Server) -> None:
    urls = [site.url(f"slow/0.01/{number}") for number in range(40)]
    answers = fetch_all(fetcher(connections_per_host=3), urls)
    assert set(answers) == set(urls)
    assert site.most_at_once == site.connections == 3


def test_two_batches_share_the_connections(site: misbehaving.Server) -> None:
    door = fetcher(connections_per_host=4)
    with door.batch() as one, door.batch() as other:
        for number in range(10):
            one.add(Request(site.url(f"slow/0.02/{number}")))
            other.add(Request(site.url(f"slow/0.02/1{number}")))
        while len(one) or len(other):
            one.poll(0.01)
            other.poll(0.01)
    assert site.most_at_once == 4


def test_a_slow_host_does_not_hold_up_another(site: misbehaving.Server) -> None:
    quick = [site.url(str(number)) for number in range(20)]
    with misbehaving.server() as slow, fetcher(connections_per_host=2).batch() as batch:
        for url in [slow.url(f"slow/0.05/{number}") for number in range(20)] + quick:
            batch.add(Request(url))
        first: list[str] = []
        while len(first) < 20:
            first += [request.url for request, _ in batch.poll(1)]
    assert len(set(first) & set(quick)) > 15


def test_no_more_than_four_hosts_are_asked_at_once() -> None:
    with ExitStack() as stack:
        sites = [stack.enter_context(misbehaving.server()) for _ in range(6)]
        batch = stack.enter_context(fetcher(connections_per_host=1).batch())
        for site in sites:
            batch.add(Request(site.url("slow/0.3")))
        batch.poll(0.15)
        assert sum(len(site.seen) for site in sites) == 4


def test_a_batch_counts_what_it_has_not_returned(site: misbehaving.Server) -> None:
    with fetcher().batch() as batch:
        assert batch.poll(1) == []
        batch.add(Request(site.url("a.xml")))
        batch.add(Request("gopher://x/"))
        assert len(batch) == 2
        finish(batch)
        assert len(batch) == 0


def test_polling_returns_when_its_time_is_up(site: misbehaving.Server) -> None:
    with fetcher().batch() as batch:
        batch.add(Request(site.url("hang")))
        start = time.monotonic()
        assert batch.poll(0.1) == []
        assert 0.09 < time.monotonic() - start < 3


def test_a_redirect_is_followed_and_told(site: misbehaving.Server) -> None:
    answer = fetch(site.url("stairs/3"))
    assert (answer.url, answer.body) == (site.url("stairs/0"), DOCUMENT)


def test_the_statistics_count_every_request(site: misbehaving.Server) -> None:
    door = fetcher()
    paths = ["a.xml", "flaky/503/1", "status/404", "slow/0.1", "empty"]
    fetch_all(door, [site.url(path) for path in paths])
    stats = door.stats
    assert stats.by_status == {200: 3, 503: 1, 404: 1, 0: 2}
    assert (stats.requests, stats.retries) == (7, 2)
    assert stats.received > 3 * len(DOCUMENT)
    assert stats.slowest[0] == site.url("slow/0.1") and stats.slowest[1] > 0.1


def test_a_page_is_open_at_its_start(site: misbehaving.Server) -> None:
    door = fetcher()
    page = door.page(site.url("size/2500000"))
    with page.file as file:
        assert file.read() == b"x" * 2_500_000
    assert page.url == site.url("size/2500000")
    assert site.seen[0].headers["accept"].startswith("text/html")
    door.close()


def test_a_page_may_be_empty(site: misbehaving.Server) -> None:
    with fetcher().page(site.url("size/0")).file as file:
        assert file.read() == b""


def test_pages_keep_their_connection(site: misbehaving.Server) -> None:
    door = fetcher()
    for _ in range(3):
        door.page(site.url("a.xml")).file.close()
    assert site.connections == 1


def test_a_page_that_fails_raises(site: misbehaving.Server) -> None:
    with pytest.raises(FetchError, match="404 Not Found") as caught:
        fetcher().page(site.url("status/404"))
    assert (caught.value.status, caught.value.url) == (404, site.url("status/404"))


def test_stopping_cuts_a_page_short(site: misbehaving.Server) -> None:
    stop = threading.Event()
    timer = threading.Timer(0.1, stop.set)
    timer.start()
    start = time.monotonic()
    with pytest.raises(FetchError, match="cancelled"):
        Fetcher(POLICY, stop=stop).page(site.url("hang"))
    assert time.monotonic() - start < 3
    timer.join()
