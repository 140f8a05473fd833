"""Compares the rows with the files in the store, and mends the difference."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db.models import QuerySet

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
from harvests.pipeline.store import TRASH, Folder, Store, is_record_name

CHUNK: Final = 1000
LONGEST_NAME: Final = 255  # bytes, on most disks
MISSING: Final = "missing"
DIFFERENT: Final = "different"
ORPHAN: Final = "orphan"
UNCLAIMED: Final = "unclaimed"
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

    `fix` makes the next harvest fetch anew what is missing or different, reserves names
    anew, moves files of removed records to the trash, and moves other files without a
    row to `.trash/<organization>/orphan-<key>-<name>`. No file is deleted.
    """
    store = conf.store()
    organizations = list(Organization.objects.all())
    yield from _strangers(store, {organization.name for organization in organizations})
    for organization in organizations:
        try:
            folder = store.folder(organization.name)
        except StoreError as error:
            yield Difference(UNFIT, store.root / organization.name, str(error))
            continue
        try:
            yield from _check_rows(organization, folder, fix=fix)
            yield from _check_files(organization, folder, fix=fix)
            yield from _check_names(organization, folder, fix=fix)
        except OSError as error:
            message = f"{folder.path} cannot be read: {error.strerror or error}"
            yield Difference(UNFIT, folder.path, message)


def _strangers(store: Store, known: set[str]) -> Iterator[Difference]:
    """Yield the folders that are served and belong to no organization."""
    places = os.scandir(store.root) if store.root.is_dir() else ()
    for name in sorted(place.name for place in places if place.is_dir()):
        if name not in known and not name.startswith("."):
            message = (
                f"{name!r} in {store.root} is served, but no organization has that "
                "name: move it away, or add the organization"
            )
            yield Difference(UNFIT, store.root / name, message)


def _published(organization: Organization) -> QuerySet[HarvestRecord]:
    sources = list(organization.sources.values_list("pk", flat=True))
    return HarvestRecord.objects.filter(source__in=sources).exclude(file_name="")


def _chunks(organization: Organization, *fields: str) -> Iterator[list[HarvestRecord]]:
    """Yield the published rows of an organization, with these fields only."""
    last = ""
    published = _published(organization).order_by("pk").only(*fields)
    while rows := list(published.filter(pk__gt=last)[:CHUNK]):
        yield rows
        last = rows[-1].pk


def _check_rows(
    organization: Organization, folder: Folder, *, fix: bool
) -> Iterator[Difference]:
    for rows in _chunks(organization, "file_name", "sha256", "source", "url"):
        busy = _busy()
        found = [(row, _what_is_wrong(row, folder)) for row in rows]
        busy |= _busy()
        quiet = [(row, kind) for row, kind in found if row.source_id not in busy]
        wrong = [(row, kind) for row, kind in quiet if kind]
        mended = _refetch([row for row, _kind in wrong]) if fix else ""
        for row, kind in wrong:
            path = folder.path / row.file_name
            message = f"{path} is {kind}; it was published from {row.url}"
            yield Difference(kind, path, message, mended)


def _check_names(
    organization: Organization, folder: Folder, *, fix: bool
) -> Iterator[Difference]:
    """Yield the rows whose file name is not theirs: another source may take it."""
    for rows in _chunks(organization, "file_name", "source", "url", "missing_since"):
        ids = {row.pk: f"{organization.name}/{row.file_name}" for row in rows}
        claims = PublishedName.objects.filter(pk__in=ids.values())
        owners = {claim.pk: (claim.source_id, claim.url) for claim in claims}
        busy = _busy()
        for row in rows:
            owner, mine = owners.get(ids[row.pk]), (row.source_id, row.url)
            is_quiet = row.source_id not in busy and is_record_name(row.file_name)
            if owner != mine and is_quiet:
                yield _mend_name(folder, row, owner, fix=fix)


def _mend_name(
    folder: Folder, row: HarvestRecord, owner: tuple[str, str] | None, *, fix: bool
) -> Difference:
    path = folder.path / row.file_name
    message, mended = f"{path} is published from {row.url}, but its name is ", ""
    if owner is None:
        message += "not reserved"
        if fix:
            name_id = f"{folder.path.name}/{row.file_name}"
            mine = {"source_id": row.source_id, "url": row.url}
            _claim, is_new = PublishedName.objects.get_or_create(mine, pk=name_id)
            mended = "reserved now" * is_new
    else:
        message += f"that of {owner[1]}"
        if fix and row.missing_since is None:  # else no harvest would bring it back
            _refetch([row], file_name="")
            mended = "the next harvest of its source publishes it under another name"
    return Difference(UNCLAIMED, path, message, mended)


def _what_is_wrong(row: HarvestRecord, folder: Folder) -> str:
    try:
        data = folder.path_of(row.file_name).read_bytes()
    except (FileNotFoundError, StoreError):  # or a name that we never write
        return MISSING
    same = not row.sha256 or hashlib.sha256(data).hexdigest() == row.sha256
    return "" if same else DIFFERENT


def _refetch(rows: list[HarvestRecord], **fields: str) -> str:
    """Forget the revision: the next harvest then asks unconditionally and stores."""
    keys = [row.pk for row in rows]
    rows_ = HarvestRecord.objects.filter(pk__in=keys)
    rows_.update(revision="", hash_val="", **fields)
    return "will be fetched anew by the next harvest of its source"


def _check_files(
    organization: Organization, folder: Folder, *, fix: bool
) -> Iterator[Difference]:
    yield from _unfit(folder)
    busy, published = _busy(), _published(organization)
    names = folder.names()
    for start in range(0, len(names), CHUNK):
        chunk = names[start : start + CHUNK]
        ids = {f"{organization.name}/{name}": name for name in chunk}
        claimed = PublishedName.objects.filter(pk__in=ids)
        sources = dict(claimed.values_list("pk", "source_id"))
        rows = published.filter(file_name__in=chunk)
        there = set(rows.values_list("file_name", flat=True))
        busy |= _busy()
        for key, name in ids.items():
            source = sources.get(key)
            is_awaited = name in there or source in busy
            if not (is_awaited or published.filter(file_name=name).exists()):
                yield _mend_orphan(folder, name, source, fix=fix)


def _busy() -> set[str]:
    """Sources being harvested: their files come before their rows."""
    return set(HarvestJob.objects.active().values_list("source_id", flat=True))


def _mend_orphan(
    folder: Folder, name: str, source: str | None, *, fix: bool
) -> Difference:
    path = folder.path_of(name)
    removed = TrashedRecord.objects.filter(source=source, file_name=name)
    items = removed if source else ()
    item = next((item for item in items if not folder.has_trashed(item.pk)), None)
    if item is None:
        message = f"{path} has no record: no source publishes it"
        key, kind = _orphan_key(name), ORPHAN
        where = f"moved to {TRASH}/{folder.path.name}/{key}"
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
