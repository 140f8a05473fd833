"""Pages of big lists come from an index, on both databases."""

import pytest

from harvests.models import HarvestJob, HarvestRecord

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("model", "ordering", "index"),
    [
        (HarvestRecord, "title", "record_title"),
        (HarvestRecord, "-title", "record_title"),
        (HarvestJob, "-date", "job_date"),
    ],
    ids=str,
)
def test_the_newest_or_first_rows_come_from_an_index(model, ordering, index):
    plan = model.objects.order_by(ordering)[:50].explain()
    assert index in plan


def test_columns_of_all_rows_come_from_an_index_too():
    plan = HarvestRecord.objects.order_by("title").values("title", "url").explain()
    assert "record_title" in plan


def test_an_order_that_is_worked_out_is_kept(good):
    for number, title in enumerate(("b", "A", "c")):
        HarvestRecord.objects.create(source=good, url=f"x{number}", title=title)
    rows = HarvestRecord.objects.order_by("source__name", "-title")
    assert [row.title for row in rows] == ["c", "b", "A"]
