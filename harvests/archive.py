"""A folder of the central WAF as a zip archive, made while it is sent.

The standard library writes it. What it keeps of each file until the end, 600 bytes,
goes to a temporary file: the memory is that of one document, however many there are.
"""

import pickle
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Final, cast

from django.conf import settings

from harvests.pipeline.store import is_record_name

IN_MEMORY: Final = 1_000_000  # bytes, before they go to the disk
BLOCK: Final = 65_536  # bytes that go out at once
LEVEL: Final = 1  # XML: a tenth is left, at three times the speed of level 6
OLDEST: Final = (1980, 1, 1, 0, 0, 0)  # that the format knows
NEWEST: Final = (2107, 12, 31, 23, 59, 58)


def of_folder(organization: str, names: Iterable[str]) -> Iterator[bytes]:
    """Yield the archive of these files. One that is not to be read is left out."""
    folder: Path = settings.OUTPUT_DIR / organization
    with _spool() as written, _spool() as noted:
        sink = _Sink(written)
        with zipfile.ZipFile(cast(IO[bytes], sink), "w") as archive:
            archive.filelist, archive.NameToInfo = _Contents(noted), _Nothing()
            for name in filter(is_record_name, names):
                _add(archive, folder / name)
                if sink.size >= BLOCK:
                    yield from sink.taken()
        yield from sink.taken()


def _add(archive: zipfile.ZipFile, path: Path) -> None:
    try:
        data, written = path.read_bytes(), path.stat().st_mtime
    except OSError:
        return
    date = min(NEWEST, max(OLDEST, time.gmtime(max(0, written))[:6]))
    member = zipfile.ZipInfo(f"{path.parent.name}/{path.name}", date)
    archive.writestr(member, data, zipfile.ZIP_DEFLATED, LEVEL)


def _spool() -> IO[bytes]:
    return cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY))


class _Sink:
    """Takes what an archive writes; it cannot be wound back, so no `tell` or `seek`."""

    def __init__(self, file: IO[bytes]) -> None:
        self.size = 0
        self._file = file

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Do nothing: it is the archive's habit to ask."""

    def taken(self) -> Iterator[bytes]:
        self._file.seek(0)
        while block := self._file.read(BLOCK):
            yield block
        self._file.seek(0)
        self._file.truncate()
        self.size = 0


class _Contents(list[zipfile.ZipInfo]):
    """What is in an archive, kept on the disk."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, info: zipfile.ZipInfo) -> None:
        pickle.dump(info, self._file)
        self._count += 1

    def __iter__(self) -> Iterator[zipfile.ZipInfo]:
        self._file.seek(0)
        for _number in range(self._count):
            yield pickle.load(self._file)  # noqa: S301 - what we wrote


class _Nothing(dict[str, zipfile.ZipInfo]):
    """Remembers no names: those of one folder are different."""

    def __setitem__(self, name: str, info: zipfile.ZipInfo) -> None:
        """Forget it."""
