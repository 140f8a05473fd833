"""Runs a command and says what it took: wall clock, CPU and peak memory."""

import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FAILED_FINE = 8  # wget's exit status for "the server answered with an error" (robots)


@dataclass(frozen=True, slots=True)
class Run:
    """One command from start to end.

    `peak` is the memory of its largest process in MB, `total` that of all of them at
    one time. `told` is what it printed about itself, `inner` the seconds of that,
    without the start of the interpreter and its imports.
    """

    wall: float
    cpu: float
    peak: float
    total: float
    told: Mapping[str, object]

    @property
    def inner(self) -> float:
        return float(str(self.told.get("seconds", self.wall)))


class Watch(threading.Thread):
    """Adds up what a process and its children have in memory, and keeps the most.

    Memory that they share is divided among them (PSS).
    """

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.most = 0.0
        self._process = process

    def run(self) -> None:
        while total := sum(map(_memory, _family(self._process))):
            self.most = max(self.most, total)
            time.sleep(0.05)


def _family(process: int) -> list[int]:
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return [process]
    return [process, *(pid for child in text.split() for pid in _family(int(child)))]


def cpu_of(process: int) -> float:
    """Return the CPU seconds that a process and its children took until now."""
    return sum(
        int(tasks.read_text().split()[0]) / 1e9
        for pid in _family(process)
        for tasks in Path(f"/proc/{pid}/task").glob("*/schedstat")
    )


def _memory(process: int) -> float:
    """Return megabytes, 0 of a process that has ended."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss: +(\d+)", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Run:
    """Run to the end in `folder`. Raises CalledProcessError if it fails."""
    os.sync()  # nobody pays for what the one before left to be written
    with (
        open(folder / "bench.out", "w+b") as out,
        open(folder / "bench.err", "wb") as err,
    ):
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdout=out, stderr=err
        )
        watch = Watch(process.pid)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, FAILED_FINE):
            errors = (folder / "bench.err").read_text()
            raise RuntimeError(f"{command} ended with {process.returncode}: {errors}")
        out.seek(0)
        told = _told(out.read().decode())
    cpu = usage.ru_utime + usage.ru_stime
    watch.join()
    peak = usage.ru_maxrss / 1024
    return Run(wall, cpu, peak, max(peak, watch.most), told)


def _told(output: str) -> dict[str, object]:
    *_, last = output.strip().splitlines() or [""]
    return json.loads(last) if last.startswith("{") else {}
