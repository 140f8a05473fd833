"""Sources: listed, registered, changed, deleted, looked at and harvested."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from harvests import states
from harvests.api import acting, looking, sent, shown, storing
from harvests.api.conditions import check_match
from harvests.api.jobs import stop
from harvests.api.paging import Listing, Order, page
from harvests.api.problems import Problem
from harvests.api.rows import owned, wanted
from harvests.api.telling import brief, full
from harvests.models import HarvestSource
from harvests.permissions import ADD, DELETE, may

router = Router(tags=["sources"])

SOURCES: Final = Order("sources", ("id",))
NO_ORGANIZATION: Final = (
    "You are a member of no organization: an admin can make you one."
)


class SourceFilter(Listing):
    organization: str | None = Field(None, description="Name of an organization.")
    harvest_type: str | None = None
    publish: bool | None = None
    status: str | None = Field(
        None, pattern="^(ok|fail)$", description="How the last harvest ended."
    )
    url: str | None = Field(None, description="Exactly this address.")


@router.get("/sources", response=shown.Sources)
def list_sources(request: HttpRequest, asked: Query[SourceFilter]) -> shown.Sources:
    """Sources with their state."""
    wishes = asked.model_dump(exclude={"limit", "cursor", "status"}, exclude_none=True)
    rows = HarvestSource.objects.filter(**wishes)
    if asked.status is not None:
        rows = rows.filter(last_harvest_status=asked.status)
    found, cursor = page(rows, SOURCES, asked)
    states.attach_active_jobs(found)
    return shown.Sources(items=[brief(row) for row in found], next_cursor=cursor)


@router.post("/sources", response={201: shown.Source})
def add_source(
    request: HttpRequest, wish: sent.SourceNew, response: HttpResponse
) -> Status[shown.Source]:
    """Register a source. One that is published is harvested at once."""
    _check_adding(request)
    source = storing.store(request, storing.form_for(request, wish))
    answer = Status(201, full(source))
    response["Location"] = f"{request.path}/{source.pk}"
    return answer


@router.post("/sources/check", response=shown.Checked)
def check_source(request: HttpRequest, wish: sent.SourceNew) -> shown.Checked:
    """Tell whether a source could be registered so; nothing is stored."""
    _check_adding(request)
    source = storing.form_for(request, wish).instance
    return shown.Checked(harvest_type=source.harvest_type, url=source.url)


@router.post("/sources/preview", response=shown.Preview)
def preview_address(request: HttpRequest, wish: sent.PreviewWish) -> Any:
    """Look at an address for at most ten seconds: its kind, how many, a sample."""
    _check_adding(request)
    return looking.look(request, wish.url, kind=wish.harvest_type)


@router.get("/sources/{key}", response=shown.Source)
def get_source(request: HttpRequest, key: str) -> shown.Source:
    """A source with all its settings. Secrets are never told."""
    return full(wanted(HarvestSource.objects.all(), key))


@router.patch("/sources/{key}", response=shown.Source)
def change_source(
    request: HttpRequest, key: str, wish: sent.SourceChange
) -> shown.Source:
    """Change what is sent. Publishing a source harvests it at once."""
    source = owned(request, HarvestSource.objects.all(), key)
    check_match(request, lambda: full(source))
    source = storing.store(request, storing.form_for(request, wish, source))
    return full(source)


@router.delete("/sources/{key}", response={202: shown.Deleting})
def delete_source(request: HttpRequest, key: str) -> Status[shown.Deleting]:
    """Delete a source with its records, files and jobs: queued, done by a worker."""
    source = owned(request, HarvestSource.objects.all(), key, DELETE)
    check_match(request, lambda: full(source))
    acting.delete(request, source)
    return Status(202, shown.Deleting(detail=f"“{source}” is being deleted."))


@router.post("/sources/{key}/preview", response=shown.Preview)
def preview_source(request: HttpRequest, key: str) -> Any:
    """Tell what a harvest now would add, change, remove or hold: nothing is stored."""
    source = owned(request, HarvestSource.objects.select_related("organization"), key)
    return looking.look(request, "", source=source)


@router.post("/sources/{key}/harvest", response={202: shown.Job})
def harvest_source(
    request: HttpRequest,
    key: str,
    response: HttpResponse,
    wish: sent.HarvestWish = sent.HarvestWish(),  # noqa: B008 - never changed
) -> Status[shown.Job]:
    """Queue a harvest; the answer is its job, to be followed."""
    source = owned(request, HarvestSource.objects.all(), key)
    job = acting.start(request, source, **wish.model_dump())
    if job is None:
        active = source.jobs.active().first()
        detail = f"“{source}” is being harvested already: follow or cancel that job."
        raise Problem(409, detail, job=active.pk if active else None)
    answer = Status(202, shown.Job.model_validate(job))
    response["Location"] = f"/api/v3/jobs/{job.pk}"
    return answer


@router.post("/sources/{key}/cancel", response=shown.Job)
def cancel_source(request: HttpRequest, key: str) -> shown.Job:
    """Cancel the harvest of a source: what it did is kept."""
    source = owned(request, HarvestSource.objects.all(), key)
    job = source.jobs.active().first()
    if job is None:
        raise Problem(409, f"“{source}” is not being harvested.")
    return stop(request, job)


def _check_adding(request: HttpRequest) -> None:
    if not may(request.user, ADD, HarvestSource):
        raise Problem(403, NO_ORGANIZATION)
