"""How times, durations, links and states read."""

import datetime as dt

import pytest
from django.utils import timezone

from harvests import deletion, states
from harvests.models import HarvestJob, HarvestRecord, HarvestSource
from harvests.templatetags import harvesting as show


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.04, "0.0 s"),
        (12.4, "12 s"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
    ],
)
def test_a_duration_reads_as_people_say_it(seconds, text):
    assert show.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-20, "just now"),
        (20, "in a moment"),
        (-7230, "2\xa0hours ago"),
        (7230, "in 2\xa0hours"),
    ],
)
def test_a_time_reads_as_its_distance(seconds, text):
    when = timezone.now() + dt.timedelta(seconds=seconds)
    assert f">{text}<" in show.ago(when)


def test_a_time_shows_the_zone_of_the_site_too(settings):
    settings.TIME_ZONE = "Europe/Paris"
    when = dt.datetime(2026, 7, 1, 22, 30, tzinfo=dt.UTC)
    assert show.exactly(when) == "2026-07-01 22:30:00 UTC (00:30 Europe/Paris)"


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org/a", True),
        ("ftp://example.org/a", False),
        ("http:", False),
        ("http://[broken", False),
        ("javascript://example.org/%0aalert(1)", False),
        ("/etc/passwd", False),
        ("", False),
    ],
)
def test_only_web_addresses_become_links(url, linked):
    assert ("<a " in show.weblink(url)) is linked


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"publish": False}, "not published"),
        ({"publish": True}, "next: now due"),
    ],
)
def test_the_next_harvest_reads_as_what_will_happen(fields, text):
    assert show.next_harvest(HarvestSource(**fields)) == text


@pytest.mark.parametrize(
    ("held", "kept", "text"),
    [
        (0, 0, ""),
        (1, 0, "1 removal is held."),
        (0, 1, "1 record is kept by hand, though"),
        (36, 2, "limit. 2 records are kept by hand"),
    ],
)
def test_held_records_say_why_they_stay(held, kept, text):
    assert text in states.held_sentence(held, kept)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pointOfContact", "Point of contact"),
        ("owner", "Owner"),
        ("contact", "Contact"),
        ("", ""),
    ],
)
def test_a_code_reads_as_words(name, text):
    assert show.words(name) == text


def test_the_line_above_a_page_keeps_the_title_of_a_row():
    record = HarvestRecord(url="http://example.org/a%20b.xml")
    assert show.heading(record) == "a b.xml"
    record.url = "http://example.org/csw?id=1"
    assert show.heading(record) == show.UNTITLED
    assert show.heading(HarvestSource(name="iBuoys")) == "iBuoys"
    assert (show.heading("removed records"), show.heading("jobs")) == ("Trash", "Jobs")


def test_numbers_have_their_thousands_apart():
    assert (show.number(5144), show.number(None)) == ("5,144", "–")
    assert (show.counted(1, "job"), show.counted(5000, "job")) == (
        "1 job",
        "5,000 jobs",
    )


def test_a_source_is_deleting_before_and_while_a_worker_does_it():
    source = HarvestSource(last_message=deletion.DELETING)
    job = HarvestJob(status="running", stage=deletion.STAGE)
    found = [states.of_source(source, each).label for each in (None, job)]
    assert found == ["deleting", "deleting"]


def test_a_source_whose_first_harvest_was_cancelled_says_what_it_has():
    line = {"status": "cancelled", "finished": "2026-11-28T01:50:00+00:00"}
    source = HarvestSource(last_record_count=510, recent_jobs=[line])
    assert states.of_source(source, None).reason == (
        "No harvest has been completed; the last was cancelled on 28 Nov 01:50 UTC, "
        "510 records are kept."
    )


def test_failed_records_are_those_of_the_last_harvest_that_was_completed():
    lines = [{"status": "finished", "failed": 5}, {"status": "cancelled", "failed": 1}]
    assert states.failed_last(HarvestSource(recent_jobs=lines)) == 5
    assert states.failed_last(HarvestSource()) == 0
