"""The one word, and its colour, that says how a source or a job is doing."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.dateparse import parse_datetime

from harvests.deletion import DELETING, STAGE
from harvests.models import HarvestJob, HarvestSource, JobStatus


@dataclass(frozen=True, slots=True)
class State:
    """A badge: `variant` is Unfold's name of a colour, `reason` its tooltip.

    `rank` puts what needs a person first.
    """

    label: str
    variant: str
    reason: str = ""
    rank: int = 9


JOB_VARIANTS = {
    JobStatus.QUEUED: "",
    JobStatus.RUNNING: "info",
    JobStatus.FINISHED: "success",
    JobStatus.FAILED: "danger",
    JobStatus.CANCELLED: "warning",
}
RESULT_VARIANTS = {
    "added": "success",
    "changed": "info",
    "removed": "warning",
    "held": "warning",
    "failed": "danger",
}


def of_source(source: HarvestSource, job: HarvestJob | None) -> State:
    """Return how a source is doing; `job` is its queued or running one, if any."""
    if job and job.status == JobStatus.QUEUED:
        return State("queued", "", "Waiting for a worker.", rank=4)
    if job and job.stage == STAGE:
        return State("deleting", "danger", DELETING, rank=2)
    if job:
        stage = f"In the stage “{job.stage}”." if job.stage else "Starting."
        return State("harvesting", "info", stage, rank=3)
    if source.last_message == DELETING:
        return State("deleting", "danger", DELETING, rank=2)
    if source.last_harvest_status is None:
        return State("never", "", _never(source), rank=5)
    if source.last_harvest_status == "fail":
        return State("failing", "danger", source.last_message, rank=0)
    sentence = held_sentence(source.held_count, source.kept_count)
    if source.held_count:
        return State("held", "warning", sentence, rank=1)
    return State("ok", "success", sentence, rank=6)


def _never(source: HarvestSource) -> str:
    """Return why a source has no result yet; cancelled harvests may leave records."""
    kept, lines = source.last_record_count, source.recent_jobs
    if not (kept or lines):
        return "Never harvested."
    told = "No harvest has been completed"
    last = lines[-1] if lines and lines[-1].get("status") == "cancelled" else {}
    if when := parse_datetime(last.get("finished") or ""):
        told += f"; the last was cancelled on {when.astimezone(dt.UTC):%d %b %H:%M} UTC"
    if kept:
        told += f", {kept:,} record{' is' if kept == 1 else 's are'} kept"
    return f"{told}."


def failed_last(source: HarvestSource) -> int:
    """Return how many records failed in the last harvest that was completed."""
    lines = reversed(source.recent_jobs or [])
    last = next((line for line in lines if line.get("status") != "cancelled"), {})
    return int(last.get("failed") or 0)


def held_sentence(held: int, kept: int) -> str:
    """Return why records stay that their source does not list."""
    sentences = []
    if held > 0:
        many = f"{held:,} removals are held, because they are more than the source's "
        sentences.append("1 removal is held." if held == 1 else f"{many}limit.")
    if kept > 0:
        subject = "1 record is" if kept == 1 else f"{kept:,} records are"
        it = "it" if kept == 1 else "them"
        sentences.append(
            f"{subject} kept by hand, though the source does not list {it}."
        )
    return " ".join(sentences)


def of_job(job: HarvestJob) -> State:
    if job.is_active and job.cancel_requested:
        return State("cancelling", "warning", job.message)
    return State(job.status, JOB_VARIANTS[JobStatus(job.status)], job.message)


def attach_active_jobs(sources: Iterable[HarvestSource]) -> None:
    """Set `active_job` and `state` on each source, with one query for all."""
    sources = list(sources)
    active = HarvestJob.objects.active().filter(source__in=[s.pk for s in sources])
    jobs = {job.source_id: job for job in active}
    for source in sources:
        source.active_job = jobs.get(source.pk)  # type: ignore[attr-defined]
        source.state = of_source(source, source.active_job)  # type: ignore[attr-defined]
