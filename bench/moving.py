"""Measures moving in: `python -m bench.moving [--records N]`, on both databases."""

import argparse
import datetime as dt
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pymongo

from bench.contenders import ROOT
from bench.measuring import run
from harvests.embedded import stop_process
from tests.folders import record

PER_HARVEST = 1000


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.moving", description=__doc__)
    parser.add_argument("--records", type=int, default=100_000, help="default 100000")
    count = parser.parse_args().records
    os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")  # none is needed
    from tests.services import start_mongod

    with tempfile.TemporaryDirectory(prefix="harvesting-bench-") as at:
        folder = Path(at)
        (folder / "mongo").mkdir()
        process, url = start_mongod(folder / "mongo", lasting=True)
        try:
            _fill(url, folder / "old", count)
            own = urlunsplit(urlsplit(url)._replace(path="/site"))
            for name, database in (("SQLite", ""), ("MongoDB", own)):
                at_home = folder / name
                at_home.mkdir()
                _measure(url, folder / "old", at_home, count, database)
        finally:
            stop_process(process)


def _fill(url: str, waf: Path, count: int) -> None:
    """Write an old WAF, and the registry that belongs to it."""
    (waf / "IOOS").mkdir(parents=True)
    with pymongo.MongoClient(url) as client:
        registry = client.get_default_database()
        registry["Organizations"].insert_one({"_id": "ioos", "name": "IOOS"})
        harvests = range(-(-count // PER_HARVEST))
        registry["Harvests"].insert_many(
            {"_id": f"h{n}", "url": f"http://x.org/{n}/", "organization": "IOOS"}
            for n in harvests
        )
        records = _records(waf / "IOOS", count)
        while chunk := list(islice(records, PER_HARVEST)):
            registry["Records"].insert_many(chunk)


def _records(folder: Path, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        harvest = number // PER_HARVEST
        url = f"http://x.org/{harvest}/{number}.xml"
        data, name = record(str(number)), hashlib.sha1(url.encode()).hexdigest()
        (folder / f"{name}.xml").write_bytes(data)
        yield {
            "harvest_id": f"h{harvest}",
            "url": url,
            "title": f"Record {number}",
            "description": "Of the sea. " * 20,
            "hash_val": hashlib.md5(data).hexdigest(),
            "location": f"/data/waf/IOOS/{name}.xml",
            "update_time": dt.datetime(2025, 1, 1),
            "services": [],
            "validation_errors": [{"line_number": 7, "error": "Odd."}],
        }


def _measure(url: str, waf: Path, home: Path, count: int, database: str) -> None:
    """Move in twice, into a site of its own with this MONGO_URL; say what it took."""
    environment = {
        **os.environ,
        "MONGO_URL": database,
        "SQLITE_PATH": str(home / "site.sqlite3"),
        "OUTPUT_DIR": str(home / "waf"),
        "SECRET_KEY": "only-for-the-bench-" + "0123456789abcdef" * 3,
    }
    manage = [sys.executable, str(ROOT / "manage.py")]
    run([*manage, "migrate", "--verbosity", "0"], home, environment)
    command = [*manage, "import_registry", url, "--waf", str(waf)]
    for turn in ("first", "again"):
        done = run(command, home, environment)
        took = f"{done.wall:.0f} s ({done.cpu:.0f} s of CPU), peak {done.peak:.0f} MB"
        rate = f"{count / done.wall:,.0f}/s"
        print(f"{home.name}, {turn}: {count:,} records in {took}, {rate}", flush=True)


if __name__ == "__main__":
    main()
