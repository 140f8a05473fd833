"""A second process that reads, validates and stages documents beside the run's own.

Python runs one thread at a time; two processes keep two cores busy. This one ends by
itself when the run's ends, however that ends: its socket is closed then.
"""

import contextlib
import gc
import logging
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from harvests.pipeline.errors import DiskError
from harvests.pipeline.processing import Target, process
from harvests.pipeline.store import TRASH, Folder
from harvests.pipeline.types import Outcome, Plan, Response
from harvests.pipeline.validators import schema

logger = logging.getLogger(__name__)

OFFERS: Final = 100  # documents offered before a second process is worth its start
TRAY: Final = 16  # documents that travel together
# Bytes handed over and not back yet: bounds memory, and is what the second process can
# go on with while the run stores a batch of rows.
ROOM: Final = 8_000_000
PATIENCE: Final = 5  # seconds until it is up to take, or has ended
HUNG: Final = 60  # seconds without an answer; no document takes as long
ROOT: Final = Path(__file__).resolve().parent.parent.parent
START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from harvests.pipeline import workshop; workshop.serve(int(sys.argv[2]))"
)

Tray = list[tuple[Target, Response]]


class Workshop:
    """Takes documents while it has room for them; `collect` gives the outcomes."""

    def __init__(self, folder: Folder, plan: Plan) -> None:
        self._folder = folder
        self._plan = plan
        self._offers = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._is_ready = False
        self._heard = 0.0  # when it answered last, or was given something to do
        self._tray: Tray = []
        self._away: deque[Tray] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        """Return how many documents were taken and are not done yet."""
        return len(self._tray) + sum(map(len, self._away))

    def takes(self, target: Target, answer: Response, *, many: bool) -> bool:
        """Take a document, unless the caller had better process it.

        `many`: that many others are still to come that a second process pays. Waits
        for no answer; for a process that hangs, a few times PATIENCE.
        """
        self._offers += 1
        if self._offers > OFFERS and many and self._process is None:
            self._start()
        if not self._is_ready or self._bytes + len(answer.body) > ROOM:
            return False
        self._bytes += len(answer.body)
        self._tray.append((target, answer))
        if len(self._tray) >= TRAY:
            self._send()
        return True

    def collect(self, timeout: float = 0) -> list[Outcome]:
        """Return what is done; wait up to `timeout` seconds for the first of it."""
        outcomes: list[Outcome] = []
        if self._tray and not self._away:
            self._send()
        if self._away and time.monotonic() - self._heard > HUNG:
            self._kill()
        try:
            while self._away and self._connection and self._connection.poll(timeout):
                outcomes += self._receive(self._connection)
                timeout = 0
        except (EOFError, OSError):  # half a message, too: it hangs
            self._kill()
            logger.warning("The second process died or hangs: going on without it")
            outcomes += self._take_back()
        return outcomes

    def close(self) -> None:
        """End the process; what it staged is the folder's, to commit or discard."""
        if self._process is None or self._connection is None:
            return
        if not self._is_ready:
            self._process.kill()
        with contextlib.suppress(EOFError, OSError), self._connection:
            self._socket.shutdown(socket.SHUT_WR)
            while self._connection.poll(PATIENCE):
                self._folder.take_over(self._connection.recv()[1])
        self._socket.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _start(self) -> None:
        self._socket, its = socket.socketpair()
        with its:
            arguments = ["-P", "-c", START, str(ROOT), str(its.fileno())]
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, *arguments],
                stdin=subprocess.DEVNULL,
                pass_fds=[its.fileno()],
                start_new_session=True,  # an interrupt from the keyboard is for the run
            )
        patience = struct.pack("ll", *divmod(int(PATIENCE * 1e6), 1_000_000))
        for way in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            self._socket.setsockopt(socket.SOL_SOCKET, way, patience)
        self._connection = Connection(os.dup(self._socket.fileno()))
        self._hand((self._folder.path.absolute(), self._plan))
        self._away.append([])  # it answers this one when it is ready

    def _send(self) -> None:
        tray, self._tray = self._tray, []
        self._hand(tray)
        self._away.append(tray)

    def _hand(self, thing: object) -> None:
        if not self._away:
            self._heard = time.monotonic()
        try:
            assert self._connection
            self._connection.send(thing)
        except OSError:  # it died, or hangs; half a message is of no use
            self._kill()

    def _kill(self) -> None:
        """End it at once; `collect` will find out."""
        assert self._process
        self._process.kill()

    def _receive(self, connection: Connection) -> list[Outcome]:
        outcomes, staged = connection.recv()
        self._heard = time.monotonic()
        self._is_ready = True
        self._bytes -= sum(len(answer.body) for _, answer in self._away.popleft())
        self._folder.take_over(staged)
        return list(outcomes)

    def _take_back(self) -> list[Outcome]:
        self._is_ready = False
        trays = [*self._away, self._tray]
        self._away.clear()
        self._tray = []
        return [
            process(target, answer, self._folder, self._plan)
            for tray in trays
            for target, answer in tray
        ]


def serve(descriptor: int) -> None:
    """Process what comes over a socket until its other end closes."""
    with Connection(descriptor) as connection:
        path, plan = connection.recv()
        folder = Folder(path, trash=path / TRASH)
        trays = _Trays(connection)
        trays.start()
        schema.prepare()
        gc.freeze()
        try:
            connection.send(([], []))
            while tray := trays.next():
                outcomes = [process(*item, folder, plan) for item in tray]
                connection.send((outcomes, folder.hand_over()))
        except OSError:
            logger.debug("The run is gone")
        except DiskError as error:  # the run finds out by itself, and says so
            logger.debug("%s", error)
        finally:
            folder.discard()


class _Trays(threading.Thread):
    """Takes in what comes at once, so that the run never waits for room."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(daemon=True)
        self._connection = connection
        self._trays: SimpleQueue[Tray] = SimpleQueue()
        self._ended = False

    def run(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._trays.put(self._connection.recv())
        self._ended = True
        self._trays.put([])

    def next(self) -> Tray:
        """Return the next tray, [] as soon as the other end has closed."""
        tray = self._trays.get()
        return [] if self._ended else tray
