"""A real Chromium against the real site; `page` fails on any error of a script."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright

from harvests.embedded import stop_process
from tests.installation import ROOT

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
PATIENCE = 30_000  # milliseconds: a busy machine is no failure
OPTIONS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")


@pytest.fixture(scope="package")  # idle, it takes a fifth of a core from the rest
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("No Chromium here: apt-get install chromium-headless-shell")
    # Playwright runs an event loop in this thread, where Django refuses its database.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(OPTIONS)
        )
        yield chromium
        chromium.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser, live_server) -> Iterator[Page]:
    """A page at the site, 1300 pixels wide."""
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 1300, "height": 900}
    )
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("dialog", lambda dialog: errors.append(f"dialog: {dialog.message}"))
    foreign: list[str] = []
    opened.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((live_server.url, "data:"))
            else foreign.append(request.url)
        ),
    )
    yield opened
    context.close()
    assert (errors, foreign) == ([], [])


@pytest.fixture
def signed_in(page: Page, live_server, db) -> Page:
    """The page after Ada, a superuser, signed in."""
    User.objects.create_superuser("ada", password="secret")
    page.goto("/")
    page.fill("[name=username]", "ada")
    page.fill("[name=password]", "secret")
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{live_server.url}/")
    return page


def database_of_this_test() -> dict[str, str]:
    """Return the settings by which another process finds it."""
    name, server = str(connection.settings_dict["NAME"]), os.environ.get("MONGO_URL")
    if not server:
        return {"SQLITE_PATH": name}
    return {"MONGO_URL": urlunsplit(urlsplit(server)._replace(path=f"/{name}"))}


@pytest.fixture
def worker(settings, queues) -> Iterator[Callable[[], None]]:
    """Call it to start what an operator would: a process that works, to the end."""
    started = []
    env = {**os.environ, "OUTPUT_DIR": str(settings.OUTPUT_DIR)}

    def start() -> None:
        command = [sys.executable, "manage.py", "rqworker", "default", "-v", "0"]
        env.update(database_of_this_test())
        started.append(subprocess.Popen(command, cwd=ROOT, env=env))

    yield start
    for process in started:
        stop_process(process)
