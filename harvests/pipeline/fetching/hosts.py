"""How the hosts of one Fetcher are doing, and how many requests each may get at once.

Shared by its batches and pages, from any thread. Does not fetch.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from harvests.pipeline.fetching.addresses import Guard
from harvests.pipeline.fetching.urls import hostname

DOUBTFUL: Final = 8
MOST_FAILURES: Final = 20


class Health:
    """One host: until when it asked us to wait, and why it is not asked at all.

    Between the starts of two requests lie `delay` seconds. Written without a lock but
    for those starts: two threads may lose one count of a failure, no more.
    """

    def __init__(self, name: str, verdict: str = "", delay: float = 0) -> None:
        self.name = name
        self.paused_until = 0.0
        self.verdict = verdict
        self.delay = delay
        self._next_start = 0.0
        self._lock = threading.Lock()
        self._misses = 0
        self._failures = 0

    def answered(self) -> None:
        self._misses = 0
        self._failures = 0

    def missed(self, wait: float) -> None:
        """Count a try without an answer; after some in a row all requests wait.

        Or a dead server would see the first try of every record before it is given up.
        """
        self._misses += 1
        if self._misses >= DOUBTFUL:
            self.pause(wait)

    def failed(self, reason: str) -> None:
        """Count a request that got no answer after all its tries."""
        self._failures += 1
        if self._failures == MOST_FAILURES:
            self.verdict = (
                f"given up, because {self.name} stopped answering; "
                f"the last of {MOST_FAILURES} failures in a row: {reason}"
            )

    @property
    def free_at(self) -> float:
        """When the next request may start."""
        return max(self.paused_until, self._next_start)

    def start(self, now: float) -> bool:
        """Say whether a request may start; if so, it counts as started."""
        if self.paused_until > now:
            return False
        return not self.delay or self._start_after_delay(now)

    def _start_after_delay(self, now: float) -> bool:
        with self._lock:
            free = self._next_start <= now
            if free:
                self._next_start = now + self.delay
            return free

    def pause(self, seconds: float) -> None:
        self.paused_until = max(self.paused_until, time.monotonic() + seconds)


class Hosts:
    """The hosts by name, and `limit`, the share of connections of one batch per host.

    A page being fetched takes one connection, the open batches share the others.
    """

    def __init__(self, connections: int, guard: Guard, *, delay: float = 0) -> None:
        self._guard = guard
        self._delay = delay
        self._connections = connections
        self._lock = threading.Lock()
        self._healths: dict[str, Health] = {}
        self._batches = 0
        self._pages = 0
        self.limit = connections

    def health(self, authority: str) -> Health:
        """Return the one of a host and port as a URL writes them."""
        host = hostname(f"//{authority}")
        with self._lock:
            if authority not in self._healths:
                verdict = self._guard.refuses_host(host)
                self._healths[authority] = Health(authority, verdict, self._delay)
            return self._healths[authority]

    def count_batches(self, change: int) -> None:
        with self._lock:
            self._batches += change
            self._divide()

    @contextmanager
    def page(self) -> Iterator[None]:
        self._count_pages(1)
        try:
            yield
        finally:
            self._count_pages(-1)

    def _count_pages(self, change: int) -> None:
        with self._lock:
            self._pages += change
            self._divide()

    def _divide(self) -> None:
        free = self._connections - self._pages
        self.limit = max(1, free // max(1, self._batches))
