"""A copy of this checkout, and `make run` in it as a newcomer has it."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harvests.embedded import free_port
from tests.installation import ROOT, kill, until

OURS = ("SECRET_KEY", "REDIS_URL", "SQLITE_PATH", "OUTPUT_DIR", "MONGO_URL")
OURS += ("ALLOW_PRIVATE_NETWORKS", "DEBUG", "DJANGO_SETTINGS_MODULE")


def copy_checkout(target: Path) -> Path:
    """Copy what git knows or would add, compiled if it was; return where to."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        source = ROOT / name
        if name.startswith(("tests/", "bench/")) or not source.is_file():
            continue
        for path in (source, *_compiled(source)):
            copy = target / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)
    return target


def _compiled(source: Path) -> list[Path]:
    """Return what Python made of a module: it is good as long as their dates agree."""
    if source.suffix != ".py":
        return []
    path = Path(importlib.util.cache_from_source(str(source)))
    return [path] if path.is_file() else []


def clean_environment(**env: str) -> dict[str, str]:
    """Ours, without what the suite set."""
    return {k: v for k, v in os.environ.items() if k not in OURS} | env


class Up:
    """`python -m harvests.up` in a copy of the checkout, on free ports."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder, self.env = folder, env
        self.web = f"http://127.0.0.1:{env['WEB_PORT']}/"
        self.log = folder / f"up-{time.time_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "harvests.up"],
                cwd=folder,
                env=clean_environment(**env),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, text: str, seconds: float = 120) -> str:
        """Wait until it said this; return all it said."""

        def said() -> bool:
            assert text in self.said or self.process.poll() is None, self.said
            return text in self.said

        until(said, seconds=seconds, told=lambda: self.said)
        return self.said

    def stop(self, number: int = signal.SIGINT) -> int:
        """Signal it and wait for its end; return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(15)


def ports() -> dict[str, str]:
    return {"WEB_PORT": str(free_port()), "DEMO_PORT": str(free_port())}


def processes_in(folder: Path) -> dict[int, str]:
    """The processes that work in a folder: pid and command line."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if (place / "cwd").readlink().is_relative_to(folder):
                command = (place / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(place.name)] = command.decode()
        except OSError:
            continue
    return {pid: command for pid, command in found.items() if command}


@contextmanager
def up_in(folder: Path, **env: str) -> Iterator[Up]:
    up = Up(folder, **env)
    try:
        yield up
    finally:
        for pid in processes_in(folder):
            kill(pid)
        up.process.wait()
