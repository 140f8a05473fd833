"""Asks a catalogue service for pages, in the way that it understands."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from harvests.pipeline.errors import FetchError, GatherError
from harvests.pipeline.sources.csw_capabilities import Capabilities
from harvests.pipeline.sources.csw_exceptions import PageError, Refused
from harvests.pipeline.sources.csw_pages import RecordPage
from harvests.pipeline.sources.csw_requests import ISO_TYPE, RECORD_TYPE, Query, forms
from harvests.pipeline.sources.csw_urls import GMD, identity_url, record_url
from harvests.pipeline.sources.csw_xml import GMI
from harvests.pipeline.sources.pages import PageFetcher
from harvests.pipeline.types import Plan, Selection

# Answers that no smaller page and no other request will better.
_HOPELESS: Final = frozenset((401, 403, 404, 407, 410, 429))
_REFUSALS: Final = frozenset((400, 405, 415, 501))


class Client:
    """Asks for pages, and counts them. `query` is how, once `settle` found out."""

    def __init__(self, plan: Plan, service: Capabilities, fetcher: PageFetcher) -> None:
        self.service = service
        self.query = next(_ways(service, plan.selection))
        self._plan = plan
        self._fetcher = fetcher
        self._asked = 0
        self._first: RecordPage | None = None

    def settle(self) -> None:
        """Find a way to ask that the service takes; raise GatherError if none is.

        The first page may fail for a record on it as well: that is found out when it
        is read, unless the service says plainly that it refuses the request.
        """
        reasons: list[PageError] = []
        for query in _ways(self.service, self._plan.selection):
            try:
                if self._try(query):
                    return
            except PageError as error:
                reasons.append(error)
                if sum(not isinstance(e, Refused) for e in reasons) > 1:
                    return  # it is in trouble, whichever way it is asked
        self._complain(reasons)

    def close(self) -> None:
        """Close the first page if nobody took it."""
        if self._first is not None:
            self._first.close()

    def _try(self, query: Query) -> bool:
        """Ask for the first page that way; tell whether it shows ISO records.

        If no way does, the first one that was answered at all is kept.
        """
        page = self.page(query, 1, self.service.page_size)
        try:
            first = page.first()
        except PageError:
            page.close()
            raise
        is_good = first is None or bool(first.body)
        if is_good or self._first is None:
            self.close()
            self.query, self._first = query, page
        else:
            page.close()
        return is_good

    def next_page(self, start: int, size: int) -> RecordPage:
        """Return a page of the way that was settled on; the first is at hand."""
        page, self._first = self._first, None
        if page is not None and start == 1:
            return page
        return self.page(self.query, start, size)

    def page(self, query: Query, start: int, size: int) -> RecordPage:
        """Return one page; raise PageError, or GatherError if it is hopeless."""
        return self._open(*query.request(start, size))

    def record(self, identifier: str) -> RecordPage:
        """Return the page that holds that record alone."""
        url = record_url(self.home, identifier, version=self.service.version)
        return self._open(url, b"")

    def address_of(self, identifier: str) -> str:
        """Return the address by which that record is known, not asked for."""
        return identity_url(self._plan.url, identifier)

    @property
    def home(self) -> str:
        return self.service.get or self.service.address

    def _open(self, url: str, data: bytes) -> RecordPage:
        self._asked += 1
        if self._asked > self._plan.limits.pages:
            raise GatherError(self._too_many(), url=self._plan.url)
        try:
            page = self._fetcher.page(url, data=data)
        except FetchError as error:
            if error.status in _HOPELESS:
                raise GatherError(f"{error}.{self.aside()}", url=url) from error
            kind = Refused if error.status in _REFUSALS else PageError
            raise kind(str(error), status=error.status or 0) from error
        try:
            return RecordPage(page.file)
        except PageError:
            page.file.close()
            raise

    def aside(self) -> str:
        """Return a word on the address that the service names, but was not asked."""
        if not self.service.elsewhere:
            return ""
        return (
            f" Its capabilities name {self.service.elsewhere}, which was not asked "
            "because it is on another host: if that is the right address, give it."
        )

    def _complain(self, reasons: list[PageError]) -> None:
        if self._first is None and self._is_filter_refused():
            raise GatherError(
                f"{self.home} refused the source's filter: {reasons[0]}. Correct "
                "the filter.",
                url=self._plan.url,
            )

    def _is_filter_refused(self) -> bool:
        selection = self._plan.selection
        if not selection.cql and selection.box is None:
            return False
        try:
            self.page(
                replace(self.query, selection=Selection(), as_filter=False), 1, 1
            ).close()
        except PageError:
            return False
        return True

    def _too_many(self) -> str:
        return (
            f"{self.home} needs more than {self._plan.limits.pages:,} pages, the most "
            "that a harvest reads; the rest was left out: split the source by a filter."
        )


def _ways(service: Capabilities, selection: Selection) -> Iterator[Query]:
    """Yield the ways to ask, the likeliest first.

    POST comes first because it is what the standard obliges servers to know; some
    answer it with their capabilities, though, or not at all.
    """
    schema = GMI if GMD not in service.schemas and GMI in service.schemas else GMD
    methods = [(service.post, True), (service.get, False)]
    types = [ISO_TYPE, RECORD_TYPE]
    if service.type_names and ISO_TYPE not in service.type_names:
        types.reverse()
    asked = [(address, post) for address, post in methods if address]
    kinds = forms(selection)
    for type_name, is_sorted, as_filter, (address, post) in itertools.product(
        types, (True, False), kinds, asked or [(service.address, True)]
    ):
        yield Query(
            endpoint=address,
            post=post,
            version=service.version,
            type_name=type_name,
            schema=schema,
            is_sorted=is_sorted,
            as_filter=as_filter,
            selection=selection,
        )
