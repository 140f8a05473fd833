"""The one database: MongoDB if there is a URL for it, else SQLite."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def database(mongo_url: str, sqlite_path: Path) -> dict[str, Any]:
    """Return Django's `DATABASES["default"]`.

    SQLite runs in WAL mode and waits for a lock, because web, workers and
    scheduler write to it at once; IMMEDIATE avoids the upgrade dead lock.
    """
    if mongo_url:
        return {
            "ENGINE": "django_mongodb_backend",
            "HOST": mongo_url,
            "NAME": urlsplit(mongo_url).path.lstrip("/"),
        }
    sqlite_path.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(sqlite_path),
        "TEST": {"NAME": str(sqlite_path.with_suffix(".test.sqlite3"))},  # WAL too
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
