"""The first page: the sources, what needs a person first, and the latest jobs."""

from typing import Any, Final

from django.http import HttpRequest

from harvests import states
from harvests.models import HarvestJob, HarvestSource
from harvests.permissions import VIEW, may

SOURCES_SHOWN: Final = 25
JOBS_SHOWN: Final = 10


def overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the person may see to the context of the index (six queries)."""
    context |= {"title": "Overview"}
    if may(request.user, VIEW, HarvestSource):
        sources = list(HarvestSource.objects.all())
        states.attach_active_jobs(sources)
        sources.sort(key=lambda source: (source.state.rank, source.name))
        context |= {
            "sources": sources[:SOURCES_SHOWN],
            "source_count": len(sources),
            "totals": _totals(sources),
        }
    if may(request.user, VIEW, HarvestJob):
        latest = HarvestJob.objects.order_by("-date").prefetch_related("source")
        context["jobs"] = [
            {"job": job, "state": states.of_job(job)} for job in latest[:JOBS_SHOWN]
        ]
    return context


def _totals(sources: list[HarvestSource]) -> dict[str, int]:
    labels = [source.state.label for source in sources]
    return {
        "sources": len(sources),
        "records": sum(source.last_record_count for source in sources),
        "with problems": sum(source.last_bad_count for source in sources),
        "held": sum(source.held_count for source in sources),
        "failing": labels.count("failing"),
        "harvesting": labels.count("harvesting") + labels.count("queued"),
    }
