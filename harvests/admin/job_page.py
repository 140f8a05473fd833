"""What a job's page shows: counters, progress, requests, and what failed."""

from collections.abc import Iterator
from typing import Any, Final

from django.template.defaultfilters import filesizeformat

from harvests import deletion, states
from harvests.admin.base import list_url
from harvests.models import HarvestJob, HarvestOutcome
from harvests.templatetags.harvesting import duration

SHOWN: Final = 20
COUNTERS: Final = ("added", "changed", "unchanged", "removed", "held", "failed")


def job_context(job: HarvestJob) -> dict[str, Any]:
    return {
        "job": job,
        "state": states.of_job(job),
        "is_deletion": job.stage == deletion.STAGE,
        "percent": percent(job),
        "tiles": list(_tiles(job)),
        "requests": _requests(job.requests or {}),
        "outcomes": _outcomes(job),
        "all_outcomes": list_url("harvestoutcome", job=job.pk),
        "held_sentence": _held(job),
        "held_records": list_url("harvestrecord", source=job.source_id, held="yes"),
    }


def percent(job: HarvestJob) -> int:
    """Return how much of what was discovered is done; 0 while nothing is known."""
    if not job.num_records:
        return 0
    done = sum(getattr(job, name) for name in COUNTERS if name != "held")
    return min(100, done * 100 // job.num_records)


def _held(job: HarvestJob) -> str:
    """Return why it held what it held; the outcomes tell which were restored."""
    if not job.held or job.is_active:
        return ""
    held = job.outcomes.filter(outcome="held")
    restored = held.filter(message__startswith="Restored").count()
    return states.held_sentence(job.held - restored, restored)


def _tiles(job: HarvestJob) -> Iterator[dict[str, Any]]:
    """Yield the counters, each with a link to the outcomes it counts."""
    yield {"label": "discovered", "number": job.num_records}
    for name in COUNTERS:
        number = getattr(job, name)
        linked = number and name != "unchanged"
        url = list_url("harvestoutcome", job=job.pk, outcome=name) if linked else ""
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


def _outcomes(job: HarvestJob) -> list[HarvestOutcome]:
    """Return the first outcomes, failed ones before all others."""
    failed = list(job.outcomes.filter(outcome="failed").order_by("url")[:SHOWN])
    left = SHOWN - len(failed)
    others = job.outcomes.exclude(outcome="failed").order_by("outcome", "url")
    return [*failed, *others[:left]] if left else failed
