"""Answers of real services. The corpus lies beside the checkout; else nothing is run.

What is expected of each file was counted in its whole tree, without our reader.
"""

import csv
from pathlib import Path

import pytest

from harvests.pipeline import iso
from harvests.pipeline.sources import csw_capabilities
from harvests.pipeline.sources.csw import recognise
from harvests.pipeline.sources.csw_exceptions import Refused
from harvests.pipeline.sources.csw_pages import RecordPage
from harvests.pipeline.types import Page, Sample
from tests.conftest import CORPUS
from tests.csw_server import serving
from tests.pipeline.csw_runs import gathered
from tests.pipeline.test_csw_paging import on_pages

FILES = CORPUS / "csw"
TABLE = Path(__file__).parents[1] / "data" / "csw" / "expected.tsv"
LINES = TABLE.read_text(encoding="utf-8").splitlines()
ROWS = csv.DictReader(LINES, delimiter="\t", quoting=csv.QUOTE_NONE)
EXPECTED = {row["path"]: row for row in ROWS}


def of_kind(kind: str) -> list[str]:
    rows = EXPECTED.values() if FILES.exists() else ()
    return [row["path"] for row in rows if row["kind"] == kind]


def number(text: str) -> int | None:
    return int(text) if text else None


@pytest.mark.skipif(not FILES.exists(), reason="the corpus is not here")
def test_every_file_of_the_corpus_has_an_expectation():
    found = {str(path.relative_to(FILES)) for path in FILES.rglob("*.xml")}
    assert set(EXPECTED) == found


@pytest.mark.parametrize("path", of_kind("records"))
def test_a_page_gives_its_records_and_its_place(path):
    row = EXPECTED[path]
    page = RecordPage((FILES / path).open("rb"))
    records = list(page)
    page.close()
    of_iso = [record for record in records if record.body]
    assert len(of_iso) == int(row["iso"])
    assert len(records) - len(of_iso) == int(row["other"])
    assert (page.total, page.next) == (number(row["total"]), number(row["next"]))


@pytest.mark.parametrize("path", of_kind("records"))
def test_each_record_of_a_page_is_read_and_keeps_its_identifier(path):
    page = RecordPage((FILES / path).open("rb"))
    for record in page:
        if record.body:
            metadata = iso.read(record.body).metadata
            assert metadata.identifier == record.identifier != ""
    page.close()


@pytest.mark.parametrize("path", of_kind("exception"))
def test_a_refusal_is_a_sentence(path):
    with (FILES / path).open("rb") as file, pytest.raises(Refused) as refusal:
        RecordPage(file)
    assert str(refusal.value) == EXPECTED[path]["says"]


@pytest.mark.parametrize("path", of_kind("capabilities"))
def test_capabilities_say_where_and_how_to_ask(path):
    with (FILES / path).open("rb") as file:
        says = csw_capabilities.read(Page("http://x/csw", "", file), "http://x/csw")
    assert EXPECTED[path]["says"] == (
        f"version {says.version}, get {named(says.get, says.elsewhere)}, "
        f"post {named(says.post, says.elsewhere)}, {len(says.schemas)} schemas, "
        f"{says.page_size} records"
    )


def named(address: str, elsewhere: str) -> str:
    """The address named, be it taken or not; "-" if the given one is left."""
    assert address == "http://x/csw"
    return elsewhere or "-"


@pytest.mark.parametrize("path", EXPECTED if FILES.exists() else ())
def test_every_answer_is_recognised(path):
    head = (FILES / path).read_bytes()[:65536]
    found = recognise(Sample("http://x/csw?service=CSW", "", "", head))
    assert found is not None
    assert found.url == "http://x/csw"


@pytest.mark.skipif(not FILES.exists(), reason="the corpus is not here")
def test_pages_of_a_real_geonetwork_make_a_whole_catalogue():
    def recorded(ask, _server):
        return (FILES / f"udata/geonetwork-iso19139-page-{ask.start}.xml").read_bytes()

    with serving({}, on_pages(recorded), most=2) as server:
        result = gathered(server.url)
    assert (len(result.records), result.error, result.problems) == (6, "", [])
