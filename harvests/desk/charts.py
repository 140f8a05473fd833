"""The charts of a source's page; the figures stand beside them in words."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from harvests.models import HarvestJob
from harvests.templatetags.desk import share

SERIES: Final[Mapping[str, str]] = {  # with colours of `desk.css`
    name: f"var(--ch-chart-{name})"
    for name in ("added", "changed", "removed", "held", "failed")
}
OPTIONS: Final = json.dumps(
    {
        "animation": False,
        "maintainAspectRatio": False,
        "maxBarThickness": 18,
        "plugins": {
            "legend": {"align": "end", "labels": {"boxHeight": 8, "boxWidth": 8}}
        },
        "scales": {
            "x": {"stacked": True, "grid": {"display": False}},
            "y": {"stacked": True, "beginAtZero": True, "ticks": {"precision": 0}},
        },
    }
)


def of_jobs(jobs: Iterable[HarvestJob]) -> str:
    """Return what Unfold's bar chart takes: what each job did, the oldest first.

    "" if none of them did anything.
    """
    rows = list(jobs)[::-1]
    datasets = [
        {
            "label": name,
            "data": [getattr(job, name) for job in rows],
            "backgroundColor": colour,
        }
        for name, colour in SERIES.items()
        if any(getattr(job, name) for job in rows)
    ]
    labels = [f"{job.date:%d %b %H:%M}" for job in rows]
    return json.dumps({"labels": labels, "datasets": datasets}) if datasets else ""


def donut(good: int, bad: int) -> dict[str, Any] | None:
    """Return clean and bad records and their share in percent; None without any."""
    total = good + bad
    if not total:
        return None
    arc = round(good * 100 / total, 2)
    return {"good": good, "bad": bad, "share": share(good, total), "arc": arc}
