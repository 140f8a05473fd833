"""What `manage.py` says where no command can do its work, on SQLite or no database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NO_MONGODB = "mongodb://me:secret@127.0.0.1:1/none?serverSelectionTimeoutMS=10"
FOREIGN = b"\xff\xfe"


def manage(*arguments: str | bytes, **env: str) -> tuple[int, str]:
    """Run manage.py as a user would; return its status and its errors."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_database_without_tables_is_told(tmp_path):
    path = str(tmp_path / "folder" / "new.sqlite3")
    status, told = manage("check_store", SQLITE_PATH=path)
    assert (status, len(told.splitlines())) == (1, 1)
    assert told.startswith(f"The database {path} has no tables yet: run `manage.py mig")
    assert "set MONGO_URL" in told
    assert "no such table" in manage("check_store", "--traceback", SQLITE_PATH=path)[1]


def test_a_database_of_an_older_version_is_told(tmp_path):
    path = str(tmp_path / "old.sqlite3")
    manage("migrate", "harvests", "0001", SQLITE_PATH=path)
    status, told = manage("harvest", "--all", SQLITE_PATH=path)
    assert (status, len(told.splitlines())) == (1, 1)
    assert "are of an older version: run `manage.py migrate`." in told


@pytest.mark.parametrize("content", [None, "no database" * 99], ids=["folder", "text"])
def test_a_database_that_cannot_be_opened_is_told(tmp_path, content):
    path = tmp_path / "place"
    path.mkdir() if content is None else path.write_text(content)
    status, told = manage("migrate", SQLITE_PATH=str(path))
    assert (status, len(told.splitlines())) == (1, 1)
    assert told.startswith(f"The database {path} cannot be used: ")
    assert told.endswith("Check SQLITE_PATH.\n")


def test_a_mongodb_that_does_not_answer_is_told():
    status, told = manage("harvest", "--all", MONGO_URL=NO_MONGODB)
    assert (status, len(told.splitlines())) == (1, 1)
    assert told.startswith("The database does not answer: 127.0.0.1:1: ")
    assert told.endswith("Connection refused. Check MONGO_URL.\n")
    assert "secret" not in told


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("harvest", "--source", FOREIGN), id="source"),
        pytest.param(("api_token", "ada", "--name=" + "\udcff"), id="name"),
    ],
)
def test_an_argument_that_is_not_utf_8_is_bad_usage(arguments):
    status, told = manage(*arguments)
    assert (status, len(told.splitlines())) == (2, 1)
    assert r"\xff" in told
    assert "is not UTF-8" in told
