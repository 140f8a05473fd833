"""Which URLs a run has met: on disk, so that a million of them need no memory."""

import hashlib
import sqlite3
from collections.abc import Sequence


class Seen:
    """A set of URLs in a temporary database that SQLite deletes by itself."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("CREATE TABLE seen (k BLOB PRIMARY KEY) WITHOUT ROWID")
        self._database.execute("BEGIN")  # never committed: nothing to keep

    def add(self, urls: Sequence[str]) -> list[str]:
        """Add `urls`; return those that were new, once each, in order."""
        keys = {_key(url): url for url in urls}
        for key in self._present(list(keys)):
            del keys[key]
        self._database.executemany(
            "INSERT INTO seen VALUES (?)", [(key,) for key in keys]
        )
        return list(keys.values())

    def absent(self, urls: Sequence[str]) -> set[str]:
        """Return those of `urls` that were never added."""
        keys = {_key(url): url for url in urls}
        present = self._present(list(keys))
        return {url for key, url in keys.items() if key not in present}

    def close(self) -> None:
        self._database.close()

    def _present(self, keys: list[bytes]) -> set[bytes]:
        marks = ",".join("?" * len(keys))
        query = f"SELECT k FROM seen WHERE k IN ({marks})"  # noqa: S608 - marks only
        return {row[0] for row in self._database.execute(query, keys)}


def _key(url: str) -> bytes:
    return hashlib.blake2b(
        url.encode("utf-8", "surrogatepass"), digest_size=16
    ).digest()
