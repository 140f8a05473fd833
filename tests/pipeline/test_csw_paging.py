"""Servers that page in ways of their own; what is found, and what is said."""

import pytest

from harvests.pipeline.types import GatherLimits
from tests.csw_server import exception, iso, numbered, results, serving
from tests.pipeline.csw_runs import gathered

SMALL = {"most": 10}  # records a page, as the capabilities say


def on_pages(function):
    """Let `function` answer the requests for full records, and nothing else."""

    def odd(ask, server):
        is_page = ask.request == "GetRecords" and not ask.is_brief
        return function(ask, server) if is_page else None

    return odd


def saying(**facts):
    """Answer honestly, but say `facts` of the page: functions of the request."""

    def page(ask, server):
        return server.honest(ask, **{key: fact(ask) for key, fact in facts.items()})

    return on_pages(page)


@pytest.mark.parametrize(
    "facts",
    [
        {"next": lambda _: 0},
        {"next": lambda _: None},
        {"next": lambda _: ""},
        {"next": lambda _: "soon"},
        {"next": lambda _: -1},
        {"next": lambda ask: ask.start},
        {"next": lambda _: 1},
        {"next": lambda ask: ask.start - 5},
        {"next": lambda _: 26},
        {"next": lambda _: 27},
        {"next": lambda _: 1000},
        {"returned": lambda _: 0},
        {"returned": lambda _: 99},
        {"returned": lambda _: "many"},
        {"total": lambda _: None},
        {"total": lambda _: 0},
        {"total": lambda _: "unknown"},
    ],
    ids=str,
)
def test_what_a_page_says_of_itself_may_be_wrong(facts):
    key, fact = next(iter(facts.items()))
    with serving(numbered(25), saying(**{key: fact}), **SMALL) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error) == (25, "")
    assert server.pages() == [(1, 10), (11, 10), (21, 10)]


@pytest.mark.parametrize("total", [None, 0, "x"])
def test_without_a_total_the_end_is_where_no_next_record_is_named(total):
    odd = saying(total=lambda _: total, next=lambda ask: ask.start + ask.size)
    with serving(numbered(20), odd, **SMALL) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error) == (20, "")
    assert server.pages() == [(1, 10), (11, 10), (21, 10)]


def test_a_page_may_hold_fewer_records_than_asked():
    def three(ask, server):
        ask.values["maxrecords"] = "3"
        return server.honest(ask)

    with serving(numbered(10), on_pages(three)) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error) == (10, "")
    assert [start for start, _ in server.pages()] == [1, 4, 7, 10]


def test_a_page_may_hold_more_records_than_asked():
    def fifteen(ask, server):
        ask.values["maxrecords"] = "15"
        return server.honest(ask)

    with serving(numbered(25), on_pages(fifteen), **SMALL) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error) == (25, "")
    assert [start for start, _ in server.pages()] == [1, 16]


def test_a_server_that_sends_everything_at_once_is_asked_once():
    def all_of_it(_ask, server):
        return results(list(server.records.values()), total=25, next=11)

    with serving(numbered(25), on_pages(all_of_it), **SMALL) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error) == (25, "")
    assert len(server.pages()) == 1


@pytest.mark.parametrize(("total", "pages"), [(30, 3), (None, 2)])
def test_a_server_that_repeats_its_page_for_ever_is_found_out(total, pages):
    def first_page(ask, server):
        ask.values["startposition"] = "1"
        return server.honest(ask, total=total, next=11)

    with serving(numbered(30), on_pages(first_page), **SMALL) as server:
        result = gathered(server.url)
    assert len(result.records) == 10
    assert "repeats the same page" in result.error
    assert len(server.pages()) == pages


def test_a_record_that_slid_in_while_paging_costs_nothing():
    def sliding(ask, server):
        if ask.start == 11:
            server.records = {"new": iso("new"), **server.records}
        return server.honest(ask)

    with serving(numbered(25), on_pages(sliding), **SMALL) as server:
        result = gathered(server.url)
    assert result.error == ""
    assert sorted(result.identifiers) == sorted(server.records)


def test_a_record_that_vanished_while_paging_costs_no_other():
    """All that came after it moved up: one of them was between two pages."""

    def vanishing(ask, server):
        if ask.start == 11:
            server.records.pop("r002", None)
        return server.honest(ask)

    with serving(numbered(25), on_pages(vanishing), **SMALL) as server:
        result = gathered(server.url)
    assert result.error == ""
    assert set(server.records) < set(result.identifiers)


def test_a_catalogue_that_never_stands_still_is_incomplete():
    totals = iter(range(100, 1000))

    def restless(ask, server):
        if ask.request == "GetRecords":
            return server.honest(ask, total=next(totals) if ask.start < 20 else 25)
        return None

    with serving(numbered(25), restless, **SMALL) as server:
        result = gathered(server.url)
    assert len(result.records) == 25
    assert "it changed while it was read, twice" in result.error


def test_fewer_records_than_the_total_is_incomplete():
    def boasting(ask, server):
        return server.honest(ask, total=40) if ask.request == "GetRecords" else None

    with serving(numbered(25), boasting, **SMALL) as server:
        result = gathered(server.url)
    assert len(result.records) == 25
    assert "has 40 records, but gave 25" in result.error
    assert "Nothing was removed" in result.error


def test_an_empty_page_before_the_end_is_halved_like_one_that_fails():
    def hollow(ask, server):
        if ask.start <= 13 < ask.start + ask.size:
            return results([], total=25, next=ask.start + ask.size)
        return server.honest(ask)

    with serving(numbered(25), on_pages(hollow), **SMALL) as server:
        result = gathered(server.url)
    assert result.error == ""
    assert sorted(result.identifiers) == sorted(server.records)


def test_a_catalogue_without_records_yields_nothing():
    with serving({}) as server:
        result = gathered(server.url)
    assert (result.records, result.error) == ([], "")


def test_more_records_than_the_limit_are_left_out():
    with serving(numbered(25), **SMALL) as server:
        result = gathered(server.url, limits=GatherLimits(records=12))
    assert len(result.records) == 12
    assert "more than 12 records" in result.error


def test_as_many_records_as_the_limit_are_complete():
    with serving(numbered(25), **SMALL) as server:
        result = gathered(server.url, limits=GatherLimits(records=25))
    assert (len(result.records), result.error) == (25, "")


def test_more_pages_than_the_limit_are_left_out():
    with serving(numbered(25), **SMALL) as server:
        result = gathered(server.url, limits=GatherLimits(pages=2))
    assert len(result.records) == 20
    assert "more than 2 pages" in result.error


def test_the_page_size_is_a_hundred_or_what_the_server_says():
    with serving(numbered(3)) as server:
        gathered(server.url)
        server.said = {"most": 2}
        gathered(server.url)
        server.said = {"most": 5000}
        gathered(server.url)
    assert [size for _, size in server.pages()] == [100, 2, 2, 100]


def test_an_exception_in_the_middle_costs_only_what_it_hides():
    def failing(ask, server):
        if ask.start <= 13 < ask.start + ask.size:
            return exception("Record 13 cannot be written")
        return server.honest(ask)

    with serving(numbered(25), on_pages(failing), **SMALL) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error) == (25, "")
