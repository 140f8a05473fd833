"""A real pycsw with 300 records of the corpus, through the whole pipeline."""

import shutil
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice

import pytest
from lxml import etree

from harvests.pipeline.errors import GatherError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.sources import csw_capabilities
from harvests.pipeline.sources.csw_client import Client
from harvests.pipeline.sources.csw_paging import Walk
from harvests.pipeline.types import Box, Plan, Selection
from tests import pycsw_rig
from tests.conftest import CORPUS
from tests.csw_server import CSW3
from tests.pipeline.csw_runs import POLICY, Run, gathered
from tests.pycsw_rig import Catalogue, filled, identifier_of, three_hundred

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from owslib.csw import CatalogueServiceWeb

with_corpus = pytest.mark.skipif(
    not CORPUS.exists(), reason="the corpus is on the maintainers' machines only"
)
GMD = "http://www.isotc211.org/2005/gmd"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory) -> Iterator[Catalogue]:
    yield filled(tmp_path_factory.mktemp("pycsw"), three_hundred(CORPUS))


@pytest.fixture(scope="module")
def few(tmp_path_factory) -> Catalogue:
    """Fewer records: pycsw takes a sixth of a second for each page."""
    records = dict(islice(three_hundred(CORPUS).items(), 24))
    return filled(tmp_path_factory.mktemp("few"), records)


@pytest.fixture(scope="module")
def url(catalogue, tmp_path_factory) -> Iterator[str]:
    """The same records at a server that lasts."""
    work = tmp_path_factory.mktemp("lasting") / "pycsw"
    shutil.copytree(catalogue.work, work)
    with Catalogue(work).running(page_size=100) as running:
        yield running


@pytest.fixture
def run(tmp_path) -> Run:
    return Run(tmp_path / "waf")


def test_every_record_is_harvested_and_unchanged_by_another_page_size(catalogue, run):
    it_is_harvested(catalogue, run, 100, 300)


@pytest.mark.parametrize("page_size", [1, 7])
def test_so_it_is_by_small_pages(few, run, page_size):
    it_is_harvested(few, run, page_size, 24)


def it_is_harvested(catalogue: Catalogue, run: Run, page_size: int, count: int) -> None:
    with catalogue.running(page_size=page_size) as url:
        assert run(url) == {"added": count}
    before = run.contents()
    with catalogue.running(page_size=60) as url:
        assert run(url) == {"unchanged": count}
    assert run.contents() == before
    assert len(before) == count


@with_corpus
def test_both_kinds_of_record_are_harvested(url, run):
    run(url)
    roots = [outcome.metadata.root for outcome in run.outcomes]
    assert roots.count("MI_Metadata") > 20
    assert roots.count("MD_Metadata") > 200


def test_names_that_would_leave_the_folder_stay_in_it(url, run):
    run(url)
    names = {o.metadata.identifier: o.name for o in run.outcomes}
    assert names["/etc/passwd"].startswith("etc-passwd-")
    assert names["C:\\x"].startswith("C-x-")
    assert names["a/b"] == "a_b.xml"
    assert set(run.contents()) == set(names.values())
    assert len({name.lower() for name in names.values()}) == 300


def test_killing_and_restarting_the_server_loses_nothing(catalogue, run):
    with catalogue.running(page_size=30) as url:
        assert run(url) == {"added": 300}
        before = run.contents()
        with pytest.raises(GatherError):
            run(url, on_outcome=lambda _: catalogue.kill(), force=True)
        assert set(run.counts()) == {"unchanged"}
        assert run.contents() == before
    with catalogue.running(page_size=30) as url:
        assert run(url) == {"unchanged": 300}


def test_a_server_that_comes_back_in_time_is_not_even_missed(catalogue, run):
    def restart(_outcome) -> None:
        if not restarted.is_set():
            restarted.set()
            catalogue.kill()
            catalogue.start(page_size=30)

    restarted = threading.Event()
    with catalogue.running(page_size=30) as url:
        try:
            run(url, on_outcome=restart)
        except GatherError:
            assert "removed" not in run.counts()
        assert sum(run(url).values()) == 300
        assert len(run.contents()) == 300


def test_owslib_finds_the_same_identifiers(url):
    ours = {identifier_of(record.body) for record in gathered(url).records}
    oracle = CatalogueServiceWeb(url, timeout=30)
    theirs = set()
    for start in range(1, 301, 100):
        oracle.getrecords2(esn="brief", startposition=start, maxrecords=100)
        theirs |= set(oracle.records)
    assert ours == theirs
    assert len(ours) == 300


def test_owslib_reads_the_same_documents(url):
    """Those of gmd:MD_Metadata: it drops the others."""
    ours = {identifier_of(r.body): canonical(r.body) for r in gathered(url).records}
    oracle = CatalogueServiceWeb(url, timeout=30)
    oracle.getrecords2(
        typenames="gmd:MD_Metadata", outputschema=GMD, esn="full", maxrecords=100
    )
    assert len(oracle.records) > 50  # of a hundred; without the corpus it is 71
    for identifier, record in oracle.records.items():
        assert canonical(record.xml) == ours[identifier.strip()]


def canonical(document: bytes) -> bytes:
    root = etree.fromstring(document)
    root.tail = None
    return etree.tostring(root, method="c14n", exclusive=True)


@with_corpus
def test_a_box_means_longitude_and_latitude(url):
    box = Box(west=-75, east=-70, south=35, north=42)
    found = gathered(url, selection=Selection(box=box))
    turned = gathered(url, selection=Selection(box=Box(35, 42, -75, -70)))
    assert found.error == ""
    assert 0 < len(found.records) < 100
    names = {record.url for record in found.records}
    assert names != {record.url for record in turned.records}


@with_corpus
def test_cql_and_box_select_together(url):
    box = Box(west=-180, east=0, south=0, north=90)
    cql = "dc:title LIKE '%Sea%' OR dc:title LIKE '%Ice%'"
    by_cql = gathered(url, selection=Selection(cql=cql))
    by_box = gathered(url, selection=Selection(box=box))
    by_both = gathered(url, selection=Selection(cql=cql, box=box))
    assert by_cql.error == by_both.error == ""
    wanted = set(by_cql.identifiers) & set(by_box.identifiers)
    assert set(by_both.identifiers) == wanted != set()


def test_a_filter_with_a_wrong_property_is_explained(url):
    found = gathered(url, selection=Selection(cql="colour = 'blue'"))
    assert "refused the source's filter" in found.error
    assert "Invalid PropertyName: colour" in found.error


@pytest.mark.parametrize("post", [True, False])
def test_pycsw_is_read_in_version_3_too(url, post):
    service = csw_capabilities.ask(url, fetcher := Fetcher(POLICY))
    service = replace(service, version="3.0.0", **({} if post else {"post": ""}))
    with (
        closing(fetcher),
        closing(Client(Plan("CSW", url), service, fetcher)) as client,
    ):
        client.settle()
        found = list(Walk(client.next_page, 100, name=url))
        brief = client.page(replace(client.query, detail="brief", schema=CSW3), 1, 9)
        with closing(brief):
            assert [f.identifier for f in brief] == [f.identifier for f in found[:9]]
    assert len({record.identifier for record in found if record.body}) == 300
    assert client.query.post == post


def test_a_record_is_given_alone_in_either_version(url):
    service = csw_capabilities.ask(url, fetcher := Fetcher(POLICY))
    found = gathered(url).records[:3]
    for version in ("2.0.2", "3.0.0"):
        plan, speaking = Plan("CSW", url), replace(service, version=version)
        client = Client(plan, speaking, fetcher)
        for record in found:
            with closing(client.record(identifier_of(record.body))) as page:
                assert canonical(page.first().body) == canonical(record.body)
    fetcher.close()


def test_without_pycsw_the_tests_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(pycsw_rig, "BIN", tmp_path)
    with pytest.raises(RuntimeError, match="make .venv/.tools"):
        filled(tmp_path / "work", {})
