"""What gathering needs of the network."""

from typing import Protocol

from harvests.pipeline.types import Page


class PageFetcher(Protocol):
    """What gathering needs of `Fetcher`."""

    def page(self, url: str, *, data: bytes = b"") -> Page:
        """Open the page at `url`, or the answer to a POST; raise FetchError."""


class HeadFetcher(PageFetcher, Protocol):
    """What detection needs of `Fetcher`."""

    def head(self, url: str) -> Page:
        """Open the beginning of the page at `url`; raise FetchError."""
