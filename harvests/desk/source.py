"""The page of a source: how it is, what it has, what was done, what to do next."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from harvests import badges, states
from harvests.admin import ckan, next_runs, source_page
from harvests.admin.base import may_change
from harvests.desk import charts, held, running
from harvests.desk.access import shown
from harvests.forms.access import warnings_of
from harvests.models import HarvestJob, HarvestSource
from harvests.permissions import DELETE, may

JOBS_CHARTED: Final = 30
JOBS_SHOWN: Final = 10
CAUSES_SHOWN: Final = 10
TRASH_SHOWN: Final = 10


def source(request: HttpRequest, key: str) -> HttpResponse:
    item = get_object_or_404(
        HarvestSource.objects.select_related("organization"), pk=key
    )
    jobs = list(item.jobs.order_by("-date")[:JOBS_CHARTED])
    active = next((job for job in jobs if job.is_active), None)
    item.active_job = active  # type: ignore[attr-defined]
    item.state = states.of_source(item, active)  # type: ignore[attr-defined]
    context = {
        "title": item,
        "opts": item._meta,
        "original": item,
        "source": item,
        "flash_of": item.pk,
        "is_mine": may_change(request, item),
        "may_delete": may(request.user, DELETE, item),
        "links": source_page.links(item),
        "warnings": warnings_of(item),
        "failed_last": states.failed_last(item),
        "since": item.state_since or item.last_harvest_dt,
        **_jobs(request, jobs, item),
        **_parts(item),
        "badge_markdown": badges.markdown_of(item),
        **ckan.of_source(item),
    }
    return shown(request, "desk/source.html", context)


def _jobs(
    request: HttpRequest, jobs: list[HarvestJob], item: HarvestSource
) -> dict[str, Any]:
    active = [job for job in jobs if job.is_active]
    for job in jobs:
        job.source = item  # known: no need to look it up for each
    ended = [job for job in jobs if not job.is_active]
    return {
        "jobs": [{"job": j, "state": states.of_job(j)} for j in jobs[:JOBS_SHOWN]],
        "jobs_chart": charts.of_jobs(ended),
        "chart_options": charts.OPTIONS,
        **running.context(request, active, item.pk),
    }


def _parts(item: HarvestSource) -> dict[str, Any]:
    """Return what the source has: records, findings, held ones, trash, schedule."""
    causes = item.causes.open().order_by("severity", "-records")
    return {
        "donut": charts.donut(item.last_good_count, item.last_bad_count),
        "causes": list(causes.defer("examples")[:CAUSES_SHOWN]),
        "held": held.held_records(item) if item.held_count else [],
        "trash": list(item.trash.defer("row").order_by("-removed_at")[:TRASH_SHOWN]),
        "schedule": source_page.schedule(item),
        "next_runs": next_runs.planned_runs(item),
    }
