"""How long each page of the site takes with a large catalogue in its database.

`python -m bench.pages URL NAME PASSWORD` measures a site that runs already.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import requests

from bench.contenders import MANAGE, ROOT, site
from bench.provider import free_port, wait_for

TURNS: Final = 20
TARGET: Final = 300  # milliseconds, median
NAME, PASSWORD = "bench", "only-for-the-bench-0123"
LIST: Final = "admin/harvests/harvest{}/"
RECORDS: Final = LIST.format("record")
Times = dict[str, list[float]]


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
            _fill(environment, sources, records)
            with _served(environment) as url:
                measured[name] = measure(url, NAME, PASSWORD)
    table(measured, sources, records)


def measure(url: str, name: str, password: str, turns: int = TURNS) -> Times:
    """Return the milliseconds that each page took, in each turn."""
    with requests.Session() as session:
        sign_in(session, url, name, password)
        places = pages(session, url)
        times: Times = {page: [] for page in places}
        for turn in range(turns + 1):
            for page, place in places.items():
                start = time.perf_counter()
                answer = session.get(url + place, timeout=120)
                took = (time.perf_counter() - start) * 1000
                if answer.status_code != 200 or "/login/" in answer.url:
                    sys.exit(f"{page}: {answer.status_code} from {answer.url}")
                if turn:  # the first is a warm-up
                    times[page].append(took)
    return times


def sign_in(session: requests.Session, url: str, name: str, password: str) -> None:
    page = f"{url}admin/login/"
    session.get(page, timeout=30)
    token = session.cookies["csrftoken"]
    form = {"username": name, "password": password, "csrfmiddlewaretoken": token}
    answer = session.post(page, form, headers={"Referer": page}, timeout=30)
    if "/login/" in answer.url:
        sys.exit(f"{url} does not let {name} in.")


def pages(session: requests.Session, url: str) -> dict[str, str]:
    """Return the address of each page: of rows, those that come first in lists."""

    def first(place: str, pattern: str) -> str:
        found = re.search(pattern, session.get(url + place, timeout=120).text)
        return found[1] if found else sys.exit(f"{place} has no {pattern}.")

    source = first(LIST.format("source"), r"harvestsource/(\w{17})/change")
    job = first(f"{LIST.format('job')}?source={source}", r"harvestjob/(\w{17})/change")
    record = first(f"{RECORDS}?o=-3", r"harvestrecord/(\w{17})/change")
    cause = first("admin/harvests/cause/", r"cause/(\w{17}-\w{16})/change")
    folder = first("waf/", r'href="([^".]+/)"')
    return {
        "overview": "admin/",
        "sources": LIST.format("source"),
        "sources, a search": f"{LIST.format('source')}?q=source+12",
        "source": f"{LIST.format('source')}{source}/change/",
        "jobs": LIST.format("job"),
        "jobs of a source": f"{LIST.format('job')}?source={source}",
        "job": f"{LIST.format('job')}{job}/change/",
        "outcomes of a job": f"{LIST.format('outcome')}?job={job}",
        "records": RECORDS,
        "records, page 100": f"{RECORDS}?p=100",
        "records, errors first": f"{RECORDS}?o=-3",
        "records with errors": f"{RECORDS}?errors=yes",
        "records of a source, errors first": f"{RECORDS}?source={source}&o=-3",
        "records of an organization": f"{RECORDS}?organization=Institute+01",
        "records of a finding": f"{RECORDS}?cause={cause}",
        "search: a common word": f"{RECORDS}?q=sea",
        "search: two words": f"{RECORDS}?q=station+77",
        "search: an identifier": f"{RECORDS}?q=org.example:data7.example.org:77",
        "search: nothing": f"{RECORDS}?q=nowhere+to+be+found",
        "record": f"{RECORDS}{record}/change/",
        "record's XML": f"{RECORDS}{record}/xml/",
        "findings, whole site": "admin/harvests/cause/problems/",
        "findings by source": "admin/harvests/cause/",
        "finding": f"admin/harvests/cause/{cause}/change/",
        "where: a title": "admin/where/?q=station+77",
        "where: an identifier": "admin/where/?q=org.example:data7.example.org:77",
        "where: a URL": "admin/where/?q=https://data7.example.org/waf/000077.xml",
        "where: nothing": "admin/where/?q=nowhere+to+be+found",
        "trash": "admin/harvests/trashedrecord/",
        "organizations": "admin/harvests/organization/",
        "users": "admin/auth/user/",
        "audit trail": "admin/admin/logentry/",
        "about": "about/",
        "central WAF": "waf/",
        "central WAF, a folder": f"waf/{folder}",
        "its changes.atom": f"waf/{folder}changes.atom",
        "its index.json": f"waf/{folder}index.json",
        "sitemap.xml": "waf/sitemap.xml",
        "badge": f"badge/{source}.svg",
    }


def table(
    measured: Mapping[str, Times], sources: int = 200, records: int = 100_000
) -> None:
    """Print milliseconds: median and 95 %; what is slower than the target is bold."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"\nPages with {sources:,} sources and {records:,} records; load {load}\n")
    print(f"| ms, median (95 %); target {TARGET} | {' | '.join(measured)} |")
    print(f"|---|{'---:|' * len(measured)}")
    for page in next(iter(measured.values())):
        cells = " | ".join(_cell(times[page]) for times in measured.values())
        print(f"| {page} | {cells} |")


def _cell(times: list[float]) -> str:
    middle, most = median(times), quantiles(times, n=20)[-1]
    shown = f"**{middle:.0f}**" if middle >= TARGET else f"{middle:.0f}"
    return f"{shown} ({most:.0f})"


def _fill(environment: Mapping[str, str], sources: int, records: int) -> None:
    user = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    made = f"--sources={sources} --records={records} --files"
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
def _served(environment: Mapping[str, str]) -> Iterator[str]:
    url = f"http://127.0.0.1:{environment['WEB_PORT']}/"
    command = [sys.executable, "-m", "gunicorn", "harvestsite.wsgi"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=dict(environment), stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"{url}admin/login/")
        yield url
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
