"""A provider that behaves, its source, and what a bad day must leave alone."""

import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harvests import conf, jobs
from harvests.models import HarvestJob, HarvestSource
from harvests.pipeline.types import FetchPolicy
from tests.bad_input import provider as providers
from tests.bad_input.provider import Provider

Kept = dict[str, tuple[bytes, int]]


@pytest.fixture(autouse=True)
def short_tempered(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that are reached within a test; retries stay, their pauses are short."""
    settings.FETCH_CONNECT_TIMEOUT = 2
    settings.FETCH_IDLE_TIMEOUT = 1
    settings.FETCH_TOTAL_TIMEOUT = 20
    settings.MAX_RECORD_BYTES = 5_000_000
    quick = functools.partial(
        FetchPolicy, backoff=0.01, max_retry_after=0.1, max_listing_bytes=8_000_000
    )
    monkeypatch.setattr(conf, "FetchPolicy", quick)  # what has no setting


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providers.running() as running:
        yield running


@pytest.fixture
def source(provider: Provider, source_of) -> HarvestSource:
    return source_of(provider.url, name="Moody")


@pytest.fixture
def kept(folder) -> Callable[[], Kept]:
    """What the central folder holds: the bytes and date of every file."""

    def look() -> Kept:
        paths: list[Path] = [folder.path_of(name) for name in folder.names()]
        return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in paths}

    return look


@pytest.fixture
def harvested(source: HarvestSource) -> HarvestSource:
    """The source after a good harvest."""
    job = jobs.run_now(source)
    assert (job.status, job.added, job.message) == ("finished", 6, "")
    return source


@pytest.fixture
def rows(source: HarvestSource) -> Callable[[], dict[str, tuple[str, ...]]]:
    """What the database tells of the document of every record, by URL."""

    def look() -> dict[str, tuple[str, ...]]:
        fields = ("file_name", "hash_val", "title", "record_url", "file_id")
        return {row[0]: row[1:] for row in source.records.values_list("url", *fields)}

    return look


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Fail if this process, the misbehaving server included, grew by much."""
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak
    before = _memory("VmRSS")
    yield
    assert _memory("VmHWM") - before < 300_000  # kB


def _memory(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])


def failures(job: HarvestJob) -> dict[str, str]:
    """The message of every record that failed, by its URL."""
    failed = job.outcomes.filter(outcome="failed")
    return dict(failed.values_list("url", "message"))


def reason(job: HarvestJob) -> str:
    """Why the job failed."""
    assert job.status == "failed"
    return job.message
