"""What the last jobs did to one record, found without an index on its URL."""

from typing import Final

from harvests.models import HarvestJob, HarvestOutcome, HarvestRecord

SHOWN: Final = 20
JOBS: Final = 500
READ: Final = 20_000  # outcomes that are looked through at most
COUNTED: Final = ("added", "changed", "removed", "held", "failed")


def history_of(record: HarvestRecord) -> list[HarvestOutcome]:
    """Return the last outcomes of the record, the newest first."""
    jobs = _jobs(record)
    found = HarvestOutcome.objects.filter(job__in=list(jobs), url=record.url)
    outcomes = list(found.order_by())
    for outcome in outcomes:
        outcome.job = jobs[outcome.job_id]
    return sorted(outcomes, key=lambda o: o.job.date, reverse=True)[:SHOWN]


def _jobs(record: HarvestRecord) -> dict[str, HarvestJob]:
    """Return the newest jobs whose outcomes are not too many to be looked through.

    The first harvest of a big source has as many outcomes as records: at least one
    job counts, however many it has.
    """
    newest = HarvestJob.objects.filter(source=record.source_id).order_by("-date")
    chosen: dict[str, HarvestJob] = {}
    total = 0
    for job in newest.only("date", "status", "source_id", *COUNTED)[:JOBS]:
        number = sum(getattr(job, name) for name in COUNTED)
        total += number
        if chosen and total > READ:
            break
        if number or job.is_active:
            chosen[job.pk] = job
    return chosen
