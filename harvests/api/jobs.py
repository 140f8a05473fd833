"""Jobs and what they did: listed, followed, cancelled."""

import datetime as dt
from typing import Annotated, Any, Final

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import AwareDatetime, BeforeValidator, Field

from harvests import trail
from harvests.api import shown
from harvests.api.auth import by
from harvests.api.paging import Listing, Order, page
from harvests.api.problems import Problem
from harvests.api.reading import OfSource, of_source
from harvests.api.rows import owned, wanted
from harvests.models import HarvestJob, HarvestOutcome, JobStatus
from harvests.pipeline.types import Result

router = Router(tags=["jobs"])

JOBS: Final = Order("jobs", ("date", "id"), descending=True)
OUTCOMES: Final = Order("outcomes", ("outcome", "id"))


def _dated(text: Any) -> Any:
    """Refuse the numbers that pydantic takes for seconds since 1970."""
    if str(text)[4:5] != "-":
        raise ValueError("Give a date and time such as 2026-11-28T12:00:00Z.")
    return text


class JobFilter(OfSource):
    status: JobStatus | None = None
    since: Annotated[AwareDatetime, BeforeValidator(_dated)] | None = Field(
        None, description="Queued then or later."
    )


class OutcomeFilter(Listing):
    outcome: Result | None = None


@router.get("/jobs", response=shown.Jobs)
def list_jobs(request: HttpRequest, asked: Query[JobFilter]) -> shown.Jobs:
    """Jobs, the newest first."""
    rows = of_source(HarvestJob.objects.all(), asked)
    if asked.status is not None:
        rows = rows.filter(status=asked.status)
    if asked.since is not None:
        rows = rows.filter(date__gte=_utc(asked.since))
    found, cursor = page(rows, JOBS, asked)
    items = [shown.Job.model_validate(row) for row in found]
    return shown.Jobs(items=items, next_cursor=cursor)


def _utc(moment: dt.datetime) -> dt.datetime:
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError as error:
        detail = "Give a date and time of our days."
        errors = [{"parameter": "since", "detail": detail}]
        raise Problem(422, detail, errors=errors) from error


@router.get("/jobs/{key}", response=shown.Job)
def get_job(request: HttpRequest, key: str) -> shown.Job:
    """A job with its counters. To follow it, ask again with If-None-Match."""
    return shown.Job.model_validate(wanted(HarvestJob.objects.all(), key))


@router.get("/jobs/{key}/outcomes", response=shown.Outcomes)
def list_outcomes(
    request: HttpRequest, key: str, asked: Query[OutcomeFilter]
) -> shown.Outcomes:
    """What a job did to records: added, changed, removed, held or failed, and why."""
    job = wanted(HarvestJob.objects.all(), key)
    rows = HarvestOutcome.objects.filter(job=job)
    if asked.outcome is not None:
        rows = rows.filter(outcome=asked.outcome)
    found, cursor = page(rows, OUTCOMES, asked)
    items = [shown.Outcome.model_validate(row) for row in found]
    return shown.Outcomes(items=items, next_cursor=cursor)


@router.post("/jobs/{key}/cancel", response=shown.Job)
def cancel_job(request: HttpRequest, key: str) -> shown.Job:
    """Cancel a queued job, or ask a running one to stop: what it did is kept."""
    job = owned(request, HarvestJob.objects.select_related("source"), key)
    return stop(request, job)


def stop(request: HttpRequest, job: HarvestJob) -> shown.Job:
    """Cancel a job and write it down. Raises Problem 409 if it has ended."""
    if not job.cancel(request.user.get_username()):
        raise Problem(409, "This job has ended: there is nothing to cancel.")
    trail.note(request.user, job.source, f"Harvest cancelled, {by(request)}.")
    return shown.Job.model_validate(job)
