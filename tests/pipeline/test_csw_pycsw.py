"""A real pycsw with 300 records of the corpus, through the whole pipeline."""

import pytest

from tests.conftest import CORPUS
from tests.pipeline.csw_runs import Run
from tests.pycsw_rig import Catalogue, corpus_records, filled

pytestmark = pytest.mark.skipif(
    not CORPUS.exists(), reason="the corpus is on the maintainers' machines only"
)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory) -> Catalogue:
    return filled(tmp_path_factory.mktemp("pycsw"), corpus_records(CORPUS, 300))


@pytest.fixture
def run(tmp_path) -> Run:
    return Run(tmp_path / "waf")


@pytest.mark.parametrize("page_size", [1, 7, 100])
def test_every_record_is_harvested_and_unchanged_the_next_time(
    catalogue, run, page_size
):
    with catalogue.running(page_size=page_size) as url:
        assert run(url) == {"added": 300}
        before = run.contents()
        assert run(url) == {"unchanged": 300}
    assert run.contents() == before
    assert len(before) == 300
