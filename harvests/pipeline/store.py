"""Our folder of published records: staged, flushed to disk in batches, renamed.

Nothing here writes outside its folder, and a reader sees a file either as it was or
as it is, never half written. Removed files go to a trash beside the folders.
"""

import contextlib
import ctypes
import hashlib
import itertools
import os
import re
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from harvests.pipeline.errors import DiskError, StoreError

TEMPORARY = ".tmp-"
TRASH = ".trash"
_UNFIT = re.compile(r"[/\\\x00-\x1f\x7f\ud800-\udfff]")
LEFT_OVER_AFTER = 24 * 3600  # seconds; other machines may be writing to the folder


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it is, or will be after the commit.

    Its digest, its length in bytes, and when its file was written (ns).
    """

    sha256: str
    size: int
    mtime: int
    written: bool


class Store:
    """The central WAF: `root` holds a folder per organization."""

    def __init__(self, root: Path, base_url: str = "") -> None:
        self.root = root
        self.base_url = base_url

    @staticmethod
    def check_name(name: str) -> None:
        """Raise StoreError unless `name` is one plain path component."""
        _check(name)

    def folder(self, name: str) -> "Folder":
        """Return the folder of an organization, made if need be. Raises StoreError."""
        _check(name)
        url = self.url_of(name)
        return Folder(self.root / name, trash=self.root / TRASH / name, base_url=url)

    def url_of(self, folder: str, name: str = "") -> str:
        """Return where a folder is served, or a file in it."""
        return f"{self.base_url}{quote(folder)}/{quote(name)}"


class Folder:
    """One folder of the store. Thread-safe for `stage`; one `commit` at a time."""

    def __init__(self, path: Path, *, trash: Path, base_url: str = "") -> None:
        self.path = path
        self.base_url = base_url
        self._trash = trash
        self._staged: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        self._token = secrets.token_hex(6)
        self._counter = itertools.count()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            file = next(filter(os.path.lexists, (path, *path.parents)))
            raise DiskError(
                f"{file} is a file, not a folder: move it away, or name another folder."
            ) from error
        except OSError as error:
            raise _disk_error(path, error) from error

    def path_of(self, name: str) -> Path:
        """Return where `name` is stored. Raises StoreError if that is elsewhere."""
        return Path(self.place_of(name))

    def place_of(self, name: str) -> str:
        """As `path_of`, but a text: to make a Path costs as much as asking the disk."""
        _check(name)
        if not name.endswith(".xml"):
            raise StoreError(f"Refused the file name {name!r}: it must end in .xml.")
        return f"{self.path}/{name}"

    def url_of(self, name: str) -> str:
        return self.base_url + quote(name)

    def has(self, name: str) -> bool:
        return self.mtime(name) >= 0

    def mtime(self, name: str) -> int:
        """Return when a file was written (ns), -1 if there is none."""
        try:
            return os.stat(self.place_of(name)).st_mtime_ns if name else -1
        except OSError:
            return -1

    def read(self, name: str) -> bytes | None:
        """Return what a file holds, None if there is none. Raises StoreError."""
        place = self.place_of(name)
        try:
            return Path(place).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _disk_error(place, error) from error

    def stage(self, name: str, data: bytes, *, written: int | None = None) -> Stored:
        """Write `data` beside `name`, unless the file holds just that.

        Nothing is visible before `commit`. `written` (ns) is when the file is to say
        that it was written, if not now. Raises StoreError.
        """
        place = self.place_of(name)
        digest = hashlib.sha256(data).hexdigest()
        if (held := _holds(place, data)) is not None:
            return Stored(digest, len(data), held, written=False)
        temporary = f"{self.path}/{TEMPORARY}{self._token}-{next(self._counter)}"
        try:
            with open(temporary, "wb") as file:
                file.write(data)
                file.flush()
                if written is not None:
                    os.utime(file.fileno(), ns=(written, written))
                mtime = os.fstat(file.fileno()).st_mtime_ns
        except OSError as error:
            with contextlib.suppress(OSError):
                Path(temporary).unlink(missing_ok=True)
            raise _disk_error(place, error) from error
        with self._lock:
            self._staged.append((place, temporary))
        return Stored(digest, len(data), mtime, written=True)

    def commit(self) -> int:
        """Flush what was staged to the disk, then rename it; return how many files.

        Raises StoreError; what was not renamed then stays invisible.
        """
        with self._lock:
            staged, self._staged = self._staged, []
        if not staged:
            return 0
        try:
            _flush(self.path)
            for place, temporary in staged:
                os.replace(temporary, place)
        except OSError as error:
            raise _disk_error(self.path, error) from error
        return len(staged)

    def hand_over(self) -> list[tuple[str, str]]:
        """Give up what was staged: the folder of another process commits it."""
        with self._lock:
            staged, self._staged = self._staged, []
        return staged

    def take_over(self, staged: list[tuple[str, str]]) -> None:
        """Commit with ours what the folder of another process has staged."""
        with self._lock:
            self._staged += staged

    def discard(self) -> None:
        """Drop what was staged, and what a killed run left a day ago or more."""
        with self._lock:
            staged, self._staged = self._staged, []
        for _place, temporary in staged:
            Path(temporary).unlink(missing_ok=True)
        oldest = time.time() - LEFT_OVER_AFTER
        for entry in os.scandir(self.path):
            if entry.name.startswith(TEMPORARY) and _written(entry) < oldest:
                Path(entry.path).unlink(missing_ok=True)

    def trash(self, name: str, key: str) -> bool:
        """Move a file to the trash under `key`; False if it was not there."""
        return self._move(self.path_of(name), self._trashed(key))

    def restore(self, key: str, name: str) -> bool:
        """Bring a file back from the trash; False if it is not in the trash.

        Raises StoreError if a file of that name is there again.
        """
        path = self.path_of(name)
        if path.exists():
            raise StoreError(
                f"Did not restore {name}: a file of that name is there again."
            )
        return self._move(self._trashed(key), path)

    def has_trashed(self, key: str) -> bool:
        """Tell whether a file is in the trash under `key`."""
        return self._trashed(key).exists()

    def forget(self, key: str) -> None:
        """Delete a file from the trash for good."""
        self._trashed(key).unlink(missing_ok=True)

    def names(self) -> list[str]:
        """Return the names of the published files, sorted; no others are looked at."""
        names = (entry.name for entry in os.scandir(self.path))
        return sorted(name for name in names if is_record_name(name))

    def _trashed(self, key: str) -> Path:
        _check(key)
        return self._trash / key

    def _move(self, source: Path, target: Path) -> bool:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(source, target)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _disk_error(target, error) from error
        return True


def is_record_name(name: str) -> bool:
    """Return whether the store could have written a file of that name."""
    try:
        _check(name)
    except StoreError:
        return False
    return name.endswith(".xml")


def _check(name: str) -> None:
    """Refuse what is not one plain path component (NetBox has the same guard)."""
    if not name or name.startswith(".") or _UNFIT.search(name):
        raise StoreError(
            f"Refused the name {name!r}: it must be one plain file name, without "
            "slashes, control characters or a leading dot."
        )
    if len(name.encode("utf-8", "surrogatepass")) > 255:
        raise StoreError(f"Refused the name {name[:60]!r}…: longer than 255 bytes.")


def _written(entry: os.DirEntry[str]) -> float:
    """When a file was written; never, if another run has just renamed it."""
    try:
        return entry.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _holds(path: str, data: bytes) -> int | None:
    """Return when the file was written (ns) if it holds just `data`."""
    try:
        os.stat(path)  # tells sooner than `open` that there is none, as most often
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            same = status.st_size == len(data) and file.read() == data
            return status.st_mtime_ns if same else None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _disk_error(path, error) from error


def _disk_error(path: Path | str, error: OSError) -> DiskError:
    reason = error.strerror or str(error)
    return DiskError(
        f"Could not write {path}: {reason}. Check the disk, and who may write to "
        "that folder."
    )


_syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)


def _flush(folder: Path) -> None:
    """Put all of the folder's file system on the disk: 1 call a batch, not a file."""
    if _syncfs is None:  # not Linux
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if _syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        os.close(descriptor)
