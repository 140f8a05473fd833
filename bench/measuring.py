"""Runs a command and says what it took: wall clock, CPU and peak memory."""

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FAILED_FINE = 8  # wget's exit status for "the server answered with an error" (robots)


@dataclass(frozen=True, slots=True)
class Run:
    """One process from start to end; `peak` is that of its largest process, in MB.

    `told` is what it printed about itself, `inner` the seconds of that without the
    start of the interpreter and its imports.
    """

    wall: float
    cpu: float
    peak: float
    told: Mapping[str, object]

    @property
    def inner(self) -> float:
        return float(str(self.told.get("seconds", self.wall)))


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
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, FAILED_FINE):
            errors = (folder / "bench.err").read_text()
            raise RuntimeError(f"{command} ended with {process.returncode}: {errors}")
        out.seek(0)
        told = _told(out.read().decode())
    cpu = usage.ru_utime + usage.ru_stime
    return Run(wall, cpu, usage.ru_maxrss / 1024, told)


def _told(output: str) -> dict[str, object]:
    *_, last = output.strip().splitlines() or [""]
    return json.loads(last) if last.startswith("{") else {}
