"""Which records go when their source no longer lists them, and which are held.

Called only after a listing was read to its end and listed something.
"""

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harvests.pipeline.ledger import Ledger, Memory
from harvests.pipeline.seen import Seen
from harvests.pipeline.store import Folder
from harvests.pipeline.types import Known, Outcome, Plan, Result

AT_LEAST = 5


@dataclass(frozen=True, slots=True)
class Decision:
    """How many published records are missing, of how many, and how many may go."""

    known: int
    missing: int
    limit: int
    absent: int  # missing ones, and those that were never published or restored

    @property
    def exceeded(self) -> bool:
        return self.missing > self.limit


def decide(plan: Plan, ledger: Memory, seen: Seen, *, added: int = 0) -> Decision:
    """Count what is missing against the plan's limit.

    The limit is a share of what was published before: the `added` of this run, which
    are known by now, would make room for the loss of all others.
    """
    known, missing, absent = -added, 0, 0
    for chunk in ledger.all_known():
        known += sum(bool(record.name) for record in chunk)
        unseen = seen.absent([record.url for record in chunk])
        gone = [record for record in chunk if record.url in unseen] if unseen else []
        absent += len(gone)
        missing += sum(bool(r.name) and not r.restored for r in gone)
    limit = max(AT_LEAST, int(known * plan.removal_percent / 100))
    limit = min(limit, known // 2)  # a cut listing of a small source is no exception
    return Decision(known, missing, known if plan.allow_removals else limit, absent)


def parted(
    plan: Plan, ledger: Memory, seen: Seen, decision: Decision
) -> Iterator[tuple[list[Known], list[Known]]]:
    """Yield what was not seen, chunk by chunk: what goes, and what is held.

    What a person brought back or decided to keep is neither, whatever the plan allows.
    """
    now = dt.datetime.now(dt.UTC)
    for chunk in ledger.all_known() if decision.absent else ():
        absent = seen.absent([record.url for record in chunk])
        going: list[Known] = []
        held: list[Known] = []
        for record in chunk:
            if record.url in absent and not record.restored:
                may_go = _may_go(record, plan, decision, now)
                (going if may_go else held).append(record)
        yield going, held


def remove_missing(
    plan: Plan, ledger: Ledger, seen: Seen, folder: Folder, *, added: int
) -> Iterator[list[Outcome]]:
    """Remove or hold what was not seen; yield the outcomes chunk by chunk."""
    decision = decide(plan, ledger, seen, added=added)
    for going, held in parted(plan, ledger, seen, decision):
        if held:
            ledger.hold(held)
        if going:
            _remove(going, ledger, folder)
        outcomes = itertools.chain(
            (Outcome(Result.REMOVED, r.url, r.name) for r in going),
            (_held(record, decision) for record in held),
        )
        yield list(outcomes)


def _may_go(record: Known, plan: Plan, decision: Decision, now: dt.datetime) -> bool:
    if not record.name or plan.allow_removals:
        return True
    stale = (
        plan.stale_after is not None
        and record.missing_since is not None
        and now - record.missing_since >= plan.stale_after
    )
    return stale or not decision.exceeded


def finish_removals(ledger: Ledger, folder: Folder) -> None:
    """Move the files that an earlier run, killed between row and file, left."""
    _move(ledger.unfinished(), ledger, folder)


def _remove(records: list[Known], ledger: Ledger, folder: Folder) -> None:
    """Row first, then file: what a crash leaves between, the next run finishes."""
    _move(ledger.remove(records), ledger, folder)


def _move(keys: Mapping[str, str], ledger: Ledger, folder: Folder) -> None:
    for name, key in keys.items():
        folder.trash(name, key)
    if keys:
        ledger.release(keys)


def _held(record: Known, decision: Decision) -> Outcome:
    message = (
        f"No longer listed, as {decision.missing} of {decision.known} records: "
        f"more than the {decision.limit} that may go at once, so it is kept. "
        "Approve the removals, or wait until the source lists it again."
    )
    return Outcome(Result.HELD, record.url, record.name, None, message)
