"""How long each page of the site takes with a large catalogue in its database.

`python -m bench.pages URL NAME PASSWORD` measures a site that runs already.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import requests

from bench.contenders import MANAGE, ROOT, site
from bench.measuring import cpu_of
from bench.places import ORGANIZATION, places
from bench.provider import free_port, wait_for

TURNS: Final = 20
TARGET: Final = 300  # milliseconds, median
NAME, PASSWORD = "bench", "only-for-the-bench-0123"


@dataclass(slots=True)
class Times:
    """Milliseconds of a page: each turn's, and of the web processes' CPU in all."""

    walls: list[float] = field(default_factory=list)
    cpu: float = 0


Measured = dict[str, Times]


def run(folder: Path, mongo_urls: list[str], sources: int, records: int) -> None:
    """Fill a database of each kind, serve it, measure, print a table."""
    measured = {}
    for mongo_url in mongo_urls:
        name = "MongoDB" if mongo_url else "SQLite"
        home = folder / f"pages-{name}"
        home.mkdir()
        environment = site(mongo_url).environment(home)
        with _redis(home) as redis_url:
            environment |= {"REDIS_URL": redis_url, "WEB_PORT": str(free_port())}
            environment |= {"API_REQUESTS_PER_MINUTE": "100000"}
            start = time.perf_counter()
            _fill(environment, sources, records)
            print(
                f"  {name}: filled in {time.perf_counter() - start:.0f} s", flush=True
            )
            with _served(environment) as (url, process):
                measured[name] = measure(
                    url, NAME, PASSWORD, home / "out", lambda: cpu_of(process)
                )
    table(measured, sources, records)


def measure(
    url: str,
    name: str,
    password: str,
    out: Path | None = None,
    cpu: Callable[[], float] = lambda: 0,
) -> Measured:
    """Return what each page took. `out`: where to make the files of one folder."""
    with requests.Session() as session:
        sign_in(session, url, name, password)
        chosen = places(lambda place: session.get(url + place, timeout=120).json())
        if out:
            index = session.get(url + chosen["its index.json"], timeout=120)
            publish(out / ORGANIZATION, index.content)
        measured = {page: Times() for page in chosen}
        for turn in range(TURNS + 1):
            for page, place in chosen.items():
                before, start = cpu(), time.perf_counter()
                answer = session.get(url + place, timeout=120)
                took, after = (time.perf_counter() - start) * 1000, cpu()
                if answer.status_code != 200 or "/login/" in answer.url:
                    sys.exit(f"{page}: {answer.status_code} from {answer.url}")
                if turn:  # the first is a warm-up
                    measured[page].walls.append(took)
                    measured[page].cpu += (after - before) * 1000
    return measured


def sign_in(session: requests.Session, url: str, name: str, password: str) -> None:
    page = f"{url}/admin/login/"
    session.get(page, timeout=30)
    token = session.cookies["csrftoken"]
    form = {"username": name, "password": password, "csrfmiddlewaretoken": token}
    answer = session.post(page, form, headers={"Referer": page}, timeout=30)
    if "/login/" in answer.url:
        sys.exit(f"{url} does not let {name} in.")


def publish(folder: Path, index: bytes) -> None:
    """Make the files that a folder's index names, as links to one."""
    from demo.datasets import numbered
    from demo.records import record

    folder.mkdir(parents=True, exist_ok=True)
    first = folder / ".first"
    first.write_bytes(record(numbered("bench", 1)))
    for item in json.loads(index)["records"]:
        (folder / item["name"]).hardlink_to(first)


def table(
    measured: Mapping[str, Measured], sources: int = 200, records: int = 100_000
) -> None:
    """Print milliseconds; a median over the target is bold."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"\nPages with {sources:,} sources and {records:,} records; load {load}\n")
    heads = " | ".join(f"{name} | CPU" for name in measured)
    print(f"| ms, median (95 %); target {TARGET} | {heads} |")
    print(f"|---|{'---:|---:|' * len(measured)}")
    for page in next(iter(measured.values())):
        cells = " | ".join(_cell(times[page]) for times in measured.values())
        print(f"| {page} | {cells} |")


def _cell(times: Times) -> str:
    middle, most = median(times.walls), quantiles(times.walls, n=20)[-1]
    shown = f"**{middle:.0f}**" if middle >= TARGET else f"{middle:.0f}"
    return f"{shown} ({most:.0f}) | {times.cpu / len(times.walls):.0f}"


def _fill(environment: Mapping[str, str], sources: int, records: int) -> None:
    user = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    made = f"--sources={sources} --records={records}"
    for words in (
        "migrate -v0",
        f"createsuperuser --noinput --username {NAME} --email bench@example.org",
        f"demo_catalogue {made}",
    ):
        command = [*MANAGE, *words.split()]
        subprocess.run(
            command,
            env={**environment, **user},
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def _served(environment: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Yield the address of the site, and the process of its web server."""
    url = f"http://127.0.0.1:{environment['WEB_PORT']}"
    command = [sys.executable, "-m", "gunicorn", "harvestsite.wsgi"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=dict(environment), stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"{url}/admin/login/")
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    from harvests.embedded import start_redis, stop_process

    server = start_redis(folder)
    try:
        yield server.url
    finally:
        stop_process(server.process)


if __name__ == "__main__":
    table({"this site": measure(*sys.argv[1:4])})
