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
ABSENT: Final = "it is not there."


class FilesError(Exception):
    """The old WAF cannot be read: why."""


class UnfitFileError(Exception):
    """A file cannot be adopted; the text says why."""


class ForeignFileError(Exception):
    """A file holds another record: its name is not to be kept."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A record's file: in which folders it may be, and its name.

    By the MD5 of its source or its identifier ("" if unknown) it is known again.
    """

    folders: tuple[str, ...]
    name: str
    md5: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the old WAF that can be adopted; `folder` is its name there."""

    folder: str
    path: Path
    stored: Stored


class OldFiles:
    """The folder of the old WAF: `root`, or OUTPUT_DIR where none is given."""

    def __init__(self, root: Path | None, report: Report) -> None:
        self._is_given = root is not None
        self._root = (root or settings.OUTPUT_DIR).resolve()
        self._report = report
        self._is_ours = self._root == Path(settings.OUTPUT_DIR).resolve()
        self._folders: dict[str, Path | None] = {}
        self._moved: dict[str, list[str]] = {}
        if self._is_given:
            _check(self._root)

    def look(self, wish: Wish) -> Found | None:
        """Return a record's file, None if there is none.

        Raises UnfitFileError and ForeignFileError.
        """
        for name in wish.folders:
            place = self._folder(name)
            content = _read(place / wish.name) if place else None
            if place and content:
                data, mtime = content
                _check_content(data, wish)
                digest = hashlib.sha256(data).hexdigest()
                stored = Stored(digest, len(data), mtime, written=False)
                return Found(name, place / wish.name, stored)
        return None

    def leave(self, wish: Wish, why: str) -> None:
        """Say that a file was not adopted; of files that nobody promised, nothing."""
        if self._is_given or why != ABSENT:
            path = self._root / (*wish.folders, "")[0] / wish.name
            why = f"{why} The next harvest publishes the record anew."
            self._report.leave(KIND, f"file {path}", why)

    def take(self, found: Found, into: str, folder: Folder | None) -> Stored | None:
        """Return the file as it will be in our folder, None if it is gone.

        Staged only where it is not there yet: the caller commits the folder, which is
        None on a dry run. Raises StoreError.
        """
        self._tell_moved(found.folder, into)
        stored: Stored | None = found.stored
        if folder is not None and not (self._is_ours and found.folder == into):
            content = _read(found.path)
            stored = content and folder.stage(
                found.path.name, content[0], written=content[1]
            )
        self._report.taken[KIND] += stored is not None
        return stored

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


def _read(path: Path) -> tuple[bytes, int] | None:
    """Return what a file holds, and when it was written (ns); None if there is none.

    Raises UnfitFileError.
    """
    try:
        with open(path, "rb", opener=_open) as file:
            return _content(file), os.fstat(file.fileno()).st_mtime_ns
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnfitFileError(f"it cannot be read: {error.strerror}.") from error


def _open(path: str, flags: int) -> int:
    """Follow no link, which may lead anywhere; wait for no pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _content(file: IO[bytes]) -> bytes:
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise UnfitFileError("it is no ordinary file.")
    if status.st_size > settings.MAX_RECORD_BYTES:
        raise UnfitFileError("it is larger than MAX_RECORD_BYTES.")
    return file.read()


def _check_content(data: bytes, wish: Wish) -> None:
    """Refuse what is not the record: the predecessor kept error pages, too."""
    if hashlib.md5(data, usedforsecurity=False).hexdigest() == wish.md5:
        return
    try:
        found = iso.read(data).metadata.identifier
    except ReadError as error:
        raise UnfitFileError(f"it holds no record. {error}") from error
    if wish.identifier and found.split() != wish.identifier.split():
        raise ForeignFileError
