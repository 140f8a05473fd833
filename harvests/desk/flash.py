"""Tells who has a page open that a harvest ended."""

import datetime as dt
from typing import Final

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from harvests import states
from harvests.admin.base import list_url
from harvests.deletion import STAGE
from harvests.models import HarvestJob

MOST: Final = 5
ALL: Final = "all"


def part(request: HttpRequest) -> HttpResponse:
    """Answer with the jobs that ended after `since`, or with 204.

    Those that the person asked for; with `of` also those of one source, or all.
    """
    since = _moment(request.GET.get("since", ""))
    if since is None:
        return HttpResponse(status=204)
    ended = HarvestJob.objects.filter(finished__gt=since).order_by("-finished")
    of = request.GET.get("of", "")
    if of != ALL:
        ended = _concerning(request, ended, of)
    jobs = list(ended.prefetch_related("source")[:MOST])
    if not jobs:
        return HttpResponse(status=204)
    context = {
        "reload": _stale_list(request),
        "since": jobs[0].finished,
        "flashes": [
            {"job": job, "state": states.of_job(job), "is_deletion": job.stage == STAGE}
            for job in jobs
        ],
    }
    answer = render(request, "desk/_flashes.html", context)
    answer["HX-Trigger"] = "harvest-ended"
    return answer


def _moment(text: str) -> dt.datetime | None:
    """Return a time with a zone, in UTC; None if it is none, or no calendar has it."""
    try:
        found = parse_datetime(text)
        if found is None or timezone.is_naive(found):
            return None
        return found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def _stale_list(request: HttpRequest) -> str:
    """Return the address of the page that asks if it is the list of sources."""
    page = request.headers.get("HX-Current-URL", "")
    path, _, query = page.partition("?")
    is_list = path == request.build_absolute_uri(list_url("harvestsource"))
    return f"?{query.partition('#')[0]}" if is_list else ""


def _concerning(request: HttpRequest, ended: QuerySet, of: str) -> QuerySet:
    asked = Q(requested_by=request.user.get_username())
    return ended.filter(asked | Q(source=of) if of else asked)
