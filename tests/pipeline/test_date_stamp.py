import datetime as dt

import pytest

from harvests.pipeline import iso
from harvests.pipeline.validators import date_stamp
from tests.pipeline.records import ROOT, buoy, line_of

NOW = dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC)
DATE = "<gco:Date>2024-05-17</gco:Date>"


def found(new: str, old: str = DATE) -> list[tuple[str, str, int | None]]:
    findings = date_stamp.validate(iso.read(buoy((old, new))), now=NOW)
    return [(finding.rule, finding.severity, finding.line) for finding in findings]


@pytest.mark.parametrize(
    "written",
    [
        "2024",
        "2024-05",
        "2024-05-17",
        "2024-05-17Z",
        "2024-05-17T10:30:00",
        "2024-05-17T10:30:00Z",
        "2024-05-17T10:30:00.123456789-07:00",
        "2024-06-02T11:59:00",
    ],
)
def test_every_date_of_iso_19139_is_fine(written):
    element = "DateTime" if "T" in written else "Date"

    assert found(f"<gco:{element}>{written}</gco:{element}>") == []


@pytest.mark.parametrize(
    "written",
    [
        "yesterday",
        "17.05.2024",
        "2024-02-30",
        "2024-5-17",
        "0000-01-01",
        "2024-05T10:30:00",
        "2024-05-17 10:30:00",
        "2024-05-17T25:00:00",
    ],
)
def test_what_is_no_date_is_an_error(written):
    assert found(f"<gco:Date>{written}</gco:Date>") == [
        ("date-stamp-unreadable", "error", line_of("<gmd:dateStamp>"))
    ]


def test_a_missing_date_is_an_error():
    assert found("") == [("date-stamp-missing", "error", line_of("<gmd:dateStamp>"))]


def test_a_missing_element_is_found_at_the_root():
    assert found("gmd:parentIdentifier>", old="gmd:dateStamp>") == [
        ("date-stamp-missing", "error", ROOT)
    ]


def test_a_date_more_than_a_day_ahead_is_a_warning():
    assert found("<gco:DateTime>2024-06-02T12:00:01Z</gco:DateTime>") == [
        ("date-stamp-future", "warning", line_of("<gmd:dateStamp>"))
    ]


def test_without_a_given_now_the_clock_counts():
    document = iso.read(buoy(("2024-05-17", "9999-12-31")))

    assert [one.rule for one in date_stamp.validate(document)] == ["date-stamp-future"]
