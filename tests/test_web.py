"""gunicorn as in production, on the database of the suite."""

import signal
import time
from collections.abc import Iterator

import pytest
import requests

from harvests.embedded import free_port
from tests.installation import (
    Installation,
    installation_in,
    own_database,
    until,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("site")
    with installation_in(folder, WEB_PORT=str(free_port())) as installation:
        yield installation


@pytest.fixture(autouse=True)
def _stop(site) -> Iterator[None]:
    yield
    site.stop_processes()


def answer(site: Installation) -> requests.Response:
    """The answer of the central WAF, once there is one."""

    def get() -> requests.Response | None:
        try:
            return requests.get(
                f"http://127.0.0.1:{site.env['WEB_PORT']}/waf/", timeout=5
            )
        except requests.ConnectionError:
            return None

    return until(get, seconds=30, told=lambda: site.said)


def test_it_answers_as_ckan_needs_it_and_stops_before_docker_would_kill_it(site):
    process = site.start_python("-m", "gunicorn", "harvestsite.wsgi")
    assert "nginx" in answer(site).headers["Server"]  # else CKAN reads no dates
    asked = time.monotonic()
    process.terminate()
    assert process.wait(20) in {0, -signal.SIGTERM}
    assert time.monotonic() - asked < 10


def test_database_and_queue_answer(site):
    assert site.manage("health", "database", "queue").count("well") == 2


def test_a_database_without_tables_is_not_well(site, tmp_path):
    empty = {"SQLITE_PATH": str(tmp_path / "new.sqlite3")}
    with own_database() as other:
        told = site.manage("health", "database", fails=True, **empty, **other)
    assert "has no tables yet: run `manage.py migrate`." in told
