"""Gathers records from a catalogue service (OGC CSW 2.0.2 or 3.0.0).

The records come with the pages; none is fetched on its own but those that a page
cannot be read for.
"""

from collections.abc import Iterator
from contextlib import closing

from harvests.pipeline.errors import GatherError
from harvests.pipeline.sources import csw_capabilities
from harvests.pipeline.sources.csw_client import Client
from harvests.pipeline.sources.csw_names import file_name
from harvests.pipeline.sources.csw_pages import Found
from harvests.pipeline.sources.csw_paging import Walk
from harvests.pipeline.sources.csw_recognition import recognise
from harvests.pipeline.sources.csw_recovery import Recovery
from harvests.pipeline.sources.csw_roll import Meeting, Roll
from harvests.pipeline.sources.csw_urls import LONGEST, guesses
from harvests.pipeline.sources.csw_xml import local
from harvests.pipeline.sources.pages import PageFetcher
from harvests.pipeline.types import Plan, RemoteRecord

__all__ = ["gather", "guesses", "recognise"]

_FOREIGNERS = 100  # records that are not ISO until we believe that none is


def gather(plan: Plan, fetcher: PageFetcher) -> Iterator[RemoteRecord]:
    """Yield the catalogue's records; raise GatherError if any may have been missed.

    A record is known by the address that GetRecordById has for it. One that is there
    but cannot be had is yielded with its problem, so that it is not taken for gone.
    """
    service = csw_capabilities.ask(plan.url, fetcher)
    with closing(Client(plan, service, fetcher)) as client:
        client.settle()
        with closing(_Catalogue(plan, client)) as catalogue:
            yield from catalogue.records()


class _Catalogue:
    """One harvest of one catalogue."""

    def __init__(self, plan: Plan, client: Client) -> None:
        self._plan = plan
        self._client = client
        self._roll = Roll()
        self._walk = Walk(client.next_page, client.service.page_size, name=client.home)
        self._yielded = self._iso = self._foreign = 0
        self._foreign_tag = ""

    def close(self) -> None:
        self._roll.close()

    def records(self) -> Iterator[RemoteRecord]:
        for found in self._walk:
            yield from self._admit(found)
        self._check_that_something_came()
        if self._is_doubtful():
            yield from self._recover()

    def _admit(self, found: Found, problem: str = "") -> Iterator[RemoteRecord]:
        record = self._record(found, problem)
        if record is None:
            return
        if self._yielded >= self._plan.limits.records:
            raise self._error(
                f"{self._client.home} has more than {self._plan.limits.records:,} "
                "records, the most that a harvest takes; the rest was left out: split "
                "the source by a filter."
            )
        self._yielded += 1
        self._count(found)
        yield record

    def _count(self, found: Found) -> None:
        self._iso += bool(found.body)
        if not found.body:
            self._foreign += 1
            self._foreign_tag = self._foreign_tag or local(found.tag)[:100]
        if not self._iso and self._foreign >= _FOREIGNERS:
            self._check_that_something_came()

    def _record(self, found: Found, problem: str) -> RemoteRecord | None:
        meeting = self._roll.meet(found)
        if meeting is Meeting.AGAIN:
            return None
        url = self._client.address_of(found.identifier)
        name = file_name(found.identifier)
        is_named = len(found.identifier) <= LONGEST
        if meeting is Meeting.NEW and found.body and is_named:
            return RemoteRecord(url, name, body=found.body)
        if meeting is not Meeting.NEW:
            url = f"{url}#{found.mark}"
            name = file_name(f"{found.identifier}-{found.mark}")
        if not is_named:
            return RemoteRecord(url, name, problem=_too_long(found.identifier))
        return RemoteRecord(url, name, problem=problem or _problem(found, meeting, url))

    def _is_doubtful(self) -> bool:
        """Tell whether paging may have missed a record."""
        walk, roll = self._walk, self._roll
        return bool(
            walk.bad or walk.is_unsteady or roll.again or roll.missing(walk.most)
        )

    def _recover(self) -> Iterator[RemoteRecord]:
        recovery = Recovery(self._client, self._walk, self._roll)
        for found in recovery.found():
            reason = recovery.problems.get(found.identifier, "")
            problem = self._unavailable(found.identifier, reason) if reason else ""
            yield from self._admit(found, problem)
        if recovery.complaint:
            raise self._error(self._incomplete(recovery.complaint, recovery.most))
        if self._roll.missing(recovery.most):
            raise self._error(self._incomplete(_miscounted(self._roll), recovery.most))

    def _unavailable(self, identifier: str, reason: str) -> str:
        return (
            f"{self._client.home} lists the record {identifier}, but does not give "
            f"it: {reason}. Tell the provider."
        )

    def _incomplete(self, complaint: str, most: int) -> str:
        said = f"{most:,}" if most else "an unknown number of"
        why = next(iter(self._walk.bad.values()), "")
        because = f" The first page that failed: {why}." if why else ""
        return (
            f"{self._client.home} says that it has {said} records, but gave "
            f"{self._roll.count:,}, and which are missing cannot be told: {complaint}."
            f"{because} Nothing was removed; if it stays so, tell the provider."
        )

    def _check_that_something_came(self) -> None:
        if self._foreign and not self._iso:
            schemas = ", ".join(self._client.service.schemas) or "none"
            raise self._error(
                f"{self._client.home} has records, but gives none as ISO 19139 "
                f"(but <{self._foreign_tag}>); it offers these output schemas: "
                f"{schemas}. Ask the provider for {self._client.query.schema}."
            )
        selection = self._plan.selection
        if not self._yielded and (selection.cql or selection.box):
            raise self._error(
                f"{self._client.home} has no record that the source's filter selects. "
                "Correct the filter."
            )

    def _error(self, message: str) -> GatherError:
        return GatherError(message + self._client.aside(), url=self._plan.url)


def _miscounted(roll: Roll) -> str:
    return (
        f"it lists no others, sent {roll.again:,} of them more than once, or changed "
        "while it was read"
    )


def _too_long(identifier: str) -> str:
    return (
        f"The record's identifier is {len(identifier):,} characters long "
        f"({identifier[:60]}…), of which {LONGEST:,} are taken at most. The provider "
        "must give it a shorter one."
    )


def _problem(found: Found, meeting: Meeting, url: str) -> str:
    if not found.body:
        return (
            f"{url} is not an ISO 19139 record but a <{local(found.tag)[:100]}>. Ask "
            "the provider for a catalogue that gives ISO 19139."
        )
    if meeting is Meeting.NAMELESS:
        return (
            "The record has no gmd:fileIdentifier, by which a catalogue's records are "
            f"known ({url}). The provider must give it one."
        )
    return (
        f"Another record of this catalogue has the identifier {found.identifier} as "
        "well; the first one was taken. The provider must give each its own."
    )
