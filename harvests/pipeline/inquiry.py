"""Asks for pages, but never for too many, nor a host again that gives no answer."""

import threading
from collections import Counter
from typing import Final
from urllib.parse import urlsplit

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetching.urls import shown
from harvests.pipeline.sources.pages import HeadFetcher
from harvests.pipeline.types import Page

MISSES: Final = 2  # that a host which answered before may have

LOCKED = frozenset({401, 403, 407})


class Inquiry:
    """Keeps a record of what it asked for: `tried` holds what came, by address.

    `answered` are the addresses where pages were found, redirects followed.
    `needs_login`: the first that answered at all wants one, so nothing can be told.
    """

    def __init__(
        self, fetcher: HeadFetcher, stop: threading.Event, requests: int
    ) -> None:
        self._fetcher = fetcher
        self._stop = stop
        self._left = requests
        self._misses: Counter[str] = Counter()
        self.tried: dict[str, str] = {}
        self.answered: list[str] = []
        self.needs_login = False

    @property
    def is_late(self) -> bool:
        return self._stop.is_set()

    def page(self, url: str, *, whole: bool = False) -> Page | None:
        """Ask for the beginning of a page, or the whole; None if none came.

        Nothing is asked for twice, or where it is pointless.
        """
        if url in self.tried or not self._is_worthwhile(_host(url)):
            return None
        self._left -= 1
        try:
            page = self._fetcher.page(url) if whole else self._fetcher.head(url)
        except FetchError as error:
            self._misses[_host(url)] += not error.status
            self.needs_login |= error.status in LOCKED and not self.answered
            self.tried[url] = self._reason(error, url)
            return None
        self.answered.append(page.url)
        return page

    def _is_worthwhile(self, host: str) -> bool:
        answers = any(_host(known) == host for known in self.answered)
        is_dead = self._misses[host] >= (MISSES if answers else 1)
        return self._left > 0 and not is_dead and not self._stop.is_set()

    def _reason(self, error: FetchError, url: str) -> str:
        """Return what a FetchError says beside the address."""
        if self._stop.is_set() and not error.status:
            return "no answer in time"
        message = str(error).removeprefix(f"Could not fetch {shown(url)}").strip()
        return message.removeprefix(":").strip()


def _host(url: str) -> str:
    return "://".join(urlsplit(url)[:2])
