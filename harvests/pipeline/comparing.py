"""What a harvest would change, as far as that can be told without fetching it all.

Listed records against known ones: by their bytes where those came along, by the
listing's dates where it has some. Removals by the rule of `removals`.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from harvests.pipeline.ledger import Memory
from harvests.pipeline.removals import decide, parted
from harvests.pipeline.seen import Seen
from harvests.pipeline.twins import as_known
from harvests.pipeline.types import Known, Plan, RemoteRecord, Result

EXAMPLES: Final = 20
ZONES: Final = dt.timedelta(hours=14)  # the farthest from UTC
STEP: Final = 15 * 60  # seconds by which time zones differ
MIDNIGHT: Final = dt.time()


class Change(StrEnum):
    """What a harvest would do to a record, or what hints at it."""

    ADDED = "added"
    FAILED = "failed"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DATED = "dated otherwise"
    UNCHECKED = "unchecked"
    REMOVED = "removed"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Changes:
    """How many records of each kind, and the first of them as (URL, file name).

    `known` are the published ones of which the source may lose `limit` at once.
    Where the listing was not read to its end, `is_removing` is False: a harvest then
    removes nothing.
    """

    known: int = 0
    limit: int = 0
    is_removing: bool = False
    counts: Mapping[Change, int] = field(default_factory=dict)
    examples: Mapping[Change, tuple[tuple[str, str], ...]] = field(default_factory=dict)


class Comparison:
    """Compares chunk by chunk; `content` tells what a body that came along changes."""

    def __init__(
        self,
        plan: Plan,
        memory: Memory,
        *,
        content: Callable[[RemoteRecord, Known], Result | None],
    ) -> None:
        self._plan = plan
        self._memory = memory
        self._content = content
        self.counts: Counter[Change] = Counter()
        self.examples: dict[Change, list[tuple[str, str]]] = {}

    def as_known(self, records: Sequence[RemoteRecord]) -> list[RemoteRecord]:
        """Return the records under the URLs that they are known by."""
        return as_known(records, self._memory)[0]

    def add(self, records: Sequence[RemoteRecord]) -> None:
        """Take records that were not met before in this listing."""
        known = self.known(records)
        for record in records:
            before = known.get(record.url)
            self._note(self.change(record, before), _named(record, before))

    def known(self, records: Iterable[RemoteRecord]) -> Mapping[str, Known]:
        """Return what is known of them; one that only ever failed has no name."""
        return self._memory.look_up([record.url for record in records])

    def change(self, record: RemoteRecord, known: Known | None) -> Change:
        """Tell from what the listing brought, without another request."""
        if known is None:
            return Change.ADDED
        if not known.name:
            return Change.FAILED
        if record.body is not None:
            result = self._content(record, known)
            return Change(result.value) if result in _SURE else Change.UNCHECKED
        dated = is_dated_otherwise(record.modified, known.last_modified)
        if dated is None:
            return Change.UNCHECKED
        return Change.DATED if dated else Change.UNCHANGED

    def correct(
        self, record: RemoteRecord, known: Known | None, result: Result
    ) -> None:
        """Put right what the sample has shown to be otherwise."""
        guess = self.change(record, known)
        is_new = guess in {Change.ADDED, Change.FAILED}
        is_sure = record.body is None and result in _SURE
        if (is_new or is_sure) and guess != result.value:
            self.counts[guess] -= 1
            pair = _named(record, known)
            kept = [found for found in self.examples[guess] if found != pair]
            self.examples[guess] = kept
            self._note(Change(result.value), pair)

    def removals(self, seen: Seen) -> Changes:
        """Return all, after a listing that was read to its end."""
        decision = decide(self._plan, self._memory, seen)
        for going, held in parted(self._plan, self._memory, seen, decision):
            for change, records in ((Change.REMOVED, going), (Change.HELD, held)):
                for known in records:
                    self._note(change, (known.url, known.name))
        return self.result(decision.known, decision.limit, is_removing=True)

    def result(
        self, known: int = 0, limit: int = 0, *, is_removing: bool = False
    ) -> Changes:
        counts = {change: n for change, n in self.counts.items() if n}
        examples = {change: tuple(self.examples[change]) for change in counts}
        return Changes(known, limit, is_removing, counts, examples)

    def _note(self, change: Change, pair: tuple[str, str]) -> None:
        self.counts[change] += 1
        examples = self.examples.setdefault(change, [])
        if len(examples) < EXAMPLES:
            examples.append(pair)


_SURE: Final = frozenset({Result.ADDED, Result.CHANGED, Result.UNCHANGED})


def is_dated_otherwise(listed: dt.datetime | None, last_modified: str) -> bool | None:
    """Compare a listing's date with the document's own when it was last fetched.

    A listing is silent about its time zone, so the two may be whole quarters of an
    hour apart, and still be the same. None where dates tell nothing.
    """
    if listed is None or not last_modified:
        return None
    try:
        stamp = parsedate_to_datetime(last_modified).replace(tzinfo=None)
    except ValueError:
        return None
    if listed.time() == MIDNIGHT:  # a date alone, it may be
        return True if abs(listed.date() - stamp.date()).days > 1 else None
    apart = abs(listed - stamp.replace(second=listed.second and stamp.second))
    return apart > ZONES or apart.total_seconds() % STEP != 0


def _named(record: RemoteRecord, known: Known | None) -> tuple[str, str]:
    return record.url, (known and known.name) or record.name
