"""What a source's page shows beside its form: links, and when it runs next."""

from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join

from harvests import schedules
from harvests.admin.base import list_url
from harvests.models import HarvestSource
from harvests.templatetags.harvesting import ago, exactly

COUNTS: Final = (
    *("last_record_count", "last_good_count", "last_bad_count", "held_count"),
)
WHAT: Final = ("name", "organization", "harvest_type", "url", "harvest_contact")
WHEN: Final = ("publish", "harvest_interval", "cron", "time_zone")
LIMITS: Final = ("max_depth", "removal_limit")
ADD_FIELDSETS: Final = (
    ("What", {"fields": WHAT}),
    ("When", {"fields": WHEN}),
    ("Limits", {"fields": LIMITS}),
)
FIELDSETS: Final = (
    ("What", {"fields": WHAT}),
    ("When", {"fields": (*WHEN, "next_runs")}),
    ("Limits", {"fields": LIMITS}),
    ("How it went", {"fields": ("last", "last_message", COUNTS)}),
)


def links(source: HarvestSource) -> dict[str, str]:
    of_source = {"source": source.pk}
    return {
        "records": list_url("harvestrecord", **of_source),
        "held": list_url("harvestrecord", **of_source, held="yes"),
        "jobs": list_url("harvestjob", **of_source),
        "trash": list_url("trashedrecord", **of_source),
        "waf": reverse("waf-folder", args=[source.organization_id]),
    }


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
