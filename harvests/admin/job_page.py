"""What a job's page shows of the job: counters, progress, requests, who started it."""

from collections.abc import Iterator
from typing import Any, Final

from django.template.defaultfilters import filesizeformat

from harvests import deletion, progress, states
from harvests.admin.base import list_url
from harvests.models import HarvestJob
from harvests.templatetags.harvesting import duration

STARTED_BY: Final = {
    "schedule": "the schedule",
    "start": "the scheduler, when it started (HARVEST_INIT)",
    "command line": "the command line",
    "demo_sources": "the command demo_sources",
    "import_registry": "the registry that moved in here",
}


def job_context(job: HarvestJob) -> dict[str, Any]:
    return {
        "job": job,
        "state": states.of_job(job),
        "is_deletion": job.stage == deletion.STAGE,
        "progress": progress.of_job(job),
        "started_by": STARTED_BY.get(job.requested_by, job.requested_by),
        "tiles": list(_tiles(job)),
        "requests": _requests(job.requests or {}),
        "all_outcomes": list_url("harvestoutcome", job=job.pk),
        "held_sentence": _held(job),
        "held_records": list_url("harvestrecord", source=job.source_id, held="yes"),
    }


def _held(job: HarvestJob) -> str:
    """Return why it held what it held, if anything."""
    return "" if job.is_active else states.held_sentence(job.held, 0)


def _tiles(job: HarvestJob) -> Iterator[dict[str, Any]]:
    """Yield the counters, each with a link to the outcomes it counts."""
    yield {"label": "discovered", "number": job.num_records}
    for name in progress.COUNTERS:
        number = getattr(job, name)
        linked = number and name != "unchanged"
        url = f"{job.get_absolute_url()}?outcome={name}#outcomes" if linked else ""
        variant = states.RESULT_VARIANTS.get(name, "") if number else ""
        yield {"label": name, "number": number, "url": url, "variant": variant}
    yield {
        "label": "with errors",
        "number": job.with_errors,
        "url": list_url("harvestrecord", source=job.source_id, errors="yes"),
        "variant": "danger" if job.with_errors else "",
    }


def _requests(stats: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what went over the network as rows of a table."""
    if not stats.get("count"):
        return []
    rows = [("Requests", f"{stats['count']:,}")]
    if stats.get("retries"):
        rows.append(("of these, repeated", f"{stats['retries']:,}"))
    for status, number in sorted(stats.get("statuses", {}).items()):
        name = "no answer" if status == "0" else f"answered {status}"
        rows.append((name, f"{number:,}"))
    rows.append(("Received", filesizeformat(stats.get("bytes", 0))))
    slowest = stats.get("slowest") or {}
    if slowest.get("url"):
        rows.append((f"Slowest: {duration(slowest['seconds'])}", slowest["url"]))
    return rows
