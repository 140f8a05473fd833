"""CSV and JSON hold what the list shows, all of it, and harm no spreadsheet."""

import csv
import io
import json
import tracemalloc

import pytest

from harvests.admin import exports
from harvests.models import HarvestRecord

pytestmark = pytest.mark.django_db(transaction=True)


def as_csv(client, address, **query) -> list[dict[str, str]]:
    response = client.get(address("records_csv"), query)
    text = response.getvalue().decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def as_json(client, address, **query) -> list[dict[str, object]]:
    response = client.get(address("records_json"), query)
    return json.loads(response.getvalue())


def listed(client, address, **query) -> list[str]:
    page = client.get(address("harvestrecord_changelist"), query)
    return [record.url for record in page.context["cl"].result_list]


@pytest.fixture
def many(good) -> list[HarvestRecord]:
    """1,500 records, each with 60 kB of findings."""
    error = {"line_number": 1, "error": "x" * 60_000, "rule": "xsd"}
    rows = [
        HarvestRecord(
            source=good,
            url=f"https://example.org/{n}",
            title=f"Record {n:05}",
            validation_errors=[error],
            error_count=1,
        )
        for n in range(1_500)
    ]
    return HarvestRecord.objects.bulk_create(rows, batch_size=100)


ASKED = [
    {},
    {"errors": "yes"},
    {"failing": "yes", "o": "-0"},
    {"q": "emoji.xml"},
    {"o": "-2"},
    {"warnings": "no", "o": "0", "q": "radar"},
    {"organization": "Nobody's"},
]


def test_both_hold_what_is_listed_in_that_order(ada, broken, address):
    for query in ASKED:
        wanted = listed(ada, address, **query)
        assert [row["url"] for row in as_csv(ada, address, **query)] == wanted, query
        assert [row["url"] for row in as_json(ada, address, **query)] == wanted, query


def test_a_record_is_told_completely(ada, broken, address):
    record = broken.records.get(url__endswith="swapped-box.xml")
    (row,) = as_json(ada, address, q="swapped-box.xml")
    assert tuple(row) == exports.COLUMNS
    assert row["title"] == record.title
    assert row["organization"] == "Ocean Institute"
    assert row["source"] == "Broken"
    assert row["published_url"] == record.record_url
    assert row["findings"] == record.findings
    assert (row["errors"], row["warnings"]) == (1, 0)


def test_csv_and_json_say_the_same(ada, broken, address):
    (table,) = as_csv(ada, address, q="swapped-box.xml")
    (row,) = as_json(ada, address, q="swapped-box.xml")
    assert json.loads(table.pop("findings")) == row.pop("findings")
    assert table.pop("updated")[:19] == row.pop("updated")[:19]
    assert table == {key: str("" if v is None else v) for key, v in row.items()}


def test_a_failure_and_a_held_removal_are_told(ada, held, address):
    record = held.records.filter(missing_since__isnull=False).first()
    record.failure = {"stage": "fetch", "message": "It answered 503."}
    record.save()
    (row,) = as_json(ada, address, failing="yes")
    assert (row["failed_stage"], row["failure"]) == ("fetch", "It answered 503.")
    assert row["held_since"].startswith(f"{record.missing_since:%Y-%m-%d}")


@pytest.mark.parametrize("start", exports.FORMULA, ids=repr)
def test_no_text_becomes_a_formula_in_a_spreadsheet(ada, good, address, start):
    title = f"{start}cmd|' /C calc'!A0"
    HarvestRecord.objects.create(source=good, url="https://e.org", title=title)
    (row,) = as_csv(ada, address)
    assert row["title"] == f"'{title}"
    assert as_json(ada, address)[0]["title"] == title


def test_texts_of_all_kinds_come_back_as_they_are(ada, good, address):
    title = 'a "quoted", 🌊\n\u0642\u0627 <script>; \u2028 \x00'.replace("\x00", "")
    HarvestRecord.objects.create(source=good, url="https://e.org", title=title)
    assert as_csv(ada, address)[0]["title"] == title
    assert as_json(ada, address)[0]["title"] == title


def test_more_records_cost_no_more_queries(
    ada, many, address, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        assert len(as_json(ada, address)) == 1_500


def test_the_memory_does_not_grow_with_the_records(ada, many, address):
    response = ada.get(address("records_csv"))
    tracemalloc.start()
    size = sum(len(chunk) for chunk in response.streaming_content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 80_000_000
    assert peak < 50_000_000  # MongoDB sends 16 MB at once


def test_nothing_listed_is_an_empty_table(ada, address):
    assert as_csv(ada, address) == []
    assert as_json(ada, address) == []


def test_the_answer_is_a_file_with_a_name(ada, good, address):
    response = ada.get(address("records_csv"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="records-')
    assert ada.get(address("records_json"))["Content-Type"] == "application/json"


def test_the_list_offers_what_it_shows(ada, broken, address):
    url = address("harvestrecord_changelist")
    page = ada.get(url, {"errors": "yes", "q": "a b", "p": "1"}).content.decode()
    assert f'href="{address("records_csv")}?errors=yes&amp;q=a+b"' in page
    assert f'href="{address("records_json")}?errors=yes&amp;q=a+b"' in page
    assert 'href="?errors=yes&amp;q=a+b&amp;o=-2"' in page


def test_what_the_list_does_not_offer_is_refused(ada, address):
    response = ada.get(address("records_csv"), {"source__nothing": "x"})
    assert response.status_code == 400


def test_who_may_not_see_records_gets_none(vera, nemo, client, broken, address):
    for page in ("records_csv", "records_json"):
        assert vera.get(address(page)).status_code == 200
        assert nemo.get(address(page)).status_code == 302
        assert client.get(address(page)).status_code == 302
