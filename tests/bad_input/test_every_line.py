"""Every line of the table: once as the listing, once as one record among good ones."""

import time

import pytest

from harvests import __version__, jobs
from tests.bad_input.conftest import failures, reason
from tests.bad_input.provider import BAD, LISTING
from tests.bad_input.table import LINES, Line

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("little_memory"),
]
BOUND = 60  # seconds, on a machine that does other things too


@pytest.fixture(params=LINES.values(), ids=LINES.keys())
def line(request, settings) -> Line:
    settings.FETCH_IDLE_TIMEOUT = request.param.patience
    return request.param


def test_a_listing_that_misbehaves_costs_nothing(line, harvested, provider, kept, rows):
    before = kept(), rows()
    provider.move_on()
    provider.spoil(LISTING, line.behaviour)
    started = time.monotonic()
    job = jobs.run_now(harvested)
    assert time.monotonic() - started < BOUND
    sentence = line.listing.format(url=provider.url, version=__version__)
    assert reason(job) == sentence
    assert (kept(), rows()) == before
    harvested.refresh_from_db()
    assert harvested.last_message == sentence


def test_a_record_that_misbehaves_costs_only_its_own_news(
    line, harvested, provider, kept, rows, counts
):
    files, known = kept(), rows()
    provider.move_on()
    provider.spoil(BAD, line.behaviour)
    started = time.monotonic()
    job = jobs.run_now(harvested)
    assert time.monotonic() - started < BOUND
    url = provider.url_of("b")
    assert failures(job) == {url: line.record.format(url=url, version=__version__)}
    assert counts(job) == {"unchanged": 4, "changed": 1, "added": 1, "failed": 1}
    c = known[provider.url_of("c")][0]
    assert {name: kept()[name] for name in files if name != c} == {
        name: file for name, file in files.items() if name != c
    }
    assert b"Changed" in kept()[c][0]
    assert rows()[url] == known[url]


def test_a_record_that_is_mended_is_as_if_nothing_had_been(
    harvested, provider, kept, counts
):
    before = kept()
    provider.spoil(BAD, LINES["HTML"].behaviour)
    assert jobs.run_now(harvested).failed == 1
    provider.serve()
    assert counts(jobs.run_now(harvested)) == {"unchanged": 6}
    assert kept() == before
    assert not harvested.records.exclude(failure=None).exists()


def test_a_new_record_that_misbehaves_is_told_and_not_published(
    source, provider, kept, counts
):
    provider.spoil(BAD, LINES["HTML"].behaviour)
    job = jobs.run_now(source)
    assert failures(job) == {provider.url_of("b"): LINES["HTML"].record}
    assert (counts(job), len(kept())) == ({"added": 5, "failed": 1}, 5)
