"""What a preview tells, and that it neither lingers nor writes."""

import random
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harvests.pipeline import preview as module
from harvests.pipeline.comparing import Change
from harvests.pipeline.errors import DiskError, GatherError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.file_ledger import FileLedger
from harvests.pipeline.preview import SAMPLE, Preview, preview
from harvests.pipeline.sources import SOURCES, Kind
from harvests.pipeline.specimens import Picks
from harvests.pipeline.types import (
    GatherLimits,
    Plan,
    Profile,
    RemoteRecord,
    Selection,
)
from tests import misbehaving
from tests.behaviours import Exchange, behaviour
from tests.folders import add_records, record
from tests.pipeline.test_runner import POLICY, run  # noqa: F401 - a fixture

UNTITLED = record("a").replace(b"Dataset a</gco", b"</gco")


def links(*names: str) -> bytes:
    rows = "".join(f'<li><a href="{name}">{name}</a>' for name in names)
    return f"<title>Index of x</title>{rows}".encode()


@behaviour
def stuck(exchange: Exchange) -> None:
    """stuck/: twelve records, and a folder that never answers."""
    if exchange.target == "/stuck/":
        exchange.answer(body=links(*(f"r{n}.xml" for n in range(12)), "hang/"))
    elif exchange.target.endswith(".xml"):
        exchange.answer(body=record(exchange.target))
    else:
        exchange.stop.wait()


@behaviour
def mute(exchange: Exchange) -> None:
    """mute/: three records, of which only one answers."""
    if exchange.target == "/mute/":
        exchange.answer(body=links("a.xml", "b.xml", "c.xml"))
    elif exchange.target.endswith("b.xml"):
        exchange.answer(body=record("b"))
    else:
        exchange.stop.wait()


@behaviour
def stairwell(exchange: Exchange) -> None:
    """stairwell/: a record and a folder, which has a record and a folder, which …"""
    exchange.stop.wait(0.02)
    exchange.answer(body=links("a.xml", "b/"))


def look(url: str, memory=None, shelf=None, *, seconds: float = 20, **plan) -> Preview:
    stop = threading.Event()
    fetcher = Fetcher(replace(POLICY, idle_timeout=30), stop=stop)
    plan.setdefault("kind", "WAF")
    asked = Plan(url=url, **plan)
    try:
        return preview(asked, fetcher, memory, shelf, stop=stop, seconds=seconds)
    finally:
        fetcher.close()


def next_time(run, url: str, **plan) -> Preview:  # noqa: F811
    """Preview what another run into the same folder would do."""
    before = tree(run.path)
    with closing(FileLedger(run.path, url)) as ledger:
        found = look(url, ledger, run.folder, **plan)
    assert tree(run.path) == before
    return found


def tree(path: Path) -> dict[Path, tuple[int, bytes]]:
    files = [file for file in path.rglob("*.xml") if file.is_file()]
    return {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in files}


def bodies(*records: RemoteRecord) -> Kind:
    """A kind of source that sends these records along with its listing."""
    return Kind("Bodies", lambda *_: iter(records), lambda _: None)


def test_a_small_source_is_seen_whole(site):
    path, url = site
    add_records(path, 3)
    found = look(url)
    assert (found.kind, found.url, found.found) == ("WAF", url, 3)
    assert (found.is_all, found.is_cut, found.problem) == (True, False, "")
    assert [s.title for s in found.sample] == [f"Dataset site-{n}" for n in range(3)]
    assert {s.result for s in found.sample} == {"added"}
    assert found.changes is None
    assert found.seconds < 20


def test_a_specimen_tells_identifier_findings_and_file_name(site):
    path, url = site
    (path / "a.xml").write_bytes(UNTITLED)
    (specimen,) = look(url).sample
    assert (specimen.identifier, specimen.errors, specimen.warnings) == ("a", 1, 0)
    assert specimen.name == specimen.wished
    assert specimen.name.endswith(".xml")
    assert all(message.startswith("error: ") for message in specimen.messages)
    assert "(line " in specimen.messages[0]


def test_what_is_no_record_is_told(site):
    path, url = site
    (path / "a.xml").write_bytes(b"<html>")
    (specimen,) = look(url).sample
    assert specimen.result == "failed"
    assert (specimen.title, specimen.identifier) == ("", "")
    assert "web page" in specimen.messages[0]


def test_the_sample_is_spread_over_all_and_always_the_same(site):
    path, url = site
    for name in "abcde":
        add_records(path / name, 40)
    first, second = look(url), look(url)
    assert (first.found, len(first.sample)) == (200, SAMPLE)
    assert [s.url for s in first.sample] == [s.url for s in second.sample]
    assert len({s.url.split("/")[-2] for s in first.sample}) >= 3


def test_picks_do_not_depend_on_the_order():
    records = [RemoteRecord(f"http://h/{n}.xml", "") for n in range(500)]
    chosen = []
    for seed in (1, 2):
        picks = Picks(SAMPLE)
        for each in random.Random(seed).sample(records, len(records)):
            picks.offer(each)
        chosen.append(picks.chosen())
    assert chosen[0] == chosen[1]


def test_patterns_and_profile_apply(site):
    path, url = site
    add_records(path, 3)
    (path / "untitled.xml").write_bytes(UNTITLED)
    found = look(
        url,
        selection=Selection(include=("u*",)),
        profile=Profile(publish_errors=False),
    )
    assert (found.found, found.dropped) == (1, 3)
    assert found.sample[0].result == "failed"
    assert found.sample[0].messages[0].startswith("Not published: it has")
    assert found.sample[0].identifier == "a"


def test_patterns_that_let_nothing_through_are_told(site):
    path, url = site
    add_records(path, 3)
    found = look(url, selection=Selection(include=("u*",)))
    assert (found.found, found.is_all) == (0, True)
    assert "patterns let none" in found.problem


def test_a_source_that_cannot_be_read_says_why(site):
    _, url = site
    found = look(f"{url}broken-1/")
    assert (found.found, found.is_all, found.is_cut) == (0, False, False)
    assert "500" in found.problem


def test_a_folder_that_fails_is_told_beside_what_was_found(site, run):  # noqa: F811
    path, url = site
    add_records(path, 3)
    run(url)
    (path / "r0000.xml").unlink()
    (path / "broken-1").mkdir()
    found = next_time(run, url)
    assert (found.found, found.is_all, found.is_cut) == (2, False, False)
    assert "1 folder was not read" in found.problem
    assert not found.changes.is_removing


def test_what_would_be_added_changed_and_removed(site, run):  # noqa: F811
    path, url = site
    add_records(path, 12)
    run(url)
    for number in range(2):
        (path / f"r{number:04}.xml").unlink()
    (path / "new.xml").write_bytes(record("new"))
    found = next_time(run, url)
    counts = found.changes.counts
    assert (counts[Change.ADDED], counts[Change.REMOVED]) == (1, 2)
    assert counts[Change.UNCHANGED] == 10
    assert (found.changes.known, found.changes.limit) == (12, 5)
    names = {name for _, name in found.changes.examples[Change.REMOVED]}
    assert names < set(run.folder.names())


def test_the_removals_of_a_preview_are_those_of_the_run(site, run):  # noqa: F811
    path, url = site
    add_records(path, 20)
    run(url)
    for number in range(8):
        (path / f"r{number:04}.xml").unlink()
    found = next_time(run, url)
    assert found.changes.counts[Change.HELD] == 8
    assert run(url)["held"] == found.changes.counts[Change.HELD]
    allowed = next_time(run, url, allow_removals=True)
    assert allowed.changes.counts[Change.REMOVED] == 8


def test_a_changed_record_of_the_sample_is_known_as_such(site, run):  # noqa: F811
    path, url = site
    add_records(path, 3)
    run(url)
    (path / "r0001.xml").write_bytes(record("x", title="New", date="2026-01-01"))
    found = next_time(run, url)
    assert found.changes.counts == {Change.CHANGED: 1, Change.UNCHANGED: 2}
    results = {s.title: s.result for s in found.sample}
    assert results["New"] == "changed"
    assert results["Dataset site-0"] == "unchanged"


def test_a_record_that_came_along_is_compared_outside_of_the_sample_too(
    run,  # noqa: F811
    monkeypatch,
):
    def records(title: str) -> list[RemoteRecord]:
        texts = [record(f"{n}", title=title if n % 2 else "Same") for n in range(30)]
        return [
            RemoteRecord(f"http://h/{n}", f"{n}.xml", body=text)
            for n, text in enumerate(texts)
        ]

    monkeypatch.setitem(SOURCES, "WAF", bodies(*records("Old")))
    assert run("http://h/") == {"added": 30}
    monkeypatch.setitem(SOURCES, "WAF", bodies(*records("New")))
    found = next_time(run, "http://h/")
    assert found.changes.counts == {Change.CHANGED: 15, Change.UNCHANGED: 15}


def test_bodies_are_not_compared_when_the_time_is_up(monkeypatch, run):  # noqa: F811
    body = RemoteRecord("http://h/a", "a.xml", body=record("a"))
    monkeypatch.setitem(SOURCES, "WAF", bodies(body))
    run("http://h/")
    other = replace(body, body=record("b"))
    monkeypatch.setitem(SOURCES, "WAF", bodies(other))
    found = next_time(run, "http://h/", seconds=0.000001)
    assert found.changes.counts.get(Change.UNCHANGED, 0) == 0


def test_a_record_that_is_there_but_cannot_be_had_is_counted(monkeypatch, run):  # noqa: F811
    broken = RemoteRecord("http://h/a", "a.xml", problem="The server cut it short.")
    monkeypatch.setitem(SOURCES, "WAF", bodies(broken))
    with pytest.raises(GatherError, match="cut it short"):
        run("http://h/")
    found = next_time(run, "http://h/")
    assert (found.found, found.troubled) == (1, 1)
    assert found.sample[0].messages == ("The server cut it short.",)


def test_a_name_that_no_folder_takes_fails(monkeypatch):
    odd = RemoteRecord("http://h/a", "../a.xml", body=record("a"))
    monkeypatch.setitem(SOURCES, "WAF", bodies(odd))
    (specimen,) = look("http://h/").sample
    assert specimen.result == "failed"
    assert "Refused the name" in specimen.messages[0]


def test_a_record_met_twice_counts_once(monkeypatch):
    twice = RemoteRecord("http://h/a", "a.xml", body=record("a"))
    monkeypatch.setitem(SOURCES, "WAF", bodies(twice, twice))
    assert look("http://h/").found == 1


def test_a_fault_of_a_kind_is_not_hidden(monkeypatch):
    def broken(*_):
        yield RemoteRecord("http://h/a", "a.xml", body=b"")
        raise ZeroDivisionError

    monkeypatch.setitem(SOURCES, "WAF", Kind("Broken", broken, lambda _: None))
    with pytest.raises(ZeroDivisionError):
        look("http://h/")


def test_a_source_whose_files_are_gone_is_compared_with_nothing(run, monkeypatch):  # noqa: F811
    body = RemoteRecord("http://h/a", "a.xml", body=record("a"))
    monkeypatch.setitem(SOURCES, "WAF", bodies(body))
    run("http://h/")
    other = replace(body, body=record("a", title="Other"))
    with closing(FileLedger(run.path, "http://h/")) as ledger:
        same = look("http://h/", ledger)
        monkeypatch.setitem(SOURCES, "WAF", bodies(other))
        changed = look("http://h/", ledger)
    assert same.changes.counts == {Change.UNCHANGED: 1}
    assert changed.changes.counts == {Change.CHANGED: 1}


def test_a_published_file_that_cannot_be_read_is_told(monkeypatch, run):  # noqa: F811
    body = RemoteRecord("http://h/a", "a.xml", body=record("a"))
    monkeypatch.setitem(SOURCES, "WAF", bodies(body))
    run("http://h/")
    run.folder.path_of("a.xml").unlink()
    run.folder.path_of("a.xml").mkdir()
    monkeypatch.setitem(SOURCES, "WAF", bodies(replace(body, body=record("b"))))
    with pytest.raises(DiskError):
        next_time(run, "http://h/")


@pytest.mark.parametrize("name", ["hang", "drip", "trickle"])
def test_a_server_that_never_ends_is_left_in_time(name):
    with misbehaving.server() as server:
        started = time.monotonic()
        found = look(server.url(name), seconds=1)
        assert time.monotonic() - started < 3
    assert (found.found, found.is_all, found.is_cut) == (0, False, True)
    assert "showed no record in 0.6 of 1 seconds: allow more time" in found.problem


def test_what_was_listed_before_the_time_was_up_is_shown(tmp_path):
    with misbehaving.server() as server:
        started = time.monotonic()
        found = look(server.url("stuck/"), seconds=2.5)
        assert time.monotonic() - started < 4.5
    assert (found.found, found.is_all, found.is_cut) == (12, False, True)
    assert [s.result for s in found.sample] == ["added"] * SAMPLE
    assert found.problem.startswith("The listing was not read to its end in 1.5 of")


def test_a_listing_without_end_is_cut(run):  # noqa: F811
    with misbehaving.server() as server:
        url = server.url("stairwell/")
        found = next_time(run, url, seconds=2, limits=GatherLimits(depth=5000))
    assert found.found > 3
    assert found.is_cut
    assert not found.changes.is_removing


def test_records_that_do_not_come_in_time_are_told_as_such():
    with misbehaving.server() as server:
        found = look(server.url("mute/"), seconds=1.5)
    assert (found.found, found.is_all) == (3, True)
    assert [s.result for s in found.sample] == ["not in time", "added", "not in time"]
    late = found.sample[0]
    assert (late.title, late.errors, late.messages) == ("", 0, ())


def test_a_kind_that_does_not_heed_the_stop_is_left_behind(monkeypatch):
    freed = threading.Event()

    def stubborn(*_):
        freed.wait(30)
        yield RemoteRecord("http://h/a", "a.xml", body=b"")

    monkeypatch.setattr(module, "HANDING_OVER", 0.2)
    monkeypatch.setitem(SOURCES, "WAF", Kind("Stubborn", stubborn, lambda _: None))
    found = look("http://h/", seconds=0.5)
    freed.set()
    assert (found.found, found.is_cut) == (0, True)
