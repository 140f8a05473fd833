"""The real records of 25 producers, through a real nginx, from listing to rows.

Runs wherever ../shared/corpus is (as in CI); the samples of our own cover the same
code elsewhere.
"""

import hashlib
import shutil
from dataclasses import asdict
from pathlib import Path
from urllib.parse import unquote

import pytest

from harvests import jobs
from harvests.models import HarvestRecord
from harvests.pipeline import iso
from harvests.pipeline.publishing import publish
from harvests.pipeline.validators import validate
from tests.conftest import CORPUS
from tests.folders import served

pytestmark = pytest.mark.django_db(transaction=True)

CORPORA = [CORPUS / "iso"] if CORPUS.is_dir() else []


def digests(folder: Path) -> dict[str, tuple[str, int]]:
    """name → (digest, mtime) of the published files."""
    return {
        path.name: (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in folder.glob("*.xml")
    }


@pytest.mark.parametrize("corpus", CORPORA, ids=["iso"][: len(CORPORA)])
def test_the_whole_corpus_in_nested_folders(corpus, tmp_path, source_of, folder):
    work = tmp_path / "nginx"
    work.mkdir()
    shutil.copytree(corpus, tmp_path / "site" / "records")
    files = len(list(corpus.rglob("*.xml")))
    with served(tmp_path / "site", work) as url:
        source = source_of(url)
        first = jobs.run_now(source)
        published = digests(folder.path)
        again = jobs.run_now(source)
        forced = jobs.run_now(source, force=True)
    assert (first.status, first.message, first.num_records) == ("finished", "", files)
    assert first.added + first.failed == files == 261
    failures = dict(
        first.outcomes.filter(outcome="failed").values_list("url", "message")
    )
    assert len(failures) == first.failed
    assert all(failures.values())
    assert len(published) == first.added == source.records.exclude(file_name="").count()
    assert (again.changed, again.added, again.removed) == (0, 0, 0)
    assert (again.unchanged, again.failed) == (first.added, first.failed)
    assert (forced.changed, forced.unchanged) == (0, first.added)
    assert digests(folder.path) == published


@pytest.mark.parametrize("corpus", CORPORA, ids=["iso"][: len(CORPORA)])
def test_the_rows_hold_what_the_pipeline_says(corpus, tmp_path, source_of, folder):
    """On SQLite as on MongoDB, hence equal: the pipeline knows no database."""
    work = tmp_path / "nginx"
    work.mkdir()
    shutil.copytree(corpus, tmp_path / "site" / "records")
    with served(tmp_path / "site", work) as url:
        jobs.run_now(source_of(url))
    compared = 0
    for row in HarvestRecord.objects.exclude(file_name=""):
        path = tmp_path / "site" / unquote(row.url.removeprefix(url))
        document = iso.read(path.read_bytes())
        metadata = document.metadata
        findings = [(f.rule, f.severity.value, f.message) for f in validate(document)]
        assert (row.title, row.description) == (metadata.title, metadata.abstract)
        assert (row.file_id or "") == metadata.identifier
        assert row.services == [asdict(service) for service in metadata.services]
        assert row.details["keywords"] == list(metadata.keywords)
        assert sorted(of_the_record(row)) == sorted(findings)
        assert folder.path_of(row.file_name).read_bytes() == publish(document)
        compared += 1
    assert compared > 250


def of_the_record(row: HarvestRecord) -> list[tuple[str, str, str]]:
    """Its findings, but for the one that other records decide."""
    return [
        (f["rule"], f["severity"], f["error"])
        for f in row.findings
        if f["rule"] != "duplicate-identifier"
    ]
