"""The figures of the whole site: from rows of sources and jobs, not of records."""

import datetime as dt
from typing import Any, Final

from django.db.models import Count, Sum
from django.utils import timezone

from harvests.admin.base import list_url
from harvests.models import HarvestJob, HarvestSource
from harvests.templatetags.harvesting import PROBLEMS

CHANGES: Final = ("added", "changed", "removed")
SPANS: Final = (("24 hours", dt.timedelta(days=1)), ("7 days", dt.timedelta(days=7)))


def tiles() -> list[dict[str, Any]]:
    """Return the counts of all sources together, with links to their records."""
    found = HarvestSource.objects.aggregate(
        sources=Count("pk"),
        records=Sum("last_record_count"),
        bad=Sum("last_bad_count"),
    )
    bad = found["bad"] or 0
    records = {"label": "records", "number": found["records"] or 0}
    troubled = {"label": "with problems", "number": bad, "title": PROBLEMS}
    if bad:
        troubled |= {"variant": "danger"}
        troubled |= {"url": list_url("harvestrecord", problems="yes")}
    return [
        {"label": "sources", "number": found["sources"]},
        {**records, "url": list_url("harvestrecord")},
        troubled,
    ]


def changes() -> list[tuple[str, dict[str, int]]]:
    """Return what ended jobs did to records, for each span of time."""
    return [(name, _changes(timezone.now() - span)) for name, span in SPANS]


def _changes(since: dt.datetime) -> dict[str, int]:
    ended = HarvestJob.objects.filter(finished__gte=since)
    found = ended.aggregate(**{name: Sum(name) for name in CHANGES})
    return {name: found[name] or 0 for name in CHANGES}
