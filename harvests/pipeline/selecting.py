"""Lets through the records that a source's patterns ask for."""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from harvests.pipeline.types import RemoteRecord, Selection


class Sieve:
    """`wanted` passes records on; `dropped` counts those that it does not."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self.dropped = 0

    def wanted(self, records: Iterable[RemoteRecord]) -> Iterator[RemoteRecord]:
        for record in records:
            if is_wanted(record, self._selection):
                yield record
            else:
                self.dropped += 1


def is_wanted(record: RemoteRecord, selection: Selection) -> bool:
    """Tell whether an include pattern (if there are any) and no exclude one matches."""
    if selection.include and not _matches(record, selection.include):
        return False
    return not _matches(record, selection.exclude)


def _matches(record: RemoteRecord, patterns: Sequence[str]) -> bool:
    if not patterns:
        return False
    path = unquote(urlsplit(record.url).path)
    names = (PurePosixPath(path).name, PurePosixPath(record.name).stem)
    return any(
        fnmatchcase(text, pattern)
        for pattern in patterns
        for text in ((record.url, unquote(record.url)) if "/" in pattern else names)
    )
