"""Records just below the limit that are made to be expensive."""

import time

import pytest

from harvests import jobs
from tests.bad_input.conftest import failures
from tests.bad_input.documents import RECORD, document
from tests.bad_input.provider import BAD

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("little_memory"),
]

MILLION = 1_000_000
TAG = b"<gmd:MD_DataIdentification"
ABSTRACT = b"Of Dataset b."
NOT_WELL_FORMED = "The document is not well-formed XML (line %d, column %d): %s; "
NOT_WELL_FORMED += "correct it at the source."


def attributes(count: int) -> bytes:
    return TAG + b"".join(b' a%d="x"' % number for number in range(count))


MONSTERS = {
    "a million attributes": (
        RECORD.replace(TAG, attributes(MILLION)),
        NOT_WELL_FORMED % (15, 10003119, "one text or tag is larger than 10 MB"),
    ),
    "a million levels": (
        RECORD.replace(ABSTRACT, b"<a>" * MILLION + b"</a>" * MILLION),
        NOT_WELL_FORMED % (24, 795, "elements are nested deeper than 256 levels"),
    ),
    "a text of 19 MB": (
        RECORD.replace(ABSTRACT, b"x" * 19 * MILLION),
        NOT_WELL_FORMED % (24, 10002881, "one text or tag is larger than 10 MB"),
    ),
}


@pytest.fixture(autouse=True)
def usual_limit(short_tempered, settings) -> None:
    settings.MAX_RECORD_BYTES = 20 * MILLION


@pytest.mark.parametrize("monster", MONSTERS)
def test_a_record_that_nobody_reads_is_named_at_once(
    monster, harvested, provider, kept, counts
):
    before = kept()
    body, sentence = MONSTERS[monster]
    provider.spoil(BAD, document(body))
    started = time.monotonic()
    job = jobs.run_now(harvested)
    assert time.monotonic() - started < 20
    assert failures(job) == {provider.url_of("b"): sentence}
    assert (counts(job), kept()) == ({"unchanged": 5, "failed": 1}, before)


def test_a_record_of_many_comments_is_read(harvested, provider, counts):
    body = RECORD.replace(ABSTRACT, ABSTRACT + b"<!---->" * 2 * MILLION)
    provider.spoil(BAD, document(body))
    started = time.monotonic()
    job = jobs.run_now(harvested)
    assert time.monotonic() - started < 20
    assert counts(job) == {"unchanged": 5, "changed": 1}


def test_a_hundred_thousand_errors_of_one_element_are_few_findings(harvested, provider):
    body = RECORD.replace(TAG, attributes(100_000))
    provider.spoil(BAD, document(body))
    job = jobs.run_now(harvested)
    assert (job.changed, job.with_errors) == (1, 1)
    findings = harvested.records.get(url=provider.url_of("b")).findings
    assert len(findings) < 300
    more = [f["error"] for f in findings if f["rule"] == "xsd-more"]
    said = "The record has 99,800 more schema errors, and is too large to tell where"
    assert more == [f"{said} they are. Correct these first."]
