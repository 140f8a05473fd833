"""Records that come with their documents, as those of a catalogue service do."""

import threading

import pytest

from harvests.pipeline import runner
from harvests.pipeline.gathering import WEIGHT, Gathering
from harvests.pipeline.iso import read
from harvests.pipeline.publishing import publish
from harvests.pipeline.sources import Kind
from harvests.pipeline.types import RemoteRecord, Stage
from tests.folders import record
from tests.pipeline.test_gathering import taken
from tests.pipeline.test_runner import run  # noqa: F401 - a fixture

URL = "http://127.0.0.1:1/csw"


@pytest.fixture
def catalogue(monkeypatch) -> list[RemoteRecord]:
    """What a source lists that sends documents along."""
    records: list[RemoteRecord] = []
    kind = Kind("Catalogue", lambda *_: iter(list(records)), lambda _: None)
    monkeypatch.setitem(runner.SOURCES, "WAF", kind)
    return records


def entry(identifier: str, body: bytes | None = None) -> RemoteRecord:
    body = record(identifier) if body is None else body
    return RemoteRecord(f"{URL}?id={identifier}", f"{identifier}.xml", body=body)


def test_they_are_stored_without_a_request(catalogue, run):  # noqa: F811
    catalogue += [entry("a"), entry("b")]
    assert run(URL) == {"added": 2}
    assert run.folder.read("a.xml") == publish(read(record("a")))
    assert run(URL) == {"unchanged": 2}


def test_one_that_cannot_be_read_fails_alone(catalogue, run):  # noqa: F811
    catalogue += [entry("a"), entry("b", b"<html/>")]
    assert run(URL) == {"added": 1, "failed": 1}


def test_one_that_cannot_be_had_says_why_and_is_kept(catalogue, run):  # noqa: F811
    catalogue += [entry("a"), entry("b")]
    run(URL)
    catalogue[1] = RemoteRecord(catalogue[1].url, "b.xml", problem="It has no end.")
    assert run(URL) == {"unchanged": 1, "failed": 1}
    failed = next(outcome for outcome in run.outcomes if outcome.stage)
    assert (failed.stage, failed.message) == (Stage.GATHER, "It has no end.")
    assert run.folder.names() == ["a.xml", "b.xml"]


def test_another_way_to_write_the_same_record_is_no_change(catalogue, run):  # noqa: F811
    catalogue.append(entry("a"))
    run(URL)
    before = run.folder.mtime("a.xml")
    other = record("a").replace(
        b"<gmd:MD_Metadata ", b"<gmd:MD_Metadata  xmlns:x='http://y/' "
    )
    catalogue[0] = entry("a", other)
    assert run(URL) == {"unchanged": 1}
    assert run.folder.mtime("a.xml") == before
    assert run.folder.read("a.xml") == publish(read(record("a")))


def test_another_text_is_a_change(catalogue, run):  # noqa: F811
    catalogue.append(entry("a"))
    run(URL)
    catalogue[0] = entry("a", record("a", title="Another"))
    assert run(URL) == {"changed": 1}


def test_a_file_that_is_no_record_is_replaced(catalogue, run):  # noqa: F811
    catalogue.append(entry("a"))
    run(URL)
    run.folder.path_of("a.xml").write_bytes(b"not XML")
    catalogue[0] = entry("a", record("a", title="Another"))
    assert run(URL) == {"changed": 1}
    assert b"Another" in (run.folder.read("a.xml") or b"")


def test_a_file_that_is_gone_is_written_again(catalogue, run):  # noqa: F811
    catalogue.append(entry("a"))
    run(URL)
    run.folder.path_of("a.xml").unlink()
    catalogue[0] = entry("a", record("a", title="Another"))
    run(URL)
    assert run.folder.names() == ["a.xml"]


def test_large_documents_are_handed_over_in_small_chunks():
    large = [entry(str(number), bytes(WEIGHT // 2)) for number in range(5)]
    gathering = Gathering(lambda: iter(large), threading.Event())
    gathering.start()
    assert taken(gathering) == [2, 2, 1]
    gathering.join()


def test_what_canonical_xml_cannot_say_counts_as_changed(catalogue, run):  # noqa: F811
    catalogue.append(entry("a"))
    run(URL)
    relative = record("a").replace(
        b"<gmd:MD_Metadata ", b"<gmd:MD_Metadata xmlns:x='y' "
    )
    catalogue[0] = entry("a", relative)
    assert run(URL) == {"changed": 1}


def test_a_name_from_another_kind_of_source_is_not_called_taken(catalogue, run):  # noqa: F811
    catalogue.append(entry("a"))
    run(URL)
    again = entry("a", record("a", title="Another"))
    catalogue[0] = RemoteRecord(again.url, "other.xml", body=again.body)
    assert run(URL) == {"changed": 1}
    assert run.folder.names() == ["a.xml"]
    assert "name-taken" not in {finding.rule for finding in run.outcomes[0].findings}
