"""Dates and sizes in a row."""

import datetime as dt

import pytest

from harvests.pipeline.sources.listing_dates import read_date, read_stamp

NOON = dt.datetime(2025, 10, 2, 11, 47)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("02-Oct-2025 11:47", 0),
        ("2-Oct-2025 11:47", 0),
        ("2025-10-02 11:47", 0),
        ("2025-10-02 11:47:33", 33),
        ("2025-10-02T11:47:33Z", 33),
        ("2025-10-02T11:47:33.123456789Z", 33),
        ("2025-10-02 11:47:33 +0200", 33),
        ("2025/10/02 11:47", 0),
        ("2025-Oct-02 11:47:33", 33),
        ("10/2/2025 11:47 AM", 0),
        ("10/02/2025 11:47:33 a.m.", 33),
        ("Thursday, October 2, 2025 11:47 AM", 0),
        ("Oct 2, 2025, 11:47:33\u202fAM", 33),
        ("Oct 02 2025 11:47:33 AM", 33),
        ("Thu, 02 Oct 2025 11:47:33 GMT", 33),
        ("02Oct2025 11:47", 0),
        ("02/Oct/2025:11:47:33 +0000", 33),
        ("02.10.2025 11:47", 0),
        ("rec-1 2024 99% \t 2025-10-02 11:47 \t 2003-present", 0),
    ],
)
def test_a_date_is_read(text: str, seconds: int) -> None:
    assert read_date(text) == NOON.replace(second=seconds)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("10/2/2025 12:05 AM", 0),
        ("10/2/2025 1:05 AM", 1),
        ("10/2/2025 12:05 PM", 12),
        ("10/2/2025 11:05 pm", 23),
    ],
)
def test_the_clock_of_twelve_hours_is_understood(text: str, hour: int) -> None:
    assert read_date(text) == dt.datetime(2025, 10, 2, hour, 5)


def test_day_and_month_are_told_apart_by_their_size() -> None:
    date = dt.datetime(2018, 9, 26, 17, 57)
    assert read_date("09/26/18 17:57") == date
    assert read_date("26/09/2018 17:57") == date


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "DD-MMM-YYYY HH:mm", "12:30", "Nov 23 15:19", "Jan 02  2026"),
        *("2025-10-02", "07/11/2024 15:00", "30-Feb-2025 10:00", "02-Okt-2025 11:47"),
        *("2025-13-02 11:47", "2025-10-02 25:00", "http://h:80/2025", "0:0:0"),
    ],
)
def test_what_is_no_certain_date_is_none(text: str) -> None:
    assert read_stamp(text) == (None, None)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2025-10-02 11:47  39985", 39985),
        ("2025-10-02 11:47\t39985\tdescription", 39985),
        ("2025-10-02 11:47\t\t\t39,985 bytes", 39985),
        ("2025-10-02 11:47:33Z  402 B", 402),
        ("Thu, 02 Oct 2025 11:47:33 GMT\t402", 402),
        ("402\tThu, 02 Oct 2025 11:47:33 GMT", 402),
        ("39985  2025-10-02 11:47", 39985),
        ("2025-10-02 11:47  0", 0),
        ("2025-10-02 11:47  39K", None),
        ("2025-10-02 11:47  39 KB", None),
        ("2025-10-02 11:47  3.9", None),
        ("39.0 KiB\t2025-10-02 11:47", None),
        ("2025-10-02 11:47\t\t2003 and later", None),
        ("2025-10-02 11:47  -", None),
        ("1\t|\t2025-10-02 11:47", None),
    ],
)
def test_only_an_exact_size_beside_the_date_is_read(
    text: str, size: int | None
) -> None:
    assert read_stamp(text) == (read_date(text), size)
