"""A harvest into a plain folder: no database, no Redis, the same runner and rules."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harvests import conf
from harvests.pipeline.errors import StoreError
from harvests.pipeline.file_ledger import FILE_NAME, FileLedger, unusable
from harvests.pipeline.runner import Tools
from harvests.pipeline.store import TRASH, Folder


def open_folder(path: Path) -> Folder:
    """Return the folder to harvest into. Raises StoreError if it cannot be made."""
    return Folder(path, trash=path / TRASH)


@contextmanager
def tools_for(path: Path, url: str) -> Iterator[Tools]:
    """Give the tools of a harvest of `url` into `path`. Raises StoreError."""
    stop = threading.Event()
    folder = open_folder(path)
    ledger = FileLedger(path, url)
    fetcher = conf.fetcher(stop)
    try:
        yield Tools(fetcher, folder, ledger, stop)
    except sqlite3.Error as error:
        raise StoreError(unusable(path, error)) from error
    finally:
        fetcher.close()
        ledger.close()


def restore(path: Path, names: list[str]) -> list[str]:
    """Bring files back from the folder's trash; all of them if `names` is empty.

    Return what was restored. Raises StoreError for a name that is not in the trash.
    """
    if not (path / FILE_NAME).exists():
        raise StoreError(f"{path} has no trash: nothing was harvested into it.")
    folder = open_folder(path)
    ledger = FileLedger(path, "")
    try:
        trashed = ledger.trashed()
        unknown = set(names) - {item.name for item in trashed}
        if unknown:
            raise StoreError(f"Not in the trash of {path}: {', '.join(unknown)}.")
        wanted = [item for item in trashed if item.name in names or not names]
        for item in wanted:
            if not folder.restore(item.key, item.name):
                raise StoreError(f"The file of {item.name} is no longer in the trash.")
            ledger.restore(item)
        return [item.name for item in wanted]
    finally:
        ledger.close()
