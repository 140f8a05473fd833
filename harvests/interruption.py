"""A polite end: SIGTERM sets an event, and what runs long looks at it and stops.

`docker stop`, systemd and `make run` end a worker by SIGTERM; its work-horse, in
which nothing else runs, is told so by `workers.HarvestWorker`.
"""

import signal
import threading
from types import FrameType

asked = threading.Event()


def heed_sigterm() -> None:
    """From now on SIGTERM sets `asked`, and does nothing else."""
    signal.signal(signal.SIGTERM, _on_signal)


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    asked.set()
