"""Findings of many records that are one problem, counted as harvests go."""

import pytest
import requests

from demo.datasets import numbered
from demo.records import record
from harvests import deletion_job, jobs, trash
from harvests.advice import advice_on
from harvests.ledger import DatabaseLedger
from harvests.models import Cause, HarvestRecord, HarvestSource
from harvests.pipeline import iso
from harvests.pipeline.errors import ReadError
from harvests.pipeline.validators import validate
from harvests.problems import common, key_of, note, noted
from tests.conftest import CORPUS

pytestmark = pytest.mark.django_db(transaction=True)
FOLDERS = sorted(path for path in CORPUS.glob("iso/*") if path.is_dir())


def counted(source: HarvestSource) -> dict[str, tuple[int, int]]:
    """What the rows of the causes say: problem → (records, findings)."""
    rows = Cause.objects.open().filter(source=source)
    return {row.problem: (row.records, row.findings) for row in rows}


def true_counts(source: HarvestSource) -> dict[str, tuple[int, int]]:
    """The same, of the findings of all records, one by one."""
    counts: dict[str, tuple[int, int]] = {}
    for row in source.records.all():
        for problem, number in noted(note(row.findings)):
            records, findings = counts.get(problem, (0, 0))
            counts[problem] = (records + 1, findings + number)
    return counts


@pytest.fixture
def broken(provider, source_of) -> HarvestSource:
    """A source whose records have nearly everything that can be found."""
    source = source_of(provider.url("broken"))
    jobs.run_now(source)
    return source


def record_of(source: HarvestSource, number: int, *messages: str) -> HarvestRecord:
    """A record of which the last harvest found these schema errors."""
    errors = [{"rule": "xsd", "severity": "error", "error": m} for m in messages]
    return HarvestRecord.objects.create(
        source=source,
        url=f"{source.url}/{number}",
        validation_errors=[{"line_number": 1, **error} for error in errors],
        causes=note(errors),
    )


@pytest.mark.parametrize(
    ("rule", "message", "expected"),
    [
        (
            "xsd",
            'gco:Date says "the "old" one"; expected a date.',
            "gco:Date says …; expected a date.",
        ),
        (
            "xsd",
            "gml:id: The value 'a b' of 'gml:id' has a length of '3'.",
            "gml:id: The value … of 'gml:id' has a length of ….",
        ),
        (
            "bbox-swapped",
            "edge (-4.5e+01) is north of (8).",
            "edge (…) is north of (…).",
        ),
        (
            "bbox-out-of-range",
            "The box's gmd:eastBoundLongitude 1e+06 is not on the globe. From -90 on.",
            "The box's gmd:eastBoundLongitude … is not on the globe. From -90 on.",
        ),
        (
            "duplicate-identifier",
            'The gmd:fileIdentifier "a" is also that of http://e.org/?a;b; CKAN …',
            "The gmd:fileIdentifier … is also that of …; CKAN …",
        ),
        (
            "name-taken",
            "a file named a b.xml; this one is published as a b-1.xml. If both",
            "a file named …; this one is published as …. If both",
        ),
        ("xsd-more", "The record has 7 more.", "The record has … more."),
        ("gml-legacy", "Uses GML 3.2.0, see (2).", "Uses GML 3.2.0, see (2)."),
    ],
    ids=lambda value: value[:20],
)
def test_what_changes_from_record_to_record_is_left_out(rule, message, expected):
    assert common(rule, message) == expected


def test_a_problem_is_of_a_rule():
    assert key_of("a", "text") != key_of("b", "text")
    assert key_of("a", 'says "x"') == key_of("a", 'says "y"')
    assert len(key_of("a", "\ud800")) == 16


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_problem_of_real_records_has_the_advice_of_its_findings(folder):
    for path in folder.rglob("*.xml"):
        try:
            findings = validate(iso.read(path.read_bytes()))
        except ReadError:
            continue
        for found in findings:
            said = advice_on(found.rule, found.message)
            assert said is advice_on(found.rule, common(found.rule, found.message))


def test_a_harvest_counts_what_it_found(broken):
    assert counted(broken) == true_counts(broken) != {}
    cause = broken.causes.get(rule="bbox-swapped")
    assert "(…)" in cause.message
    assert cause.severity == "error"
    (swapped,) = cause.all_records()
    assert cause.examples == [swapped.pk]
    assert swapped.url.endswith("swapped-box.xml")


def test_a_mended_problem_is_gone_and_keeps_its_address(broken, provider):
    before = {row.pk: row.since for row in broken.causes.all()}
    requests.post(provider.url("broken/fix"), timeout=5)
    jobs.run_now(broken)
    assert counted(broken) == true_counts(broken)
    rows = broken.causes.exclude(gone=None)
    assert rows.exists()
    assert {row.pk: row.since for row in rows}.items() <= before.items()
    assert {(row.records, row.findings) for row in rows} == {(0, 0)}


def test_nothing_is_written_where_nothing_changed(broken):
    before = list(broken.causes.order_by("pk").values())
    jobs.run_now(broken, force=True)
    assert list(broken.causes.order_by("pk").values()) == before


def test_a_duplicate_found_at_the_end_is_counted(site, source_of):
    path, url = site
    for name in ("a.xml", "b.xml"):
        (path / name).write_bytes(record(numbered("bench", 1)))
    source = source_of(url)
    jobs.run_now(source)
    assert counted(source) == true_counts(source)
    (cause,) = source.causes.all()
    assert (cause.rule, cause.records) == ("duplicate-identifier", 2)


def test_removed_and_restored_records_count(shrinking, provider):
    jobs.run_now(shrinking)
    errors = [{"rule": "xsd", "severity": "error", "error": "bad"}]
    shrinking.records.update(validation_errors=errors, causes=note(errors))
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    jobs.run_now(shrinking, allow_removals=True)
    (cause,) = Cause.objects.open()
    assert cause.records == 4
    trash.restore(shrinking.trash.first())
    cause.refresh_from_db()
    assert (cause.records, cause.findings) == (5, 5)


def test_the_causes_of_a_deleted_source_go_with_it(broken):
    deletion_job.delete_source(broken.pk)
    assert not Cause.objects.exists()


def test_of_too_many_causes_the_rarest_are_left_out(source_of, folder, monkeypatch):
    monkeypatch.setattr("harvests.causes.MOST", 2)
    source = source_of("https://example.org/waf/")
    record_of(source, 1, "often", "twice", "once")
    record_of(source, 2, "often", "twice")
    record_of(source, 3, "often", "often")
    list(DatabaseLedger(source, folder).finish())
    assert sorted(counted(source).values()) == [(2, 2), (3, 4)]


def test_a_cause_gone_for_long_is_forgotten(source_of, folder, settings):
    source = source_of("https://example.org/waf/")
    bad = record_of(source, 1, "bad")
    list(DatabaseLedger(source, folder).finish())
    bad.delete()
    settings.JOB_HISTORY_DAYS = 0
    list(DatabaseLedger(source, folder).finish())
    assert not Cause.objects.exists()
