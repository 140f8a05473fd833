"""The next three runs of a source: as planned, or as they would be once it is saved."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from harvests import schedules
from harvests.forms.schedules import ScheduleForm
from harvests.models import HarvestSource

TEMPLATE = "admin/harvests/_next_runs.html"


def next_runs(source: HarvestSource) -> str:
    """Return what the form shows; it asks for the same again while people type."""
    context = {**_context(source, is_at_once=source._state.adding), "is_form": True}
    return render_to_string(TEMPLATE, context)


def planned_runs(source: HarvestSource) -> str:
    """Return what the page of the source shows."""
    return render_to_string(TEMPLATE, _context(source, is_at_once=False))


@require_GET
def typed_runs(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Show the runs of a schedule that is not saved; nothing is written."""
    stored = HarvestSource.objects.filter(pk=request.GET.get("source", "")).first()
    form = ScheduleForm(request.GET)
    if form.is_valid():
        context = _typed(stored or HarvestSource(), form)
    else:
        context = {"sentence": form.sentence}
    return TemplateResponse(request, TEMPLATE, context)


def _typed(source: HarvestSource, form: ScheduleForm) -> dict[str, Any]:
    was_published = source.publish and not source._state.adding
    is_at_once = not was_published
    if form.apply(source):
        source.next_harvest_dt = _following(source, timezone.now())
    if is_at_once:
        source.next_harvest_dt = None
    return _context(source, is_at_once=is_at_once)


def _context(source: HarvestSource, *, is_at_once: bool) -> dict[str, Any]:
    sentence, times = _none(source), []
    try:
        times = [] if sentence else list(_times(source))
    except schedules.ScheduleError as error:  # written into the database by hand
        sentence = f"None: this schedule cannot be used: {error}"
    return {
        "source": source,
        "sentence": sentence,
        "times": times,
        "is_at_once": is_at_once,
    }


def _none(source: HarvestSource) -> str:
    """Return why the schedule leaves a source out, "" if it does not."""
    if not source.publish:
        return "None: it is not published, so it is harvested by hand only."
    if not settings.ENABLE_CRON:
        return "None: the schedule of this site is off (ENABLE_CRON)."
    return ""


def _times(source: HarvestSource) -> Iterator[tuple[dt.datetime, bool]]:
    """Yield three times, each with whether it is due."""
    now = timezone.now()
    time = source.next_harvest_dt or now
    for _ in range(3):
        yield time, time <= now
        time = _following(source, max(time, now))


def _following(source: HarvestSource, time: dt.datetime) -> dt.datetime:
    return schedules.next_time(
        time,
        cron=source.cron or settings.CRON_STRING,
        time_zone=source.time_zone,
        days=source.harvest_interval,
    )
