"""What happens every minute, every day, and when the scheduler starts."""

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Final

import django_rq
import redis.exceptions
from django.conf import settings
from django.utils import timezone

from harvests import trash
from harvests.ending import fail_stalled, plan_next
from harvests.jobs import enqueue_harvest, hand_over, rq_id
from harvests.models import (
    HarvestJob,
    HarvestSource,
    JobAlreadyActiveError,
    JobStatus,
)
from harvests.notifications import deliveries
from harvests.queueing import QueueError, unreachable

logger = logging.getLogger(__name__)

LOST_AFTER: Final = dt.timedelta(seconds=60)


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
    planned = [source for source in due if plan_next(source, now)]
    return _enqueue_all(planned, requested_by="schedule")


def harvest_published() -> list[HarvestJob]:
    """Queue every published source (HARVEST_INIT: once, when the scheduler starts)."""
    published = HarvestSource.objects.published().select_related("organization")
    return _enqueue_all(published, requested_by="start")


def _enqueue_all(
    sources: Iterable[HarvestSource], *, requested_by: str
) -> list[HarvestJob]:
    jobs = []
    problems = {}
    for source in sources:
        try:
            jobs.append(enqueue_harvest(source, requested_by=requested_by))
        except JobAlreadyActiveError:
            logger.debug("%s is being harvested already", source)
        except QueueError as error:
            problems[str(error)] = None  # most often the same for all
    for problem in problems:
        logger.error("%s", problem)
    return jobs


def hand_over_lost(now: dt.datetime) -> list[HarvestJob]:
    """Hand queued jobs to Redis again where it lost them (or was away).

    Raises QueueError if it still is.
    """
    waiting = HarvestJob.objects.filter(
        status=JobStatus.QUEUED, date__lt=now - LOST_AFTER
    )
    known = _known_to_redis() if waiting else set()
    lost = [job for job in waiting if rq_id(job) not in known]
    for job in lost:
        logger.warning("Job %s was not in the queue: queued again", job.pk)
        hand_over(job)
    return lost


def _known_to_redis() -> set[str]:
    queue = django_rq.get_queue("default")
    try:
        return {*queue.job_ids, *queue.started_job_registry.get_job_ids()}
    except redis.exceptions.ConnectionError as error:
        raise QueueError(f"{unreachable(error)}.") from error


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
