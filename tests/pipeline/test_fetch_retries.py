"""Trying again, waiting when asked to, giving up, and leaving nothing behind."""

import datetime as dt
import gc
import os
import threading
import time
from collections.abc import Iterator
from email.utils import format_datetime

import pytest

from harvests.pipeline.errors import FetchError
from harvests.pipeline.types import Request, Response
from tests import misbehaving
from tests.pipeline.fetching import fetch, fetch_all, fetcher, refusal


@pytest.fixture
def site() -> Iterator[misbehaving.Server]:
    with misbehaving.server() as running:
        yield running


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_trouble_is_tried_again(
    site: misbehaving.Server, status: int
) -> None:
    assert fetch(site.url(f"flaky/{status}/2"), retries=2).status == 200
    assert len(site.seen) == 3


@pytest.mark.parametrize("path", ["empty", "reset", "short", "packed/cut"])
def test_a_broken_connection_is_tried_again(
    site: misbehaving.Server, path: str
) -> None:
    assert str(refusal(site.url(path), retries=2)).endswith("(tried 3 times)")
    assert len(site.seen) == 3


@pytest.mark.parametrize("path", ["status/404", "status/403", "status/501", "bomb"])
def test_a_lasting_trouble_is_not_tried_again(
    site: misbehaving.Server, path: str
) -> None:
    error = refusal(site.url(path), retries=5, idle_timeout=30)  # a busy machine
    assert "tried" not in str(error)
    assert len(site.seen) == 1


def test_each_wait_is_longer_than_the_one_before(site: misbehaving.Server) -> None:
    start = time.monotonic()
    refusal(site.url("status/503"), retries=3, backoff=0.05)
    assert 0.35 <= time.monotonic() - start < 5


def test_another_try_starts_from_the_first_address(site: misbehaving.Server) -> None:
    assert fetch(site.url("to?/flaky/503/1")).status == 200
    assert site.targets() == ["/to?/flaky/503/1", "/flaky/503/1"] * 2


@pytest.mark.parametrize("status", [429, 503])
def test_the_others_wait_too_when_a_host_asks_for_it(
    site: misbehaving.Server, status: int
) -> None:
    door = fetcher(connections_per_host=1)
    urls = [site.url(f"busy/{status}/1"), site.url("a.xml")]
    start = time.monotonic()
    answers = fetch_all(door, urls)
    assert time.monotonic() - start >= 1
    assert all(isinstance(answer, Response) for answer in answers.values())


def test_the_wait_for_one_host_does_not_hold_up_another(
    site: misbehaving.Server,
) -> None:
    with misbehaving.server() as other, fetcher().batch() as batch:
        batch.add(Request(site.url("busy/429/5")))
        batch.poll(0.1)
        batch.add(Request(other.url("a.xml")))
        start = time.monotonic()
        assert [request.url for request, _ in batch.poll(4)] == [other.url("a.xml")]
        assert time.monotonic() - start < 4


def test_a_date_to_come_back_is_understood(site: misbehaving.Server) -> None:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    date = format_datetime(soon, usegmt=True).replace(" ", "_")
    start = time.monotonic()
    fetch(site.url(f"busy/503/{date}"), max_retry_after=5)
    assert 0.9 < time.monotonic() - start < 10


@pytest.mark.parametrize(
    "after", ["100000", "Fri,_31_Dec_2100_23:59:59_GMT", "Fri,_31_Dec_2100_23:59:59"]
)
def test_no_host_may_ask_for_too_long_a_wait(
    site: misbehaving.Server, after: str
) -> None:
    start = time.monotonic()
    fetch(site.url(f"busy/503/{after}"), max_retry_after=0.2)
    assert 0.2 <= time.monotonic() - start < 5


@pytest.mark.parametrize("after", ["soon", "-5", "Fri,_02_Oct_2020_11:47:00_GMT"])
def test_a_wait_that_makes_no_sense_is_ignored(
    site: misbehaving.Server, after: str
) -> None:
    start = time.monotonic()
    fetch(site.url(f"busy/503/{after}"))
    assert time.monotonic() - start < 3


def test_a_dead_server_is_given_up() -> None:
    with misbehaving.closed_port() as port:
        urls = [f"http://127.0.0.1:{port}/{number}" for number in range(500)]
        door = fetcher()
        errors = [str(error) for error in fetch_all(door, urls).values()]
        assert door.stats.requests < 60
        with pytest.raises(FetchError, match=f"given up, because 127.0.0.1:{port}"):
            door.page(f"http://127.0.0.1:{port}/")
    stopped = [
        error for error in errors if "stopped answering; the last of 20" in error
    ]
    assert len(stopped) > 450
    assert "refused the connection; is the server up?" in stopped[0]


def test_a_server_that_answers_now_and_then_is_not_given_up(
    site: misbehaving.Server,
) -> None:
    paths = [f"{'status/404' if n % 15 == 14 else 'empty'}?{n}" for n in range(60)]
    door = fetcher(connections_per_host=1, retries=0)
    errors = fetch_all(door, [site.url(path) for path in paths]).values()
    assert not any("stopped answering" in str(error) for error in errors)


def test_waiting_in_the_queue_is_not_idleness(site: misbehaving.Server) -> None:
    urls = [site.url(f"slow/0.3/{number}") for number in range(5)]
    door = fetcher(connections_per_host=1, total_timeout=1)
    assert all(isinstance(a, Response) for a in fetch_all(door, urls).values())


def test_closing_leaves_no_socket_and_no_thread(site: misbehaving.Server) -> None:
    gc.collect()
    files, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    door = fetcher()
    with door.batch() as batch:
        for path in ("hang", "drip", "status/503", "a.xml", "b.xml"):
            batch.add(Request(site.url(path)))
        batch.poll(0.2)
        batch.close()
        assert len(batch) == 0
    door.page(site.url("c.xml")).file.close()
    door.close()
    site.hang_up()
    while threading.active_count() > threads:
        time.sleep(0.01)
    assert len(os.listdir("/proc/self/fd")) <= files
