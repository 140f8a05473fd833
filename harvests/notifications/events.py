"""Decides at the end of a job whether its source changed state, and writes it down."""

import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from typing import Final

import django_rq
import redis.exceptions
from django.conf import settings
from django.utils import timezone

from harvests.models import (
    Event,
    EventKind,
    HarvestJob,
    HarvestOutcome,
)

logger = logging.getLogger(__name__)

QUEUE: Final = "housekeeping"  # its worker is never busy for long
SEND: Final = "harvests.notifications.deliveries.deliver"
REASONS: Final = 3
LONGEST: Final = 500


def after(job: HarvestJob, *, ok: bool) -> list[Event]:
    """Store what changes at the source of a job that ended, and have it told.

    Called before its source notes how the job went: a process that dies between the
    two leaves what the next job finds told already. The queue may be away: what is
    stored is sent by housekeeping later.
    """
    events = [_stored(job, kind) for kind in changes(job, ok=ok)]
    if events:
        send_soon()
    return events


def changes(job: HarvestJob, *, ok: bool) -> Iterator[EventKind]:
    """Yield the kinds of events: none while nothing changes."""
    kind = _change(job.source.last_harvest_status, ok=ok)
    if kind and not _is_told(job, ok=ok):
        yield kind
    if ok and job.held and _holds_anew(job):
        yield EventKind.HELD


def _change(before: str | None, *, ok: bool) -> EventKind | None:
    if not ok:
        return None if before == "fail" else EventKind.FAILING
    if before is None:
        return EventKind.FIRST
    return EventKind.RECOVERED if before == "fail" else None


def _is_told(job: HarvestJob, *, ok: bool) -> bool:
    """Tell whether the last word about the source was the same, of another job."""
    told = job.source.events.exclude(kind=EventKind.HELD).exclude(job_key=job.pk)
    last = told.order_by("-when").first()
    return last is not None and (last.kind != EventKind.FAILING) == ok


def _holds_anew(job: HarvestJob) -> bool:
    """Tell whether removals wait for a person of which none waited before.

    Or some did, and the process died that was to tell it.
    """
    held = job.source.records.filter(missing_since__isnull=False, restored=False)
    first = held.order_by("missing_since").first()
    if first is None or first.missing_since >= job.started:
        return first is not None
    told = job.source.events.filter(kind=EventKind.HELD, when__gte=first.missing_since)
    kept = timezone.now() - dt.timedelta(days=settings.JOB_HISTORY_DAYS)
    return first.missing_since > kept and not told.exists()


def send_soon() -> None:
    """Have a worker send what is due. Housekeeping does so each minute as well."""
    try:
        queue = django_rq.get_queue(QUEUE)
        queue.enqueue(SEND, result_ttl=0, failure_ttl=3600, job_timeout=600)
    except redis.exceptions.RedisError as error:
        logger.warning("Notifications wait for the queue: %s", error)


def _stored(job: HarvestJob, kind: EventKind) -> Event:
    values = {
        "source": job.source,
        "job_key": job.pk,
        "kind": kind,
        "sentence": sentence(job, kind),
        "reasons": reasons(job, kind),
    }
    key = f"{job.pk}-{kind.value}"
    return Event.objects.get_or_create(pk=key, defaults=values)[0]


def sentence(job: HarvestJob, kind: EventKind) -> str:
    source = job.source
    if kind is EventKind.FAILING:
        return f"“{source}” fails: its last harvest brought nothing."
    if kind is EventKind.HELD:
        held = _counted(job.held, "removal")
        return f"{held} of “{source}” wait for a person to allow or refuse them."
    what = "is harvested again" if kind is EventKind.RECOVERED else "is harvested"
    first = " for the first time" if kind is EventKind.FIRST else ""
    good = _counted(source.last_record_count, "record")
    return f"“{source}” {what}{first}: {good}, {source.last_bad_count:,} with problems."


def reasons(job: HarvestJob, kind: EventKind) -> list[str]:
    """Return the first three reasons, each another sentence."""
    if kind is EventKind.HELD:
        rows = job.outcomes.filter(outcome="held").order_by("url")[:REASONS]
        return _first(_of_held(row) for row in rows)
    return _first(_of_trouble(job))


def _of_held(row: HarvestOutcome) -> str:
    return f"{row.title} ({row.url})" if row.title else row.url


def _of_trouble(job: HarvestJob) -> Iterator[str]:
    """Yield what failed: the job, then records, then the commonest findings."""
    if job.message:
        yield job.message
    failed = job.outcomes.filter(outcome="failed").order_by("url")
    for row in failed[:REASONS]:
        yield f"{row.title or row.url}: {row.message}"
    causes = job.source.causes.open().order_by("severity", "-records")
    for cause in causes[:REASONS]:
        yield f"{_counted(cause.records, 'record')}: {cause.message}"


def _first(sentences: Iterable[str]) -> list[str]:
    found: list[str] = []
    for each in sentences:
        short = each if len(each) <= LONGEST else f"{each[: LONGEST - 1]}…"
        if short not in found:
            found.append(short)
        if len(found) == REASONS:
            break
    return found


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
