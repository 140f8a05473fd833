"""A harvest into a plain folder: no database, no Redis, the same runner and rules."""

import errno
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from harvests import conf
from harvests.pipeline.errors import StoreError
from harvests.pipeline.file_ledger import FILE_NAME, FileLedger, Trashed, unusable
from harvests.pipeline.runner import Tools
from harvests.pipeline.store import TRASH, Folder

logger = logging.getLogger(__name__)

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class Restored(NamedTuple):
    """What became of a name in the trash: `problem` says why its file is not back.

    `older` counts the files of that name that stay in the trash.
    """

    name: str
    older: int = 0
    problem: str = ""


def open_folder(path: Path) -> Folder:
    """Return the folder to harvest into. Raises StoreError if it cannot be made."""
    return Folder(path, trash=path / TRASH)


@contextmanager
def tools_for(path: Path, url: str, *, keep: bool = True) -> Iterator[Tools]:
    """Give the tools of a harvest of `url` into `path`. Raises StoreError.

    Unless `keep`, what was restored from its trash may be removed again: no other
    place than the command line tells so.
    """
    stop = threading.Event()
    folder = open_folder(path)
    with _opened(path, url) as ledger:
        if not keep:
            ledger.keep_nothing()
        fetcher = conf.fetcher(stop)
        try:
            yield Tools(fetcher, folder, ledger, stop)
        finally:
            fetcher.close()


def restore(path: Path, names: list[str]) -> list[Restored]:
    """Bring files back from the folder's trash; all of them if `names` is empty.

    Of several files of one name the newest comes back. Raises StoreError for a name
    that is not in the trash, and for a folder that no harvest knows.
    """
    with _trash(path) as ledger:
        folder = open_folder(path)
        found: dict[str, list[Trashed]] = {}
        for item in _wanted(ledger, path, names):
            found.setdefault(item.name, []).append(item)
        return [_restore(folder, ledger, items) for items in found.values()]


def trashed(path: Path, names: list[str]) -> list[Trashed]:
    """Return what is in the folder's trash, the newest first. Raises as `restore`."""
    with _trash(path) as ledger:
        return _wanted(ledger, path, names)


@contextmanager
def _trash(path: Path) -> Iterator[FileLedger]:
    if not (path / FILE_NAME).exists():
        raise StoreError(f"{path} has no trash: nothing was harvested into it.")
    with _opened(path, "") as ledger:
        yield ledger


def _wanted(ledger: FileLedger, path: Path, names: list[str]) -> list[Trashed]:
    """Return the files of these names, or all. Raises StoreError if one has none."""
    items = ledger.trashed()
    unknown = ", ".join(sorted(set(names) - {item.name for item in items}))
    if unknown:
        raise StoreError(f"Not in the trash of {path}: {unknown}.")
    return [item for item in items if item.name in names or not names]


def _restore(folder: Folder, ledger: FileLedger, items: list[Trashed]) -> Restored:
    """Bring back the first of `items`, all of one name, whose file is there."""
    name = items[0].name
    for number, item in enumerate(items):
        try:
            there = folder.restore(item.key, name)
        except StoreError as error:
            return Restored(name, problem=str(error))
        if there:
            ledger.restore(item)
            return Restored(name, older=len(items) - number - 1)
    return Restored(name, problem=f"The file of {name} is no longer in the trash.")


@contextmanager
def _opened(path: Path, url: str) -> Iterator[FileLedger]:
    """Open the ledger; tell in a sentence what goes wrong with it or its disk."""
    try:
        ledger = FileLedger(path, url)
        try:
            yield ledger
        finally:
            ledger.close()
    except (sqlite3.Error, ValueError) as error:
        logger.debug("%s failed", path / FILE_NAME, exc_info=True)
        raise StoreError(_trouble(path, error)) from error
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise StoreError(_no_room(path, error.strerror)) from error


def _trouble(path: Path, error: sqlite3.Error | ValueError) -> str:
    full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return _no_room(path, str(error)) if full else unusable(path, error)


def _no_room(path: Path, reason: str | None) -> str:
    return (
        f"Could not go on with {path / FILE_NAME} ({reason}): make room on the disk, "
        "then harvest again. What was harvested until then is kept."
    )
