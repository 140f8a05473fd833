"""The one database, MongoDB if there is a URL for it, else SQLite; and the queue."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def database(mongo_url: str, sqlite_path: Path) -> dict[str, Any]:
    """Return Django's `DATABASES["default"]`.

    SQLite runs in WAL mode and waits for a lock, because web, workers and
    scheduler write to it at once; IMMEDIATE avoids the upgrade dead lock.
    """
    patience = "serverSelectionTimeoutMS"
    if mongo_url:
        return {
            "ENGINE": "harvestsite.mongodb",
            "HOST": mongo_url,
            "NAME": urlsplit(mongo_url).path.lstrip("/"),
            "OPTIONS": {} if patience in mongo_url else {patience: 5000},
        }
    return {
        "ENGINE": "harvestsite.sqlite",
        "NAME": str(sqlite_path),
        "TEST": {"NAME": f"{sqlite_path}.test"},  # WAL too
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def bundled_redis(var_dir: Path) -> str:
    """Return the URL of the Redis that `make run` started here, else the usual one."""
    try:
        return (var_dir / "redis" / "server.url").read_text(encoding="utf-8").strip()
    except OSError:
        return "redis://127.0.0.1:6379/0"
