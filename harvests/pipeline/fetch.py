"""The only door to the network: pages one at a time, records many at once.

Guards, retries and waits on the way; what comes back is a document or a FetchError.
"""

import threading
from typing import Final, Self

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetching.bodies import FileBody, MemoryBody
from harvests.pipeline.fetching.downloads import Common, Downloads
from harvests.pipeline.fetching.gatekeeper import gatekeeper
from harvests.pipeline.fetching.stats import FetchStats
from harvests.pipeline.fetching.transfers import Transfer
from harvests.pipeline.fetching.urls import shown
from harvests.pipeline.types import Access, FetchPolicy, Page, Request, Response

__all__ = ["Batch", "FetchStats", "Fetcher"]

NOTHING_KNOWN: Final = Request("")
PROMPTLY: Final = 0.2
RECORDS: Final = "application/xml, text/xml;q=0.9, */*;q=0.1"
HEAD: Final = 1 << 18  # bytes: some listings begin with 64 KB of icons
# Without blanks: pycsw 2.6 looks for "application" right behind the commas
LISTINGS: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


Spare = list[Downloads[FileBody, Page]]


class Batch(Downloads[MemoryBody, Response]):
    """Many records at once, for one thread: `add`, then `poll` until it is empty."""

    def __init__(self, common: Common) -> None:
        super().__init__(
            common,
            transfer=self._transfer,
            answer=_response,
            gate=gatekeeper(common),
        )
        common.hosts.count_batches(1)
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        if self._open:
            self._open = False
            self._common.hosts.count_batches(-1)
            super().close()

    def _transfer(self) -> Transfer[MemoryBody]:
        limit = self._common.policy.max_bytes
        return self._common.transfer(MemoryBody(limit), limit=limit, accept=RECORDS)


class Fetcher:
    """Fetches within `policy`, from any thread; `stop` cuts a page short.

    What it learns of a host (asked to wait, stopped answering, its robots.txt) holds
    for its life. Raises FetchError if the policy's access settings cannot be used.
    """

    def __init__(
        self, policy: FetchPolicy, *, stop: threading.Event | None = None
    ) -> None:
        self._common = Common(policy)
        self._stop = stop or threading.Event()
        self._pages: Spare = []
        self._heads: Spare = []

    @property
    def stats(self) -> FetchStats:
        return self._common.tally.read()

    @property
    def access(self) -> Access | None:
        return self._common.policy.access

    def batch(self) -> Batch:
        return Batch(self._common)

    def page(self, url: str, *, data: bytes = b"") -> Page:
        """Return a listing, its file open at the start; raise FetchError.

        With `data`, an XML document, it is what a POST of that answers.
        """
        return self._fetch(Request(url, data=data), self._pages)

    def head(self, url: str) -> Page:
        """Return the beginning of a page, however long it is; raise FetchError."""
        return self._fetch(Request(url), self._heads, head=HEAD)

    def _fetch(self, request: Request, spare: Spare, *, head: int = 0) -> Page:
        url = request.url
        pages = self._borrow(spare, head)
        pages.add(request)
        with self._common.hosts.page():
            while not self._stop.is_set():
                for _, result in pages.poll(PROMPTLY):
                    spare.append(pages)
                    if isinstance(result, FetchError):
                        raise result
                    return result
        pages.close()
        raise FetchError(f"cancelled before {shown(url)} was fetched", url=shown(url))

    def close(self) -> None:
        """Close the connections that pages kept open."""
        for spare in (self._pages, self._heads):
            while spare:
                spare.pop().close()

    def _borrow(self, spare: Spare, head: int) -> Downloads[FileBody, Page]:
        """Return the connections that an earlier page left, if nobody uses them."""
        try:
            return spare.pop()
        except IndexError:
            return Downloads(
                self._common,
                transfer=lambda: self._transfer(head),
                answer=_page,
                gate=gatekeeper(self._common),
            )

    def _transfer(self, head: int) -> Transfer[FileBody]:
        limit = self._common.policy.max_listing_bytes
        body = FileBody(limit, head=head)
        return self._common.transfer(body, limit=limit, accept=LISTINGS)


def _response(request: Request, transfer: Transfer[MemoryBody]) -> Response:
    answer = transfer.answer
    known = request if answer.status == 304 else NOTHING_KNOWN
    return Response(
        url=transfer.url,
        status=answer.status,
        body=b"" if answer.status == 304 else answer.body.content(),
        content_type=answer.headers.get("content-type", ""),
        etag=answer.headers.get("etag", known.etag),
        last_modified=answer.headers.get("last-modified", known.last_modified),
    )


def _page(_: Request, transfer: Transfer[FileBody]) -> Page:
    answer = transfer.answer
    content_type = answer.headers.get("content-type", "")
    server = answer.headers.get("server", "")
    return Page(transfer.url, content_type, answer.body.content(), server)
