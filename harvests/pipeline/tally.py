"""Adds up what a run yields."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from harvests.pipeline.errors import HarvestError
from harvests.pipeline.types import Outcome, Progress, Result

FAILURES_KEPT = 1000


@dataclass(slots=True)
class Tally:
    """The counts of a run, and its first thousand failures."""

    discovered: int = 0
    counts: Counter[Result] = field(default_factory=Counter)
    with_errors: int = 0
    failures: list[dict[str, str]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def add(self, event: Outcome | Progress) -> None:
        if isinstance(event, Progress):
            self.discovered = event.discovered
            return
        self.counts[event.result] += 1
        self.with_errors += event.with_errors
        if event.result is Result.FAILED and len(self.failures) < FAILURES_KEPT:
            stage = event.stage.value if event.stage else ""
            self.failures.append(
                {"url": event.url, "stage": stage, "message": event.message}
            )

    def fail(self, url: str, error: HarvestError) -> None:
        """Add what ended the whole run."""
        self.failures.append(
            {"url": url, "stage": error.stage.value, "message": str(error)}
        )

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self.started, 3)

    def counters(self) -> dict[str, int]:
        """Return the counts by the names that jobs and `--json` share."""
        by_result = {result.value: self.counts[result] for result in Result}
        return {**by_result, "with_errors": self.with_errors}

    def as_dict(self) -> dict[str, Any]:
        """Return the object that `harvest --json` prints."""
        return {
            "discovered": self.discovered,
            **self.counters(),
            "seconds": self.seconds,
            "failures": self.failures,
        }
