"""What pages of a source link to, and its schedule in words."""

from django.conf import settings
from django.urls import reverse

from harvests import ckan, schedules
from harvests.admin.base import list_url
from harvests.models import HarvestSource


def links(source: HarvestSource) -> dict[str, str]:
    of_source = {"source": source.pk}
    return {
        "records": list_url("harvestrecord", **of_source),
        "findings": list_url("cause", **of_source),
        "good": list_url("harvestrecord", **of_source, problems="no"),
        "bad": list_url("harvestrecord", **of_source, problems="yes"),
        "failing": list_url("harvestrecord", **of_source, failing="yes"),
        "held": list_url("harvestrecord", **of_source, held="yes"),
        "kept": list_url("harvestrecord", **of_source, held="kept"),
        "jobs": list_url("harvestjob", **of_source),
        "trash": list_url("trashedrecord", **of_source),
        "ckan": ckan.page_of(source),
        "waf": reverse("waf-folder", args=[source.organization_id]),
    }


def schedule(source: HarvestSource) -> str:
    """Return in words when the schedule harvests a source: “Every 6 hours”."""
    cron = source.cron or settings.CRON_STRING
    words = schedules.in_words(
        cron=cron, time_zone=source.time_zone, days=source.harvest_interval
    )
    return words if source.publish else f"{words}, once it is published"
