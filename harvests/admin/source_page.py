"""What a source's page shows beside its form: links and counts."""

from typing import Any

from django.urls import reverse

from harvests.admin.base import list_url
from harvests.models import HarvestSource
from harvests.templatetags.harvesting import PROBLEMS


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
