"""Wrong settings and the health command: the same on every database."""

import subprocess
from collections.abc import Iterator

import pytest

from harvests.embedded import free_port
from harvests.health import PARTS
from tests.installation import Installation, installation_in, until


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("site")
    with installation_in(folder, WEB_PORT=str(free_port())) as installation:
        yield installation


@pytest.fixture(autouse=True)
def _stop(site) -> Iterator[None]:
    yield
    site.stop_processes()


def gunicorn(site: Installation, **env: str) -> subprocess.Popen[bytes]:
    return site.start_python("-m", "gunicorn", "harvestsite.wsgi", **env)


def well(site: Installation, part: str, **env: str) -> bool:
    """Whether the health command is content."""
    done = site.start("health", part, **env)
    return done.wait(30) == 0


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            {"WORKERS": "abc", "SECRET_KEY": ""},
            [
                "(harvests.E001) WORKERS is 'abc': expected a whole number",
                "(harvests.E013) SECRET_KEY is not set",
            ],
        ),
        ({"WEB_PROCESSES": "two"}, ["WEB_PROCESSES: expected a whole number"]),
    ],
)
def test_a_wrong_setting_ends_gunicorn_with_the_reason(site, wrong, told):
    process = gunicorn(site, **wrong)
    assert process.wait(20) != 0
    assert [words for words in told if words not in site.said] == []
    assert "Traceback" not in site.said


def test_health_tells_whether_the_site_answers(site):
    error = site.manage("health", "web", fails=True)
    assert error.startswith("CommandError: web: No answer on port")
    assert "If the site runs on another, set WEB_PORT to it" in error
    public = {"ALLOWED_HOSTS": "catalog.example.org", "BEHIND_PROXY": "1", "HTTPS": "1"}
    gunicorn(site, **public)
    until(lambda: well(site, "web", **public), told=lambda: site.said)


def test_health_tells_whether_a_worker_lives(site):
    error = site.manage("health", "worker", fails=True)
    assert error.startswith("CommandError: worker: No worker runs on ")
    site.start("rqworker", "housekeeping", "--worker-ttl", "60", "-v", "0")
    until(lambda: well(site, "worker"), told=lambda: site.said)


def test_health_tells_whether_a_scheduler_lives(site):
    error = site.manage("health", "scheduler", fails=True)
    assert error.startswith("CommandError: scheduler: No scheduler runs on ")
    site.start("rqcron", "harvests.cron")
    until(lambda: well(site, "scheduler"), told=lambda: site.said)


@pytest.mark.parametrize(
    ("part", "variables", "told"),
    [
        pytest.param(
            "database",
            {"MONGO_URL": "mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=10"},
            "Check MONGO_URL",
            id="mongodb",
        ),
        pytest.param(
            "queue",
            {"REDIS_URL": "redis://127.0.0.1:1/0"},
            "Check REDIS_URL",
            id="queue",
        ),
    ],
)
def test_what_does_not_answer_is_named(site, part, variables, told):
    error = site.manage("health", part, fails=True, **variables)
    assert told in error
    assert "Traceback" not in error


def test_all_parts_are_told_of(site):
    nowhere = {"REDIS_URL": "redis://127.0.0.1:1/0"}
    told = site.manage("health", *PARTS, fails=True, **nowhere).splitlines()
    start = "CommandError: queue, worker, scheduler: Redis does not answer"
    assert told[0].startswith(start)
    assert told[1].startswith("web: No answer on port")
    assert len(told) == 2
