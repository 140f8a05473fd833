"""Gathers in a thread of its own, so that a slow listing never stalls the fetching."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from harvests.pipeline.types import RemoteRecord

CHUNK: Final = 500  # records, or
WEIGHT: Final = 1_000_000  # bytes of documents that came along
PATIENCE: Final = 0.3  # seconds until a chunk that is not full is handed on


class Gathering(threading.Thread):
    """Runs a gather function; `take` hands over its records, `error` its end.

    Holds at most a few chunks: a listing is read no faster than it is fetched.
    """

    def __init__(
        self, gather: Callable[[], Iterator[RemoteRecord]], stop: threading.Event
    ) -> None:
        super().__init__(name="gather", daemon=True)
        self.error: Exception | None = None
        self._gather = gather
        self._stop_asked = stop
        self._chunks: queue.Queue[list[RemoteRecord] | None] = queue.Queue(maxsize=4)
        self.ended = False

    @property
    def is_ahead(self) -> bool:
        """Whether it has to wait for who takes the records, being the faster."""
        return self._chunks.full()

    def take(self, timeout: float) -> list[RemoteRecord]:
        """Return the next chunk, [] if none came in `timeout` seconds."""
        if self.ended:
            return []
        try:
            chunk = self._chunks.get(timeout=timeout) if timeout else self._now()
        except queue.Empty:
            return []
        if chunk is None:
            self.ended = True
            return []
        return chunk

    def run(self) -> None:
        try:
            self._hand_over()
        except Exception as error:  # noqa: BLE001 - handed to the runner, which raises it
            self.error = error
        self._put(None)

    def _now(self) -> list[RemoteRecord] | None:
        return self._chunks.get_nowait()

    def _hand_over(self) -> None:
        chunk: list[RemoteRecord] = []
        weight, since = 0, time.monotonic()
        try:
            for record in self._gather():
                chunk.append(record)
                weight += len(record.body or b"")
                is_full = len(chunk) >= CHUNK or weight >= WEIGHT
                if is_full or time.monotonic() - since > PATIENCE:
                    self._put(chunk)
                    chunk, weight, since = [], 0, time.monotonic()
                if self._stop_asked.is_set():
                    return
        finally:  # also what was found before the listing failed
            self._put(chunk)

    def _put(self, chunk: list[RemoteRecord] | None) -> None:
        while not self._stop_asked.is_set():
            try:
                self._chunks.put(chunk, timeout=0.1)
            except queue.Full:
                continue
            return
