"""Keeps a running job's row up to date with what the runner yields."""

import time
from typing import Any, Final

from harvests.models import HarvestJob, HarvestOutcome, JobStatus
from harvests.pipeline.errors import Superseded
from harvests.pipeline.fetch import Fetcher, FetchStats
from harvests.pipeline.tally import Tally
from harvests.pipeline.types import Outcome, Progress, Result

BEAT_EVERY: Final = 0.5  # seconds: counters at least once a second, cancel in two
ROWS: Final = 500


class Recorder:
    """Takes the events of one run; `stop_asked` also gives the sign of life."""

    def __init__(self, job: HarvestJob, fetcher: Fetcher) -> None:
        self.tally = Tally()
        self._job = job
        self._fetcher = fetcher
        self._rows: list[HarvestOutcome] = []
        self._stage = ""
        self._beaten = 0.0
        self._going_on = True

    def take(self, event: Outcome | Progress) -> None:
        self.tally.add(event)
        if isinstance(event, Progress):
            self._stage = event.stage.value
            return
        if event.result is not Result.UNCHANGED:
            self._rows.append(self._row(event))
        if len(self._rows) >= ROWS:
            self._save_rows()

    def stop_asked(self) -> bool:
        """Return whether the job is to stop; asked many times a second.

        Raises Superseded if it was failed meanwhile, as one whose worker is gone: the
        source may be harvested by another by now.
        """
        if time.monotonic() - self._beaten > BEAT_EVERY:
            self._beaten = time.monotonic()
            self._save_rows()
            self._going_on = self._job.beat(stage=self._stage, **self._counters())
            if not self._going_on and self._job.status != JobStatus.RUNNING:
                raise Superseded
        return not self._going_on

    def finish(self) -> None:
        """Store what is left. The job is still running after it."""
        self._save_rows()
        self._job.beat(stage=self._stage, **self._counters())

    def _counters(self) -> dict[str, object]:
        return {
            "num_records": self.tally.discovered,
            "requests": _requests(self._fetcher.stats),
            **self.tally.counters(),
        }

    def _row(self, outcome: Outcome) -> HarvestOutcome:
        return HarvestOutcome(
            job_id=self._job.pk,
            url=outcome.url,
            outcome=outcome.result.value,
            stage=outcome.stage.value if outcome.stage else "",
            message=outcome.message,
            title=outcome.metadata.title if outcome.metadata else "",
            file_name=outcome.name,
        )

    def _save_rows(self) -> None:
        rows, self._rows = self._rows, []
        if rows:
            HarvestOutcome.objects.bulk_create(rows)


def _requests(stats: FetchStats) -> dict[str, Any]:
    """What went over the network, as JSON and MongoDB take it (text keys only)."""
    url, seconds = stats.slowest
    return {
        "count": stats.requests,
        "retries": stats.retries,
        "bytes": stats.received,
        "statuses": {str(status): n for status, n in stats.by_status.items()},
        "slowest": {"url": url, "seconds": round(seconds, 3)},
    }
