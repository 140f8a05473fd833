"""What the dates of a listing, and documents that came along, tell of known records."""

import datetime as dt

import pytest

from harvests.pipeline.comparing import (
    EXAMPLES,
    Change,
    Comparison,
    is_dated_otherwise,
)
from harvests.pipeline.types import Known, Plan, RemoteRecord, Result

MODIFIED = "Fri, 02 Oct 2026 11:47:31 GMT"


@pytest.mark.parametrize(
    ("listed", "otherwise"),
    [
        pytest.param("2026-10-02 11:47", False, id="the-minute"),
        pytest.param("2026-10-02 11:47:31", False, id="the-second"),
        pytest.param("2026-10-02 13:47", False, id="another-zone"),
        pytest.param("2026-10-02 17:32:31", False, id="nepal"),
        pytest.param("2026-10-02 11:48", True, id="a-minute-later"),
        pytest.param("2026-10-02 11:47:30", True, id="a-second-earlier"),
        pytest.param("2026-10-04 11:47", True, id="two-days-later"),
        pytest.param("2026-10-03 00:00", None, id="a-date-alone"),
        pytest.param("2026-10-09 00:00", True, id="another-date"),
    ],
)
def test_dates_may_differ_by_a_time_zone(listed, otherwise):
    date = dt.datetime.fromisoformat(listed)
    assert is_dated_otherwise(date, MODIFIED) is otherwise


def test_without_dates_nothing_is_told():
    now = dt.datetime(2026, 10, 2, 11, 47)
    assert is_dated_otherwise(None, MODIFIED) is None
    assert is_dated_otherwise(now, "") is None
    assert is_dated_otherwise(now, "yesterday") is None


class Remembered:
    """A source of which these records are known."""

    def __init__(self, *known: Known) -> None:
        self._known = {record.url: record for record in known}

    def look_up(self, urls):
        return {url: self._known[url] for url in urls if url in self._known}

    def all_known(self):
        yield list(self._known.values())


def comparison(*known: Known, content=lambda *_: None) -> Comparison:
    return Comparison(Plan("WAF", "u"), Remembered(*known), content=content)


def test_a_record_that_only_ever_failed_is_not_said_to_be_added():
    found = comparison(Known("a"), Known("b", name="b.xml"))
    found.add([RemoteRecord("a", "a.xml"), RemoteRecord("b", "x.xml")])
    assert found.result().counts == {Change.FAILED: 1, Change.UNCHECKED: 1}
    assert found.result().examples[Change.FAILED] == (("a", "a.xml"),)
    assert found.result().examples[Change.UNCHECKED] == (("b", "b.xml"),)


@pytest.mark.parametrize(
    ("result", "change"),
    [
        (Result.CHANGED, Change.CHANGED),
        (Result.UNCHANGED, Change.UNCHANGED),
        (Result.FAILED, Change.UNCHECKED),
        (None, Change.UNCHECKED),
    ],
)
def test_a_body_that_came_along_is_compared(result, change):
    found = comparison(Known("a", name="a.xml"), content=lambda *_: result)
    found.add([RemoteRecord("a", "a.xml", body=b"<a/>")])
    assert found.result().counts == {change: 1}


def test_the_sample_corrects_what_the_listing_made_believe():
    known = Known("a", name="a.xml", last_modified=MODIFIED)
    record = RemoteRecord("a", "a.xml", modified=dt.datetime(2026, 11, 1, 1, 1))
    found = comparison(known)
    found.add([record])
    assert found.result().counts == {Change.DATED: 1}
    found.correct(record, known, Result.UNCHANGED)
    found.correct(record, known, Result.FAILED)
    assert found.result().counts == {Change.UNCHANGED: 1}
    assert found.result().examples == {Change.UNCHANGED: (("a", "a.xml"),)}


@pytest.mark.parametrize("body", [None, b"<a/>"])
def test_the_sample_tells_whether_a_new_record_fails(body):
    failed_before = Known("a")
    old = RemoteRecord("a", "a.xml", body=body)
    new = RemoteRecord("b", "b.xml", body=body)
    found = comparison(failed_before)
    found.add([old, new])
    found.correct(old, failed_before, Result.ADDED)
    found.correct(new, None, Result.FAILED)
    assert found.result().examples == {
        Change.ADDED: (("a", "a.xml"),),
        Change.FAILED: (("b", "b.xml"),),
    }


def test_only_the_first_records_are_named():
    found = comparison()
    found.add([RemoteRecord(f"u{n}", f"{n}.xml") for n in range(EXAMPLES + 5)])
    assert found.result().counts == {Change.ADDED: EXAMPLES + 5}
    assert len(found.result().examples[Change.ADDED]) == EXAMPLES
