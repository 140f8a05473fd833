"""A source that is one record: fetched, kept, never taken for gone."""

import hashlib
from collections.abc import Iterator

import pytest

from harvests.pipeline.errors import GatherError
from harvests.pipeline.sources import SOURCES, document
from harvests.pipeline.types import RemoteRecord, Result, Sample, Stage
from tests import misbehaving
from tests.folders import record
from tests.pipeline.folders_site import Answer, Site, running
from tests.pipeline.gathered import Run, gathered
from tests.pipeline.test_preview import look

PATH = "/waf/buoy 41.xml?version=2"
ASKED = "/waf/buoy%2041.xml?version=2"


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        site.answers[ASKED] = Answer(record("a").decode(), "text/xml")
        yield site


def test_a_document_is_one_record_named_by_its_address(site):
    url = site.url(PATH)
    name = hashlib.sha1(url.encode()).hexdigest() + ".xml"
    found = gathered("DOCUMENT", url)
    assert (found.records, found.error) == ([RemoteRecord(url, name)], "")
    assert site.asked == []


def test_a_document_is_harvested_and_kept_while_it_is_as_it_was(site, tmp_path):
    run = Run("DOCUMENT", site.url(PATH), tmp_path / "waf")
    assert [run(), run()] == [{"added": 1}, {"unchanged": 1}]
    site.answers[ASKED] = Answer(record("a", title="New").decode(), "text/xml")
    assert run() == {"changed": 1}


@pytest.mark.parametrize(
    ("answer", "stage", "words"),
    [
        (Answer("none", status=404), Stage.FETCH, "404"),
        (Answer("none", status=410), Stage.FETCH, "410"),
        (Answer("oops", status=500), Stage.FETCH, "500"),
        (Answer("<title>Sign in</title>"), Stage.READ, "This is"),
        (Answer("", "text/xml"), Stage.READ, "is empty"),
        (Answer(record("a").decode()[:900], "text/xml"), Stage.READ, "not well-formed"),
    ],
    ids=["not found", "gone", "failing", "html", "empty", "half"],
)
def test_what_was_published_stays_if_the_document_cannot_be_had(
    site, tmp_path, answer, stage, words
):
    run = Run("DOCUMENT", site.url(PATH), tmp_path / "waf")
    run()
    before = {name: run.folder.read(name) for name in run.folder.names()}
    site.answers[ASKED] = answer
    with pytest.raises(GatherError, match=words):  # nothing else was to be had
        run()
    (outcome,) = run.outcomes
    assert (outcome.result, outcome.stage) == (Result.FAILED, stage)
    assert words in outcome.message
    assert {name: run.folder.read(name) for name in run.folder.names()} == before


@pytest.mark.parametrize(("path", "said"), [("gone", "404"), ("hang", "")])
def test_a_preview_shows_why_the_document_cannot_be_had(path, said):
    with misbehaving.server() as server:
        server.at["/gone"] = lambda exchange: exchange.answer(404)
        found = look(server.url(path), kind="DOCUMENT", seconds=1)
    assert (found.found, found.is_all) == (1, True)
    assert said in " ".join(found.sample[0].messages)


@pytest.mark.parametrize("name", ["gmd}MD_Metadata", "gmi}MI_Metadata"])
def test_a_record_is_recognised_by_its_root(name):
    root = f"{{http://www.isotc211.org/2005/{name}"
    found = document.recognise(Sample("http://h/a", "text/plain", "", b"", root))
    local = name.rpartition("}")[2]
    assert found.reason == f"it is one ISO 19139 record ({local})"
    assert found.url == "http://h/a"


@pytest.mark.parametrize("root", ["", "{x}MD_Metadata", "{http://x}feed"])
def test_other_documents_are_not_taken_for_records(root):
    assert document.recognise(Sample("http://h/a", "", "", b"", root)) is None


def test_no_other_place_is_looked_at_for_a_record():
    assert list(SOURCES["DOCUMENT"].guesses("http://h/a")) == []
