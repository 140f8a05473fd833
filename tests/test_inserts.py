"""Rows that are stored together say what they would say if stored one by one."""

import datetime as dt

import pytest
from django.db import IntegrityError
from django.utils.functional import lazystr

from harvests.models import HarvestRecord, PublishedName
from harvests.pipeline.types import Result

pytestmark = pytest.mark.django_db
OWN = {"id", "url", "words"}
NOW = dt.datetime(2026, 12, 1, 4, 30, tzinfo=dt.UTC)
VALUES = {
    "title": lazystr("Sea ice"),
    "description": "100 % é 海",
    "services": [{"service_type": "WMS"}],
    "file_id": None,
    "hash_val": Result.ADDED,  # a text, of a class of its own
    "size": True,
    "error_count": "3",
    "file_mtime": 1_764_563_400_000_000_000,
    "failure": None,
    "missing_since": NOW,
    "restored": True,
}


def stored(source, *rows: HarvestRecord) -> list[dict]:
    """The rows as the database has them, but for what no two have in common."""
    HarvestRecord.objects.bulk_create(rows)
    found = [HarvestRecord.objects.filter(pk=row.pk).values().get() for row in rows]
    return [{k: v for k, v in row.items() if k not in OWN} for row in found]


def test_many_say_what_one_says(good):
    made = [
        HarvestRecord(source=good, url=f"http://x/{n}", update_time=NOW, **VALUES)
        for n in range(3)
    ]
    (alone,) = stored(good, made[0])
    assert stored(good, *made[1:]) == [alone, alone]
    assert (alone["title"], alone["error_count"], alone["trouble"]) == ("Sea ice", 3, 3)
    words = good.records.order_by("url").values_list("words", flat=True)
    assert list(words) == [f"sea ice\n\nhttp://x/{n}\n" for n in range(3)]


def test_what_is_there_already_is_refused(good):
    PublishedName.objects.create(id="Org/a.xml", source=good, url="http://x/a")
    made = [
        PublishedName(id=f"Org/{name}.xml", source=good, url="http://x/b")
        for name in ("b", "a")
    ]
    with pytest.raises(IntegrityError):
        PublishedName.objects.bulk_create(made)
