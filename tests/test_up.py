"""`make run`, as somebody who has just cloned the repository meets it."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.checkout import Up, clean_environment, copy_checkout, ports, up_in
from tests.checkout import processes_in as processes
from tests.installation import kill, own_database, until

LINK = re.compile(r'<a href="[0-9a-f]{40}\.xml">')
PASSWORD = re.compile(r"Sign in as +admin, password (\S+)")

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/cwd").exists(), reason="processes are looked for in /proc"
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def env() -> Iterator[dict[str, str]]:
    """Where to listen; and on MongoDB, for whoever has set that, which database."""
    with own_database() as database:
        yield {**ports(), **database}


@pytest.fixture(scope="module")
def first_run(checkout, env) -> Iterator[Up]:
    with up_in(checkout, **env) as up:
        up.wait_for("Ctrl-C stops everything.")
        yield up


def manage(up: Up, *arguments: str) -> str:
    """Run a management command beside the running site, as from a second terminal."""
    redis_url = (up.folder / "var" / "redis" / "server.url").read_text()
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=up.folder,
        env=clean_environment(**{**up.env, "REDIS_URL": redis_url}),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


def test_the_printed_password_signs_in(first_run):
    found = PASSWORD.findall(first_run.said)
    assert len(found) == 1
    login = f"{first_run.web}admin/login/"
    with requests.Session() as session:
        session.get(login, timeout=10)
        form = {"username": "admin", "password": found[0], "next": "/admin/"}
        form["csrfmiddlewaretoken"] = session.cookies["csrftoken"]
        page = session.post(login, data=form, timeout=10)
        assert page.url == first_run.web
        assert "Log out" in page.text


def test_the_demo_sources_are_harvested(first_run):
    url = f"{first_run.web}waf/Demo/"

    def listed() -> int:
        page = requests.get(url, timeout=5)
        return len(LINK.findall(page.text)) if page.ok else 0

    # 24 good records, and those of the broken source that are ISO 19139
    until(lambda: listed() >= 24 + 14, told=lambda: f"{listed()}, {first_run.said}")
    code = "from harvests.models import *; print([s.last_good_count for s in"
    code += " HarvestSource.objects.filter(name='Demo: good')])"
    done = until(lambda: "[24]" in manage(first_run, "shell", "-v0", "-c", code))
    assert done


def test_what_runs_says_nothing_that_nobody_needs(first_run):
    lines = [line.strip() for line in first_run.said.splitlines() if line.strip()]
    assert lines[:3] == [
        "Starting the site …",
        "Harvesting “Demo: good” …",
        "Harvesting “Demo: partly broken” …",
    ]
    assert len(lines) == 8


def test_only_its_owner_reads_the_secrets(first_run):
    for name in (".env", "var/redis/server.url"):
        assert (first_run.folder / name).stat().st_mode & 0o077 == 0


def test_a_second_one_in_the_same_place_is_refused(first_run):
    same = first_run.folder / "harvests" / ".."  # another path, so that it survives
    with up_in(same, **ports()) as second:
        second.process.wait(60)
    assert second.process.returncode == 1
    pid = first_run.process.pid
    assert second.said == f"The site runs already (process {pid}).\n"


def test_parts_that_die_are_started_again(first_run):
    for pid, command in processes(first_run.folder).items():
        if "gunicorn" in command or "redis-server" in command:
            kill(pid)
    until(lambda: not answers(first_run.web))
    until(lambda: answers(f"{first_run.web}waf/"), told=lambda: first_run.said)
    said = first_run.wait_for("redis ended")
    assert "web ended (-9); starting it again in 1 s." in said
    code = "from django_rq import get_queue; print(get_queue('default').count)"
    manage_again = lambda: manage(first_run, "shell", "-v0", "-c", code)  # noqa: E731
    assert until(manage_again).strip() == "0"


def test_ctrl_c_in_mid_harvest_stops_all_and_the_next_run_goes_on(first_run):
    queued = manage(first_run, "harvest", "--source", "Demo: huge", "--queue")
    assert "queued" in queued
    store = first_run.folder / "var" / "waf" / "Demo"
    until(lambda: len(list(store.iterdir())) > 200, told=lambda: first_run.said)
    asked = time.monotonic()
    assert first_run.stop() == 0
    assert time.monotonic() - asked < 15
    assert processes(first_run.folder) == {}
    before = len(list(store.iterdir()))
    with up_in(first_run.folder, **first_run.env) as second:
        said = second.wait_for("Ctrl-C stops everything.")
        assert not PASSWORD.search(said)
        assert "Sign in with your account" in said
        goes_on = lambda: len(list(store.iterdir())) > before + 500  # noqa: E731
        until(goes_on, told=lambda: second.said)
        second.stop(signal.SIGKILL)
        until(lambda: processes(first_run.folder) == {}, seconds=15)


@pytest.mark.parametrize("seconds", [0.4, 1.5, 4.0])
def test_ctrl_c_while_it_starts_leaves_nothing(checkout, tmp_path, seconds):
    copy_checkout(tmp_path)
    with up_in(tmp_path, **ports()) as up:
        up.wait_for("Starting the site …")
        time.sleep(seconds)
        assert up.stop() == 0
        assert processes(tmp_path) == {}
        assert "Traceback" not in up.said


def test_a_busy_port_is_one_sentence(tmp_path):
    copy_checkout(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with up_in(tmp_path, **{**ports(), "WEB_PORT": str(port)}) as up:
            up.process.wait(60)
    assert up.process.returncode == 1
    assert re.fullmatch(
        rf"Port {port} cannot be used \(Address already in use\): set WEB_PORT to "
        r"another one, such as `WEB_PORT=\d+ make run`\.\n",
        up.said,
    )


def test_a_wrong_setting_is_told_before_anything_is_served(tmp_path):
    copy_checkout(tmp_path)
    with up_in(tmp_path, **ports(), CRON_STRING="often") as up:
        up.process.wait(60)
        assert up.process.returncode == 1
        assert "CRON_STRING is 'often': expected a cron expression" in up.said
        assert processes(tmp_path) == {}
