"""Workers, work-horses and Redis that die in mid-harvest: nothing is lost."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from lxml import etree

from demo import DemoProvider, demo_provider
from harvests import cron
from harvests.embedded import stop_process
from tests.installation import Installation, children, installation_in, kill, until
from tests.mail_server import mail_server

COUNT, FEW = 1500, 40
STALLED_AFTER = 15  # more than starting a command takes on a busy machine


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("site")
    with installation_in(folder, STALLED_AFTER=str(STALLED_AFTER)) as installation:
        yield installation


@pytest.fixture(autouse=True)
def _stop(site) -> Iterator[None]:
    yield
    site.stop_processes()


@pytest.fixture
def provider() -> Iterator[DemoProvider]:
    with demo_provider(huge=COUNT) as running:
        yield running


@pytest.fixture
def huge(site, provider, request) -> str:
    """A source of many records in an organization, hence a folder, of its own."""
    return site.source(provider.url("huge"), request.node.name[:90])


@pytest.fixture
def slow(site, request) -> Iterator[str]:
    """The same of few records, eight of them in 0.6 seconds."""
    with demo_provider(delay=0.6) as running:
        yield site.source(running.url("slow"), request.node.name[:90])


def published(site: Installation, source: str) -> list[Path]:
    """The files that the source's records name, all of them there and well-formed."""
    paths = [Path(row["location"]) for row in site.records(source)]
    for path in paths:
        etree.parse(path)
    listed = {p for p in paths[0].parent.iterdir() if not p.name.startswith(".")}
    assert listed == set(paths)
    return paths


def hang_up(source: str, site: Installation) -> tuple[str, int, list[int]]:
    """Start a worker on the source; return job, worker and work-horses in mid-run."""
    job = site.enqueue(source)
    worker = site.worker()
    row = site.wait_for_records(job)
    assert row["status"] == "running"
    return job, worker.pid, children(worker.pid)


def test_a_dead_workers_job_fails_within_two_minutes_and_can_run_again(site, huge):
    job, worker, horses = hang_up(huge, site)
    for pid in [worker, *horses]:
        kill(pid)
    site.manage("harvest_due")
    assert site.job(job)["status"] == "running"
    site.worker("housekeeping")
    time.sleep(STALLED_AFTER)
    site.start("rqcron", "harvests.cron", "-l", "WARNING")
    row = site.wait_for(job, "failed", seconds=60)
    assert "stopped without a word" in row["failure"]["message"]
    kept = len(site.records(huge))
    assert 0 < kept < COUNT
    again = site.enqueue(huge)
    site.worker()
    row = site.wait_for(again, "finished")
    assert row["num_records"] == row["added"] + row["unchanged"] == COUNT
    assert len(published(site, huge)) == COUNT


def test_two_minutes_hold_with_the_settings_as_they_are(settings):
    default = int(settings.ENVIRONMENT.variables["STALLED_AFTER"])
    beat, start_of_a_job = 1, 10
    assert beat + default + cron.EVERY + start_of_a_job <= 120


def test_a_killed_work_horse_fails_its_job_at_once(site, huge):
    job, _worker, horses = hang_up(huge, site)
    for pid in horses:
        kill(pid)
    row = site.wait_for(job, "failed", seconds=3)
    assert "stopped without a word" in row["failure"]["message"]
    assert "Traceback" not in site.said
    again = site.enqueue(huge)
    assert site.wait_for(again, "finished")["num_records"] == COUNT
    assert len(published(site, huge)) == COUNT


def test_a_worker_told_to_stop_hands_its_harvest_to_the_next(site, slow):
    job, _worker, _horses = hang_up(slow, site)
    started = time.monotonic()
    site.processes[-1].terminate()
    assert site.processes[-1].wait(10) == 0
    assert time.monotonic() - started < 5
    row = site.job(job)
    assert row["status"] == "cancelled"
    assert row["failure"]["message"].startswith("Its worker was stopped.")
    assert 0 < len(published(site, slow)) < FEW
    site.worker()
    row = site.wait_for(site.last_job(slow), "finished")
    assert row["id"] != job
    assert row["unchanged"] > 0
    assert len(published(site, slow)) == FEW


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux ties processes")
def test_a_work_horse_without_its_worker_hands_on_too(site, slow):
    job, worker, _horses = hang_up(slow, site)
    kill(worker, signal.SIGKILL)
    assert site.wait_for(job, "cancelled", seconds=5)
    until(lambda: site.last_job(slow) != job)
    site.worker()
    site.wait_for(site.last_job(slow), "finished")
    assert len(published(site, slow)) == FEW


def test_a_cancelled_harvest_is_not_handed_on(site, slow):
    job, _worker, _horses = hang_up(slow, site)
    site.ask("HarvestJob.objects.get(pk=job).cancel('anna')", job=job)
    site.processes[-1].terminate()
    site.wait_for(job, "cancelled")
    site.processes[-1].wait(10)
    assert site.last_job(slow) == job


def test_a_redis_that_lost_the_queue_gets_it_again(site, provider):
    source = site.source(provider.url("good"), "Redis")
    job = site.enqueue(source)
    stop_process(site.redis.process)
    age = "HarvestJob.objects.filter(pk=job).update(date='2026-01-01T00:00Z')"
    site.ask(age, job=job)
    site.start("harvest_due").wait()
    assert "cannot be reached" in site.said
    assert "Traceback" not in site.said
    assert site.password not in site.said
    shutil.rmtree(site.folder / "redis")
    site.redis = site.start_redis()
    site.worker()
    time.sleep(1)
    assert site.job(job)["status"] == "queued"
    site.manage("harvest_due")
    assert site.wait_for(job, "finished")["added"] == 24


def test_a_harvest_goes_on_while_redis_is_away(site, slow):
    job, _worker, _horses = hang_up(slow, site)
    stop_process(site.redis.process)
    site.redis = site.start_redis()
    assert site.wait_for(job, "finished")["added"] == FEW
    again = site.enqueue(slow)
    if site.processes[-1].poll() is not None:
        site.worker()
    until(lambda: site.job(again)["status"] == "finished", told=lambda: site.said)


def test_a_worker_killed_while_it_sends_loses_no_mail_and_sends_none_twice(
    site, provider
):
    source = site.source(
        provider.url("good"), "Mailed", harvest_contact="carla@example.org"
    )
    reach = SimpleNamespace()
    with mail_server(reach) as server:
        at = {"MAIL_SERVER": reach.EMAIL_HOST, "MAIL_PORT": str(reach.EMAIL_PORT)}
        site.ask(
            "str(jobs.run_now(HarvestSource.objects.get(pk=source)))", source=source
        )
        server.before_answer = site.stop_processes  # in the middle of the mail
        site.start("rqworker", "housekeeping", "-v", "0", **at)
        until(lambda: server.before_answer is None)
        rows = "list(Delivery.objects.values('state', 'tries'))"
        assert site.ask(rows) == [{"state": "waiting", "tries": 1}]
        assert server.mails == []
        site.ask("Delivery.objects.update(next_try='2020-01-01T00:00:00Z')")
        for _time in range(2):
            site.ask("str(send_soon())")
        site.start("rqworker", "housekeeping", "-v", "0", "--burst", **at).wait()
    assert site.ask(rows) == [{"state": "sent", "tries": 2}]
    assert server.receivers == ["carla@example.org"]
    assert site.ask("Event.objects.filter(source=source).count()", source=source) == 1
