"""An end for what may never end by itself: a fetcher is stopped when time is up."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def deadline(stop: threading.Event, seconds: float) -> Iterator[None]:
    """Set `stop` after so many seconds, unless the block has ended before."""
    timer = threading.Timer(seconds, stop.set)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
