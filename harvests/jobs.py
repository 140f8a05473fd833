"""What RQ runs, and how it is enqueued."""

import datetime as dt
import logging
import os
import socket
import threading
from dataclasses import replace
from typing import Any

import django_rq
import redis.exceptions
from django.conf import settings
from django.utils import timezone
from rq import Callback
from rq.job import Job

from harvests import conf, interruption
from harvests.ending import end, fail_stalled, worker_died
from harvests.ledger import DatabaseLedger
from harvests.models import (
    HarvestJob,
    HarvestSource,
    JobAlreadyActiveError,
    JobStatus,
)
from harvests.pipeline.errors import Cancelled, HarvestError, Superseded
from harvests.pipeline.runner import Tools, harvest
from harvests.pipeline.types import Plan
from harvests.queueing import QueueError, unreachable
from harvests.recording import Recorder

logger = logging.getLogger(__name__)


def enqueue_harvest(source: HarvestSource, **options: Any) -> HarvestJob:
    """Queue a harvest; `options` are those of HarvestJob (requested_by, force, ...).

    Raises JobAlreadyActiveError, and QueueError when Redis is away: the job is then
    queued in the database and `harvest_due` hands it to Redis later.
    """
    fail_stalled(timezone.now())
    job = HarvestJob.objects.start_for(source, **options)
    hand_over(job)
    return job


def run_now(
    source: HarvestSource, interrupted: threading.Event | None = None, **options: Any
) -> HarvestJob:
    """Harvest in this process, until `interrupted` is set.

    Raises JobAlreadyActiveError.
    """
    fail_stalled(timezone.now())
    job = HarvestJob.objects.start_for(source, **options)
    _perform(job, interrupted or threading.Event())
    job.refresh_from_db()
    return job


def run_harvest(job_id: str) -> None:
    """What a worker runs. Told to stop, it keeps what is done and queues the rest."""
    job = HarvestJob.objects.select_related("source").filter(pk=job_id).first()
    if job is None:
        logger.warning("Job %s is not in this database: nothing to do", job_id)
        return
    _perform(job, interruption.asked)
    if interruption.asked.is_set():
        _go_on(job)


def _perform(job: HarvestJob, interrupted: threading.Event) -> None:
    """Run a queued job to its end. Guard two: a crash fails the job, then shows."""
    if not job.claim(f"{socket.gethostname()}:{os.getpid()}"):
        logger.info("Job %s is not waiting any more", job.pk)
        return
    try:
        status, message = _run(job, interrupted)
    except Superseded:
        logger.warning("Job %s was given up while this process stood still", job.pk)
        return
    except BaseException as error:
        logger.exception("Job %s crashed", job.pk)
        message = f"The harvester failed ({type(error).__name__}); its log has more."
        end(job, JobStatus.FAILED, message)
        raise
    end(job, status, message)


def _go_on(job: HarvestJob) -> None:
    """Queue anew what an interrupted job leaves, unless somebody cancelled it."""
    job.refresh_from_db(fields=["status", "cancel_requested"])
    if job.status != JobStatus.CANCELLED or job.cancel_requested:
        return
    options = ("requested_by", "allow_removals", "clean_stale", "force")
    try:
        enqueue_harvest(job.source, **{name: getattr(job, name) for name in options})
    except (JobAlreadyActiveError, QueueError) as error:
        logger.warning("%s", error)


def harvest_failed(rq_job: Job, *_details: Any) -> None:
    """RQ says that the process running a job died: say so at once."""
    job = HarvestJob.objects.select_related("source").filter(pk=rq_job.args[0]).first()
    if job and job.is_active:
        end(job, JobStatus.FAILED, worker_died(job))


def rq_id(job: HarvestJob) -> str:
    return f"harvest-{job.pk}"


def hand_over(job: HarvestJob) -> None:
    try:
        django_rq.get_queue("default").enqueue(
            run_harvest, job.pk, job_id=rq_id(job), on_failure=Callback(harvest_failed)
        )
    except redis.exceptions.ConnectionError as error:
        raise QueueError(
            f"{unreachable(error)}. The job is "
            "kept and starts once Redis is back and the scheduler runs.",
            job,
        ) from error


def _run(job: HarvestJob, interrupted: threading.Event) -> tuple[str, str]:
    """Return the status a job ends with, and why."""
    source = job.source
    stop = threading.Event()
    try:
        fetcher = conf.fetcher(stop, source)
    except HarvestError as error:  # its access data cannot be used
        return JobStatus.FAILED, str(error)
    recorder = Recorder(job, fetcher)
    try:
        folder = conf.store().folder(source.organization_id)
        tools = Tools(fetcher, folder, DatabaseLedger(source, folder), stop)

        def cancelled() -> bool:
            return interrupted.is_set() or recorder.stop_asked()

        for event in harvest(_plan(job), tools, cancelled=cancelled):
            recorder.take(event)
    except HarvestError as error:
        return JobStatus.FAILED, str(error)
    except Cancelled:
        return JobStatus.CANCELLED, job_message(job)
    finally:
        fetcher.close()
        recorder.finish()
    return JobStatus.FINISHED, ""


def job_message(job: HarvestJob) -> str:
    """Return who cancelled a job: a person, else the end of its worker."""
    job.refresh_from_db(fields=["failure"])
    return job.message or ("Its worker was stopped. What it had harvested is kept.")


def _plan(job: HarvestJob) -> Plan:
    stale = dt.timedelta(days=settings.STALE_EXPIRATION_DAYS)
    return replace(
        conf.plan_of(job.source),
        allow_removals=job.allow_removals,
        stale_after=stale if job.clean_stale else None,
        force=job.force,
    )
