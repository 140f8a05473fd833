"""Detection and preview of a real catalogue service, pycsw."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from harvests.pipeline.comparing import Change
from harvests.pipeline.detection import detect
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.file_ledger import FileLedger
from harvests.pipeline.preview import Preview, preview
from harvests.pipeline.types import Plan
from tests.folders import record
from tests.pipeline.csw_runs import POLICY, Run
from tests.pycsw_rig import Catalogue, filled

RECORDS = {f"r{n:02}": record(f"r{n:02}") for n in range(45)}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory) -> Iterator[Catalogue]:
    made = filled(tmp_path_factory.mktemp("pycsw"), RECORDS)
    with made.running(page_size=20):
        yield made


def look(url: str, *known: object) -> Preview:
    stop = threading.Event()
    with closing(Fetcher(POLICY, stop=stop)) as fetcher:
        return preview(Plan("CSW", url), fetcher, *known, stop=stop, seconds=60)


@pytest.mark.parametrize("query", ["", "?request=GetCapabilities&service=CSW", "?"])
def test_it_is_known_by_any_address_of_it(catalogue, query):
    stop = threading.Event()
    with closing(Fetcher(POLICY, stop=stop)) as fetcher:
        found = detect(f" {catalogue.url}{query} ", fetcher, stop=stop, seconds=60)
    assert (found.kind, found.url) == ("CSW", catalogue.url)


def test_all_pages_are_counted_and_a_sample_of_them_is_read(catalogue):
    found = look(catalogue.url)
    assert (found.found, found.is_all, found.problem) == (45, True, "")
    assert len(found.sample) == 10
    assert all(specimen.title.startswith("Dataset r") for specimen in found.sample)
    assert {specimen.result for specimen in found.sample} == {"added"}
    assert all(s.name == f"{s.identifier}.xml" for s in found.sample)


def test_every_record_is_compared_because_its_document_comes_along(catalogue, tmp_path):
    run = Run(tmp_path / "waf")
    run(catalogue.url)
    with closing(FileLedger(run.path, catalogue.url)) as ledger:
        same = look(catalogue.url, ledger, run.folder)
    assert same.changes.counts == {Change.UNCHANGED: 45}
    assert same.changes.is_removing
