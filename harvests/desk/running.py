"""The jobs that run or wait now: one look, for the dashboard and for a source."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from harvests import progress, states
from harvests.admin.base import may_change
from harvests.models import HarvestJob, JobStatus
from harvests.states import State

SHOWN: Final = 20
PATIENCE: Final = dt.timedelta(minutes=2)  # a worker takes the first job sooner


@dataclass(frozen=True, slots=True)
class Running:
    """A job that runs or waits, and whether the person may cancel it."""

    job: HarvestJob
    state: State
    progress: progress.Progress
    is_mine: bool


def active_jobs() -> list[HarvestJob]:
    """Return all jobs that run or wait, with their sources; the oldest first."""
    active = HarvestJob.objects.active().order_by("date").prefetch_related("source")
    return list(active)


def running(request: HttpRequest, jobs: Iterable[HarvestJob]) -> list[Running]:
    """Return what is shown of active jobs: those that run before those that wait."""
    found = [_running(request, job) for job in jobs]
    return sorted(found, key=lambda each: each.job.status == JobStatus.QUEUED)


def _running(request: HttpRequest, job: HarvestJob) -> Running:
    return Running(
        job=job,
        state=states.of_job(job),
        progress=progress.of_job(job, before=job.source.last_record_count),
        is_mine=may_change(request, job),
    )


def is_stalled(job: HarvestJob) -> bool:
    """Tell whether a running job gave no sign of life for STALLED_AFTER seconds."""
    before = timezone.now() - dt.timedelta(seconds=settings.STALLED_AFTER)
    beaten = job.heartbeat or job.started
    is_running = job.status == JobStatus.RUNNING
    return is_running and beaten is not None and beaten < before


def waiting_in_vain(jobs: Iterable[HarvestJob]) -> list[HarvestJob]:
    """Return queued jobs that no worker takes, though none is busy."""
    found = list(jobs)
    if any(job.status == JobStatus.RUNNING and not is_stalled(job) for job in found):
        return []
    before = timezone.now() - PATIENCE
    return [j for j in found if j.status == JobStatus.QUEUED and j.date < before]


def context(
    request: HttpRequest, jobs: list[HarvestJob], of: str = ""
) -> dict[str, Any]:
    """Return what the template of this part needs; `of` is a source's key, or ""."""
    shown = running(request, jobs)
    return {"running": shown[:SHOWN], "more": len(shown[SHOWN:]), "running_of": of}


def part(request: HttpRequest) -> HttpResponse:
    """Answer with the part alone, of one source with `?of=key`; asked all the time."""
    of = request.GET.get("of", "")
    jobs = [job for job in active_jobs() if of in {"", job.source_id}]
    return render(request, "desk/_running.html", context(request, jobs, of))
