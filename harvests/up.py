"""`make run`: starts everything on this machine, and stops it with one Ctrl-C.

Plain processes, no Django here: what runs is what an operator would start by hand
(see README). A part that ends by itself is started again.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from harvests.embedded import EmbeddedError, start_redis

BASE_DIR = Path(__file__).resolve().parent.parent
RESTART_AFTER = 1.0  # seconds, doubled each time up to a minute
PATIENCE = 10.0  # seconds that a part has to end


@dataclass(slots=True)
class Part:
    """One process of the site."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    not_before: float = field(default=0.0)

    def start(self, env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(  # noqa: S603
            self.command, cwd=BASE_DIR, env=dict(env), start_new_session=True
        )

    def signal_all(self, number: int) -> None:
        """Signal the process and its children (a worker's work-horse)."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None


class Site:
    """All parts together."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        self.parts: list[Part] = []
        self.stopping = False

    def start(self, name: str, *command: str) -> None:
        part = Part(name, [sys.executable, *command])
        part.start(self.env)
        self.parts.append(part)

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end; return its output, exit if it fails."""
        done = subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env=self.env,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"{done.stdout}\n`manage.py {' '.join(arguments)}` failed.")
        return done.stdout.strip()

    def watch(self) -> None:
        """Start again what ends, until asked to stop."""
        while not self.stopping:
            time.sleep(0.3)
            for part in self.parts:
                if part.ended() and not self.stopping:
                    self._restart(part)

    def _restart(self, part: Part) -> None:
        now = time.monotonic()
        if not part.not_before:
            delay = min(60.0, RESTART_AFTER * 2**part.restarts)
            part.not_before = now + delay
            print(f"{part.name} ended; starting it again in {delay:.0f} s", flush=True)
        elif now >= part.not_before:
            part.not_before, part.restarts = 0.0, part.restarts + 1
            part.start(self.env)

    def stop(self) -> None:
        """End all parts, the last started first; kill what does not end."""
        self.stopping = True
        for part in reversed(self.parts):
            part.signal_all(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and not all(p.ended() for p in self.parts):
            time.sleep(0.05)
        for part in self.parts:
            part.signal_all(signal.SIGKILL)


def environment() -> dict[str, str]:
    """Return the environment of the parts: ours, with defaults for one machine."""
    env = dict(os.environ)
    env.setdefault("ALLOW_PRIVATE_NETWORKS", "127.0.0.0/8")
    env.setdefault("WEB_PORT", "8000")
    env.setdefault("WORKERS", "2")
    env.setdefault("DEMO_PORT", "8100")
    env.setdefault("PYTHONUNBUFFERED", "1")
    return env


def write_dotenv() -> None:
    """Give a fresh checkout a SECRET_KEY that stays the same."""
    path = BASE_DIR / ".env"
    if path.exists() or os.environ.get("SECRET_KEY"):
        return
    path.write_text(f"SECRET_KEY={secrets.token_urlsafe(50)}\n", encoding="utf-8")
    path.chmod(0o600)


def refuse_busy_port(variable: str, port: str) -> None:
    """Exit with a sentence if something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except (OSError, ValueError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            sys.exit(
                f"Port {port} cannot be used ({reason}): set {variable} to another "
                f"one, such as `{variable}=8200 make run`."
            )


def wait_for(url: str) -> None:
    """Wait until the site answers; exit if it does not in half a minute."""
    for _attempt in range(150):
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    sys.exit(f"The site does not answer at {url}: see the messages above.")


def add_redis(site: Site) -> None:
    """Start a Redis of our own, unless there is a REDIS_URL."""
    if site.env.get("REDIS_URL"):
        return
    folder = BASE_DIR / "var" / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        server = start_redis(folder)
    except EmbeddedError as error:
        sys.exit(str(error))
    command = [str(argument) for argument in server.process.args]  # type: ignore[union-attr]
    site.parts.append(Part("redis", command, server.process))
    site.env["REDIS_URL"] = server.url


def main() -> None:
    """Bring up the site, say where it is, and stay until asked to stop."""
    write_dotenv()
    site = Site(environment())
    port, demo = site.env["WEB_PORT"], site.env["DEMO_PORT"]
    refuse_busy_port("WEB_PORT", port)
    refuse_busy_port("DEMO_PORT", demo)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        site.stopping = True
        raise SystemExit(0)

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    try:
        add_redis(site)
        site.manage("migrate", "--verbosity", "0")
        user = site.manage("first_user")
        start_parts(site)
        url = f"http://127.0.0.1:{port}/"
        wait_for(f"{url}admin/login/")
        print(site.manage("demo_sources", f"http://127.0.0.1:{demo}/"), flush=True)
        print(banner(url, demo, user), flush=True)
        site.watch()
    finally:
        print("Stopping …", flush=True)
        site.stop()


def start_parts(site: Site) -> None:
    """Start demo provider, web, workers and scheduler."""
    site.start("demo provider", "-m", "demo", "--port", site.env["DEMO_PORT"])
    site.start("web", "-m", "gunicorn", "harvestsite.wsgi")
    pool = ("rqworker-pool", "default", "--num-workers", site.env["WORKERS"])
    site.start("workers", "manage.py", *pool, "-v", "0")
    site.start("housekeeping", "manage.py", "rqworker", "housekeeping", "-v", "0")
    site.start("scheduler", "manage.py", "rqcron", "harvests.cron", "-l", "WARNING")


def banner(url: str, demo: str, user: str) -> str:
    """Return what a newcomer needs to know."""
    lines = [
        "",
        f"  The site      {url}",
        f"  Central WAF   {url}waf/",
        f"  Demo provider http://127.0.0.1:{demo}/",
        f"  {user}",
        "",
        "  Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
