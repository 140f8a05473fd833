"""`make run`: starts everything on this machine, and stops it with one Ctrl-C.

Plain processes, no Django here: what runs is what an operator would start by hand
(see README). A part that ends by itself is started again.
"""

import fcntl
import os
import secrets
import socket
import sys
import urllib.error
import urllib.request
from typing import IO

import environ

from harvests.embedded import EmbeddedError, free_port, start_redis
from harvests.parts import BASE_DIR, Part, Process, Site, Stopped, say

DOTENV = BASE_DIR / ".env"
LOCAL = """# The demo provider is on this machine: take this out on a public site
ALLOW_PRIVATE_NETWORKS=127.0.0.0/8"""
VAR_DIR = BASE_DIR / "var"
DEFAULTS = {
    "ALLOW_PRIVATE_NETWORKS": "127.0.0.0/8",
    "WEB_PORT": "8000",
    "WORKERS": "2",
    "DEMO_PORT": "8100",
    "PYTHONUNBUFFERED": "1",
}


def environment() -> dict[str, str]:
    """Return the environment of the parts: .env, ours, and defaults for one machine.

    A fresh checkout is given a SECRET_KEY that stays the same, and lets commands
    harvest the demo provider.
    """
    environ.Env.read_env(DOTENV)
    env = {**DEFAULTS, **os.environ}
    if not env.get("SECRET_KEY"):
        env["SECRET_KEY"] = secrets.token_urlsafe(50)
        DOTENV.touch(mode=0o600)
        with DOTENV.open("a", encoding="utf-8") as file:
            file.write(f"\nSECRET_KEY={env['SECRET_KEY']}\n{LOCAL}\n")
    return env


def only_once() -> IO[str]:
    """Exit if the site runs from this checkout already; keep what is returned."""
    VAR_DIR.mkdir(exist_ok=True)
    lock = (VAR_DIR / "up.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        sys.exit(f"The site runs already (process {lock.read().strip()}).")
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def refuse_busy_port(variable: str, port: str) -> None:
    """Exit with a sentence if something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except (OSError, ValueError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "not a port number"
            sys.exit(
                f"Port {port} cannot be used ({reason}): set {variable} to another "
                f"one, such as `{variable}={free_port()} make run`."
            )


def wait_for(site: Site, part: Part, url: str) -> None:
    """Wait until the site answers; exit if it does not in half a minute."""
    for _attempt in range(150):
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            site.pause(0.2)
        if part.ended():
            break
    sys.exit(f"The site does not answer at {url}: see the messages above.")


def add_redis(site: Site) -> None:
    """Start a Redis of our own, unless there is a REDIS_URL."""
    if site.env.get("REDIS_URL"):
        return
    folder = VAR_DIR / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    port, password = free_port(), secrets.token_urlsafe(24)

    def launch() -> Process:
        server = start_redis(folder, port, password=password)
        site.env["REDIS_URL"] = server.url
        return server.process

    try:
        site.add("redis", launch, last=True)
    except EmbeddedError as error:
        sys.exit(str(error))


def main() -> None:
    """Bring up the site, say where it is, and stay until asked to stop."""
    site = Site(environment())
    refuse_busy_port("WEB_PORT", site.env["WEB_PORT"])
    refuse_busy_port("DEMO_PORT", site.env["DEMO_PORT"])
    lock = only_once()
    site.obey_signals()
    try:
        run(site)
    except Stopped:
        say("Stopping …")
    finally:
        site.stop()
        lock.close()


def run(site: Site) -> None:
    """Start the parts and watch them. Raises Stopped; exits if one cannot start."""
    say("Starting the site …")
    add_redis(site)
    site.manage("health", "queue")
    site.manage("migrate", "--verbosity", "0")
    user = site.manage("first_user")
    try:
        url = start_parts(site)
        harvesting = site.manage("demo_sources", demo_url(site))
    except (Stopped, SystemExit):
        say(user)  # the password is not to be had again
        raise
    if harvesting:
        say(harvesting)
    say("\n".join(banner(url, demo_url(site), user)))
    site.watch()


def start_parts(site: Site) -> str:
    """Start demo provider, web, workers and scheduler; return the site's URL."""
    (VAR_DIR / "static").mkdir(exist_ok=True)
    port = site.env["WEB_PORT"]
    demo = ("-m", "demo", "--port", site.env["DEMO_PORT"])
    site.start("demo provider", *demo, quiet=True)
    gunicorn = ("-m", "gunicorn", "harvestsite.wsgi", "--log-level", "warning")
    site.start("web", *gunicorn)
    web = site.parts[-1]
    worker = ("manage.py", "rqworker", "-v", "0")
    for number in range(1, int(site.env["WORKERS"]) + 1):
        site.start(f"worker {number}", *worker, "default")
    site.start("housekeeping", *worker, "housekeeping")
    scheduler = ("manage.py", "rqcron", "harvests.cron", "-l", "WARNING")
    site.start("scheduler", *scheduler, quiet=True)
    url = f"http://127.0.0.1:{port}/"
    wait_for(site, web, f"{url}admin/login/")
    return url


def demo_url(site: Site) -> str:
    return f"http://127.0.0.1:{site.env['DEMO_PORT']}/"


def banner(url: str, demo: str, user: str) -> list[str]:
    """Return what a newcomer needs to know."""
    return [
        "",
        f"  The site      {url}",
        f"  Central WAF   {url}waf/",
        f"  Demo provider {demo}",
        f"  {user}",
        "",
        "  Ctrl-C stops everything.",
    ]


if __name__ == "__main__":
    main()
