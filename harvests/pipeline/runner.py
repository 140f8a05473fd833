"""One harvest of one source. The only module that knows the order of the stages."""

import functools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from harvests.pipeline.errors import Cancelled, GatherError
from harvests.pipeline.fetch import Batch, Fetcher
from harvests.pipeline.gathering import Gathering
from harvests.pipeline.hints import other_kind
from harvests.pipeline.ledger import Ledger
from harvests.pipeline.masking import Mask
from harvests.pipeline.processing import (
    Answer,
    Target,
    answer_of,
    is_as_stored,
    process,
    unchanged,
)
from harvests.pipeline.removals import finish_removals, remove_missing
from harvests.pipeline.rivals import told
from harvests.pipeline.seen import Seen
from harvests.pipeline.selecting import Sieve
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.store import Folder
from harvests.pipeline.twins import as_known
from harvests.pipeline.types import (
    Known,
    Outcome,
    Plan,
    Progress,
    RemoteRecord,
    Request,
    Response,
    Result,
    Stage,
)
from harvests.pipeline.validators import revision, schema
from harvests.pipeline.workshop import Workshop

WAITING: Final = 500  # requests that wait for their turn
MANY: Final = 300  # that wait are worth the start of a workshop
BATCH: Final = 300  # outcomes per commit
COMMIT_EVERY: Final = 0.7  # seconds
WIND_DOWN: Final = 1  # seconds; what the workshop has not done then is left
TICK: Final = 0.1  # seconds the loop may sleep
SHORT: Final = 0.005  # the same while the workshop is busy
PROGRESS_EVERY: Final = 0.4  # seconds


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run works with. `stop`, if set, ends the fetcher's waiting too."""

    fetcher: Fetcher
    folder: Folder
    ledger: Ledger
    stop: threading.Event


def harvest(
    plan: Plan, tools: Tools, *, cancelled: Callable[[], bool]
) -> Iterator[Outcome | Progress]:
    """Harvest a source; yield an Outcome per record once it is safely stored.

    Yields Progress at least every half second. Asks `cancelled` as often. Raises
    GatherError if the listing could not be read to its end (what was found is
    harvested, nothing is removed) or no record could be had, StoreError if the
    folder cannot be written, and Cancelled. What was yielded before is kept in each
    case.
    """
    schema.prepare()
    run = _Run(plan, tools, cancelled)
    try:
        yield from run.events()
    finally:
        run.close()


class _Run:
    """The state of a run. One thread fetches, processes and stores.

    More threads are no faster: they pass Python's lock on for longer than lxml works
    without it (measured: 30 % more CPU for as many records a second). A big run has
    a workshop, which is another process, and does itself what that has no room for.
    """

    def __init__(self, plan: Plan, tools: Tools, cancelled: Callable[[], bool]) -> None:
        self.plan = plan
        self.tools = tools
        self.cancelled = cancelled
        self.seen = Seen()
        self.counts: Counter[Result] = Counter()
        self.discovered = 0
        self.useless = 0
        self.first_failure = ""
        self.targets: dict[str, Target] = {}
        self.outcomes: list[Outcome] = []
        self.batch: Batch = tools.fetcher.batch()
        self.workshop = Workshop(tools.folder, plan)
        self.revision = revision(plan.profile)
        self.sieve = Sieve(plan.selection)
        self.mask = Mask(tools.fetcher.access)
        self.gathering = Gathering(self._gather(), tools.stop)
        self.stage = Stage.GATHER
        self.committed = self.told = time.monotonic()

    def events(self) -> Iterator[Outcome | Progress]:
        finish_removals(self.tools.ledger, self.tools.folder)
        self.gathering.start()
        while not self._done():
            if self.cancelled():
                yield from self._wind_down()
            self._feed()
            self._fetch()
            yield from self._commit_when_due()
            yield from self._progress()
        yield from self._commit()
        if self.gathering.error is not None:
            yield from self._finish()
            raise self._explained(self.gathering.error)
        if self.discovered == 0:
            raise self._explained(self._error(nothing_found(self.plan.url, self.sieve)))
        yield from self._remove()
        if self.useless == self.discovered:
            raise self._explained(self._error(self._all_failed()))

    def close(self) -> None:
        self.tools.stop.set()
        self.batch.close()
        self.workshop.close()
        if self.gathering.ident is not None:
            self.gathering.join()
        self.tools.folder.discard()
        self.seen.close()

    def _gather(self) -> Callable[[], Iterator[RemoteRecord]]:
        kind = SOURCES[self.plan.kind]
        gather = functools.partial(kind.gather, self.plan, self.tools.fetcher)
        return lambda: self.sieve.wanted(gather())

    def _error(self, message: str) -> GatherError:
        return GatherError(message, url=self.plan.url)

    def _explained(self, error: Exception) -> Exception:
        """Return the error, without secrets; with a hint if nothing is known yet."""
        known = next(iter(self.tools.ledger.all_known()), ())
        is_new = not any(record.name for record in known)
        if isinstance(error, GatherError) and is_new and not self.tools.stop.is_set():
            hint = other_kind(self.plan, self.tools.fetcher)
            error = GatherError(f"{error}{hint}", url=error.url)
        return self.mask.error(error)

    def _all_failed(self) -> str:
        count = self.discovered
        if count == 1:
            return self.first_failure
        return (
            f"None of the {count:,} records that {self.plan.url} lists could be "
            f"harvested. The first: {self.first_failure}"
        )

    def _done(self) -> bool:
        return self.gathering.ended and not self.targets and not self.workshop

    def _wind_down(self) -> Iterator[Outcome | Progress]:
        """Keep what is done, then stop."""
        self.tools.stop.set()
        until = time.monotonic() + WIND_DOWN
        while self.workshop and time.monotonic() < until:
            self.outcomes += self.workshop.collect(TICK)
        yield from self._commit()
        yield from self._finish()
        raise Cancelled("Cancelled: what was harvested until then is kept.")

    def _feed(self) -> None:
        """Hand what was gathered to the fetcher, unless enough is waiting there."""
        if len(self.batch) >= WAITING or self.gathering.ended:
            return
        idle = len(self.batch) == 0 and not self.workshop
        listed = self.gathering.take(TICK if idle else 0)
        found, known = as_known(listed, self.tools.ledger)
        records = {record.url: record for record in found}
        fresh = self.seen.add(list(records))
        self.discovered += len(fresh)
        if fresh:
            self.stage = Stage.FETCH
            self._send([records[url] for url in fresh], known)

    def _send(self, records: list[RemoteRecord], known: Mapping[str, Known]) -> None:
        met = [known[record.url] for record in records if record.url in known]
        stored = {k.url for k in met if k.name}
        new = {r.url: r.name for r in records if r.url not in stored}
        granted = self.tools.ledger.claim(new) if new else {}
        again = [k.url for k in met if k.missing_since or k.restored]
        if again:
            self.tools.ledger.found_again(again)
        for record in records:
            before = known.get(record.url)
            name = before.name if before and before.name else granted.get(record.url)
            self._ask(Target(record, name or record.name, before))

    def _ask(self, target: Target) -> None:
        if at_hand := answer_of(target.record):
            self._answered(target, at_hand)
            return
        known = target.published
        url = target.record.place
        self.targets[url] = target
        trusted = (
            known is not None
            and not self.plan.force
            and known.revision == self.revision
            and is_as_stored(known, self.tools.folder)
        )
        if known is not None and trusted:
            self.batch.add(Request(url, known.etag, known.last_modified))
        else:
            self.batch.add(Request(url))

    def _fetch(self) -> None:
        """Drive the transfers and process what they bring."""
        self.outcomes += self.workshop.collect(0 if len(self.batch) else TICK)
        if len(self.batch) == 0:
            return
        for request, answer in self.batch.poll(SHORT if self.workshop else TICK):
            self._answered(self.targets.pop(request.url), answer)

    def _answered(self, target: Target, answer: Answer) -> None:
        if isinstance(answer, Response):
            if answer.status == 304:
                self.outcomes.append(unchanged(target))
                return
            many = len(self.batch) > MANY or self.gathering.is_ahead
            if self.workshop.takes(target, answer, many=many):
                return
        self.outcomes.append(process(target, answer, self.tools.folder, self.plan))

    def _commit_when_due(self) -> Iterator[Outcome]:
        late = time.monotonic() - self.committed > COMMIT_EVERY
        if len(self.outcomes) >= BATCH or (late and self.outcomes):
            yield from self._commit()

    def _commit(self) -> Iterator[Outcome]:
        """Files first, then rows; only then is it told."""
        found = told(self.outcomes, self.tools.ledger.rivals)
        outcomes = [self.mask.outcome(outcome) for outcome in found]
        self.outcomes = []
        self.tools.folder.commit()
        self.tools.ledger.save(outcomes)
        self.committed = time.monotonic()
        yield from self._tell(outcomes)

    def _tell(self, outcomes: list[Outcome]) -> Iterator[Outcome]:
        self.counts.update(outcome.result for outcome in outcomes)
        useless = [o for o in outcomes if _is_useless(o)]
        self.useless += len(useless)
        if useless and not self.first_failure:
            self.first_failure = useless[0].message
        yield from outcomes

    def _progress(self) -> Iterator[Progress]:
        now = time.monotonic()
        if now - self.told > PROGRESS_EVERY:
            self.told = now
            yield Progress(self.stage, self.discovered, self.counts.copy())

    def _remove(self) -> Iterator[Outcome | Progress]:
        self.stage = Stage.STORE
        for outcomes in remove_missing(
            self.plan,
            self.tools.ledger,
            self.seen,
            self.tools.folder,
            added=self.counts[Result.ADDED],
        ):
            yield from self._tell(outcomes)
            yield from self._progress()
            if self.cancelled():
                yield from self._wind_down()
        yield from self._finish()

    def _finish(self) -> Iterator[Progress]:
        for _chunk in self.tools.ledger.finish():
            self.cancelled()  # gives the sign of life; it is too late to stop
        yield Progress(self.stage, self.discovered, self.counts.copy())


def _is_useless(outcome: Outcome) -> bool:
    """Tell what could not be had from what its source does not want published."""
    return outcome.result is Result.FAILED and outcome.stage is not Stage.VALIDATE


def nothing_found(url: str, sieve: Sieve) -> str:
    if sieve.dropped:
        return (
            f"{url} lists {sieve.dropped} records, but the source's patterns let none "
            "of them through. Correct its include and exclude patterns."
        )
    return (
        f"{url} lists no record: an empty listing removes nothing. "
        "Check the URL, or ask the provider."
    )
