"""What RQ runs, and how it is enqueued."""

import datetime as dt
import logging
import os
import socket
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import django_rq
import redis.exceptions
from django.conf import settings
from django.utils import timezone
from rq import Callback
from rq.job import Job

from harvests import ckan, conf, deletion, interruption, notifications, trash
from harvests.ledger import DatabaseLedger
from harvests.models import (
    CkanSource,
    HarvestJob,
    HarvestSource,
    JobAlreadyActiveError,
    JobStatus,
)
from harvests.notifications import deliveries
from harvests.pipeline.errors import Cancelled, HarvestError, Superseded
from harvests.pipeline.runner import Tools, harvest
from harvests.pipeline.types import Plan
from harvests.recording import Recorder

logger = logging.getLogger(__name__)

CKAN_TIMEOUT = 600  # seconds; ckan gives up far earlier by itself
LOST_AFTER = dt.timedelta(seconds=60)


class QueueError(Exception):
    """Redis cannot be reached; `job`, if there is one, waits until it can."""

    def __init__(self, message: str, job: HarvestJob | None = None) -> None:
        super().__init__(message)
        self.job = job


def enqueue_harvest(source: HarvestSource, **options: Any) -> HarvestJob:
    """Queue a harvest; `options` are those of HarvestJob (requested_by, force, ...).

    Raises JobAlreadyActiveError, and QueueError when Redis is away: the job is then
    queued in the database and `harvest_due` hands it to Redis later.
    """
    fail_stalled(timezone.now())
    job = HarvestJob.objects.start_for(source, **options)
    _hand_over(job)
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
        _end(job, JobStatus.FAILED, message)
        raise
    _end(job, status, message)


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
        _end(job, JobStatus.FAILED, _worker_died(job))


def harvest_due(now: dt.datetime | None = None) -> list[HarvestJob]:
    """What happens every minute: mend what died, queue what is due.

    Returns the jobs queued for due sources.
    """
    now = now or timezone.now()
    fail_stalled(now)
    try:
        hand_over_lost(now)
    except QueueError as error:
        logger.error("%s", error)
    if not settings.ENABLE_CRON:
        return []
    due = HarvestSource.objects.due(now).select_related("organization")
    planned = [source for source in due if _plan_next(source, now)]
    return _enqueue_all(planned, requested_by="schedule")


def _plan_next(source: HarvestSource, now: dt.datetime) -> bool:
    """Plan the next harvest; False, and a word in the log, where that cannot be."""
    try:
        source.plan_next(now, settings.CRON_STRING)
    except (OverflowError, ValueError) as error:
        logger.error("The schedule of %s cannot be used: %s", source, error)
        return False
    return True


def harvest_published() -> list[HarvestJob]:
    """Queue every published source (HARVEST_INIT: once, when the scheduler starts)."""
    published = HarvestSource.objects.published().select_related("organization")
    return _enqueue_all(published, requested_by="start")


def _enqueue_all(
    sources: Iterable[HarvestSource], *, requested_by: str
) -> list[HarvestJob]:
    jobs = []
    for source in sources:
        try:
            jobs.append(enqueue_harvest(source, requested_by=requested_by))
        except JobAlreadyActiveError:
            logger.debug("%s is being harvested already", source)
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
    """Hand queued jobs to Redis again where it lost them (or was away).

    Raises QueueError if it still is.
    """
    waiting = HarvestJob.objects.filter(
        status=JobStatus.QUEUED, date__lt=now - LOST_AFTER
    )
    known = _known_to_redis() if waiting else set()
    lost = [job for job in waiting if _rq_id(job) not in known]
    for job in lost:
        logger.warning("Job %s was not in the queue: queued again", job.pk)
        _hand_over(job)
    return lost


def _known_to_redis() -> set[str]:
    queue = django_rq.get_queue("default")
    try:
        return {*queue.job_ids, *queue.started_job_registry.get_job_ids()}
    except redis.exceptions.ConnectionError as error:
        raise QueueError(f"{_unreachable(error)}.") from error


def _unreachable(error: redis.exceptions.ConnectionError) -> str:
    """Return what is wrong, with the address of Redis but not its password."""
    parts = urlsplit(settings.REDIS_URL)
    place = f"{parts.hostname}:{parts.port or 6379}" if parts.hostname else parts.path
    return f"Redis at {place} cannot be reached ({error})"


def _rq_id(job: HarvestJob) -> str:
    return f"harvest-{job.pk}"


def _hand_over(job: HarvestJob) -> None:
    try:
        django_rq.get_queue("default").enqueue(
            run_harvest, job.pk, job_id=_rq_id(job), on_failure=Callback(harvest_failed)
        )
    except redis.exceptions.ConnectionError as error:
        raise QueueError(
            f"{_unreachable(error)}. The job is "
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


def _end(job: HarvestJob, status: str, message: str) -> None:
    """End a job, once; in an order that loses nothing if this process dies in it."""
    source = job.source
    wish = ckan.want(source) if job.added or job.changed or job.removed else None
    if not job.end(status, message=message):
        return
    now = timezone.now()
    source.take_stock()
    source.remember(job.line)
    if status != JobStatus.CANCELLED:
        ok = status == JobStatus.FINISHED
        if job.stage != deletion.STAGE:
            notifications.after(job, ok=ok)
        source.note_harvest(ok=ok, message=message, when=now)
    if source.next_harvest_dt is None or source.next_harvest_dt <= now:
        _plan_next(source, now)
    if wish:
        _attend_soon(wish)


def tell_ckan(source: HarvestSource, asked_by: str = "") -> bool:
    """Have CKAN harvest what the source publishes; False if no CKAN reads it."""
    wish = ckan.want(source, asked_by)
    if wish:
        _attend_soon(wish)
    return wish is not None


def _attend_soon(wish: CkanSource) -> None:
    """Where Redis is away, housekeeping does it within a minute of its return."""
    try:
        django_rq.get_queue("housekeeping").enqueue(
            ckan.attend, wish.pk, job_timeout=CKAN_TIMEOUT, result_ttl=0
        )
    except redis.exceptions.ConnectionError as error:
        logger.warning("%s", _unreachable(error))


def _worker_died(job: HarvestJob) -> str:
    seen = f"{job.heartbeat:%H:%M:%S} UTC" if job.heartbeat else "never"
    worker = job.worker or "that took it"
    return (
        f"The worker {worker} stopped without a word (last sign of life {seen}). "
        "What it had harvested is kept; the source can be harvested again."
    )


def enqueue_deletion(source: HarvestSource) -> None:
    """Queue the deletion of a source and unpublish it.

    Raises JobAlreadyActiveError while it is harvested, QueueError when Redis is away.
    """
    if source.jobs.active().exists():
        raise JobAlreadyActiveError(
            f"“{source}” is being harvested: cancel that job first, then delete it."
        )
    try:
        django_rq.get_queue("default").enqueue(delete_source, source.pk)
    except redis.exceptions.ConnectionError as error:
        raise QueueError(
            f"{_unreachable(error)}. Nothing was deleted: try again once Redis is back."
        ) from error
    HarvestSource.objects.filter(pk=source.pk).update(
        publish=False, last_message=deletion.DELETING
    )


def delete_source(source_id: str) -> None:
    """Delete a source and all that came from it. Safe to run again after a crash."""
    source = HarvestSource.objects.filter(pk=source_id).first()
    if source is None:
        return
    try:
        job = deletion.take_slot(source)
    except JobAlreadyActiveError as error:
        logger.warning("Did not delete %s: %s", source, error)
        HarvestSource.objects.filter(pk=source_id).update(
            last_message="Not deleted, because it was being harvested: cancel that "
            "job, then delete it again."
        )
        return
    try:
        count = deletion.delete(source, job, lambda count: job.beat(removed=count))
    except BaseException as error:
        logger.exception("The deletion of %s stopped", source)
        why = str(error) if isinstance(error, HarvestError) else type(error).__name__
        _end(job, JobStatus.FAILED, f"Deleted in part ({why}): delete it again.")
        raise
    if HarvestSource.objects.filter(pk=source_id).exists():
        _end(job, JobStatus.CANCELLED, job_message(job))
    elif count:
        tell_ckan(source)


def housekeeping() -> dict[str, int]:
    """What happens every day: forget old jobs and empty the old trash."""
    before = timezone.now() - dt.timedelta(days=settings.JOB_HISTORY_DAYS)
    events = deliveries.forget_old()
    return {"jobs": prune_jobs(before), "trash": trash.empty_old(), "events": events}


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
