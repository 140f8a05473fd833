"""How far a job is: its share done, its rate, the time left, and whether it lives."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils import timezone

from harvests.models import COUNTERS, HarvestJob, JobStatus

LONG_WAIT: Final = dt.timedelta(seconds=90)
STALLED: Final = (
    "Stalled: no sign of life since {:%H:%M:%S} UTC, so its worker is probably gone. "
    "The scheduler fails such a job within a minute; what it had harvested is kept, "
    "and the source can be harvested again."
)
UNCLAIMED: Final = (
    "No worker took it since {:%H:%M:%S} UTC: all are busy, or none runs (see the "
    "queue)."
)


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of the `expected` records, `rate` of them per second.

    `expected` is what was discovered so far; while a job is active, what its source
    had before if that is more, because the listing may still be read.
    `rate` and `seconds_left` are None while they cannot be told. `trouble` says why
    an active job makes no progress, "" if it does.
    """

    done: int
    expected: int
    percent: int
    rate: float | None
    seconds_left: float | None
    trouble: str


def of_job(
    job: HarvestJob, now: dt.datetime | None = None, *, before: int = 0
) -> Progress:
    """Return how far a job is, or was when it ended; asks no database.

    `before` is how many records its source had.
    """
    now = now or timezone.now()
    done = sum(getattr(job, name) for name in COUNTERS if name != "held")
    total = max(job.num_records, before if job.is_active else 0)
    rate = done / job.seconds if done and job.seconds else None
    left = (total - done) / rate if rate and job.is_active and total > done else None
    return Progress(
        done=done,
        expected=total,
        percent=min(100, done * 100 // total) if total else 0,
        rate=rate,
        seconds_left=left,
        trouble=_trouble(job, now),
    )


def _trouble(job: HarvestJob, now: dt.datetime) -> str:
    limit = dt.timedelta(seconds=settings.STALLED_AFTER)
    if job.status == JobStatus.QUEUED and now - job.date > LONG_WAIT:
        return UNCLAIMED.format(job.date)
    is_silent = job.heartbeat is not None and now - job.heartbeat > limit
    if job.status == JobStatus.RUNNING and is_silent:
        return STALLED.format(job.heartbeat)
    return ""
