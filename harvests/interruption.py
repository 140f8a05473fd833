"""A polite end: a signal sets an event, and what runs long looks at it and stops.

`docker stop`, systemd and `make run` end a worker by SIGTERM; its work-horse, in
which nothing else runs, is told so by `workers.HarvestWorker`.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

asked = threading.Event()


def heed_sigterm() -> None:
    """From now on SIGTERM sets `asked`, and does nothing else."""
    signal.signal(signal.SIGTERM, _on_signal)


@contextmanager
def ctrl_c() -> Iterator[threading.Event]:
    """Meanwhile the first Ctrl-C sets the event given; a second interrupts as ever."""
    pressed = threading.Event()

    def on_ctrl_c(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        pressed.set()

    if threading.current_thread() is not threading.main_thread():
        yield pressed  # only the main thread hears signals
        return
    before = signal.signal(signal.SIGINT, on_ctrl_c)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    asked.set()
