"""`manage.py harvest -s URL -d FOLDER` and what is in FOLDER: no database, no Redis."""

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
from django.core.management import (
    CommandError,
    call_command,
    execute_from_command_line,
)

from harvests import oneoff
from harvests.pipeline.errors import StoreError
from tests.folders import add_records

ROOT = Path(__file__).resolve().parent.parent
NO_MONGODB = "mongodb://127.0.0.1:1/none?serverSelectionTimeoutMS=1"
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
    nowhere = {"REDIS_URL": "redis://127.0.0.1:1/0"}
    nowhere["SQLITE_PATH"] = str(Path(env["OUTPUT_DIR"]) / "none" / "db.sqlite3")
    if os.environ.get("MONGO_URL"):
        nowhere["MONGO_URL"] = NO_MONGODB
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

    def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        unused = str(tmp_path / "unused")
        return manage("harvest", *arguments, OUTPUT_DIR=unused, **env)

    return run


@pytest.mark.parametrize("env", [{}, {"MONGO_URL": NO_MONGODB}], ids=["", "mongodb"])
def test_it_harvests_into_a_folder_without_database_or_redis(
    provider, tmp_path, harvest, env
):
    into = tmp_path / "into"
    arguments = ("-t", "waf", "-s", provider.url("good"), "-d", str(into), "--json")
    done = harvest(*arguments, **env)
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
    called("harvest", *arguments)
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    assert json.loads(harvest(*arguments).stdout)["held"] == 36
    assert json.loads(called("harvest", *arguments, "-f"))["held"] == 36
    told = json.loads(called("harvest", *arguments, "--allow-removals"))
    assert told["removed"] == 36
    assert len(list((tmp_path / "x").glob("*.xml"))) == 4
    restored = manage("restore", "-d", str(tmp_path / "x"), OUTPUT_DIR=str(tmp_path))
    assert restored.returncode == 0
    assert len(list((tmp_path / "x").glob("*.xml"))) == 40
    assert json.loads(called("harvest", *arguments))["held"] == 0
    again = json.loads(called("harvest", *arguments, "--allow-removals"))
    assert (again["removed"], again["unchanged"]) == (36, 4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param((), "Give either", id="nothing"),
        pytest.param(("-s", "http://x/"), "go together", id="no-folder"),
        pytest.param(("-s", "x", "-d", "y"), "not a web address", id="no-url"),
        pytest.param(("-s", "http://[x", "-d", "y"), "not a web address", id="ipv6"),
        pytest.param(("-s", "mongodb://h/d", "-d", "y"), "--all", id="mongodb"),
        pytest.param(("--all", "-s", "http://x/"), "Give either", id="both"),
        pytest.param(
            ("-s", "http://x/", "-d", "y", "--queue"), "Leave out --queue", id="queue"
        ),
        pytest.param(("-t", "gopher"), "invalid choice", id="kind"),
        pytest.param(
            ("-s", "http://x/", "-d", "y", "--depth", "-1"), "0 or more", id="depth"
        ),
    ],
)
def test_bad_usage_is_told_with_status_2(capsys, arguments, words):
    with pytest.raises(SystemExit) as caught:
        execute_from_command_line(["manage.py", "harvest", *arguments])
    assert caught.value.code == 2
    assert words in capsys.readouterr().err


def test_a_process_of_its_own_has_the_same_status(harvest):
    done = harvest("-s", "x", "-d", "y")
    assert (done.returncode, done.stdout) == (2, "")
    assert "not a web address" in done.stderr


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


def test_the_trash_of_a_folder_is_listed_and_stays(provider, tmp_path):
    removed(provider, tmp_path)
    listed = called("restore", "-d", str(tmp_path), "--list")
    assert len(listed.splitlines()) == 36
    name, url = listed.splitlines()[0].split()[2:]
    assert url.startswith(provider.url("shrinking"))
    assert name in called("restore", "-d", str(tmp_path), "--list", name)
    assert len(list((tmp_path / ".trash").iterdir())) == 36


def test_an_empty_trash_is_told(provider, tmp_path):
    called("harvest", "-s", provider.url("good"), "-d", str(tmp_path))
    told = called("restore", "-d", str(tmp_path))
    assert told == "There is nothing to restore.\n"
    assert called("restore", "-d", str(tmp_path), "--list") == "The trash is empty.\n"


def test_a_folder_has_no_registered_sources(tmp_path):
    with pytest.raises(CommandError, match="leave out --source") as caught:
        called("restore", "-d", str(tmp_path), "--source", "Good")
    assert caught.value.returncode == 2


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


@pytest.mark.parametrize("below", ["", "below/it"])
def test_a_file_where_a_folder_is_due_is_told(tmp_path, below):
    file = tmp_path / "README.md"
    file.touch()
    with pytest.raises(CommandError, match=f"{file} is a file, not a folder"):
        called("harvest", "-s", "http://127.0.0.1:1/", "-d", str(file / below))


def test_advice_names_the_options(site, tmp_path):
    path, url = site
    add_records(path / "below", 1)
    harvest = ("harvest", "-s", url, "-d", str(tmp_path / "into"))
    with pytest.raises(CommandError, match=r": raise --depth\."):
        called(*harvest, "--depth", "0")
    out = StringIO()
    with pytest.raises(CommandError, match="give -t waf .Web accessible folder.") as e:
        call_command(*harvest, "-t", "csw", "--json", stdout=out)
    assert json.loads(out.getvalue())["failures"][0]["message"] == str(e.value)


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
    "arguments",
    [
        pytest.param(("harvest", "-s", "http://127.0.0.1:1/", "-d", "y"), id="dead"),
        pytest.param(("restore", "-d", "y", "x.xml"), id="not-in-the-trash"),
    ],
)
def test_what_cannot_be_done_has_status_1(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError) as caught:
        called(*arguments)
    assert caught.value.returncode == 1
