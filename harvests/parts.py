"""The processes of `make run`: started, watched, started again, stopped together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from harvests.embedded import EmbeddedError, lifeline

BASE_DIR = Path(__file__).resolve().parent.parent
RESTART_AFTER = 1.0  # seconds, doubled each time up to a minute
SETTLED_AFTER = 60.0  # seconds that a part ran: its earlier ends are forgotten
STOPS = ((signal.SIGTERM, 8.0), (signal.SIGTERM, 3.0), (signal.SIGKILL, 1.0))
TICK = 0.1

Process = subprocess.Popen[bytes]


class Stopped(Exception):
    """Somebody pressed Ctrl-C. `main` catches it."""


@dataclass(slots=True)
class Part:
    """One process of the site. `last` ones are stopped after all others ended."""

    name: str
    launch: Callable[[], Process]
    process: Process
    last: bool = False
    started: float = 0.0
    restarts: int = 0
    not_before: float = 0.0

    def ended(self) -> bool:
        return self.process.poll() is not None

    def signal(self, number: int) -> None:
        """Signal the process and those it started (but a worker's work-horse)."""
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS: the latter for zombies
            return

    def restart_when_due(self) -> None:
        now = time.monotonic()
        if not self.not_before:
            settled = now - self.started > SETTLED_AFTER
            self.restarts = 0 if settled else self.restarts
            delay = min(60.0, RESTART_AFTER * 2**self.restarts)
            self.not_before = now + delay
            code = self.process.returncode
            say(f"{self.name} ended ({code}); starting it again in {delay:.0f} s.")
        elif now >= self.not_before:
            self.not_before, self.restarts = 0.0, self.restarts + 1
            self.started = now
            try:
                self.process = self.launch()
            except (EmbeddedError, OSError) as error:
                say(str(error))


class Site:
    """All parts together. Signals are counted and looked at, so no child is lost."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        self.parts: list[Part] = []
        self.asked = 0

    def obey_signals(self) -> None:
        """End on Ctrl-C, on SIGTERM and when the terminal is closed."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.asked += 1

    def pause(self, seconds: float = TICK) -> None:
        """Wait. Raises Stopped as soon as somebody asked to stop."""
        until = time.monotonic() + seconds
        while not self.asked and time.monotonic() < until:
            time.sleep(min(TICK, seconds))
        if self.asked:
            raise Stopped

    def add(
        self, name: str, launch: Callable[[], Process], *, last: bool = False
    ) -> None:
        self.parts.append(Part(name, launch, launch(), last, time.monotonic()))

    def start(self, name: str, *command: str, quiet: bool = False) -> None:
        """Start a Python process; `quiet` ones have no say but on standard error."""
        out = subprocess.DEVNULL if quiet else None
        self.add(name, lambda: self._popen(command, out))

    def _popen(self, command: tuple[str, ...], out: int | None) -> Process:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, *command],
            cwd=BASE_DIR,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            start_new_session=True,
            preexec_fn=lifeline(),  # noqa: PLW1509 - none in threads
        )

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end; return its output, exit if it fails.

        Raises Stopped.
        """
        process = self._popen(("manage.py", *arguments), subprocess.PIPE)
        try:
            while process.poll() is None:
                self.pause()
        except Stopped:
            process.terminate()
            raise
        finally:
            output, _errors = process.communicate()
        text = output.decode().strip()
        if process.returncode:
            sys.exit(text or 1)  # it has said why
        return text

    def watch(self) -> None:
        """Start again what ends. Raises Stopped when asked to stop."""
        while True:
            self.pause(3 * TICK)
            for part in self.parts:
                if part.ended():
                    part.restart_when_due()

    def stop(self) -> None:
        """End all parts, Redis after those that need it; kill what does not end."""
        for last in (False, True):
            self._stop([part for part in self.parts if part.last == last])

    def _stop(self, parts: list[Part]) -> None:
        """Told twice, a worker gives up its harvest; another Ctrl-C saves the wait."""
        for number, patience in STOPS:
            asked, until = self.asked, time.monotonic() + patience
            for part in parts:
                part.signal(number)
            while not all(part.ended() for part in parts):
                if time.monotonic() > until or self.asked > asked:
                    break
                time.sleep(TICK / 2)
            else:
                return


def say(text: str) -> None:
    print(text, flush=True)
