"""Every management command, as it is typed."""

import datetime as dt
import errno
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
import requests
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from harvests import jobs, oneoff
from harvests.models import HarvestJob, HarvestSource
from harvests.pipeline.errors import StoreError

ROOT = Path(__file__).resolve().parent.parent
COUNTS = [
    "discovered",
    "added",
    "changed",
    "unchanged",
    "removed",
    "held",
    "failed",
    "with_errors",
    "seconds",
]


def manage(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py as a user would; no database and no Redis can be reached."""
    nowhere = {"SQLITE_PATH": "/dev/null/x/db", "REDIS_URL": "redis://127.0.0.1:1/0"}
    if os.environ.get("MONGO_URL"):
        nowhere["MONGO_URL"] = "mongodb://127.0.0.1:1/none?serverSelectionTimeoutMS=1"
    else:
        nowhere["SQLITE_PATH"] = str(Path(env["OUTPUT_DIR"]) / "none" / "db.sqlite3")
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **nowhere, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def harvest(tmp_path):
    """Run `manage.py harvest …` in a process of its own."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return manage("harvest", *arguments, OUTPUT_DIR=str(tmp_path / "unused"))

    return run


def test_it_harvests_into_a_folder_without_database_or_redis(
    provider, tmp_path, harvest
):
    into = tmp_path / "into"
    done = harvest("-t", "waf", "-s", provider.url("good"), "-d", str(into), "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(told) == [*COUNTS, "failures"]
    assert (told["discovered"], told["added"]) == (24, 24)
    assert len(list(into.glob("*.xml"))) == 24
    hidden = [path.name for path in into.iterdir() if path.suffix != ".xml"]
    assert hidden == [".catalog-harvest"]


def test_the_second_run_is_cheap_and_touches_nothing(provider, tmp_path, harvest):
    arguments = ("-s", provider.url("good"), "-d", str(tmp_path / "into"), "--json")
    harvest(*arguments)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "into").glob("*.xml")}
    told = json.loads(harvest(*arguments).stdout)
    assert (told["unchanged"], told["added"], told["changed"]) == (24, 0, 0)
    assert before == {p: p.stat().st_mtime_ns for p in before}
    assert provider.answered["/good/tide-gauge-portland.xml", 304] == 1


def test_failures_have_url_stage_and_message(provider, tmp_path, harvest):
    done = harvest("-s", provider.url("broken"), "-d", str(tmp_path / "x"), "--json")
    failures = json.loads(done.stdout)["failures"]
    assert done.returncode == 0
    assert {f["stage"] for f in failures} == {"fetch", "read"}
    assert all(f["url"].startswith(provider.url()) and f["message"] for f in failures)


def test_a_source_that_cannot_be_read_is_one_line_and_status_1(
    provider, tmp_path, harvest
):
    done = harvest("-s", provider.url("forbidden"), "-d", str(tmp_path / "x"))
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "403" in done.stderr


def test_what_ended_the_run_is_among_the_failures(provider, tmp_path, harvest):
    url = provider.url("gone")
    [failure] = json.loads(harvest("-s", url, "-d", str(tmp_path), "--json").stdout)[
        "failures"
    ]
    assert (failure["url"], failure["stage"]) == (url, "gather")
    assert "404" in failure["message"]


def test_findings_are_shown_to_who_asks(provider, tmp_path):
    arguments = ("harvest", "-s", provider.url("broken"), "-d", str(tmp_path / "x"))
    assert "no-title.xml line" not in called(*arguments)
    assert "no-title.xml line" in called(*arguments, "-v", "--reread")


def test_removals_are_held_in_a_folder_too(provider, tmp_path, harvest):
    arguments = ("-s", provider.url("shrinking"), "-d", str(tmp_path / "x"), "--json")
    harvest(*arguments)
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    assert json.loads(harvest(*arguments).stdout)["held"] == 36
    assert json.loads(harvest(*arguments, "-f").stdout)["held"] == 36
    told = json.loads(harvest(*arguments, "--allow-removals").stdout)
    assert told["removed"] == 36
    assert len(list((tmp_path / "x").glob("*.xml"))) == 4
    restored = manage("restore", "-d", str(tmp_path / "x"), OUTPUT_DIR=str(tmp_path))
    assert restored.returncode == 0
    assert len(list((tmp_path / "x").glob("*.xml"))) == 40


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param((), "Give either", id="nothing"),
        pytest.param(("-s", "http://x/"), "go together", id="no-folder"),
        pytest.param(("-s", "x", "-d", "y"), "not a web address", id="no-url"),
        pytest.param(("-s", "http://[x", "-d", "y"), "not a web address", id="ipv6"),
        pytest.param(("-s", "mongodb://h/d", "-d", "y"), "--all", id="mongodb"),
        pytest.param(("--all", "-s", "http://x/"), "Give either", id="both"),
        pytest.param(("-t", "gopher"), "invalid choice", id="kind"),
        pytest.param(
            ("-s", "http://x/", "-d", "y", "--depth", "-1"), "0 or more", id="depth"
        ),
    ],
)
def test_bad_usage_is_told_with_status_2(harvest, arguments, words):
    done = harvest(*arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_the_folder_s_trash_knows_what_it_does_not_have(tmp_path):
    done = manage("restore", "-d", str(tmp_path), "x.xml", OUTPUT_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "nothing was harvested into it" in done.stderr


def test_a_file_that_left_the_trash_is_told(provider, tmp_path):
    arguments = ("harvest", "-s", provider.url("shrinking"), "-d", str(tmp_path))
    called(*arguments)
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    called(*arguments, "--allow-removals")
    for path in (tmp_path / ".trash").iterdir():
        path.unlink()
    with pytest.raises(CommandError, match="no longer in the trash"):
        called("restore", "-d", str(tmp_path))
    with pytest.raises(CommandError, match="Not in the trash"):
        called("restore", "-d", str(tmp_path), "x.xml")


def test_a_ledger_that_cannot_be_used_is_told(provider, tmp_path):
    (tmp_path / ".catalog-harvest").mkdir()
    with pytest.raises(CommandError, match="move it away"):
        called("harvest", "-s", provider.url("good"), "-d", str(tmp_path))


def test_a_ledger_of_another_version_is_told(provider, tmp_path):
    with closing(sqlite3.connect(tmp_path / ".catalog-harvest")) as database:
        database.execute("CREATE TABLE records (source TEXT, url TEXT)")
    with pytest.raises(CommandError, match="move it away"):
        called("harvest", "-s", provider.url("good"), "-d", str(tmp_path))


def removed(provider, folder: Path, *, twice: bool = False) -> None:
    """Harvest into the folder, and let 36 records go to its trash."""
    for _again in range(1 + twice):
        requests.post(provider.url("shrinking/reset"), timeout=5)
        called("harvest", "-s", provider.url("shrinking"), "-d", str(folder))
        requests.post(provider.url("shrinking/shrink"), timeout=5)
        harvest = ("harvest", "-s", provider.url("shrinking"), "-d", str(folder))
        called(*harvest, "--allow-removals")


def test_the_newest_of_several_is_restored(provider, tmp_path):
    removed(provider, tmp_path, twice=True)
    told = called("restore", "-d", str(tmp_path))
    assert told.count("Restored") == told.count("the newest of 2") == 36
    assert len(list((tmp_path / ".trash").iterdir())) == 36
    with pytest.raises(CommandError, match="there again"):
        called("restore", "-d", str(tmp_path))


def test_a_file_that_left_the_trash_makes_no_row(provider, tmp_path):
    removed(provider, tmp_path)
    lost = next((tmp_path / ".trash").iterdir())
    lost.unlink()
    with pytest.raises(CommandError, match="no longer in the trash"):
        called("restore", "-d", str(tmp_path))
    with closing(sqlite3.connect(tmp_path / ".catalog-harvest")) as database:
        rows = database.execute("SELECT count(*) FROM records").fetchone()
    assert rows == (39,)


def test_a_mistyped_folder_is_not_made(tmp_path):
    with pytest.raises(CommandError, match="nothing was harvested into it") as caught:
        called("restore", "-d", str(tmp_path / "mistyped"))
    assert caught.value.returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_is_damaged_inside_is_told(provider, tmp_path):
    arguments = ("harvest", "-s", provider.url("good"), "-d", str(tmp_path))
    called(*arguments)
    with closing(sqlite3.connect(tmp_path / ".catalog-harvest")) as database:
        database.execute("UPDATE records SET missing_since = 'yesterday'")
        database.commit()
    with pytest.raises(CommandError, match=r"\.catalog-harvest cannot be used"):
        called(*arguments)


@pytest.mark.parametrize(
    "problem",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        pytest.param("sqlite", id="sqlite"),
    ],
)
def test_a_full_disk_is_one_sentence(tmp_path, problem):
    with (
        pytest.raises(StoreError, match="make room on the disk"),
        oneoff.tools_for(tmp_path, "http://x/"),
    ):
        if isinstance(problem, OSError):
            raise problem
        fill_up(tmp_path / "small.db")


def fill_up(path: Path) -> None:
    """Let SQLite itself say that there is no room."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA max_page_count = 1")
        database.execute("CREATE TABLE records (data BLOB)")


def test_another_trouble_with_files_is_not_hidden(tmp_path):
    with pytest.raises(BrokenPipeError), oneoff.tools_for(tmp_path, "http://x/"):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


def called(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_one_harvest_after_the_other_into_a_folder(provider, tmp_path):
    """The same as in a process of its own, for those who call it from Python."""
    arguments = ("harvest", "-s", provider.url("shrinking"), "-d", str(tmp_path / "x"))
    assert called(*arguments, "-v").startswith("40 discovered, 40 added")
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    told = json.loads(called(*arguments, "--allow-removals", "--json"))
    assert (told["unchanged"], told["removed"]) == (4, 36)
    assert called("restore", "-d", str(tmp_path / "x")).count("Restored") == 36


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param(("harvest",), 2, id="nothing"),
        pytest.param(("harvest", "-s", "http://x/"), 2, id="no-folder"),
        pytest.param(("harvest", "-s", "x", "-d", "y"), 2, id="no-url"),
        pytest.param(("harvest", "-s", "http://127.0.0.1:1/", "-d", "y"), 1, id="dead"),
        pytest.param(("restore", "-d", "y", "x.xml"), 1, id="not-in-the-trash"),
    ],
)
def test_what_cannot_be_done_has_its_status(tmp_path, monkeypatch, arguments, status):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError) as caught:
        called(*arguments)
    assert caught.value.returncode == status


@pytest.mark.django_db(transaction=True)
class TestRegisteredSources:
    """Commands on the sources in the database."""

    @pytest.mark.parametrize("by", ["name", "pk"])
    def test_one_is_harvested_by_name_or_id(self, good, by):
        told = called("harvest", "--source", getattr(good, by))
        assert told == "Good: finished: 24 added\n"

    def test_all_published_ones_are_harvested(self, good, shrinking):
        HarvestSource.objects.filter(pk=good.pk).update(publish=True)
        told = json.loads(called("harvest", "--all", "--json"))
        assert (told["added"], [job["source"] for job in told["jobs"]]) == (
            24,
            ["Good"],
        )

    def test_due_ones_are_harvested_and_planned_anew(self, good):
        HarvestSource.objects.update(publish=True)
        assert "Good" in called("harvest", "--due")
        assert called("harvest", "--due") == ""

    def test_the_work_can_be_left_to_the_workers(self, good, queues):
        assert called("harvest", "--source", "Good", "--queue") == "Good: queued\n"
        queues()
        assert HarvestJob.objects.get().status == "finished"

    def test_failures_are_in_the_object(self, provider, source_of):
        source = source_of(provider.url("broken"))
        told = json.loads(called("harvest", "--source", source.pk, "--json"))
        assert (told["failed"], len(told["failures"])) == (5, 5)

    def test_a_failed_harvest_is_told(self, provider, source_of):
        source = source_of(provider.url("gone"))
        with pytest.raises(CommandError, match="404") as caught:
            called("harvest", "--source", source.pk)
        assert caught.value.returncode == 1

    def test_a_source_being_harvested_is_told(self, good):
        HarvestJob.objects.start_for(good)
        with pytest.raises(CommandError, match="already"):
            called("harvest", "--source", "Good")

    def test_an_unknown_source_is_bad_usage(self, db):
        with pytest.raises(CommandError, match="no source 'x'") as caught:
            called("harvest", "--source", "x")
        assert caught.value.returncode == 2

    def test_a_name_that_two_have_is_bad_usage(self, good, shrinking):
        HarvestSource.objects.update(name="Same")
        with pytest.raises(CommandError, match="give the id"):
            called("harvest", "--source", "Same")

    def test_due_sources_are_queued(self, good, queues):
        HarvestSource.objects.update(publish=True)
        assert called("harvest_due") == "Queued Good.\n"

    def test_what_was_removed_is_listed_and_restored(self, provider, shrinking):
        jobs.run_now(shrinking)
        assert called("restore", "--list") == "The trash is empty.\n"
        requests.post(provider.url("shrinking/shrink"), timeout=5)
        jobs.run_now(shrinking, allow_removals=True)
        item = shrinking.trash.first()
        listed = called("restore", "--list")
        assert item.url in listed
        assert item.file_name in called("restore", item.url)
        assert shrinking.records.get(url=item.url).restored
        assert len(called("restore", "--source", "Shrinking").splitlines()) == 35

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            pytest.param((), "Name the records", id="nothing"),
            pytest.param(("x.xml",), "Not in the trash", id="unknown"),
            pytest.param(("--source", "x"), "no source", id="source"),
        ],
    )
    def test_restoring_needs_to_know_what(self, arguments, words):
        with pytest.raises(CommandError, match=words):
            called("restore", *arguments)

    def test_restoring_what_is_there_again_is_told(self, provider, shrinking):
        jobs.run_now(shrinking)
        requests.post(provider.url("shrinking/shrink"), timeout=5)
        jobs.run_now(shrinking, allow_removals=True)
        requests.post(provider.url("shrinking/reset"), timeout=5)
        jobs.run_now(shrinking)
        with pytest.raises(CommandError, match="has it again"):
            called("restore", "--source", "Shrinking")

    def test_files_and_rows_agree_after_a_harvest(self, good):
        jobs.run_now(good)
        assert "agree" in called("check_store")

    def test_differences_are_told_and_mended(self, good, folder):
        jobs.run_now(good)
        lost, spoilt = folder.names()[:2]
        folder.path_of(lost).unlink()
        folder.path_of(spoilt).write_bytes(b"<spoilt/>")
        folder.path_of("stranger.xml").write_bytes(b"<stranger/>")
        out = StringIO()
        with pytest.raises(CommandError, match="3 files differ"):
            call_command("check_store", stdout=out)
        assert called("check_store", "--fix").count("\n") == 4
        jobs.run_now(good)
        assert "agree" in called("check_store")
        assert len(folder.names()) == 24

    def test_old_jobs_and_old_trash_are_forgotten(self, provider, shrinking, settings):
        jobs.run_now(shrinking)
        requests.post(provider.url("shrinking/shrink"), timeout=5)
        jobs.run_now(shrinking, allow_removals=True)
        shrinking.trash.update(removed_at=timezone.now() - dt.timedelta(days=31))
        told = called("prune_jobs", "--days", "0")
        assert told == "Forgot 1 jobs and 36 removed records.\n"
        for days in ("-1", "4000000"):
            with pytest.raises(CommandError, match="0 or more"):
                called("prune_jobs", "--days", days)

    def test_the_first_user_is_made_once(self):
        told = called("first_user")
        user = get_user_model().objects.get()
        assert user.is_superuser
        assert user.check_password(told.split("password ")[1].split()[0])
        assert "password" not in called("first_user")

    def test_a_job_that_waits_for_redis_is_told(self, good, settings):
        settings.RQ_QUEUES = {"default": {"URL": "redis://127.0.0.1:1/0"}}
        out = StringIO()
        with pytest.raises(CommandError, match="cannot be reached"):
            call_command("harvest", "--source", "Good", "--queue", stdout=out)
        assert out.getvalue() == "Good: queued\n"

    def test_the_demo_provider_may_move_to_another_port(self, provider, queues):
        called("demo_sources", provider.url())
        called("demo_sources", "http://127.0.0.1:8399/")
        assert HarvestSource.objects.count() == 9
        assert HarvestSource.objects.filter(url__contains=":8399/").count() == 9
        with pytest.raises(CommandError, match="not a web address"):
            called("demo_sources", "x")

    def test_the_demo_sources_are_registered_once(self, provider, queues):
        assert "Demo: good" in called("demo_sources", provider.url())
        assert called("demo_sources", provider.url()) == ""
        queues()
        statuses = HarvestJob.objects.values_list("status", flat=True)
        assert list(statuses) == ["finished", "finished"]
