"""The delay between two requests to one host, whoever makes them."""

import resource
import threading
import time
from collections.abc import Iterator

import pytest

from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.fetching.hosts import Health
from harvests.pipeline.types import Request, Response
from tests import misbehaving
from tests.pipeline.fetching import fetch, fetch_all, fetcher

DELAY = 0.15


@pytest.fixture
def site() -> Iterator[misbehaving.Server]:
    with misbehaving.server() as running:
        yield running


def took(door: Fetcher, urls: list[str]) -> float:
    start = time.monotonic()
    answers = fetch_all(door, urls)
    assert all(isinstance(answer, Response) for answer in answers.values()), answers
    return time.monotonic() - start


def urls(site: misbehaving.Server, number: int, path: str = "") -> list[str]:
    return [site.url(f"{path}{count}") for count in range(number)]


def test_requests_to_a_host_start_one_by_one(site: misbehaving.Server) -> None:
    assert took(fetcher(delay=DELAY), urls(site, 5)) >= 4 * DELAY


def test_a_slow_answer_does_not_hold_up_the_next(site: misbehaving.Server) -> None:
    assert took(fetcher(delay=0.05), urls(site, 6, "slow/0.5/")) < 2
    assert site.most_at_once > 1


def test_without_a_delay_nobody_waits(site: misbehaving.Server) -> None:
    assert took(fetcher(), urls(site, 50)) < 3


def test_batches_and_pages_keep_the_delay_together(site: misbehaving.Server) -> None:
    door = fetcher(delay=DELAY)
    threads = [
        threading.Thread(target=fetch_all, args=(door, urls(site, 2, f"{name}/")))
        for name in "abc"
    ]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    door.page(site.url("page")).file.close()
    for thread in threads:
        thread.join()
    assert len(site.seen) == 7
    assert time.monotonic() - start >= 6 * DELAY


def test_each_host_has_a_delay_of_its_own(site: misbehaving.Server) -> None:
    with misbehaving.server() as other, fetcher(delay=5).batch() as batch:
        for url in [*urls(site, 2), other.url("a")]:
            batch.add(Request(url))
        first = [request.url for _ in range(2) for request, _ in batch.poll(3)]
        assert {site.url("0"), other.url("a")} <= set(first)


def test_redirects_and_further_tries_keep_it_too(site: misbehaving.Server) -> None:
    door = fetcher(delay=DELAY, retries=2)
    assert took(door, [site.url("stairs/2"), site.url("flaky/503/2")]) >= 5 * DELAY
    assert len(site.seen) == 6


def test_polling_returns_on_time_and_sleeps(site: misbehaving.Server) -> None:
    with fetcher(delay=60).batch() as batch:
        for url in urls(site, 3):
            batch.add(Request(url))
        batch.poll(3)
        spent, start = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        assert batch.poll(0.5) == []
        assert 0.4 < time.monotonic() - start < 4
        assert len(batch) == 2
    now = resource.getrusage(resource.RUSAGE_SELF)
    assert now.ru_utime - spent.ru_utime < 0.4


def test_a_delay_does_not_hold_up_the_end(site: misbehaving.Server) -> None:
    stop = threading.Event()
    policy = fetcher(delay=60)._common.policy
    door = Fetcher(policy, stop=stop)
    door.page(site.url("a")).file.close()
    threading.Timer(0.1, stop.set).start()
    start = time.monotonic()
    with pytest.raises(Exception, match="cancelled"):
        door.page(site.url("b"))
    assert time.monotonic() - start < 5


def test_of_two_that_would_start_at_once_one_does() -> None:
    health = Health("x", delay=10)
    assert [health.start(100), health.start(100), health.start(109.9)] == [1, 0, 0]
    assert health.free_at == 110
    assert health.start(110)


def test_a_wait_that_a_host_asks_for_is_kept_beside_the_delay(
    site: misbehaving.Server,
) -> None:
    start = time.monotonic()
    assert fetch(site.url("busy/429/1"), delay=0.01).status == 200
    assert time.monotonic() - start >= 1
