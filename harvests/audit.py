"""Compares the rows with the files in the store, and mends the difference."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harvests import conf
from harvests.models import (
    HarvestJob,
    HarvestRecord,
    Organization,
    PublishedName,
    TrashedRecord,
    new_key,
)
from harvests.pipeline.errors import StoreError
from harvests.pipeline.store import Folder, is_record_name

CHUNK: Final = 1000
LONGEST_NAME: Final = 255  # bytes, on most disks
MISSING: Final = "missing"
DIFFERENT: Final = "different"
ORPHAN: Final = "orphan"
REMOVED: Final = "removed"
UNFIT: Final = "unfit"


@dataclass(frozen=True, slots=True)
class Difference:
    """A file and its row do not agree; `mended` says what was done about it."""

    kind: str
    path: Path
    message: str
    mended: str = ""


def check_store(*, fix: bool = False) -> Iterator[Difference]:
    """Yield what differs, organization by organization.

    `fix` makes the next harvest fetch anew what is missing or different, moves files
    of removed records to the trash, and moves other files without a row to
    `.trash/<organization>/orphan-<key>-<name>`. No file is deleted.
    """
    store = conf.store()
    for organization in Organization.objects.all():
        try:
            folder = store.folder(organization.name)
        except StoreError as error:
            yield Difference(UNFIT, store.root / organization.name, str(error))
            continue
        try:
            yield from _check_rows(organization, folder, fix=fix)
            yield from _check_files(organization, folder, fix=fix)
        except OSError as error:
            message = f"{folder.path} cannot be read: {error.strerror or error}"
            yield Difference(UNFIT, folder.path, message)


def _check_rows(
    organization: Organization, folder: Folder, *, fix: bool
) -> Iterator[Difference]:
    last = ""
    published = HarvestRecord.objects.filter(
        source__in=list(organization.sources.values_list("pk", flat=True))
    ).exclude(file_name="")
    while True:
        rows = list(
            published.filter(pk__gt=last)
            .order_by("pk")
            .only("file_name", "sha256", "url")[:CHUNK]
        )
        if not rows:
            return
        found = [(row, _what_is_wrong(row, folder)) for row in rows]
        wrong = [(row, kind) for row, kind in found if kind]
        mended = _refetch([row for row, _kind in wrong]) if fix else ""
        for row, kind in wrong:
            path = folder.path / row.file_name
            message = f"{path} is {kind}; it was published from {row.url}"
            yield Difference(kind, path, message, mended)
        last = rows[-1].pk


def _what_is_wrong(row: HarvestRecord, folder: Folder) -> str:
    try:
        data = folder.path_of(row.file_name).read_bytes()
    except (FileNotFoundError, StoreError):  # or a name that we never write
        return MISSING
    same = not row.sha256 or hashlib.sha256(data).hexdigest() == row.sha256
    return "" if same else DIFFERENT


def _refetch(rows: list[HarvestRecord]) -> str:
    """Forget the revision: the next harvest then asks unconditionally and stores."""
    keys = [row.pk for row in rows]
    HarvestRecord.objects.filter(pk__in=keys).update(revision="", hash_val="")
    return "will be fetched anew by the next harvest of its source"


def _check_files(
    organization: Organization, folder: Folder, *, fix: bool
) -> Iterator[Difference]:
    yield from _unfit(folder)
    busy = _busy()
    names = folder.names()
    for start in range(0, len(names), CHUNK):
        chunk = names[start : start + CHUNK]
        ids = {f"{organization.name}/{name}": name for name in chunk}
        claimed = PublishedName.objects.filter(pk__in=ids)
        sources = dict(claimed.values_list("pk", "source_id"))
        rows = HarvestRecord.objects.filter(
            source__in=set(sources.values()), file_name__in=chunk
        )
        there = {(s, n) for s, n in rows.values_list("source_id", "file_name")}
        busy |= _busy()
        for key, name in ids.items():
            source = sources.get(key)
            if (source, name) not in there and not _is_awaited(source, name, busy):
                yield _mend_orphan(folder, name, source, fix=fix)


def _busy() -> set[str]:
    """Sources being harvested: their files come before their rows."""
    return set(HarvestJob.objects.active().values_list("source_id", flat=True))


def _is_awaited(source: str | None, name: str, busy: set[str]) -> bool:
    """Whether a file without a row has, or is about to have one."""
    rows = HarvestRecord.objects.filter(source=source, file_name=name)
    return source in busy or (source is not None and rows.exists())


def _mend_orphan(
    folder: Folder, name: str, source: str | None, *, fix: bool
) -> Difference:
    path = folder.path_of(name)
    item = (
        TrashedRecord.objects.filter(source=source, file_name=name).first()
        if source
        else None
    )
    if item is None:
        message = f"{path} has no record: no source publishes it"
        key, kind, where = _orphan_key(name), ORPHAN, "moved to the trash"
    else:
        message = f"{path} belongs to a record that was removed"
        key, kind, where = item.pk, REMOVED, "moved to the trash, can be restored"
    if not fix:
        return Difference(kind, path, message)
    try:
        folder.trash(name, key)
    except StoreError as error:
        return Difference(kind, path, str(error))
    return Difference(kind, path, message, where)


def _orphan_key(name: str) -> str:
    """Return a name in the trash that no other file has, and that a disk takes."""
    key = f"orphan-{new_key()}-{name}"
    return key.encode()[:LONGEST_NAME].decode(errors="ignore")


def _unfit(folder: Folder) -> Iterator[Difference]:
    """Yield the files that nobody can ask for, because of their names."""
    for name in sorted(os.listdir(folder.path)):
        ours = name.startswith(".") or not name.endswith(".xml")
        if not ours and not is_record_name(name):
            path = folder.path / name
            message = f"{name!r} in {folder.path} has a name that is not served"
            yield Difference(UNFIT, path, f"{message}: rename it or move it away")
