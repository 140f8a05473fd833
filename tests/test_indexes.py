"""Pages of big lists come from an index, on both databases."""

import pytest

from harvests.admin.filters import MISSING
from harvests.models import HarvestJob, HarvestRecord
from harvests.searching import Found

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("model", "ordering", "index"),
    [
        (HarvestRecord, "title", "record_words"),
        (HarvestRecord, "-title", "record_words"),
        (HarvestJob, "-date", "job_date"),
    ],
    ids=str,
)
def test_the_newest_or_first_rows_come_from_an_index(model, ordering, index):
    plan = model.objects.order_by(ordering)[:50].explain()
    assert index in plan


def test_the_worst_records_come_from_an_index():
    worst = HarvestRecord.objects.order_by("-trouble", "title")
    assert "record_worst" in worst[:50].explain()
    of_one = worst.filter(source="x")
    assert "record_source_worst" in of_one[:50].explain()
    assert "record_source_worst" in of_one.filter(trouble__gt=0).order_by().explain()


def test_a_search_looks_through_an_index():
    found = HarvestRecord.objects.filter(title__gte="", words__contains="buoy")
    assert "record_words" in found.order_by("title")[:50].explain()
    assert "record_words" in found.order_by()[:10_000].explain()


def test_the_records_of_a_source_are_walked_through_in_the_order_they_lie_in():
    """By their keys, each would be on another page of the disk."""
    walked = HarvestRecord.objects.filter(source="x", url__gt="a").order_by("url")
    plan = walked[:10].explain().partition("rejectedPlans")[0]
    assert "record_source_url" in plan
    assert "TEMP B-TREE" not in plan
    assert '"SORT"' not in plan


def test_rows_are_counted_in_an_index_alone(good, django_assert_num_queries):
    good.records.create(url="x", error_count=1)
    with django_assert_num_queries(1) as asked:
        assert HarvestRecord.objects.filter(trouble__gt=0)[:10].count() == 1
    assert "'$project': {'_id': 1}" not in asked.captured_queries[0]["sql"]


def test_what_holds_a_text_anywhere_is_found_by_that_index(good):
    good.records.create(url="x", title="A buoy")
    many = Found(["Buoy"], 0)
    assert many.count is None
    rows = many.within(HarvestRecord.objects.order_by("title"))
    assert "record_words" in rows[:21].explain()
    assert [row.title for row in rows] == ["A buoy"]


def test_records_whose_removal_is_held_come_from_an_index():
    held = HarvestRecord.objects.filter(MISSING, restored=False).order_by()
    assert "record_missing" in held.values_list("pk")[:1001].explain()


def test_what_is_searched_is_in_lower_case_and_follows_the_row(good):
    row = HarvestRecord.objects.create(source=good, url="HTTP://X/ÄÖ", title="Bóje")
    assert row.words == "bóje\n\nhttp://x/äö\n"
    row.file_id = "ID-7"
    row.save()
    found = HarvestRecord.objects.filter(words__contains="id-7")
    assert [each.pk for each in found] == [row.pk]


def test_columns_of_all_rows_come_from_an_index_too():
    plan = HarvestRecord.objects.order_by("title").values("title", "url").explain()
    assert "record_words" in plan


def test_what_rows_belong_to_is_fetched_by_its_key(good, django_assert_num_queries):
    good.records.create(url="x")
    with django_assert_num_queries(2) as asked:
        rows = list(HarvestRecord.objects.prefetch_related("source"))
    assert [row.source for row in rows] == [good]
    assert "$expr" not in asked.captured_queries[1]["sql"]


def test_an_order_that_is_worked_out_is_kept(good):
    for number, title in enumerate(("b", "A", "c")):
        HarvestRecord.objects.create(source=good, url=f"x{number}", title=title)
    rows = HarvestRecord.objects.order_by("source__name", "-title")
    assert [row.title for row in rows] == ["c", "b", "A"]
