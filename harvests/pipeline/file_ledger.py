"""The ledger of a one-off harvest: one hidden SQLite file in the target folder."""

import datetime as dt
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harvests.pipeline.errors import StoreError
from harvests.pipeline.names import alternative
from harvests.pipeline.rivals import Rival
from harvests.pipeline.types import Known, Outcome, Result

FILE_NAME = ".catalog-harvest"
CHUNK = 1000
SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    source TEXT, url TEXT, name TEXT, hash_val TEXT, etag TEXT, last_modified TEXT,
    date_stamp TEXT, revision TEXT, has_errors INTEGER, missing_since TEXT,
    restored INTEGER DEFAULT 0, mtime INTEGER DEFAULT 0, PRIMARY KEY (source, url));
CREATE TABLE IF NOT EXISTS names (name TEXT PRIMARY KEY, source TEXT, url TEXT);
CREATE TABLE IF NOT EXISTS trash (
    key TEXT PRIMARY KEY, source TEXT, url TEXT, name TEXT, removed_at TEXT,
    moved INTEGER DEFAULT 0);
"""
COLUMNS = (
    "url, name, hash_val, etag, last_modified, date_stamp, revision, has_errors, "
    "missing_since, restored, mtime"
)


@dataclass(frozen=True, slots=True)
class Trashed:
    """A removed file: its key in the trash, its name and URL, and when it went."""

    key: str
    name: str
    url: str
    removed_at: str


class FileLedger:
    """Remembers several sources; each instance speaks for one of them.

    Raises StoreError when the folder is being harvested into by another process.
    """

    def __init__(self, folder: Path, source: str) -> None:
        self._source = source
        try:
            self._database = sqlite3.connect(folder / FILE_NAME, timeout=1)
        except sqlite3.Error as error:
            raise StoreError(unusable(folder, error)) from error
        try:
            self._database.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._database.execute("BEGIN EXCLUSIVE")
            for statement in SCHEMA.split(";"):
                self._database.execute(statement)
            self._database.commit()
        except sqlite3.Error as error:
            self._database.close()
            raise StoreError(unusable(folder, error)) from error

    def close(self) -> None:
        self._database.close()

    def look_up(self, urls: Sequence[str]) -> Mapping[str, Known]:
        rows = self._database.execute(
            f"SELECT {COLUMNS} FROM records WHERE source = ? "  # noqa: S608
            f"AND url IN ({_marks(urls)})",
            (self._source, *urls),
        )
        return {known.url: known for known in map(_known, rows)}

    def claim(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        granted = {url: self._claim(url, name) for url, name in wanted.items()}
        self._database.commit()
        return granted

    def rivals(self, _wanted: Mapping[str, str]) -> Mapping[str, Rival]:
        """Identifiers are not kept: those that come together are told of."""
        return {}

    def save(self, outcomes: Sequence[Outcome]) -> None:
        read = [o for o in outcomes if o.metadata and o.result is not Result.FAILED]
        self._database.executemany(
            f"INSERT OR REPLACE INTO records (source, {COLUMNS}) "  # noqa: S608
            f"VALUES ({_marks(range(12))})",
            [(self._source, *_row(outcome)) for outcome in read],
        )
        same = [o for o in outcomes if o.result is Result.UNCHANGED and not o.metadata]
        self._database.executemany(
            "UPDATE records SET etag = ?, last_modified = ? "
            "WHERE source = ? AND url = ?",
            [
                (o.etag, o.last_modified, self._source, o.url)
                for o in same
                if o.etag or o.last_modified
            ],
        )
        self._database.commit()

    def found_again(self, urls: Sequence[str]) -> None:
        self._database.execute(
            "UPDATE records SET missing_since = NULL, restored = 0 "  # noqa: S608
            f"WHERE source = ? AND url IN ({_marks(urls)})",
            (self._source, *urls),
        )
        self._database.commit()

    def all_known(self) -> Iterator[Sequence[Known]]:
        last = ""
        while True:
            rows = self._database.execute(
                f"SELECT {COLUMNS} FROM records "  # noqa: S608
                "WHERE source = ? AND url > ? ORDER BY url LIMIT ?",
                (self._source, last, CHUNK),
            ).fetchall()
            if not rows:
                return
            yield [_known(row) for row in rows]
            last = rows[-1][0]

    def hold(self, records: Sequence[Known]) -> None:
        now = dt.datetime.now(dt.UTC).isoformat()
        self._database.executemany(
            "UPDATE records SET missing_since = coalesce(missing_since, ?) "
            "WHERE source = ? AND url = ?",
            [(now, self._source, record.url) for record in records],
        )
        self._database.commit()

    def keep_nothing(self) -> None:
        """Forget what was restored by hand: a harvest may remove it again."""
        self._database.execute(
            "UPDATE records SET restored = 0 WHERE source = ?", (self._source,)
        )
        self._database.commit()

    def remove(self, records: Sequence[Known]) -> Mapping[str, str]:
        now = dt.datetime.now(dt.UTC).isoformat()
        keys = {r.name: secrets.token_hex(8) for r in records if r.name}
        self._database.executemany(
            "INSERT INTO trash VALUES (?, ?, ?, ?, ?, 0)",
            [
                (keys[r.name], self._source, r.url, r.name, now)
                for r in records
                if r.name
            ],
        )
        self._database.executemany(
            "DELETE FROM records WHERE source = ? AND url = ?",
            [(self._source, record.url) for record in records],
        )
        self._database.commit()
        return keys

    def release(self, keys: Mapping[str, str]) -> None:
        self._database.executemany(
            "UPDATE trash SET moved = 1 WHERE key = ?", [(k,) for k in keys.values()]
        )
        self._database.executemany(
            "DELETE FROM names WHERE name = ? AND source = ?",
            [(name, self._source) for name in keys],
        )
        self._database.commit()

    def unfinished(self) -> Mapping[str, str]:
        rows = self._database.execute(
            "SELECT name, key FROM trash WHERE source = ? AND NOT moved",
            (self._source,),
        )
        return dict(rows.fetchall())

    def finish(self) -> Iterator[None]:
        """Nothing here depends on several records."""
        return iter(())

    def trashed(self) -> list[Trashed]:
        """Return what is in the trash, of every source, newest first."""
        rows = self._database.execute(
            "SELECT key, name, url, removed_at FROM trash ORDER BY removed_at DESC"
        )
        return [Trashed(*row) for row in rows]

    def restore(self, item: Trashed) -> None:
        """Take an item out of the trash; its file must be back in its place."""
        row = self._database.execute(
            "DELETE FROM trash WHERE key = ? RETURNING source", (item.key,)
        ).fetchone()
        self._database.execute(
            "INSERT OR REPLACE INTO records (source, url, name, hash_val, restored) "
            "VALUES (?, ?, ?, '', 1)",
            (row[0], item.url, item.name),
        )
        self._database.execute(
            "INSERT OR REPLACE INTO names VALUES (?, ?, ?)",
            (item.name, row[0], item.url),
        )
        self._database.commit()

    def _claim(self, url: str, name: str) -> str:
        self._database.execute(
            "INSERT OR IGNORE INTO names VALUES (?, ?, ?)", (name, self._source, url)
        )
        owner = self._database.execute(
            "SELECT source, url FROM names WHERE name = ?", (name,)
        ).fetchone()
        if owner == (self._source, url):
            return name
        return self._claim(url, alternative(name, self._source, url))


def _row(outcome: Outcome) -> tuple[Any, ...]:
    stamp = outcome.metadata.date_stamp if outcome.metadata else ""
    return (
        *(outcome.url, outcome.name, outcome.hash_val, outcome.etag),
        *(outcome.last_modified, stamp, outcome.revision, outcome.with_errors),
        *(None, 0, outcome.mtime),
    )


def _known(row: Sequence[Any]) -> Known:
    url, name, hash_val, etag, last_modified, date_stamp, revision = row[:7]
    return Known(
        url=url,
        name=name,
        hash_val=hash_val or "",
        etag=etag or "",
        last_modified=last_modified or "",
        date_stamp=date_stamp or "",
        revision=revision or "",
        has_errors=bool(row[7]),
        missing_since=dt.datetime.fromisoformat(row[8]) if row[8] else None,
        restored=bool(row[9]),
        mtime=row[10] or 0,
    )


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))


def unusable(folder: Path, error: sqlite3.Error) -> str:
    """Return the sentence for a ledger that SQLite cannot use."""
    if "locked" in str(error):
        return f"Another harvest into {folder} is running: wait until it ends."
    return (
        f"{folder / FILE_NAME} cannot be used ({error}): move it away to start anew; "
        "the files in the folder stay as they are."
    )
