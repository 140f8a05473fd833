"""When a source is due next."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from harvests.schedules import next_time, validate_cron, validate_time_zone

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("after", "cron", "zone", "expected"),
    [
        pytest.param(NOON, "30 3 * * *", "UTC", at("2026-03-02T03:30Z"), id="utc"),
        pytest.param(
            NOON, "30 3 * * *", "Europe/Paris", at("2026-03-02T02:30Z"), id="winter"
        ),
        pytest.param(
            at("2026-07-01T12:00Z"),
            "30 3 * * *",
            "Europe/Paris",
            at("2026-07-02T01:30Z"),
            id="summer",
        ),
        pytest.param(
            at("2026-03-28T12:00Z"),
            "0 12 * * *",
            "Europe/Paris",
            at("2026-03-29T10:00Z"),
            id="over-the-change",
        ),
        pytest.param(
            NOON, "0 0 * * 1", "America/New_York", at("2026-03-02T05:00Z"), id="monday"
        ),
    ],
)
def test_a_cron_expression_is_of_its_time_zone(after, cron, zone, expected):
    assert next_time(after, cron=cron, time_zone=zone, days=1) == expected


def test_without_one_it_is_so_many_days_later():
    later = next_time(NOON, cron="", time_zone="UTC", days=0.5)
    assert later == NOON + dt.timedelta(hours=12)


@pytest.mark.parametrize("value", ["daily", "* * *", "61 * * * *", "@daily", "* " * 6])
def test_what_is_no_cron_expression_is_refused(value):
    with pytest.raises(ValidationError, match="not a cron expression"):
        validate_cron(value)


def test_what_is_no_time_zone_is_refused():
    with pytest.raises(ValidationError, match="not an IANA time zone"):
        validate_time_zone("Mars/Olympus")
    validate_time_zone("Europe/Paris")
    validate_cron("30 3 * * *")


@pytest.mark.parametrize("value", ["0 0 30 2 *", "0 0 31 4,6 *"])
def test_a_time_that_never_comes_is_refused(value):
    with pytest.raises(ValidationError, match="never comes"):
        validate_cron(value)
    validate_cron("0 0 29 2 *")
