"""The one word, and its colour, that says how a source or a job is doing."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from harvests.deletion import DELETING, STAGE
from harvests.models import HarvestJob, HarvestRecord, HarvestSource, JobStatus


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
        return State("never", "", "Never harvested.", rank=5)
    if source.last_harvest_status == "fail":
        return State("failing", "danger", source.last_message, rank=0)
    if source.held_count:
        kept = getattr(source, "restored_count", 0)
        reason = held_sentence(source.held_count - kept, kept)
        return State("held", "warning", reason, rank=1)
    return State("ok", "success", rank=6)


def held_sentence(held: int, restored: int) -> str:
    """Return why records stay that their source does not list."""
    sentences = []
    if held > 0:
        subject = "1 removal is" if held == 1 else f"{held:,} removals are"
        sentences.append(
            f"{subject} held, because they are more than the source's limit."
        )
    if restored == 1:
        sentences.append(
            "1 record that was restored by hand is kept, though the source does not "
            "list it."
        )
    elif restored > 1:
        sentences.append(
            f"{restored:,} records that were restored by hand are kept, though the "
            "source does not list them."
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
    restored = _restored(source.pk for source in sources if source.held_count)
    for source in sources:
        source.restored_count = restored.get(source.pk, 0)  # type: ignore[attr-defined]
        source.active_job = jobs.get(source.pk)  # type: ignore[attr-defined]
        source.state = of_source(source, source.active_job)  # type: ignore[attr-defined]


def _restored(sources: Iterable[str]) -> dict[str, int]:
    """Return how many records of these sources stay because they were restored."""
    keys = list(sources)
    if not keys:
        return {}
    kept = HarvestRecord.objects.filter(
        source__in=keys, restored=True, missing_since__isnull=False
    )
    counts = kept.order_by().values("source_id").annotate(number=Count("pk"))
    return {row["source_id"]: row["number"] for row in counts}
