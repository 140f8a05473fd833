"""What RQ runs, and how it is enqueued."""

import datetime as dt
import logging
import os
import socket
import threading
from typing import Any

import django_rq
import redis.exceptions
from django.conf import settings
from django.utils import timezone
from rq import Callback
from rq.job import Job

from harvests import conf, trash
from harvests.ledger import DatabaseLedger
from harvests.models import (
    HarvestJob,
    HarvestSource,
    JobAlreadyActiveError,
    JobStatus,
)
from harvests.pipeline.errors import Cancelled, HarvestError
from harvests.pipeline.runner import Tools, harvest
from harvests.pipeline.types import Plan
from harvests.recording import Recorder

logger = logging.getLogger(__name__)

LOST_AFTER = dt.timedelta(seconds=60)


class QueueError(Exception):
    """Redis cannot be reached; the job waits until it can."""


def enqueue_harvest(source: HarvestSource, **options: Any) -> HarvestJob:
    """Queue a harvest; `options` are those of HarvestJob (requested_by, force, ...).

    Raises JobAlreadyActiveError, and QueueError when Redis is away: the job is then
    queued in the database and `harvest_due` hands it to Redis later.
    """
    job = HarvestJob.objects.start_for(source, **options)
    _hand_over(job)
    return job


def run_now(source: HarvestSource, **options: Any) -> HarvestJob:
    """Harvest in this process. Raises JobAlreadyActiveError."""
    job = HarvestJob.objects.start_for(source, **options)
    run_harvest(job.pk)
    job.refresh_from_db()
    return job


def run_harvest(job_id: str) -> None:
    """Run a queued job to its end. Guard two: a crash fails the job, then shows."""
    job = HarvestJob.objects.select_related("source").get(pk=job_id)
    if not job.claim(f"{socket.gethostname()}:{os.getpid()}"):
        logger.info("Job %s is not waiting any more", job_id)
        return
    try:
        status, message = _run(job)
    except BaseException as error:
        logger.exception("Job %s crashed", job_id)
        message = f"The harvester failed ({type(error).__name__}); its log has more."
        _end(job, JobStatus.FAILED, message)
        raise
    _end(job, status, message)


def harvest_failed(rq_job: Job, *_details: Any) -> None:
    """RQ says that the process running a job died: say so at once."""
    job = HarvestJob.objects.select_related("source").filter(pk=rq_job.args[0]).first()
    if job and job.is_active:
        _end(job, JobStatus.FAILED, _worker_died(job))


def harvest_due(now: dt.datetime | None = None) -> list[HarvestJob]:
    """What happens every minute: mend what died, queue what is due.

    Returns the jobs queued for due sources.
    """
    now = now or timezone.now()
    fail_stalled(now)
    hand_over_lost(now)
    if not settings.ENABLE_CRON:
        return []
    due = HarvestSource.objects.due(now)
    jobs = []
    for source in due.select_related("organization"):
        source.plan_next(now, settings.CRON_STRING)
        try:
            jobs.append(enqueue_harvest(source, requested_by="schedule"))
        except JobAlreadyActiveError:
            logger.info("%s is due, and being harvested already", source)
        except QueueError as error:
            logger.error("%s", error)
    return jobs


def fail_stalled(now: dt.datetime) -> list[HarvestJob]:
    """Fail running jobs whose worker is gone, so that their sources can run again."""
    stalled = list(HarvestJob.objects.stalled(now).select_related("source"))
    for job in stalled:
        _end(job, JobStatus.FAILED, _worker_died(job))
    return stalled


def hand_over_lost(now: dt.datetime) -> list[HarvestJob]:
    """Hand queued jobs to Redis again where it lost them (or was away)."""
    waiting = HarvestJob.objects.filter(
        status=JobStatus.QUEUED, date__lt=now - LOST_AFTER
    )
    queue = django_rq.get_queue("default")
    known = set(queue.job_ids) | set(queue.started_job_registry.get_job_ids())
    lost = [job for job in waiting if _rq_id(job) not in known]
    for job in lost:
        logger.warning("Job %s was not in the queue: queued again", job.pk)
        _hand_over(job)
    return lost


def _rq_id(job: HarvestJob) -> str:
    return f"harvest-{job.pk}"


def _hand_over(job: HarvestJob) -> None:
    try:
        django_rq.get_queue("default").enqueue(
            run_harvest, job.pk, job_id=_rq_id(job), on_failure=Callback(harvest_failed)
        )
    except redis.exceptions.ConnectionError as error:
        raise QueueError(
            f"Redis at {settings.REDIS_URL} cannot be reached ({error}). The job is "
            "kept and starts once Redis is back and the scheduler runs."
        ) from error


def _run(job: HarvestJob) -> tuple[str, str]:
    """Return the status a job ends with, and why."""
    source = job.source
    stop = threading.Event()
    fetcher = conf.fetcher(stop)
    recorder = Recorder(job, fetcher)
    try:
        folder = conf.store().folder(source.organization_id)
        tools = Tools(fetcher, folder, DatabaseLedger(source, folder), stop)
        for event in harvest(_plan(job), tools, cancelled=recorder.stop_asked):
            recorder.take(event)
    except HarvestError as error:
        return JobStatus.FAILED, str(error)
    except Cancelled:
        return JobStatus.CANCELLED, job_message(job)
    finally:
        recorder.finish()
    return JobStatus.FINISHED, ""


def job_message(job: HarvestJob) -> str:
    """Return who cancelled a job."""
    job.refresh_from_db(fields=["failure"])
    return job.message or "Cancelled."


def _plan(job: HarvestJob) -> Plan:
    source = job.source
    stale = dt.timedelta(days=settings.STALE_EXPIRATION_DAYS)
    return Plan(
        kind=source.harvest_type,
        url=source.url,
        limits=conf.gather_limits(source.max_depth),
        removal_percent=source.removal_limit,
        allow_removals=job.allow_removals,
        stale_after=stale if job.clean_stale else None,
        force=job.force,
    )


def _end(job: HarvestJob, status: str, message: str) -> None:
    if job.end(status, message=message):
        job.source.take_stock(
            ok=status == JobStatus.FINISHED, message=message, when=timezone.now()
        )


def _worker_died(job: HarvestJob) -> str:
    seen = f"{job.heartbeat:%H:%M:%S} UTC" if job.heartbeat else "never"
    return (
        f"The worker {job.worker} stopped without a word (last sign of life {seen}). "
        "What it had harvested is kept; the source can be harvested again."
    )


def housekeeping() -> dict[str, int]:
    """What happens every day: forget old jobs and empty the old trash."""
    before = timezone.now() - dt.timedelta(days=settings.JOB_HISTORY_DAYS)
    return {"jobs": prune_jobs(before), "trash": trash.empty_old()}


def prune_jobs(before: dt.datetime) -> int:
    """Delete ended jobs created before that time, each source's last one excepted."""
    count = 0
    for source in HarvestSource.objects.all():
        ended = source.jobs.filter(active_source=None).order_by("-date")
        last = ended.values_list("pk", flat=True)[:1]
        old = list(
            ended.filter(date__lt=before)
            .exclude(pk__in=list(last))
            .values_list("pk", flat=True)
        )
        HarvestJob.objects.filter(pk__in=old).delete()
        count += len(old)
    return count
