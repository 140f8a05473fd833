"""What a harvest would bring, seen in seconds: nothing is stored, nothing remembered.

Counts what the listing shows, fetches a sample that is spread over all of it, and
compares with what is known. Never takes longer than it is told.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from harvests.pipeline.comparing import Changes, Comparison
from harvests.pipeline.deadlines import deadline
from harvests.pipeline.detection import Detection
from harvests.pipeline.errors import HarvestError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.gathering import Gathering
from harvests.pipeline.ledger import Memory
from harvests.pipeline.masking import Mask
from harvests.pipeline.processing import Answer, Shelf, Target, answer_of, foresee
from harvests.pipeline.rivals import Rivals, none_known, told
from harvests.pipeline.runner import nothing_found
from harvests.pipeline.seen import Seen
from harvests.pipeline.selecting import Sieve
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.specimens import Picks, Specimen
from harvests.pipeline.types import (
    Known,
    Outcome,
    Plan,
    RemoteRecord,
    Request,
    Result,
)
from harvests.pipeline.validators import schema

SECONDS: Final = 10.0
SAMPLE: Final = 10
FOR_LISTING: Final = 0.6  # of the time; the rest is the sample's
HANDING_OVER: Final = 0.7  # seconds to get what a listing held when it was stopped
TICK: Final = 0.05

Names = Callable[[Mapping[str, str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Preview:
    """What was found at `url` in `seconds`.

    `is_all`: the listing was read to its end. Otherwise `problem` says why not;
    `is_cut` if it was the limit of time. `dropped` were left out by the source's
    patterns, `troubled` are listed but cannot be had. `changes` is None for a source
    of which nothing is known, `detection` where the kind was given.
    """

    kind: str
    url: str
    found: int
    is_all: bool
    is_cut: bool
    problem: str
    dropped: int
    troubled: int
    sample: tuple[Specimen, ...]
    changes: Changes | None
    seconds: float
    detection: Detection | None = None


def preview(
    plan: Plan,
    fetcher: Fetcher,
    memory: Memory | None = None,
    shelf: Shelf | None = None,
    *,
    stop: threading.Event | None = None,
    names: Names = dict,
    rivals: Rivals = none_known,
    seconds: float = SECONDS,
) -> Preview:
    """Return what a harvest of `plan` would find and do, in at most `seconds`.

    `stop` is the fetcher's, set when the time for the listing is up. `names` tells
    which file names (url → name) new records would be granted, `rivals` which other
    records have the same identifiers. Raises DiskError if a published file cannot be
    read.
    """
    schema.prepare()
    known = _Around(shelf or _Bare(), names, rivals)
    look = _Look(plan, fetcher, known, seconds=seconds)
    try:
        return look.result(memory, stop or threading.Event())
    finally:
        look.close()


class _Bare:
    """The folder of a source that was never harvested."""

    def mtime(self, _name: str) -> int:
        return -1

    def read(self, _name: str) -> bytes | None:
        return None


@dataclass(frozen=True, slots=True)
class _Around:
    """What is known beside the source's own records."""

    shelf: Shelf
    names: Names
    rivals: Rivals


class _Look:
    """One preview."""

    def __init__(
        self, plan: Plan, fetcher: Fetcher, around: _Around, *, seconds: float
    ) -> None:
        self._plan = plan
        self._fetcher = fetcher
        self._shelf = around.shelf
        self._around = around
        self._seconds = seconds
        self._started = time.monotonic()
        self._seen = Seen()
        self._sieve = Sieve(plan.selection)
        self._mask = Mask(fetcher.access)
        self._over = threading.Event()
        self._picks = Picks(SAMPLE)
        self._found = self._troubled = 0
        self._gathering = Gathering(self._gather, self._over)

    def result(self, memory: Memory | None, stop: threading.Event) -> Preview:
        comparison = None
        if memory is not None:
            comparison = Comparison(self._plan, memory, content=self._content)
        with deadline(stop, self._seconds * FOR_LISTING):
            self._list(comparison, stop)
        error = self._gathering.error
        if error is not None and not isinstance(error, HarvestError):
            raise error
        is_cut = stop.is_set() and not (self._gathering.ended and error is None)
        is_all = not is_cut and error is None
        sample = self._sample(comparison)
        return Preview(
            kind=self._plan.kind,
            url=self._plan.url,
            found=self._found,
            is_all=is_all,
            is_cut=is_cut,
            problem=self._mask.text(self._problem(error, is_cut=is_cut)),
            dropped=self._sieve.dropped,
            troubled=self._troubled,
            sample=tuple(sample),
            changes=self._changes(comparison, is_all=is_all),
            seconds=round(self._elapsed, 3),
        )

    def close(self) -> None:
        self._over.set()
        self._gathering.join(HANDING_OVER)
        self._seen.close()

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._started

    def _gather(self) -> Iterator[RemoteRecord]:
        kind = SOURCES[self._plan.kind]
        return self._sieve.wanted(kind.gather(self._plan, self._fetcher))

    def _list(self, comparison: Comparison | None, stop: threading.Event) -> None:
        """Take in what the listing shows, until it ends or its time is up."""
        self._gathering.start()
        last = self._seconds * FOR_LISTING + HANDING_OVER
        while not self._gathering.ended and self._elapsed < last:
            if records := self._gathering.take(TICK):
                self._take(records, comparison)
        if not self._gathering.ended:
            stop.set()

    def _take(self, records: list[RemoteRecord], comparison: Comparison | None) -> None:
        if comparison is not None:
            records = comparison.as_known(records)
        by_url = {record.url: record for record in records}
        fresh = [by_url[url] for url in self._seen.add(list(by_url))]
        self._found += len(fresh)
        for record in fresh:
            self._picks.offer(record)
            self._troubled += bool(record.problem)
        if comparison is not None:
            comparison.add(fresh)

    def _content(self, record: RemoteRecord, known: Known) -> Result | None:
        """Tell what a document that came along would change; None without time."""
        answer = answer_of(record)
        if answer is None or self._elapsed > self._seconds:
            return None
        target = Target(record, known.name, known)
        return foresee(target, answer, self._shelf, self._plan).result

    def _sample(self, comparison: Comparison | None) -> list[Specimen]:
        records = self._picks.chosen()
        known = comparison.known(records) if comparison else {}
        names = {url: before.name for url, before in known.items() if before.name}
        new = {r.url: r.name for r in records if r.url not in names}
        names |= self._around.names(new) if new else {}
        targets = {
            r.url: Target(r, names.get(r.url, r.name), known.get(r.url))
            for r in records
        }
        outcomes = self._outcomes(targets)
        for url, outcome in outcomes.items():
            if comparison is not None:
                target = targets[url]
                comparison.correct(target.record, target.known, outcome.result)
        return [
            Specimen(url, target.name, target.record.name, outcomes.get(url))
            for url, target in targets.items()
        ]

    def _outcomes(self, targets: Mapping[str, Target]) -> dict[str, Outcome]:
        """Read and validate the sample; what comes too late is left out."""
        plan = replace(self._plan, force=True)  # to have titles of unchanged ones too
        seen = [
            foresee(targets[url], answer, self._shelf, plan)
            for url, answer in self._answers(targets)
        ]
        found = told(seen, self._around.rivals)
        return {outcome.url: self._mask.outcome(outcome) for outcome in found}

    def _answers(self, targets: Mapping[str, Target]) -> Iterator[tuple[str, Answer]]:
        urls = {target.record.place: url for url, target in targets.items()}
        with self._fetcher.batch() as batch:
            for place, url in urls.items():
                if at_hand := answer_of(targets[url].record):
                    yield url, at_hand
                else:
                    batch.add(Request(place))
            while len(batch) and self._elapsed < self._seconds:
                for request, answer in batch.poll(TICK):
                    yield urls[request.url], answer

    def _changes(
        self, comparison: Comparison | None, *, is_all: bool
    ) -> Changes | None:
        if comparison is None:
            return None
        if is_all and self._found:
            return comparison.removals(self._seen)
        return comparison.result()

    def _problem(self, error: HarvestError | None, *, is_cut: bool) -> str:
        if is_cut:
            return self._late()
        if error is None and not self._found:
            return nothing_found(self._plan.url, self._sieve)
        return str(error or "")

    def _late(self) -> str:
        listing, all_ = (round(self._seconds * part, 1) for part in (FOR_LISTING, 1))
        limit = f"{listing:g} of {all_:g} seconds"
        if not self._found:
            return f"{self._plan.url} showed no record in {limit}: allow more time."
        return f"The listing was not read to its end in {limit}: allow more time."
