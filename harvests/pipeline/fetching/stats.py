"""Counts what went over the network."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from harvests.pipeline.fetching.urls import shown


@dataclass(frozen=True, slots=True)
class FetchStats:
    """One moment's counts. Each try and each redirect is a request.

    `by_status` has 0 for requests without an answer; `received` is in bytes as
    they came over the wire, without headers; `slowest` is a URL and its seconds.
    """

    requests: int = 0
    retries: int = 0
    received: int = 0
    by_status: Mapping[int, int] = field(default_factory=dict)
    slowest: tuple[str, float] = ("", 0.0)


class Tally:
    """The running counts of one Fetcher; from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_status: Counter[int] = Counter()
        self._retries = 0
        self._received = 0
        self._slowest = ("", 0.0)

    def add(self, url: str, status: int, received: int, seconds: float) -> None:
        with self._lock:
            self._by_status[status] += 1
            self._received += received
            if seconds > self._slowest[1]:
                self._slowest = (url, seconds)

    def retry(self) -> None:
        with self._lock:
            self._retries += 1

    def read(self) -> FetchStats:
        with self._lock:
            url, seconds = self._slowest
            return FetchStats(
                requests=self._by_status.total(),
                retries=self._retries,
                received=self._received,
                by_status=dict(self._by_status),
                slowest=(shown(url), seconds),
            )
