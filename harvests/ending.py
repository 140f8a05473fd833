"""The end of a job, however it comes: what its source, people and CKAN learn of it."""

import datetime as dt
import logging

from django.conf import settings
from django.utils import timezone

from harvests import ckan, deletion, notifications
from harvests.models import HarvestJob, HarvestSource, JobStatus
from harvests.schedules import ScheduleError

logger = logging.getLogger(__name__)


def end(job: HarvestJob, status: str, message: str) -> None:
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
        plan_next(source, now)
    if wish:
        ckan.attend_soon(wish)


def plan_next(source: HarvestSource, now: dt.datetime) -> bool:
    """Plan the next harvest; False, and a word in the log, where that cannot be."""
    try:
        source.plan_next(now, settings.CRON_STRING)
    except ScheduleError as error:
        logger.error("The schedule of %s cannot be used: %s", source, error)
        return False
    return True


def fail_stalled(now: dt.datetime) -> list[HarvestJob]:
    """Fail running jobs whose worker is gone, so that their sources can run again."""
    stalled = list(HarvestJob.objects.stalled(now).select_related("source"))
    for job in stalled:
        end(job, JobStatus.FAILED, worker_died(job))
    return stalled


def worker_died(job: HarvestJob) -> str:
    """Return what is said of a job whose worker gave no sign of life."""
    seen = f"{job.heartbeat:%H:%M:%S} UTC" if job.heartbeat else "never"
    worker = job.worker or "that took it"
    return (
        f"The worker {worker} stopped without a word (last sign of life {seen}). "
        "What it had harvested is kept; the source can be harvested again."
    )
