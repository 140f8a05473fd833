"""What an attacker found: identities that moved, totals that hid, bombs, long names."""

import io
import itertools
import random

import pytest

from harvests.pipeline.sources import csw_capabilities, csw_pages, csw_paging, csw_xml
from harvests.pipeline.sources.csw_exceptions import PageError
from harvests.pipeline.sources.csw_pages import RecordPage
from harvests.pipeline.sources.csw_urls import cleaned, endpoint
from harvests.pipeline.types import Page
from tests import csw_server
from tests.csw_server import CSW3, brief, exception, iso, numbered, results, serving
from tests.pipeline.csw_runs import gathered
from tests.pipeline.test_csw_paging import SMALL, on_pages, saying

NUMBERS = itertools.count()
MOODS = {
    "another path": lambda url: {"get": f"{url}/other"},
    "a session": lambda url: {"get": f"{url}?jsessionid={next(NUMBERS)}&"},
    "a session in the path": lambda url: {"get": f"{url};jsessionid={next(NUMBERS)}"},
    "no GET": lambda url: {"get": None},
    "another version": lambda url: {"csw": CSW3},
}


@pytest.mark.parametrize("mood", MOODS.values(), ids=MOODS)
def test_a_record_stays_the_same_whatever_the_capabilities_say(mood):
    with serving(numbered(3)) as server:
        before = [record.url for record in gathered(server.url).records]
        server.said = mood(server.url)
        after = [record.url for record in gathered(server.url).records]
    assert before == after
    assert len(after) == 3


def test_one_record_is_asked_for_where_the_service_says():
    def odd(ask, server):
        page = server.honest(ask)
        is_page = ask.request == "GetRecords" and not ask.is_brief
        return page.replace(iso("r003"), b"") if is_page else None

    with serving(numbered(5), odd) as server:
        server.said = {"get": f"{server.url}/other", "csw": CSW3}
        result = gathered(server.url)
    [ask] = [ask for ask in server.asks if ask.request == "GetRecordById"]
    assert (ask.path, ask.version) == ("/csw/other", "3.0.0")
    assert len({record.url.partition("id=")[0] for record in result.records}) == 1


@pytest.mark.parametrize(
    ("pasted", "clean"),
    [
        ("http://x/csw;jsessionid=A1?a=b", "http://x/csw?a=b"),
        ("http://x/csw;JSESSIONID=A1/y", "http://x/csw/y"),
        ("http://x/csw?jsessionid=A1&a=b", "http://x/csw?a=b"),
    ],
)
def test_sessions_are_no_part_of_an_address(pasted, clean):
    assert cleaned(pasted) == clean
    assert endpoint("http://x/", pasted) == (clean, "")


@pytest.mark.parametrize(
    "later", [{"total": 0}, {"total": 40}], ids=["emptied", "rebuilt"]
)
def test_a_catalogue_that_loses_its_index_midway_is_incomplete(later):
    def losing(ask, server):
        if ask.request != "GetRecords" or (ask.start == 1 and not ask.is_brief):
            return None
        names = list(server.records)[: later["total"]][ask.start - 1 :][: ask.size]
        show = brief if ask.is_brief else iso
        return results([show(name) for name in names], next=0, **later)

    with serving(numbered(115), losing) as server:
        result = gathered(server.url)
    assert "says that it has 115 records, but gave 100" in result.error


def test_records_that_come_twice_do_not_hide_those_that_never_come():
    shuffled = random.Random(5)

    def restless(_ask, server):
        names = list(server.records)
        shuffled.shuffle(names)
        server.records = {name: server.records[name] for name in names}

    with serving(numbered(110), restless) as server:
        runs = [gathered(server.url) for _ in range(6)]
    assert all(run.error or len(run.records) == 110 for run in runs)
    assert any("more than once" in run.error for run in runs)


LIARS = {
    "says nothing": {"total": lambda _: None, "next": lambda _: None},
    "next is 0": {"total": lambda _: None, "next": lambda _: 0},
    "total is 0": {"total": lambda _: 0, "next": lambda _: 0},
    "counts the page": {
        "total": lambda ask: max(0, min(ask.size, 31 - ask.start)),
        "next": lambda _: 0,
    },
}


@pytest.mark.parametrize("facts", LIARS.values(), ids=LIARS)
@pytest.mark.parametrize("count", [25, 30])
def test_a_full_page_that_names_no_next_is_not_the_end(facts, count, monkeypatch):
    monkeypatch.setattr(csw_paging, "_REMEMBERED", 5)
    with serving(numbered(count), saying(**facts), **SMALL) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error) == (count, "")
    assert len(server.pages()) == (3 if count == 25 else 4)


def first_again(_ask, server):
    return results(list(server.records.values())[:10])


ENDS = {
    "exception": lambda *_: exception("startPosition is out of range"),
    "status 400": lambda *_: (400, b""),
    "status 500": lambda *_: (500, b""),
    "empty": lambda *_: results([]),
    "repeats": first_again,
}


@pytest.mark.parametrize("total", [None, 10])
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_request_beyond_the_end_costs_nothing(end, total):
    def page(ask, server):
        if ask.start > 10:
            return end(ask, server)
        return server.honest(ask, total=total, next=0)

    with serving(numbered(10), on_pages(page), **SMALL) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error) == (10, "")
    assert {start for start, _ in server.pages()} == {1, 11}


@pytest.mark.parametrize("status", [404, 429])
def test_a_request_beyond_a_known_end_may_fail_in_any_way(status):
    odd = on_pages(lambda ask, _: (status, b"") if ask.start > 10 else None)
    with serving(numbered(10), odd, **SMALL) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error) == (10, "")


@pytest.mark.parametrize("answer", [(404, b""), b"<csw:GetRecordsResponse", b"<html>"])
def test_a_request_beyond_an_unknown_end_must_not_fail(answer):
    def page(ask, server):
        return answer if ask.start > 10 else server.honest(ask, total=None, next=0)

    with serving(numbered(30), on_pages(page), **SMALL) as server:
        result = gathered(server.url)
    assert len(result.records) == 10
    assert result.error


def test_a_request_beyond_the_end_that_breaks_midway_is_made_again():
    def page(ask, server):
        whole = server.honest(ask, total=None, next=0)
        is_first = server.pages().count((11, 10)) == 1
        return whole[:-100] if ask.start == 11 and is_first else whole

    records = {name: iso(name, "x" * 70_000) for name in numbered(25)}
    with serving(records, on_pages(page), **SMALL) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error) == (25, "")


@pytest.mark.parametrize("count", [10, 20, 25])
def test_an_honest_server_is_asked_beyond_the_end_once_at_most(count):
    with serving(numbered(count), **SMALL) as server:
        gathered(server.url)
    assert len(server.pages()) == {10: 2, 20: 2, 25: 3}[count]


def test_a_record_larger_than_the_limit_is_abandoned(monkeypatch):
    monkeypatch.setattr(csw_pages, "_MOST_OF_RECORD", 200_000)
    records = numbered(3) | {"r002": iso("r002", "<a/>" * 100_000)}
    with serving(records) as server:
        result = gathered(server.url)
    assert result.error == ""
    [problem] = result.problems
    assert "r002" in problem
    assert "a record of more than 200,000 bytes" in problem


def test_many_records_on_a_page_are_no_large_record(monkeypatch):
    monkeypatch.setattr(csw_pages, "_MOST_OF_RECORD", 200_000)
    records = [iso(f"r{n}", "x" * 9_000) for n in range(90)]
    page = RecordPage(io.BytesIO(results(records, total=90)))
    assert len(list(page)) == 90


def test_what_belongs_to_no_record_is_short():
    page = results([]).replace(
        b"<csw:SearchStatus/>",
        b"<csw:SearchStatus>" + b"<a/>" * 600_000 + b"</csw:SearchStatus>",
    )
    with pytest.raises(PageError, match="bytes that belong to no record"):
        list(RecordPage(io.BytesIO(page)))


def test_capabilities_and_exceptions_are_short():
    data = csw_server.capabilities("http://x").replace(b"Buoys", b"<a/>" * 1_300_000)
    with pytest.raises(PageError, match="more than 5,000,000 bytes"):
        csw_capabilities.read(Page("http://x", "", io.BytesIO(data)), "http://x")
    report = exception("x").replace(b">x<", b">" + b"<a/>" * 600_000 + b"<")
    with pytest.raises(PageError, match="more than 2,000,000 bytes"):
        csw_xml.expect(io.BytesIO(report), "Capabilities")


def test_an_identifier_longer_than_sense_is_a_problem_with_a_short_address():
    records = {"a": iso("a"), "b": iso("é" * 9_000), "c": iso("é" * 9_001)}
    with serving(records) as server:
        result, again = gathered(server.url), gathered(server.url)
    assert result == again
    assert result.error == ""
    assert len({record.url for record in result.records}) == 3
    assert max(len(record.url) for record in result.records) < 1_000
    assert max(map(len, result.problems)) < 400
    assert "9,000 characters long" in result.problems[0]


def test_a_long_identifier_that_only_the_list_has_is_a_problem_too():
    long = "x" * 9_000

    def odd(ask, server):
        page = server.honest(ask)
        return page if ask.is_brief else page.replace(iso(long), b"")

    with serving(numbered(3) | {long: iso(long)}, odd) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error) == (4, "")
    assert "9,000 characters long" in result.problems[0]
    assert not [ask for ask in server.asks if ask.request == "GetRecordById"]


def test_a_total_that_was_passed_is_forgotten():
    """It said 15, then nothing, and went on: 15 is not where it ends."""
    odd = saying(total=lambda ask: 15 if ask.start == 1 else None)
    with serving(numbered(25), odd, **SMALL) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error) == (25, "")
