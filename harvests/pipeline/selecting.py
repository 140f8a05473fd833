"""Lets through the records that a source's patterns ask for."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from harvests.pipeline.sources.file_names import by_address, by_last_part
from harvests.pipeline.types import RemoteRecord, Selection

LONGEST: Final = 2_000  # characters of a URL, as the database has it
QUOTED: Final = 200


class Sieve:
    """`wanted` passes records on; `dropped` counts those that it does not.

    What is too long for a database to know it by comes with a shorter address.
    """

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self.dropped = 0

    def wanted(self, records: Iterable[RemoteRecord]) -> Iterator[RemoteRecord]:
        for record in records:
            if is_wanted(record, self._selection):
                yield record if len(record.url) <= LONGEST else _shortened(record)
            else:
                self.dropped += 1


def _shortened(record: RemoteRecord) -> RemoteRecord:
    digest = hashlib.sha1(record.url.encode(errors="replace"), usedforsecurity=False)
    url = f"{record.url[:QUOTED]}…#{digest.hexdigest()}"
    problem = (
        f"{record.url[:QUOTED]}… is an address of {len(record.url):,} characters; at "
        f"most {LONGEST:,} can be taken. Ask the provider for a shorter one."
    )
    return RemoteRecord(url, record.name[:QUOTED], problem=problem)


def is_wanted(record: RemoteRecord, selection: Selection) -> bool:
    """Tell whether an include pattern (if there are any) and no exclude one matches."""
    if selection.include and not _matches(record, selection.include):
        return False
    return not _matches(record, selection.exclude)


def _matches(record: RemoteRecord, patterns: Sequence[str]) -> bool:
    if not patterns:
        return False
    names = _names(record)
    return any(
        fnmatchcase(text, pattern)
        for pattern in patterns
        for text in ((record.url, unquote(record.url)) if "/" in pattern else names)
    )


def _names(record: RemoteRecord) -> tuple[str, ...]:
    """Return what people know a record by: its file at the source, else its identifier.

    Its file name here is not it where that is a digest, nor the last part of a
    catalogue's address, which all of its records have in common.
    """
    name = PurePosixPath(unquote(urlsplit(record.url).path)).name
    wished = PurePosixPath(record.name).stem
    if record.name == by_last_part(record.url):
        return (name, wished)
    return (name,) if record.name == by_address(record.url) else (wished,)
