"""robots.txt: asked once a host, obeyed where the source says so, capped."""

import threading
import time
from collections.abc import Iterator

import pytest

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.types import Access, Request, Response
from tests import misbehaving
from tests.behaviours import like, sends
from tests.pipeline.fetching import fetch_all, fetcher

AGENT = "CatalogHarvesting/1.0 (+https://example.org)"
ROBOTS = "/robots.txt"


@pytest.fixture
def site() -> Iterator[misbehaving.Server]:
    with misbehaving.server() as running:
        yield running


def polite(**changes: object) -> Fetcher:
    return fetcher(**{"robots": True, "user_agent": AGENT, "retries": 0} | changes)


def verdict(site: misbehaving.Server, rules: str, path: str) -> str:
    """Ask for the path; return the error, "" if there is none."""
    site.at[ROBOTS] = sends(rules.encode())
    answer = fetch_all(polite(), [site.url(path)])[site.url(path)]
    return str(answer) if isinstance(answer, FetchError) else ""


def test_nobody_asks_for_robots_unless_it_counts(site: misbehaving.Server) -> None:
    site.at[ROBOTS] = sends(b"User-agent: *\nDisallow: /")
    assert isinstance(fetch_all(fetcher(), [site.url("a")])[site.url("a")], Response)
    assert site.targets() == ["/a"]


def test_a_host_is_asked_once_and_first(site: misbehaving.Server) -> None:
    site.at[ROBOTS] = sends(b"User-agent: *\nDisallow: /x")
    door, urls = polite(), [site.url(str(number)) for number in range(9)]
    door.page(site.url("")).file.close()
    assert all(isinstance(a, Response) for a in fetch_all(door, urls).values())
    door.page(site.url("b")).file.close()
    assert site.targets()[:2] == [ROBOTS, "/"]
    assert (site.targets().count(ROBOTS), len(site.seen)) == (1, 12)
    assert site.seen[0].headers["user-agent"] == AGENT


def test_what_is_forbidden_is_not_asked_for(site: misbehaving.Server) -> None:
    error = verdict(site, "User-agent: *\nDisallow: /x # no\n", "x/a.xml?b")
    assert error == (
        f"Could not fetch {site.url('x/a.xml?b')}: robots.txt of 127.0.0.1:{site.port} "
        f"forbids {site.url('x/a.xml?b')} to CatalogHarvesting (rule: Disallow: /x); "
        "ask the provider to allow it, or switch robots off for this source"
    )
    assert site.targets() == [ROBOTS]


@pytest.mark.parametrize(
    ("rules", "path", "rule"),
    [
        ("User-agent: *\nDisallow: /", "a", "Disallow: /"),
        ("User-agent: *\nDisallow: /\nAllow: /a", "a", ""),
        ("User-agent: *\nAllow: /a\nDisallow: /a/b", "a/b/c", "Disallow: /a/b"),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "a", ""),
        ("User-agent: *\nDisallow: /*.xml$", "a/b.xml", "Disallow: /*.xml$"),
        ("User-agent: *\nDisallow: /*.xml$", "a/b.xml?c", ""),
        ("User-agent: *\nDisallow: /*?", "a?c", "Disallow: /*?"),
        ("User-agent: *\nDisallow:", "a", ""),
        ("User-agent: *\nDisallow: /%C3%BC", "ü", "Disallow: /%C3%BC"),
        ("\ufeffUser-agent: *\nDisallow: /a", "a", "Disallow: /a"),
        ("User-Agent: *\r\nDISALLOW: /a\r\n", "a", "Disallow: /a"),
        ("User-agent: *\nDissallow: /a", "a", "Disallow"),
        ("Disallow: /", "a", ""),
        ("<html><title>Not found</title></html>", "a", ""),
        ("User-agent: other\nDisallow: /", "a", ""),
        ("User-agent: *\nDisallow: /\nUser-agent: catalogHarvesting\nAllow: /", "", ""),
        (
            "User-agent: x\nDisallow: /a/b\nUser-agent: CatalogHarvesting\nDisallow: /",
            "a/b",
            "Disallow: /",
        ),
    ],
)  # fmt: skip
def test_the_longest_rule_for_us_wins(
    site: misbehaving.Server, rules: str, path: str, rule: str
) -> None:
    error = verdict(site, rules, path)
    assert (f"(rule: {rule})" in error) if rule else not error


def test_of_a_very_long_file_no_rule_is_named(site: misbehaving.Server) -> None:
    rules = "User-agent: *\n" + "Disallow: /x\n" * 2000
    assert "(rule: one of its 2,001 lines)" in verdict(site, rules, "x")


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410])
def test_a_host_without_rules_allows_everything(
    site: misbehaving.Server, status: int
) -> None:
    site.at[ROBOTS] = like(f"status/{status}")
    answer = fetch_all(polite(), [site.url("a")])[site.url("a")]
    assert isinstance(answer, Response)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("status/500", "the server answered 500 Internal Server Error"),
        ("status/429", "the server answered 429 Too Many Requests"),
        ("empty", "127.0.0.1 closed the connection without an answer"),
        ("endless", "it is larger than 1,000,000 bytes, our limit"),
        ("to?/status/503", "(redirected to http"),
        ("stairs/9", "it redirects more than 5 times"),
    ],
)
def test_without_robots_to_read_nothing_is_asked_for(
    site: misbehaving.Server, path: str, why: str
) -> None:
    site.at[ROBOTS] = like(path)
    door = polite()
    answers = fetch_all(door, [site.url("a"), site.url("b")])
    for url, error in answers.items():
        start = f"Could not fetch {url}: robots.txt of 127.0.0.1:{site.port} could not"
        assert str(error).startswith(f"{start} be read ({why}")
    assert not {"/a", "/b"} & set(site.targets())
    with pytest.raises(FetchError, match="robots.txt of .* could not be read"):
        door.page(site.url("c"))


def test_a_passing_trouble_is_tried_again(site: misbehaving.Server) -> None:
    site.at[ROBOTS] = like("flaky/503/1")
    answer = fetch_all(polite(retries=1), [site.url("a")])[site.url("a")]
    assert isinstance(answer, Response)
    assert site.targets() == [ROBOTS, ROBOTS, "/a"]


def test_robots_may_be_elsewhere(site: misbehaving.Server) -> None:
    site.at[ROBOTS] = like("to?/rules")
    site.at["/rules"] = sends(b"User-agent: *\nDisallow: /a")
    answer = fetch_all(polite(), [site.url("a")])[site.url("a")]
    assert "forbids" in str(answer)


def test_only_the_beginning_of_a_big_file_counts(site: misbehaving.Server) -> None:
    line = b"Disallow: /private-%06d\n"
    rules = b"User-agent: *\n" + b"".join(line % n for n in range(30_000))
    site.at[ROBOTS] = sends(rules)
    paths = ["private-000001", "private-029999", "private-0", "public"]
    answers = fetch_all(polite(), [site.url(path) for path in paths])
    refused = [isinstance(answer, FetchError) for answer in answers.values()]
    assert sum(refused) == 1 and isinstance(answers[site.url(paths[0])], FetchError)


def test_where_a_redirect_leads_its_own_rules_hold(site: misbehaving.Server) -> None:
    with misbehaving.server() as other:
        other.at[ROBOTS] = sends(b"User-agent: *\nDisallow: /secret")
        good, bad = (
            site.url(f"to?{other.url('open')}"),
            site.url(f"to?{other.url('secret')}"),
        )
        answers = fetch_all(polite(), [good, bad])
        assert isinstance(answers[good], Response)
        expected = f"(redirected to {other.url('secret')}): robots.txt of 127.0.0.1:"
        assert expected in str(answers[bad])
        assert other.targets() == [ROBOTS, "/open"]


def test_other_hosts_do_not_wait_for_robots(site: misbehaving.Server) -> None:
    site.at[ROBOTS] = like("hang")
    with misbehaving.server() as other, polite().batch() as batch:
        for number in range(20):
            batch.add(Request(site.url(str(number))))
            batch.add(Request(other.url(f"slow/0.01/{number}")))
        done: list[str] = []
        while len(done) < 20:
            done += [request.url for request, _ in batch.poll(1)]
        assert all(url.startswith(other.url("")) for url in done)
        assert len(batch) == 20


def test_polling_returns_on_time_while_robots_is_awaited(
    site: misbehaving.Server,
) -> None:
    site.at[ROBOTS] = like("hang")
    with polite().batch() as batch:
        batch.add(Request(site.url("a")))
        start = time.monotonic()
        assert batch.poll(0.1) == [] and len(batch) == 1
        assert time.monotonic() - start < 0.9
        batch.close()


@pytest.mark.parametrize("rules", ["Crawl-delay: 0.2", "Request-rate: 5/1s"])
def test_a_crawl_delay_is_kept(site: misbehaving.Server, rules: str) -> None:
    site.at[ROBOTS] = sends(f"User-agent: *\n{rules}\n".encode())
    start = time.monotonic()
    fetch_all(polite(), [site.url(str(number)) for number in range(5)])
    assert time.monotonic() - start >= 0.8


@pytest.mark.parametrize("rules", ["Crawl-delay: 500", "Request-rate: 1/1d"])
def test_no_crawl_delay_is_kept_for_too_long(
    site: misbehaving.Server, rules: str
) -> None:
    site.at[ROBOTS] = sends(f"User-agent: *\n{rules}\n".encode())
    start = time.monotonic()
    fetch_all(polite(max_crawl_delay=0.1), [site.url(str(n)) for n in range(3)])
    assert 0.2 <= time.monotonic() - start < 10


def test_a_crawl_delay_does_not_shorten_our_own(site: misbehaving.Server) -> None:
    site.at[ROBOTS] = sends(b"User-agent: *\nCrawl-delay: 0.01\n")
    start = time.monotonic()
    fetch_all(polite(delay=0.2), [site.url("a"), site.url("b")])
    assert time.monotonic() - start >= 0.4


def test_what_is_forbidden_does_not_wait_for_its_turn(site: misbehaving.Server) -> None:
    site.at[ROBOTS] = sends(b"User-agent: *\nDisallow: /x\nCrawl-delay: 10\n")
    urls = [site.url(f"x/{number}") for number in range(50)]
    start = time.monotonic()
    assert len(fetch_all(polite(), urls)) == 50
    assert time.monotonic() - start < 5


def test_robots_is_behind_the_login_too(site: misbehaving.Server) -> None:
    access = Access(url=site.url("waf/"), token="t")
    with misbehaving.server() as other:
        fetch_all(polite(access=access), [site.url("a"), other.url("b")])
        assert [e.headers.get("authorization") for e in other.seen] == [None, None]
    assert [e.headers["authorization"] for e in site.seen] == ["Bearer t"] * 2


def test_a_login_in_the_address_serves_for_robots(site: misbehaving.Server) -> None:
    fetch_all(polite(), [site.url("a", "me:s3cret@127.0.0.1")])
    assert all("authorization" in exchange.headers for exchange in site.seen)
    assert site.targets() == [ROBOTS, "/a"]


def test_a_question_is_posted_only_where_it_may(site: misbehaving.Server) -> None:
    site.at[ROBOTS] = sends(b"User-agent: *\nDisallow: /csw")
    with pytest.raises(FetchError, match="forbids"):
        polite().page(site.url("csw"), data=b"<a/>")
    assert site.targets() == [ROBOTS]


def test_stopping_does_not_wait_for_robots(site: misbehaving.Server) -> None:
    site.at[ROBOTS] = like("hang")
    stop = threading.Event()
    door = Fetcher(polite()._common.policy, stop=stop)
    threading.Timer(0.1, stop.set).start()
    with pytest.raises(FetchError, match="cancelled"):
        door.page(site.url("a"))
