"""The ledger of a source in the database. Implements `pipeline.ledger.Ledger`."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import IntegrityError
from django.db.models import F
from django.forms.models import model_to_dict
from django.utils import timezone

from harvests import duplicates, rows
from harvests.causes import Census
from harvests.models import (
    HarvestRecord,
    HarvestSource,
    PublishedName,
    TrashedRecord,
    new_key,
)
from harvests.models.records import FAILED
from harvests.pipeline.names import alternative
from harvests.pipeline.rivals import Rival
from harvests.pipeline.store import Folder
from harvests.pipeline.types import (
    Known,
    Outcome,
    Result,
    Stage,
)

CHUNK = 1000
KNOWN = (
    *("url", "file_name", "hash_val", "etag", "last_modified", "metadata_date"),
    *("revision", "error_count", "missing_since", "restored", "file_mtime", "failure"),
)
_OwnersOf = Callable[[Mapping[str, str]], dict[str, tuple[str, str]]]


class SourceMemory:
    """What the database knows of a source. Implements `pipeline.ledger.Memory`."""

    def __init__(self, source: HarvestSource) -> None:
        self._source = source
        self._failed: set[str] = set()

    def look_up(self, urls: Sequence[str]) -> Mapping[str, Known]:
        chunk = self._records().filter(url__in=urls).values_list(*KNOWN)
        found = {}
        for row in chunk:
            found[row[0]] = _known(row)
            if row[-1]:
                self._failed.add(row[0])
        return found

    def all_known(self) -> Iterator[Sequence[Known]]:
        last = ""
        while True:
            query = self._records().filter(url__gt=last).order_by("url")
            chunk = list(query.values_list(*KNOWN)[:CHUNK])
            if not chunk:
                return
            yield [_known(row) for row in chunk]
            last = chunk[-1][0]

    def foretell(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        """Return the names that `claim` would grant now; nothing is claimed."""
        return self._granted(wanted, self._expected)

    def rivals(self, wanted: Mapping[str, str]) -> Mapping[str, Rival]:
        """Return who else has the identifiers (url → identifier), in any source."""
        return duplicates.rivals(wanted, self._source.pk)

    def _granted(
        self, wanted: Mapping[str, str], owners_of: _OwnersOf
    ) -> dict[str, str]:
        granted: dict[str, str] = {}
        open_ = dict(wanted)
        while open_:
            owners = owners_of(open_)
            mine = {u: n for u, n in open_.items() if owners[n] == self._me(u)}
            granted |= mine
            open_ = {
                url: alternative(name, self._source.pk, url)
                for url, name in open_.items()
                if url not in mine
            }
        return granted

    def _expected(self, wanted: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        """Return name → (source, url) of its owner, or of who would be it."""
        first = {name: self._me(url) for url, name in reversed(wanted.items())}
        return {**first, **self._owned(first)}

    def _owned(self, names: Iterable[str]) -> dict[str, tuple[str, str]]:
        ids = {self._name_id(name): name for name in names}
        chunk = PublishedName.objects.filter(pk__in=ids)
        return {
            ids[pk]: (source, url)
            for pk, source, url in chunk.values_list("pk", "source_id", "url")
        }

    def _records(self) -> Any:
        return HarvestRecord.objects.filter(source=self._source)

    def _me(self, url: str) -> tuple[str, str]:
        return (self._source.pk, url)

    def _name_id(self, name: str) -> str:
        return f"{self._source.organization_id}/{name}"


class DatabaseLedger(SourceMemory):
    """Remembers the records of one source; used by one job at a time."""

    def __init__(self, source: HarvestSource, folder: Folder) -> None:
        super().__init__(source)
        self._folder = folder

    def claim(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        return self._granted(wanted, self._owners)

    def save(self, outcomes: Sequence[Outcome]) -> None:
        written = [o for o in outcomes if o.metadata or o.result is Result.FAILED]
        keys = self._keys([outcome.url for outcome in written])
        made = {o.url: self._row(o, keys.get(o.url)) for o in written}
        new = [row for url, row in made.items() if url not in keys]
        HarvestRecord.objects.bulk_create(new, batch_size=CHUNK)
        self._update([o for o in written if o.url in keys], made)
        self._refresh([o for o in outcomes if o.result is Result.UNCHANGED])

    def found_again(self, urls: Sequence[str]) -> None:
        found = self._records().filter(url__in=urls)
        found.update(missing_since=None, restored=False)

    def hold(self, records: Sequence[Known]) -> None:
        urls = [record.url for record in records]
        fresh = self._records().filter(url__in=urls, missing_since=None)
        fresh.update(missing_since=timezone.now())

    def remove(self, records: Sequence[Known]) -> Mapping[str, str]:
        going = self._records().filter(url__in=[record.url for record in records])
        chunk = list(going)
        self._give_up_names([row.url for row in chunk if not row.file_name])
        trash = [_trashed(row) for row in chunk if row.file_name]
        TrashedRecord.objects.bulk_create(trash, batch_size=CHUNK)
        HarvestRecord.objects.filter(pk__in=[row.pk for row in chunk]).delete()
        return {item.file_name: item.pk for item in trash}

    def release(self, keys: Mapping[str, str]) -> None:
        ids = [self._name_id(name) for name in keys]
        PublishedName.objects.filter(pk__in=ids, source=self._source).delete()
        TrashedRecord.objects.filter(pk__in=list(keys.values())).update(moved=True)

    def unfinished(self) -> Mapping[str, str]:
        """Tell by rows and names how far a removal got: no transaction holds it.

        While the row is there, nothing was removed; where the name is no longer ours,
        the file is in the trash, and one in its place is of somebody else.
        """
        trash = TrashedRecord.objects.filter(source=self._source, moved=False)
        left = list(trash.values_list("pk", "file_name", "url"))
        there = self._keys([url for _key, _name, url in left])
        owners = self._owned([name for _key, name, _url in left])
        begun = [key for key, _name, url in left if url in there]
        TrashedRecord.objects.filter(pk__in=begun).delete()
        gone = [(key, name, url) for key, name, url in left if url not in there]
        open_ = {n: k for k, n, url in gone if owners.get(n) == self._me(url)}
        ended = [key for key, _name, _url in gone if key not in open_.values()]
        TrashedRecord.objects.filter(pk__in=ended).update(moved=True)
        return open_

    def _give_up_names(self, urls: Sequence[str]) -> None:
        """Free the names of what was never published: there is no file to go first."""
        if urls:
            names = PublishedName.objects.filter(source=self._source, url__in=urls)
            names.delete()

    def finish(self) -> Iterator[None]:
        """Note whose identifier another record claims too; count all problems."""
        census = Census(self._source)
        last = ""
        while True:
            query = self._records().filter(url__gt=last).order_by("url")
            chunk = list(query.values_list(*_FINISHED)[:CHUNK])
            if not chunk:
                break
            marked = duplicates.mark([row[:3] for row in chunk])
            for key, _identifier, _warnings, causes, _url in chunk:
                census.count(key, marked.get(key, causes))
            yield
            last = chunk[-1][-1]
        census.store()

    def _keys(self, urls: list[str]) -> dict[str, str]:
        found = self._records().filter(url__in=urls) if urls else ()
        return dict(found.values_list("url", "pk")) if urls else {}

    def _owners(self, wanted: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        """Return name → (source, url) of its owner, after claiming the free ones.

        The key is unique in the database: of two jobs, one gets the name.
        """
        names = {name: url for url, name in reversed(wanted.items())}
        while True:
            owners = self._owned(names)
            free = {name: url for name, url in names.items() if name not in owners}
            made = [
                PublishedName(
                    id=self._name_id(name), source_id=self._source.pk, url=url
                )
                for name, url in free.items()
            ]
            try:
                PublishedName.objects.bulk_create(made, batch_size=CHUNK)
            except IntegrityError:
                continue  # another job was faster with one of them: look again
            return {**owners, **{name: self._me(url) for name, url in free.items()}}

    def _row(self, outcome: Outcome, key: str | None) -> HarvestRecord:
        row = HarvestRecord(
            id=key or new_key(), source_id=self._source.pk, url=outcome.url
        )
        if outcome.result is Result.FAILED:
            stage = outcome.stage.value if outcome.stage else ""
            row.failure = {"stage": stage, "message": outcome.message}
            row.trouble = FAILED
            if outcome.metadata:
                rows.describe_content(row, outcome)
            return row
        return rows.describe(row, outcome, self._folder)

    def _update(
        self, outcomes: Sequence[Outcome], made: Mapping[str, HarvestRecord]
    ) -> None:
        groups: dict[tuple[str, ...], list[HarvestRecord]] = {}
        for outcome in outcomes:
            groups.setdefault(_fields(outcome), []).append(made[outcome.url])
        for fields, group in groups.items():
            rows.write(group, fields)

    def _refresh(self, outcomes: Sequence[Outcome]) -> None:
        """Of unchanged records: new validators to send, an old failure to forget."""
        for outcome in outcomes:
            if outcome.metadata or not (outcome.etag or outcome.last_modified):
                continue
            self._records().filter(url=outcome.url).update(
                etag=outcome.etag[:200], last_modified=outcome.last_modified[:40]
            )
        mended = [outcome.url for outcome in outcomes if outcome.url in self._failed]
        if mended:
            found = self._records().filter(url__in=mended)
            found.update(failure=None, trouble=F("error_count"))
            self._failed.difference_update(mended)


_FINISHED = ("pk", "file_id", "warning_count", "causes", "url")


def _known(row: Sequence[Any]) -> Known:
    texts = [value or "" for value in row[:7]]
    if (row[11] or {}).get("stage") == Stage.VALIDATE:
        texts[6] = ""  # its findings are of a newer document than the published one
    return Known(
        *texts,
        has_errors=row[7] > 0,
        missing_since=row[8],
        restored=row[9],
        mtime=row[10],
    )


def _fields(outcome: Outcome) -> tuple[str, ...]:
    if outcome.result is not Result.FAILED:
        return rows.WRITTEN
    return rows.READ if outcome.metadata else ("failure", "trouble")


def _trashed(row: HarvestRecord) -> TrashedRecord:
    return TrashedRecord(
        source_id=row.source_id,
        url=row.url,
        title=row.title,
        file_id=row.file_id or "",
        file_name=row.file_name,
        row=_as_json(row),
    )


def _as_json(row: HarvestRecord) -> dict[str, Any]:
    fields = {**model_to_dict(row), "id": row.pk}
    return {
        name: value.isoformat() if isinstance(value, dt.datetime) else value
        for name, value in fields.items()
    }
