"""Removed records: brought back, or forgotten after TRASH_DAYS."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from harvests import causes, conf
from harvests.models import HarvestRecord, PublishedName, TrashedRecord
from harvests.pipeline.errors import StoreError

DATES = ("update_time", "listed", "missing_since")


def restore(item: TrashedRecord) -> HarvestRecord:
    """Bring a record back: file first, then row; return the row.

    It stays until its source lists it again, or a person no longer keeps it.
    Raises StoreError if it is there again, or its file is not in the trash.
    """
    if HarvestRecord.objects.filter(source=item.source, url=item.url).exists():
        raise StoreError(f"Did not restore {item.url}: the source has it again.")
    folder = conf.store().folder(item.source.organization_id)
    name_id = f"{item.source.organization_id}/{item.file_name}"
    claim, _new = PublishedName.objects.get_or_create(
        pk=name_id, defaults={"source": item.source, "url": item.url}
    )
    if (claim.source_id, claim.url) != (item.source_id, item.url):
        raise StoreError(
            f"Did not restore {item.file_name}: another source publishes that name now."
        )
    there = folder.restore(item.pk, item.file_name)
    if not there:
        claim.delete()
        raise StoreError(f"Did not restore {item.url}: its file left the trash.")
    record = HarvestRecord(source=item.source, restored=True, **_fields(item.row))
    record.save(force_insert=True)
    causes.count_restored(record)
    item.delete()
    return record


def empty_old() -> int:
    """Delete what was removed more than TRASH_DAYS ago; return how many."""
    before = timezone.now() - dt.timedelta(days=settings.TRASH_DAYS)
    old = TrashedRecord.objects.filter(removed_at__lt=before).select_related("source")
    count = 0
    for item in list(old):
        conf.store().folder(item.source.organization_id).forget(item.pk)
        item.delete()
        count += 1
    return count


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    fields = {k: v for k, v in row.items() if k not in {"source", "restored"}}
    for name in DATES:
        fields[name] = parse_datetime(fields[name]) if fields.get(name) else None
    return {**fields, "missing_since": timezone.now()}
