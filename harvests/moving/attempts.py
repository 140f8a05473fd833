"""The registry's attempts: jobs that ended before the move.

Only some versions of the predecessor's worker wrote them. What they counted beside
records is not known; how they ended, and why, is.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from harvests.models import HarvestJob, HarvestSource, JobStatus
from harvests.models.sources import RECENT
from harvests.moving.report import Report
from harvests.moving.sources import ASKED_BY, Sources
from harvests.moving.values import Document, count, inner, key_of, moment, text

KIND: Final = "jobs"
CHUNK: Final = 500
REASON: Final = 2000  # characters of it
HOMELESS: Final = "no harvest that is here made it."
ODD: Final = "without a date."
OLD: Final = "older than JOB_HISTORY_DAYS, after which jobs are deleted here."
UNKNOWN: Final = "The registry does not say why it failed."


class Attempts:
    """Takes them for the sources that the registry brought."""

    def __init__(self, sources: Sources, report: Report, *, dry_run: bool) -> None:
        self._homes = sources.homes
        self._report = report
        self._dry_run = dry_run
        self._left: Counter[str] = Counter()
        self._after = timezone.now() - dt.timedelta(days=settings.JOB_HISTORY_DAYS)

    def take(self, chunk: Sequence[Document]) -> None:
        """Take some; those that are here stay as they are."""
        found = {key_of(each): each for each in chunk if not self._leaves(each)}
        same = HarvestJob.objects.filter(pk__in=list(found))
        here = set(same.values_list("pk", flat=True))
        new = [self._job(key, each) for key, each in found.items() if key not in here]
        if not self._dry_run:
            HarvestJob.objects.bulk_create(new, batch_size=CHUNK)
        self._report.taken[KIND] += len(new)
        self._report.here[KIND] += len(here)

    def finish(self) -> None:
        """Say what was left; show the newest jobs where sources are listed."""
        for why, number in self._left.items():
            what = "1 attempt" if number == 1 else f"{number:,} attempts"
            self._report.leave(KIND, what, why, count=number)
        if not self._dry_run and self._report.taken[KIND]:
            _remember(self._homes.values())

    def _leaves(self, document: Document) -> bool:
        """Count it as left if there is no job to make of it."""
        when = moment(document.get("date"))
        why = ""
        if str(document.get("parent_harvest")) not in self._homes:
            why = HOMELESS
        elif when is None:
            why = ODD
        elif when < self._after:
            why = OLD
        self._left.update([why] if why else [])
        return bool(why)

    def _job(self, key: str, document: Document) -> HarvestJob:
        when = moment(document.get("date"))
        ok = document.get("successful") is True
        return HarvestJob(
            id=key,
            source=self._homes[str(document["parent_harvest"])],
            status=JobStatus.FINISHED if ok else JobStatus.FAILED,
            successful=ok,
            date=when,
            started=when,
            finished=when,
            num_records=count(document.get("num_records")),
            failure=None if ok else _failure(document),
            requested_by=ASKED_BY,
        )


def _failure(document: Document) -> dict[str, Any]:
    given = inner(document, "failure")
    message = text(given.get("message"), REASON) or UNKNOWN
    return {"code": count(given.get("code")), "message": message}


def _remember(sources: Iterable[HarvestSource]) -> None:
    """Give each source the lines of its last ten jobs."""
    for source in sources:
        newest = source.jobs.filter(requested_by=ASKED_BY).order_by("-date")[:RECENT]
        if newest and not source.recent_jobs:
            source.recent_jobs = [job.line for job in reversed(newest)]
            source.save(update_fields=["recent_jobs"])
