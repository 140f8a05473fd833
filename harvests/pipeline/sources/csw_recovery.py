"""Finds the records that paging missed, by asking for the identifiers alone."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Final

from harvests.pipeline.errors import GatherError
from harvests.pipeline.sources.csw_client import Client
from harvests.pipeline.sources.csw_exceptions import PageError
from harvests.pipeline.sources.csw_pages import Found
from harvests.pipeline.sources.csw_paging import Walk
from harvests.pipeline.sources.csw_requests import Query
from harvests.pipeline.sources.csw_roll import Roll
from harvests.pipeline.sources.csw_urls import LONGEST

_MOST: Final = 1_000  # records that are asked for one by one


class Recovery:
    """Looks for what a walk missed; `missing` is how many records stay unknown.

    `found` yields the missed records (with a body), and those that are there but
    cannot be had (without one), with `problems` saying why by identifier.
    """

    def __init__(self, client: Client, walk: Walk, roll: Roll) -> None:
        self._client = client
        self._walk = walk
        self._roll = roll
        self.complaint = ""
        self.most = walk.most or 0  # the largest total that any page gave
        self.problems: dict[str, str] = {}

    def found(self) -> Iterator[Found]:
        missed = self._missed_there() or self._missed_anywhere()
        for identifier in missed:
            yield self._fetched(identifier)

    def _query(self) -> Query:
        return replace(
            self._client.query, detail="brief", schema=self._client.query.csw
        )

    def _missed_there(self) -> list[str]:
        """Return what is at the positions that failed, if that explains everything."""
        walk = self._walk
        if walk.is_unsteady or self._roll.missing(walk.most) != len(walk.bad):
            return []
        missed = []
        for position in walk.bad:
            missed += self._brief(position)
        return missed if len(set(missed)) == len(walk.bad) else []

    def _brief(self, position: int) -> list[str]:
        try:
            with closing(self._client.page(self._query(), position, 1)) as page:
                return [f.identifier for f in page if self._is_missed(f)][:1]
        except PageError:
            return []

    def _missed_anywhere(self) -> list[str]:
        """Return all identifiers that the walk did not meet; set `complaint`."""
        client = self._client
        query = self._query()
        walk = Walk(
            lambda start, size: client.page(query, start, size),
            client.service.page_size,
            name=client.home,
        )
        missed: dict[str, None] = {}
        met = count = 0
        try:
            for found in walk:
                count += 1
                if self._is_missed(found):
                    missed[found.identifier] = None
                else:
                    met += bool(found.identifier)
            self.complaint = self._judge(walk, count, met, len(missed))
            self.most = max(self.most, walk.most or 0)
        except GatherError:
            self.complaint = "it does not list their identifiers either"
        return [] if self.complaint else list(missed)

    def _judge(self, walk: Walk, count: int, met: int, missed: int) -> str:
        total = walk.total if walk.total is not None else count
        if walk.is_unsteady:
            return "it changed while it was read, twice"
        if walk.bad or count < total:
            return f"it lists {count:,} of its {total:,} identifiers only"
        if missed > _MOST or (missed and not met):
            return f"{missed:,} of its identifiers are not those of records it sent"
        if count > met + missed + self._roll.nameless:
            return "some records have no identifier by which to ask for them"
        return ""

    def _is_missed(self, found: Found) -> bool:
        return bool(found.identifiers) and not any(
            map(self._roll.has, found.identifiers)
        )

    def _fetched(self, identifier: str) -> Found:
        if len(identifier) > LONGEST:
            return Found("", (identifier,))
        try:
            with closing(self._client.record(identifier)) as page:
                found = page.first()
        except PageError as error:
            self.problems[identifier] = str(error)
            return Found("", (identifier,))
        if found is None or not found.body:
            self.problems[identifier] = "it sends none as ISO 19139"
            return Found("", (identifier,))
        return found
