"""An identifier that two records have, told before either of them is published."""

import threading

import pytest

from harvests import conf, jobs
from harvests.ledger import DatabaseLedger
from harvests.models import HarvestSource, Organization
from harvests.pipeline.runner import Tools, harvest
from harvests.pipeline.types import Outcome, Result
from harvests.previews import preview_url
from tests.folders import record

pytestmark = pytest.mark.django_db(transaction=True)
SENTENCE = 'The gmd:fileIdentifier "buoy" is also that of {} in another source; CKAN'


@pytest.fixture
def rivals(site, source_of) -> tuple[HarvestSource, HarvestSource]:
    """Sources of two organizations with a record called the same; one is harvested."""
    path, url = site
    other = Organization.objects.create(name="Tide Office")
    for name in ("here", "there"):
        (path / name).mkdir()
        (path / name / f"{name}.xml").write_bytes(record("buoy"))
    (path / "here" / "tide.xml").write_bytes(record("tide"))
    first = source_of(f"{url}there/", organization=other)
    jobs.run_now(first)
    return first, source_of(f"{url}here/")


def told(outcomes: list[Outcome]) -> dict[str, list[str]]:
    return {
        outcome.url.rpartition("/")[2]: [
            finding.message
            for finding in outcome.findings
            if finding.rule == "duplicate-identifier"
        ]
        for outcome in outcomes
    }


def test_a_preview_tells_who_else_has_the_identifier(rivals):
    first, second = rivals
    for found in (preview_url("", source=second), preview_url(second.url, kind="WAF")):
        said = told([specimen.outcome for specimen in found.sample])
        assert said["tide.xml"] == []
        assert said["here.xml"][0].startswith(SENTENCE.format(f"{first.url}there.xml"))
        assert any("“" not in m and "buoy" in m for m in found.sample[0].messages)
    assert told([s.outcome for s in preview_url("", source=first).sample]) == {
        "there.xml": []
    }


def test_the_address_of_a_source_is_no_rival_of_that_source(rivals):
    first, second = rivals
    jobs.run_now(second)
    for source in (None, HarvestSource(organization=second.organization)):
        found = preview_url(second.url, kind="WAF", source=source)
        said = told([specimen.outcome for specimen in found.sample])
        assert said["tide.xml"] == []
        (message,) = said["here.xml"]
        assert message.startswith(SENTENCE.format(f"{first.url}there.xml"))


def test_a_harvest_asks_who_else_has_it_before_a_file_is_published(rivals, folder):
    first, second = rivals
    there: list[list[str]] = []

    class Asked(DatabaseLedger):
        def rivals(self, wanted):
            there.append([name for name in folder.names() if name])
            return super().rivals(wanted)

    tools = Tools(
        conf.fetcher(threading.Event(), second),
        folder,
        Asked(second, folder),
        threading.Event(),
    )
    events = harvest(conf.plan_of(second), tools, cancelled=lambda: False)
    outcomes = [event for event in events if isinstance(event, Outcome)]
    assert {outcome.result for outcome in outcomes} == {Result.ADDED}
    assert (there[0], len(folder.names())) == ([], 2)
    said = told(outcomes)
    assert said["tide.xml"] == []
    (message,) = said["here.xml"]
    assert message.startswith(SENTENCE.format(f"{first.url}there.xml"))
    row = second.records.get(file_id="buoy")
    assert [f["error"] for f in row.findings] == [message]


def test_one_address_in_two_sources_is_told_too(rivals, source_of):
    first, _second = rivals
    again = source_of(first.url.replace("there/", ""), include="*there.xml")
    jobs.run_now(again)
    (row,) = again.records.all()
    assert row.url == first.records.get().url
    assert "in another source" in row.findings[0]["error"]


def test_the_finding_goes_with_its_reason(rivals, site):
    _first, second = rivals
    jobs.run_now(second)
    assert second.records.get(file_id="buoy").warning_count == 1
    (site[0] / "here" / "here.xml").write_bytes(record("own", date="2025-02-01"))
    jobs.run_now(second)
    assert second.records.get(file_id="own").findings == []
