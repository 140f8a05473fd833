"""Adopts the files of the old central WAF: as they are, with their dates.

In OUTPUT_DIR itself they stay where they are; those of another folder are copied, so
that the old site stays whole. Nothing outside that folder is ever read.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from django.conf import settings

from harvests.moving.report import Report
from harvests.pipeline import iso
from harvests.pipeline.errors import ReadError, StoreError
from harvests.pipeline.store import Folder, Store, Stored, is_record_name

KIND: Final = "files"


class FilesError(Exception):
    """The old WAF cannot be read: why."""


class _UnfitFileError(Exception):
    """A file cannot be adopted; the text says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A record's file: in which folders it may be, its name, the MD5 of its source."""

    folders: tuple[str, ...]
    name: str
    md5: str


class OldFiles:
    """The folder of the old WAF: `root`, or OUTPUT_DIR where none is given."""

    def __init__(self, root: Path | None, report: Report, *, dry_run: bool) -> None:
        self._is_given = root is not None
        self._root = (root or settings.OUTPUT_DIR).resolve()
        self._report = report
        self._dry_run = dry_run
        self._is_ours = self._root == Path(settings.OUTPUT_DIR).resolve()
        self._folders: dict[str, Path | None] = {}
        self._moved: dict[str, list[str]] = {}
        if self._is_given:
            _check(self._root)

    def adopt(self, wish: Wish, into: str, folder: Folder | None) -> Stored | None:
        """Return the file as it will be in our folder, None if there is none to adopt.

        Staged only where it is not there yet: the caller commits the folder, which is
        None on a dry run. Raises StoreError.
        """
        for name in wish.folders:
            try:
                found = self._read(name, wish.name)
                if found is None:
                    continue
                _check_content(found[0], wish)
            except _UnfitFileError as error:
                why = f"{error} The next harvest publishes the record anew."
                self._report.leave(KIND, f"file {self._root / name / wish.name}", why)
                return None
            self._report.taken[KIND] += 1
            self._tell_moved(name, into)
            return self._stored(found, wish.name, folder, in_place=name == into)
        if self._is_given:
            why = "it is not there. The next harvest publishes the record anew."
            path = self._root / (*wish.folders, "")[0] / wish.name
            self._report.leave(KIND, f"file {path}", why)
        return None

    def strangers(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the folders of the old WAF, and the names of the files in each."""
        names = sorted(os.listdir(self._root)) if self._is_given else []
        for name in names:
            folder = self._folder(name)
            if folder is not None and folder.is_dir():
                files = (entry.name for entry in os.scandir(folder))
                yield name, sorted(file for file in files if is_record_name(file))

    def taken_to(self, folder: str) -> list[str]:
        """Return the folders here that a folder's files went to."""
        return [folder, *self._moved.get(folder, [])]

    def path_of(self, folder: str, name: str) -> Path:
        return self._root / folder / name

    def _read(self, folder: str, name: str) -> tuple[bytes, int] | None:
        """Return what a file holds, and when it was written (ns); None if none is."""
        place = self._folder(folder)
        if place is None:
            return None
        try:
            with open(place / name, "rb", opener=_open) as file:
                return _content(file), os.fstat(file.fileno()).st_mtime_ns
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _UnfitFileError(f"it cannot be read: {error.strerror}.") from error

    def _folder(self, name: str) -> Path | None:
        """Return a folder of the old WAF, None if name or link leads out of it."""
        if name not in self._folders:
            self._folders[name] = self._looked_up(name)
        return self._folders[name]

    def _looked_up(self, name: str) -> Path | None:
        try:
            for part in name.split("/"):  # the predecessor let names have them
                Store.check_name(part)
        except StoreError:
            return None
        path = (self._root / name).resolve()
        return path if path.is_relative_to(self._root) else None

    def _stored(
        self,
        found: tuple[bytes, int],
        name: str,
        folder: Folder | None,
        *,
        in_place: bool,
    ) -> Stored:
        data, written = found
        if folder is None or (self._is_ours and in_place):
            digest = hashlib.sha256(data).hexdigest()
            return Stored(digest, len(data), written, written=False)
        return folder.stage(name, data, written=written)

    def _tell_moved(self, name: str, into: str) -> None:
        if into in self.taken_to(name):
            return
        self._moved.setdefault(name, []).append(into)
        self._report.note(
            f"files of folder “{name}” are in “{into}” now, for so is their "
            "organization called: catalogues know them by another address."
        )


def _check(root: Path) -> None:
    if not root.is_dir():
        raise FilesError(f"{root} is no folder: give that of the old central WAF.")
    try:
        os.scandir(root).close()
    except OSError as error:
        raise FilesError(
            f"{root} cannot be read ({error.strerror}): run this as a user who may."
        ) from error


def _open(path: str, flags: int) -> int:
    """Follow no link, which may lead anywhere; wait for no pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _content(file: IO[bytes]) -> bytes:
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise _UnfitFileError("it is no ordinary file.")
    if status.st_size > settings.MAX_RECORD_BYTES:
        raise _UnfitFileError("it is larger than MAX_RECORD_BYTES.")
    return file.read()


def _check_content(data: bytes, wish: Wish) -> None:
    """Refuse what is not the record: the predecessor kept error pages, too."""
    if hashlib.md5(data, usedforsecurity=False).hexdigest() == wish.md5:
        return
    try:
        iso.read(data)
    except ReadError as error:
        raise _UnfitFileError(f"it holds no record. {error}") from error
