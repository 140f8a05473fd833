"""Deletes a source with all that came from it: records, files, trash, jobs.

Each step can be cut short and done again: rows go before the files they claim, names
of files after the files, the source last.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from harvests import conf
from harvests.models import (
    HarvestJob,
    HarvestRecord,
    HarvestSource,
    JobStatus,
    PublishedName,
    TrashedRecord,
)
from harvests.pipeline.errors import StoreError
from harvests.pipeline.store import Folder, Store

logger = logging.getLogger(__name__)

CHUNK: Final = 500
STAGE: Final = "delete"
DELETING: Final = "This source is being deleted."


def take_slot(source: HarvestSource) -> HarvestJob:
    """Return the running job that keeps harvests away from the source meanwhile.

    Raises JobAlreadyActiveError while the source is harvested.
    """
    mine = source.jobs.active().filter(stage=STAGE).first()
    if mine:
        return mine
    now = timezone.now()
    return HarvestJob.objects.start_for(
        source,
        status=JobStatus.RUNNING,
        stage=STAGE,
        started=now,
        heartbeat=now,
        num_records=source.records.count(),
    )


def delete(source: HarvestSource, job: HarvestJob, go_on: Callable[[int], bool]) -> int:
    """Delete the source; return how many records went.

    `go_on(count)` is asked after each chunk and stops it by returning False: what is
    deleted by then is gone, the rest stays. Raises StoreError.
    """
    folder = conf.store().folder(source.organization_id)
    count = 0
    for rows in _chunks(source.records.values_list("pk", "file_name")):
        HarvestRecord.objects.filter(pk__in=[pk for pk, _name in rows]).delete()
        _delete_files(source, folder, [name for _pk, name in rows if name])
        count += len(rows)
        if not go_on(count):
            return count
    for ids in _chunks(source.names.values_list("pk", flat=True)):
        for place in ids:
            _delete_claimed(place)
        PublishedName.objects.filter(pk__in=ids).delete()
    for keys in _chunks(source.trash.values_list("pk", flat=True)):
        for key in keys:
            folder.forget(key)
        TrashedRecord.objects.filter(pk__in=keys).delete()
    for keys in _chunks(source.jobs.exclude(pk=job.pk).values_list("pk", flat=True)):
        HarvestJob.objects.filter(pk__in=keys).delete()
    source.delete()
    return count


def _chunks(rows: QuerySet) -> Iterator[list[Any]]:
    """Yield rows that the caller deletes, until none are left."""
    while chunk := list(rows[:CHUNK]):
        yield chunk


def _delete_files(source: HarvestSource, folder: Folder, names: list[str]) -> None:
    """Delete files of the source and give up their names; a retry finds the rest."""
    ids = {f"{source.organization_id}/{name}": name for name in names}
    claims = PublishedName.objects.filter(pk__in=ids)
    others = set(claims.exclude(source=source).values_list("pk", flat=True))
    for key, name in ids.items():
        if key not in others:
            _delete_file(folder, name)
    PublishedName.objects.filter(pk__in=ids, source=source).delete()


def _delete_claimed(place: str) -> None:
    """Delete the file at "folder/name"; the folder need not be the source's now."""
    folder, _slash, name = place.partition("/")
    try:
        Store.check_name(folder)
    except StoreError as error:
        logger.warning("Left alone: %s", error)
        return
    _delete_file(conf.store().folder(folder), name)


def _delete_file(folder: Folder, name: str) -> None:
    try:
        folder.path_of(name)
    except StoreError as error:  # a name that we would never have written
        logger.warning("Left alone: %s", error)
        return
    folder.trash(name, name)
    folder.forget(name)
