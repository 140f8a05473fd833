"""Jobs against the demo provider, a real Redis and a real database."""

import datetime as dt
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import django_rq
import pytest
import redis
import requests
from django.db import connection
from django.utils import timezone

from demo import demo_provider
from harvests import conf, ending, jobs, upkeep
from harvests.models import (
    HarvestJob,
    HarvestRecord,
    HarvestSource,
    JobAlreadyActiveError,
    JobStatus,
)
from harvests.models.records import FAILED
from harvests.pipeline.errors import Superseded
from harvests.queueing import QueueError
from harvests.recording import Recorder
from tests.folders import add_records, record

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_harvests_every_record_and_says_so(good, folder, counts):
    job = jobs.run_now(good, requested_by="test")
    assert (job.status, job.successful, job.num_records) == ("finished", True, 24)
    assert counts(job) == {"added": 24}
    assert len(folder.names()) == good.records.count() == 24
    good.refresh_from_db()
    assert good.last_harvest_status == "ok"
    assert (good.last_record_count, good.last_bad_count) == (24, 0)
    assert job.requests["statuses"]["200"] >= 25


def test_a_second_run_changes_nothing_on_the_disk(good, folder, counts):
    jobs.run_now(good)
    before = {name: folder.path_of(name).stat().st_mtime_ns for name in folder.names()}
    job = jobs.run_now(good)
    after = {name: folder.path_of(name).stat().st_mtime_ns for name in folder.names()}
    assert counts(job) == {"unchanged": 24}
    assert before == after
    assert job.requests["statuses"]["304"] == 24


def test_a_changed_record_is_stored_and_only_that(provider, good, folder, counts):
    jobs.run_now(good)
    requests.post(provider.url("good/touch"), timeout=5)
    job = jobs.run_now(good)
    assert counts(job) == {"changed": 1, "unchanged": 23}
    [outcome] = job.outcomes.all()
    assert outcome.outcome == "changed"
    row = good.records.get(url=outcome.url)
    assert row.description in folder.path_of(row.file_name).read_text()


def test_a_record_whose_file_went_away_is_fetched_again(good, folder, counts):
    jobs.run_now(good)
    lost = folder.path_of(folder.names()[0])
    lost.unlink()
    jobs.run_now(good)
    assert lost.exists()


def test_each_failure_is_named_and_the_rest_is_published(provider, source_of, folder):
    job = jobs.run_now(source_of(provider.url("broken")))
    assert (job.status, job.added, job.failed) == ("finished", 14, 5)
    messages = "\n".join(
        job.outcomes.filter(outcome="failed").values_list("message", flat=True)
    )
    for words in ("404", "ISO 19115-3", "FGDC", "not well-formed", "web page"):
        assert words in messages
    unpublished = HarvestRecord.objects.filter(file_name="")
    assert unpublished.count() == 5
    assert all(row.failure["message"] for row in unpublished)
    worst = HarvestRecord.objects.order_by("-trouble")[:6]
    assert [bool(row.failure) for row in worst] == [True] * 5 + [False]
    assert worst[5].trouble == worst[5].error_count > 0
    assert len(folder.names()) == 14


def test_a_failure_is_forgotten_once_the_record_is_mended(provider, source_of, counts):
    source = source_of(provider.url("broken"))
    jobs.run_now(source)
    requests.post(provider.url("broken/fix"), timeout=5)
    job = jobs.run_now(source)
    assert (job.failed, job.added) == (0, 5)
    assert not source.records.exclude(failure=None).exists()
    assert not source.records.filter(trouble__gt=0).exists()
    source.refresh_from_db()
    assert source.last_bad_count == 0


def test_a_record_that_breaks_stays_published_as_it_was(provider, source_of, folder):
    source = source_of(provider.url("broken"))
    requests.post(provider.url("broken/fix"), timeout=5)
    jobs.run_now(source)
    names = folder.names()
    requests.post(provider.url("broken/break"), timeout=5)
    job = jobs.run_now(source)
    assert job.failed == 5
    assert folder.names() == names
    row = source.records.exclude(failure=None).first()
    assert row.record_url
    assert row.title
    assert row.trouble == FAILED
    requests.post(provider.url("broken/fix"), timeout=5)
    jobs.run_now(source)
    assert not source.records.filter(trouble__gt=0).exists()


def test_an_unreachable_source_fails_and_keeps_everything(provider, good, folder):
    jobs.run_now(good)
    provider.close()
    job = jobs.run_now(good)
    assert job.status == "failed"
    assert good.url in job.message
    good.refresh_from_db()
    assert (good.last_harvest_status, good.last_record_count) == ("fail", 24)
    assert len(folder.names()) == 24


def test_a_forbidden_source_says_403_and_what_to_do(provider, source_of):
    job = jobs.run_now(source_of(provider.url("forbidden")))
    assert job.status == "failed"
    assert "403" in job.message
    assert "User-Agent" in job.message


def test_a_shrinking_source_keeps_its_records_until_approved(
    provider, shrinking, folder, counts
):
    jobs.run_now(shrinking)
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    held = jobs.run_now(shrinking)
    assert counts(held) == {"unchanged": 4, "held": 36}
    assert len(folder.names()) == 40
    shrinking.refresh_from_db()
    assert shrinking.held_count == 36
    approved = jobs.run_now(shrinking, allow_removals=True)
    assert counts(approved) == {"unchanged": 4, "removed": 36}
    assert len(folder.names()) == shrinking.records.count() == 4
    assert shrinking.trash.count() == 36


def test_held_records_that_come_back_are_no_longer_missing(provider, shrinking, counts):
    jobs.run_now(shrinking)
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    jobs.run_now(shrinking)
    requests.post(provider.url("shrinking/reset"), timeout=5)
    assert counts(jobs.run_now(shrinking)) == {"unchanged": 40}
    assert not shrinking.records.exclude(missing_since=None).exists()


def test_stale_records_go_once_they_were_missing_long_enough(
    provider, shrinking, counts
):
    jobs.run_now(shrinking)
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    jobs.run_now(shrinking)
    assert counts(jobs.run_now(shrinking, clean_stale=True))["held"] == 36
    long_ago = timezone.now() - dt.timedelta(days=4)
    shrinking.records.exclude(missing_since=None).update(missing_since=long_ago)
    assert counts(jobs.run_now(shrinking, clean_stale=True))["removed"] == 36


def test_records_that_share_an_identifier_are_both_told(provider, source_of):
    source = source_of(provider.url("duplicates"))
    jobs.run_now(source)
    told = [
        row.url
        for row in source.records.all()
        if any(f["rule"] == "duplicate-identifier" for f in row.findings)
    ]
    shared = source.records.values_list("file_id", flat=True)
    assert len(told) == sum(list(shared).count(i) > 1 for i in shared) > 0


def test_two_sources_with_one_record_never_overwrite_each_other(
    provider, source_of, folder
):
    whole = source_of(provider.url("good"))
    part = source_of(provider.url("good/models/"))
    jobs.run_now(whole)
    before = folder.names()
    job = jobs.run_now(part)
    assert job.added > 0
    assert len(folder.names()) == len(before) + job.added
    rules = {f["rule"] for row in part.records.all() for f in row.findings}
    assert "name-taken" in rules


def test_only_one_job_of_a_source_is_active(good):
    HarvestJob.objects.start_for(good)
    with pytest.raises(JobAlreadyActiveError, match="harvested already"):
        jobs.run_now(good)


def test_a_queued_job_runs_on_a_worker(good, queues):
    job = jobs.enqueue_harvest(good, requested_by="ann")
    assert job.status == JobStatus.QUEUED
    queues()
    job.refresh_from_db()
    assert (job.status, job.added, job.requested_by) == ("finished", 24, "ann")


def test_a_queued_job_can_be_cancelled_before_it_starts(good, queues):
    job = jobs.enqueue_harvest(good)
    assert job.cancel("ann")
    queues()
    job.refresh_from_db()
    assert (job.status, job.message) == ("cancelled", "Cancelled by ann.")
    assert not good.records.exists()
    assert jobs.run_now(good).status == "finished"


def test_a_running_job_is_cancelled_within_two_seconds(source_of, folder):
    with demo_provider(delay=0.4) as provider:
        job = HarvestJob.objects.start_for(source_of(provider.url("slow")))
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(cancel_once_it_added_something, job.pk)
            jobs.run_harvest(job.pk)
            seconds = time.monotonic() - asked.result()
    job.refresh_from_db()
    assert (job.status, job.message) == ("cancelled", "Cancelled by ann.")
    assert seconds < 2
    assert 0 < job.source.records.count() == len(folder.names()) == job.added < 40


def cancel_once_it_added_something(job_id: str) -> float:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = HarvestJob.objects.get(pk=job_id)
        if found.status == "running" and found.added:
            break
        time.sleep(0.05)
    found.cancel("ann")
    connection.close()
    return time.monotonic()


def test_a_cancelled_harvest_does_not_make_its_source_failing(good):
    jobs.run_now(good)
    pressed = threading.Event()
    pressed.set()
    job = jobs.run_now(good, interrupted=pressed)
    good.refresh_from_db()
    assert (job.status, good.last_harvest_status) == ("cancelled", "ok")
    assert good.last_record_count == 24


def test_a_job_of_another_database_is_left_alone(db, caplog):
    jobs.run_harvest("of-another-database")
    assert "not in this database" in caplog.text


def test_a_process_that_stood_still_saves_nothing_any_more(good, provider, folder):
    """Failed as stalled, harvested by another, then it wakes up."""
    jobs.run_now(good)
    before = {name: folder.path_of(name).stat().st_mtime_ns for name in folder.names()}
    requests.post(provider.url("good/touch"), timeout=5)
    job = HarvestJob.objects.start_for(good)
    job.claim("here:1")
    HarvestJob.objects.get(pk=job.pk).end("failed", message="Gone.")
    recorder = Recorder(job, conf.fetcher(threading.Event()))
    with pytest.raises(Superseded):
        recorder.stop_asked()
    after = {name: folder.path_of(name).stat().st_mtime_ns for name in folder.names()}
    assert before == after


def test_a_source_whose_harvest_was_killed_runs_again_at_once(good):
    HarvestJob.objects.start_for(good).claim("gone:1")
    HarvestJob.objects.update(heartbeat=timezone.now() - dt.timedelta(minutes=2))
    assert jobs.run_now(good).status == "finished"


def test_one_silly_schedule_does_not_stop_the_others(good, shrinking, queues):
    HarvestSource.objects.update(publish=True)
    HarvestSource.objects.filter(pk=shrinking.pk).update(harvest_interval=1e12)
    assert [job.source_id for job in upkeep.harvest_due(timezone.now())] == [good.pk]


def test_a_record_too_large_for_a_row_is_cut_there_and_whole_in_its_file(
    site, source_of, folder
):
    path, url = site
    add_records(path, 3)
    (path / "big.xml").write_bytes(record("big", title="t" * 9_000_000))
    source = source_of(url)
    for _again in range(2):
        job = jobs.run_now(source, force=True)
        assert (job.status, job.failed) == ("finished", 0)
    row = source.records.get(url=f"{url}big.xml")
    assert len(row.title) == 2000
    assert folder.path_of(row.file_name).stat().st_size > 9_000_000


def test_many_large_changes_fit_into_the_database(site, source_of):
    path, url = site
    source = source_of(url)
    for version in ("one", "the other"):  # nginx's ETag knows length and second only
        for number in range(60):
            title = f"{version} {number} " + "x" * 100_000
            (path / f"{number}.xml").write_bytes(record(str(number), title=title))
        job = jobs.run_now(source)
    assert (job.status, job.changed) == ("finished", 60)


def test_a_stalled_job_is_failed_and_its_source_can_run_again(good):
    job = HarvestJob.objects.start_for(good)
    job.claim("gone:1")
    HarvestJob.objects.update(heartbeat=timezone.now() - dt.timedelta(minutes=2))
    assert [j.pk for j in ending.fail_stalled(timezone.now())] == [job.pk]
    job.refresh_from_db()
    assert job.status == "failed"
    assert "gone:1 stopped without a word" in job.message
    assert jobs.run_now(good).status == "finished"


def test_a_job_with_a_heartbeat_is_left_alone(good):
    HarvestJob.objects.start_for(good).claim("here:1")
    assert ending.fail_stalled(timezone.now()) == []


def test_due_sources_are_queued_once(good, queues):
    good.publish = True
    good.save()
    now = timezone.now()
    assert [job.source_id for job in upkeep.harvest_due(now)] == [good.pk]
    assert upkeep.harvest_due(now) == []
    good.refresh_from_db()
    assert good.next_harvest_dt == pytest.approx(
        now + dt.timedelta(days=1), abs=dt.timedelta(seconds=1)
    )


def test_what_was_just_harvested_by_hand_is_not_due(good, queues):
    good.publish = True
    good.save()
    jobs.run_now(good, requested_by="ann")
    assert upkeep.harvest_due(timezone.now()) == []


def test_a_missed_time_runs_once_not_many_times(good, queues):
    good.publish, good.cron = True, "0 * * * *"
    good.next_harvest_dt = timezone.now() - dt.timedelta(days=3)
    good.save()
    now = timezone.now()
    assert len(upkeep.harvest_due(now)) == 1
    assert upkeep.harvest_due(now) == []


def test_a_source_with_a_bad_schedule_keeps_no_other_from_its_harvest(
    good, shrinking, queues
):
    HarvestSource.objects.update(publish=True)
    bad = {"cron": "0 3 * * *", "time_zone": "Sea/Deep"}
    HarvestSource.objects.filter(pk=good.pk).update(**bad)
    assert [job.source for job in upkeep.harvest_due()] == [shrinking]


def test_unpublished_sources_are_never_due(good, queues):
    assert upkeep.harvest_due(timezone.now()) == []


def test_nothing_is_due_while_cron_is_off(good, queues, settings):
    settings.ENABLE_CRON = False
    HarvestSource.objects.update(publish=True)
    assert upkeep.harvest_due(timezone.now()) == []


def test_a_job_that_redis_lost_is_handed_over_again(good, queues):
    job = jobs.enqueue_harvest(good)
    django_rq.get_queue("default").empty()
    HarvestJob.objects.update(date=timezone.now() - dt.timedelta(minutes=5))
    assert [j.pk for j in upkeep.hand_over_lost(timezone.now())] == [job.pk]
    queues()
    job.refresh_from_db()
    assert job.status == "finished"


def test_a_job_waits_in_the_database_while_redis_is_away(good, settings):
    settings.RQ_QUEUES = {"default": {"URL": "redis://127.0.0.1:1/0"}}
    with pytest.raises(QueueError, match="cannot be reached"):
        jobs.enqueue_harvest(good)
    assert HarvestJob.objects.get().status == "queued"


def test_old_jobs_are_pruned_but_for_the_last(good):
    for _run in range(3):
        jobs.run_now(good)
    assert upkeep.prune_jobs(timezone.now()) == 2
    assert good.jobs.count() == 1


def test_housekeeping_runs_on_its_queue(good, queues):
    django_rq.get_queue("housekeeping").enqueue(upkeep.housekeeping)
    queues()
    assert isinstance(django_rq.get_connection("default"), redis.Redis)
