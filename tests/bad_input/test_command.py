"""What a person sees on the terminal when a server misbehaves."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harvests import __version__
from tests.bad_input.provider import BAD, LISTING, Provider
from tests.bad_input.table import LINES

ROOT = Path(__file__).parents[2]
SHOWN = ("404", "HTML")

Run = Callable[[], subprocess.CompletedProcess[str]]


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "into"


@pytest.fixture
def harvest(provider: Provider, into: Path) -> Run:
    """Run `manage.py harvest -s URL -d FOLDER` in a process of its own."""
    command = (sys.executable, "manage.py", "harvest", "-s", provider.url, "-d", into)

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )

    return run


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.xml")}


def test_a_listing_that_misbehaves_ends_with_one_and_its_sentence(
    harvest, provider, into
):
    assert harvest().returncode == 0
    before = files(into)
    for name in SHOWN:
        provider.spoil(LISTING, LINES[name].behaviour)
        done = harvest()
        sentence = LINES[name].listing.format(url=provider.url, version=__version__)
        assert (done.returncode, done.stderr) == (1, f"Failed: {sentence}\n")
        assert files(into) == before


def test_a_record_that_misbehaves_is_named_and_the_rest_is_harvested(
    harvest, provider, into
):
    assert harvest().returncode == 0
    before = files(into)
    url = provider.url_of("b")
    for name in SHOWN:
        provider.spoil(BAD, LINES[name].behaviour)
        done = harvest()
        sentence = LINES[name].record.format(url=url, version=__version__)
        assert (done.returncode, done.stderr) == (0, "")
        assert "6 discovered, 5 unchanged, 1 failed in " in done.stdout
        assert done.stdout.endswith(f"{sentence}\n")
        assert url in done.stdout.splitlines()[-1]
        assert files(into) == before


def test_a_server_that_is_down_is_told(harvest, provider, into):
    assert harvest().returncode == 0
    before = files(into)
    provider.server.go_down()
    done = harvest()
    sentence = f"Could not fetch {provider.url}: 127.0.0.1 refused the connection; "
    sentence += "is the server up? (tried 3 times)"
    assert (done.returncode, done.stderr) == (1, f"Failed: {sentence}.\n")
    assert files(into) == before
