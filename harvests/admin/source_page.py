"""What a source's page shows beside its form: links, and when it runs next."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join

from harvests import schedules
from harvests.admin.base import list_url
from harvests.models import HarvestSource
from harvests.templatetags.harvesting import PROBLEMS, ago, exactly


def links(source: HarvestSource) -> dict[str, str]:
    of_source = {"source": source.pk}
    return {
        "records": list_url("harvestrecord", **of_source),
        "findings": list_url("cause", **of_source),
        "held": list_url("harvestrecord", **of_source, held="yes"),
        "jobs": list_url("harvestjob", **of_source),
        "trash": list_url("trashedrecord", **of_source),
        "waf": reverse("waf-folder", args=[source.organization_id]),
    }


def tiles(source: HarvestSource) -> list[dict[str, Any]]:
    """Return the counts of the last harvest, each with a link to its records."""
    of_source = {"source": source.pk}
    good, bad, held = source.last_good_count, source.last_bad_count, source.held_count
    with_problems = list_url("harvestrecord", **of_source, problems="yes")
    return [
        _tile(
            "records", source.last_record_count, list_url("harvestrecord", **of_source)
        ),
        _tile("good", good, list_url("harvestrecord", **of_source, problems="no")),
        _tile("with problems", bad, with_problems, "danger", PROBLEMS),
        _tile("held", held, links(source)["held"], "warning"),
    ]


def _tile(
    label: str, number: int, url: str, variant: str = "", title: str = ""
) -> dict[str, Any]:
    shown = {"label": label, "number": number, "title": title}
    return {**shown, "url": url, "variant": variant} if number else shown


def next_runs(source: HarvestSource) -> str:
    if not source.publish:
        return "None: it is not published, so it is harvested by hand only."
    if not settings.ENABLE_CRON:
        return "None: the schedule of this site is off (ENABLE_CRON)."
    now = timezone.now()
    times = [source.next_harvest_dt or now]
    while len(times) < 3:
        times.append(
            schedules.next_time(
                max(times[-1], now),
                cron=source.cron or settings.CRON_STRING,
                time_zone=source.time_zone,
                days=source.harvest_interval,
            )
        )
    lines = ((exactly(time), ago(time) if time > now else "due") for time in times)
    return format_html_join("", "<div>{} <small>({})</small></div>", lines)
