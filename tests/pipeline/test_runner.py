"""The order of the stages, seen from outside: a provider, a folder, a ledger."""

import os
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from demo import demo_provider
from harvests.pipeline import processing, runner
from harvests.pipeline.errors import Cancelled, GatherError, StoreError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.file_ledger import FileLedger
from harvests.pipeline.runner import Tools, harvest
from harvests.pipeline.sources import Kind
from harvests.pipeline.store import TRASH, Folder
from harvests.pipeline.types import (
    FetchPolicy,
    Outcome,
    Plan,
    Progress,
    RemoteRecord,
    Response,
    Result,
)
from tests import csw_server
from tests.csw_server import iso
from tests.folders import add_records, record
from tests.pipeline import csw_runs

POLICY = FetchPolicy(allow_networks=("127.0.0.0/8",), backoff=0.01, idle_timeout=2)


class Run:
    """One harvest after another into one folder, as the command does it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.folder = Folder(path, trash=path / TRASH)
        self.outcomes: list[Outcome] = []
        self.progress: list[Progress] = []

    def __call__(self, url: str, *, cancelled=lambda: False, **plan) -> dict[str, int]:
        stop = threading.Event()
        ledger = FileLedger(self.path, url)
        tools = Tools(Fetcher(POLICY, stop=stop), self.folder, ledger, stop)
        self.outcomes, self.progress = [], []
        try:
            for event in harvest(Plan("WAF", url, **plan), tools, cancelled=cancelled):
                kept = self.outcomes if isinstance(event, Outcome) else self.progress
                kept.append(event)
        finally:
            ledger.close()
            tools.fetcher.close()
        return self.counts()

    def counts(self) -> dict[str, int]:
        return dict(Counter(outcome.result.value for outcome in self.outcomes))


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "waf")


def test_progress_ends_with_everything_counted(site, run):
    path, url = site
    add_records(path, 7)
    assert run(url) == {"added": 7}
    last = run.progress[-1]
    assert (last.discovered, last.counts[Result.ADDED]) == (7, 7)


def test_an_outcome_is_yielded_only_when_its_file_is_there(site, run):
    path, url = site
    add_records(path, 700)
    run(url)
    assert all(run.folder.has(outcome.name) for outcome in run.outcomes)


def test_a_few_missing_records_are_removed_to_the_trash(site, run):
    path, url = site
    add_records(path, 10)
    run(url)
    for name in ("r0001.xml", "r0002.xml"):
        (path / name).unlink()
    assert run(url) == {"unchanged": 8, "removed": 2}
    assert len(run.folder.names()) == 8
    assert len(list((run.path / TRASH).iterdir())) == 2


def test_an_empty_listing_is_a_failure_and_removes_nothing(site, run):
    path, url = site
    add_records(path, 3)
    run(url)
    for file in path.iterdir():
        file.unlink()
    with pytest.raises(GatherError, match="no XML record|no record"):
        run(url, allow_removals=True)
    assert len(run.folder.names()) == 3


def test_a_listing_cut_short_by_a_limit_removes_nothing(site, run):
    path, url = site
    add_records(path, 3)
    run(url)
    add_records(path / "a" / "b" / "c", 1)
    (path / "r0000.xml").unlink()
    with pytest.raises(GatherError, match="2 levels"):
        run(url)
    assert run.counts() == {"unchanged": 2}
    assert len(run.folder.names()) == 3


def test_a_folder_that_fails_forbids_removals_but_not_the_rest(site, run):
    path, url = site
    add_records(path, 2)
    add_records(path / "sub", 2)
    run(url)
    (path / "r0000.xml").unlink()
    (path / "sub").rename(path / "broken-1")
    with pytest.raises(GatherError, match="500"):
        run(url)
    assert run.counts() == {"unchanged": 1}
    assert run.progress[-1].discovered == 1
    assert len(run.folder.names()) == 4


def test_the_share_that_may_go_is_the_plan_s(site, run):
    path, url = site
    add_records(path, 40)
    run(url)
    for number in range(9):
        (path / f"r{number:04}.xml").unlink()
    assert run(url, removal_percent=20)["held"] == 9
    assert run(url, removal_percent=25)["removed"] == 9


def test_cancelling_keeps_what_is_done(run):
    asked: list[float] = []

    def cancelled() -> bool:
        if run.counts().get("added") and not asked:
            asked.append(time.monotonic())
        return bool(asked)

    with demo_provider(delay=0.6) as provider:
        with pytest.raises(Cancelled):
            run(provider.url("slow"), cancelled=cancelled)
        assert time.monotonic() - asked[0] < 3
    assert 0 < run.counts()["added"] < 40
    assert len(run.folder.names()) == run.counts()["added"]


def test_a_big_harvest_gives_work_to_a_second_process(site, run):
    path, url = site
    add_records(path, 2000)
    assert run(url) == {"added": 2000}
    assert len(os.listdir(run.path)) == 2001  # and the ledger


def test_so_does_one_of_a_catalogue_whose_records_come_with_its_pages(
    tmp_path, monkeypatch
):
    own: list[str] = []

    def noted(target, answer, *places):
        own.append(target.record.url)
        time.sleep(0.002)  # so that a busy machine has the time to start another
        return processing.process(target, answer, *places)

    monkeypatch.setattr(runner, "process", noted)
    padding = "long " * 8000
    documents = {f"id-{n}": iso(f"id-{n}", padding) for n in range(900)}
    with csw_server.serving(documents) as server:
        assert csw_runs.Run(tmp_path / "waf")(server.url) == {"added": 900}
    assert 100 < len(own) < 900


def test_cancelling_keeps_what_the_second_process_has_in_hand(site, run):
    path, url = site
    add_records(path, 2000)
    with pytest.raises(Cancelled):
        run(url, cancelled=lambda: run.counts().get("added", 0) > 1000)
    assert 1000 < run.counts()["added"] <= 2000
    assert len(os.listdir(run.path)) == run.counts()["added"] + 1


def test_cancelling_in_the_midst_of_removals_keeps_what_is_done(site, run):
    path, url = site
    add_records(path, 30)
    run(url)
    for number in range(6):
        (path / f"r{number:04}.xml").unlink()
    with pytest.raises(Cancelled):
        run(url, cancelled=lambda: run.counts().get("removed", 0) > 0)
    assert run.counts()["removed"] == 6
    assert len(run.folder.names()) == 24


def test_a_kind_that_finds_nothing_fails_whatever_it_is(run, monkeypatch):
    nothing = Kind("Nothing", lambda *_: iter(()), lambda _: None)
    monkeypatch.setitem(runner.SOURCES, "WAF", nothing)
    with pytest.raises(GatherError, match="an empty listing removes nothing"):
        run("http://127.0.0.1:1/")


def test_a_file_that_was_only_touched_is_unchanged_and_asked_for_anew(site, run):
    path, url = site
    add_records(path, 1)
    run(url)
    os.utime(path / "r0000.xml", (1, 1))
    assert run(url) == {"unchanged": 1}
    assert run.outcomes[0].etag
    assert run(url) == {"unchanged": 1}
    assert not run.outcomes[0].etag


def test_two_sources_in_one_folder_tell_of_the_taken_name(site, run):
    path, url = site
    add_records(path / "a", 1)
    run(url)
    run(f"{url}a/")
    assert run.outcomes[0].result is Result.ADDED
    assert "name-taken" in {finding.rule for finding in run.outcomes[0].findings}


def test_forcing_reads_everything_and_writes_nothing_new(site, run):
    path, url = site
    add_records(path, 3)
    run(url)
    before = {p.name: p.stat().st_mtime_ns for p in run.path.glob("*.xml")}
    assert run(url, force=True) == {"unchanged": 3}
    assert all(outcome.metadata for outcome in run.outcomes)
    assert before == {p.name: p.stat().st_mtime_ns for p in run.path.glob("*.xml")}


def test_a_restored_record_is_kept_until_listed_again(site, run):
    path, url = site
    add_records(path, 10)
    run(url)
    gone = (path / "r0001.xml").read_bytes()
    (path / "r0001.xml").unlink()
    run(url)
    ledger = FileLedger(run.path, url)
    [item] = ledger.trashed()
    run.folder.restore(item.key, item.name)
    ledger.restore(item)
    ledger.close()
    assert run(url) == run(url, allow_removals=True) == {"unchanged": 9}
    assert item.name in run.folder.names()
    (path / "r0001.xml").write_bytes(gone)
    assert run(url) == {"unchanged": 9, "changed": 1}
    (path / "r0001.xml").unlink()
    assert run(url)["removed"] == 1


def test_a_folder_that_cannot_be_written_ends_the_run_with_a_sentence(site, run):
    path, url = site
    add_records(path, 2)
    run(url)
    for name in run.folder.names():
        run.folder.path_of(name).unlink()
        run.folder.path_of(name).mkdir()
    with pytest.raises(StoreError, match="Could not write"):
        run(url, force=True)


def test_what_a_killed_run_left_is_not_taken_for_what_we_know(site, run):
    """Killed between file and row; the provider then went back to what it had."""
    path, url = site
    add_records(path, 2)
    run(url)
    left = run.folder.path_of(run.folder.names()[0])
    known = left.read_bytes()
    left.write_bytes(known.replace(b"Dataset", b"dataset"))
    assert run(url) == {"unchanged": 2}
    assert left.read_bytes() == known
    assert run(url) == {"unchanged": 2}
    assert not any(outcome.metadata for outcome in run.outcomes)


def test_removals_that_a_kill_cut_short_are_finished_by_the_next_run(site, run):
    path, url = site
    add_records(path, 12)
    run(url)
    ledger = FileLedger(run.path, url)
    [chunk] = ledger.all_known()
    keys = ledger.remove(chunk[:2])  # and here it died
    ledger.close()
    assert run(url) == {"unchanged": 10, "added": 2}
    trashed = {path.name for path in (run.path / TRASH).iterdir()}
    assert trashed == set(keys.values())
    assert len(run.folder.names()) == 12


@pytest.mark.parametrize(("had", "left"), [(3, 1), (5, 2), (1, 0)])
def test_more_than_half_never_goes_unasked(site, run, had, left):
    path, url = site
    add_records(path, had)
    (path / "sub").mkdir()
    add_records(path / "sub", 0)
    run(url)
    for number in range(left, had):
        (path / f"r{number:04}.xml").unlink()
    if left:
        assert run(url)["held"] == had - left
    else:
        with pytest.raises(GatherError):
            run(url)
    assert len(run.folder.names()) == had


def test_a_change_with_an_old_date_stamp_is_told(site, run):
    path, url = site
    add_records(path, 1)
    run(url)
    (path / "r0000.xml").write_bytes(record("site-0", title="Another title"))
    assert run(url) == {"changed": 1}
    rules = {finding.rule for finding in run.outcomes[0].findings}
    assert "date-not-newer" in rules


def test_a_fault_of_ours_costs_one_record_and_is_logged(tmp_path, caplog):
    folder = Folder(tmp_path, trash=tmp_path / TRASH)
    target = processing.Target(RemoteRecord("http://x/a.xml", "a.xml"), "a.xml")
    broken = Response("http://x/a.xml", 200, body=None)  # type: ignore[arg-type]
    outcome = processing.process(target, broken, folder, Plan("WAF", "http://x/"))
    assert outcome.result is Result.FAILED
    assert "a fault of the harvester" in outcome.message
    assert "Traceback" in caplog.text


def test_a_store_error_names_its_stage(tmp_path):
    with pytest.raises(StoreError):
        Folder(tmp_path, trash=tmp_path / TRASH).stage("../a.xml", b"")


def test_the_limit_is_a_share_of_what_was_published_before(site, run):
    path, url = site
    add_records(path, 30)
    run(url)
    for file in path.iterdir():
        file.rename(path / f"other-{file.name}")
    add_records(path / "more", 300)
    assert run(url) == {"added": 330, "held": 30}
    assert len(run.folder.names()) == 360
