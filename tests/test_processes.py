"""Harvests in real workers: progress, cancelling, two at once."""

import datetime as dt
import hashlib
import time
from collections.abc import Iterator
from itertools import pairwise
from statistics import median

import pytest
from lxml import etree

from demo import DemoProvider, demo_provider
from tests.installation import Installation, installation_in, until


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Installation]:
    with installation_in(tmp_path_factory.mktemp("site")) as installation:
        yield installation


@pytest.fixture(autouse=True)
def _stop(site) -> Iterator[None]:
    yield
    site.stop_processes()


@pytest.fixture
def provider() -> Iterator[DemoProvider]:
    with demo_provider(huge=2500) as running:
        yield running


def test_counters_and_sign_of_life_are_stored_every_second(site):
    with demo_provider(delay=0.8) as provider:  # of 40 records, eight at a time
        job = site.enqueue(site.source(provider.url("slow"), "Steady"))
        site.worker()
        site.wait_for_records(job)
        rows = []
        while (row := site.job(job))["status"] == "running":
            rows.append((time.monotonic(), row["heartbeat"], row["added"]))
            time.sleep(0.05)
    assert (row["status"], row["added"]) == ("finished", 40)
    for column in (1, 2):
        changes = [b[0] for a, b in pairwise(rows) if a[column] != b[column]]
        gaps = [later - earlier for earlier, later in pairwise(changes)]
        assert len(gaps) >= 2
        assert median(gaps) < 1.1, gaps
        assert max(gaps) < 5, gaps


def test_a_running_harvest_is_cancelled_within_two_seconds(site, provider):
    source = site.source(provider.url("slow"), "Slow")
    job = site.enqueue(source)
    site.worker()
    site.wait_for_records(job)
    site.ask("HarvestJob.objects.get(pk=job).cancel('anna')", job=job)
    asked = time.monotonic()
    row = site.wait_for(job, "cancelled")
    assert time.monotonic() - asked < 2
    assert row["failure"]["message"] == "Cancelled by anna."
    stored = {record["file_name"] for record in site.records(source)}
    assert 0 < len(stored) < 40
    assert stored == {path.name for path in (site.store / "Slow").glob("*.xml")}
    again = site.wait_for(site.enqueue(source), "finished")
    assert again["added"] + again["unchanged"] == again["num_records"] == 40


def test_a_queued_harvest_is_cancelled_at_once(site, provider):
    source = site.source(provider.url("good"), "Queued")
    job = site.enqueue(source)
    site.ask("HarvestJob.objects.get(pk=job).cancel('anna')", job=job)
    assert site.job(job)["status"] == "cancelled"
    again = site.enqueue(source)
    site.worker()
    assert site.wait_for(again, "finished")["added"] == 24
    assert site.job(job)["started"] is None


def test_two_workers_never_overwrite_each_others_files(site):
    with demo_provider(huge=600) as provider:
        harvest_all_at_once(site, provider)


def harvest_all_at_once(site: Installation, provider: DemoProvider) -> None:
    folders = ("good", "good/observations", "duplicates", "huge")
    sources = [
        site.source(provider.url(folder) + "/" * ("/" in folder), "Both", publish=True)
        for folder in folders
    ]
    site.manage("harvest", "--all", "--queue")
    site.worker(), site.worker()
    for source in sources:
        site.wait_for(site.last_job(source), "finished")
    rows = [row for source in sources for row in site.records(source)]
    files = {path.name: path.read_bytes() for path in (site.store / "Both").iterdir()}
    assert len(rows) == len(files) == len({row["file_name"] for row in rows})
    for row in rows:
        data = files[row["file_name"]]
        assert hashlib.sha256(data).hexdigest() == row["sha256"]
        assert etree.fromstring(data) is not None
    taken = [row for row in rows if "name-taken" in str(row["validation_warnings"])]
    overlap = {row["url"] for row in site.records(sources[0])} & {
        row["url"] for row in site.records(sources[1])
    }
    assert len(taken) == len(overlap) > 0


def test_the_scheduler_queues_what_is_due(site, provider):
    source = site.source(provider.url("good"), "Due", publish=True)
    site.start("rqcron", "harvests.cron")
    site.worker("housekeeping"), site.worker()
    until(lambda: site.ask("HarvestJob.objects.filter(source=s).count()", s=source))
    job = site.wait_for(site.last_job(source), "finished")
    assert job["requested_by"] == "schedule"
    due = site.ask("HarvestSource.objects.get(pk=s).next_harvest_dt", s=source)
    planned = dt.datetime.fromisoformat(due) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(hours=23) < planned < dt.timedelta(hours=25)
