"""What a search of the records finds, however it is looked for."""

import pytest

from harvests import searching
from harvests.models import HarvestRecord
from harvests.searching import Found, texts_in

pytestmark = pytest.mark.django_db

TITLES = ("", "alpha one", "Alpha Two", "beta one", "ÉTÉ one", "z.one", "zone")
ASKED = (
    *(["one"], ["ONE", "alpha"], ["été"], ["z.o"]),
    *(["one", "none"], ["e.org/3"], ["o\0"]),
)


@pytest.fixture(autouse=True)
def rows(good) -> None:
    for number, title in enumerate(TITLES):
        HarvestRecord.objects.create(
            source=good, url=f"http://e.org/{number}", title=title
        )


def wanted(texts: list[str]) -> list[str]:
    """By a look at every row."""
    return sorted(
        row.title
        for row in HarvestRecord.objects.all()
        if all(text.lower() in row.words for text in texts)
    )


@pytest.mark.parametrize("few", [0, 3, 100])
def test_few_and_many_are_the_same_rows(monkeypatch, few):
    monkeypatch.setattr(searching, "FEW", few)
    for texts in ASKED:
        found = Found(texts, 100)
        titles = [row.title for row in found.within(HarvestRecord.objects.all())]
        assert sorted(titles) == wanted(texts), texts
        assert found.count == len(titles)


def test_it_stops_where_more_are_found_than_were_asked_for():
    found = Found(["one"], 4)
    assert found.count is None
    assert found.within(HarvestRecord.objects.all()).count() == 5
    assert Found(["one"], 5).count == 5


def test_no_record_is_no_find():
    HarvestRecord.objects.all().delete()
    found = Found(["one"], 5)
    assert (found.count, list(found.within(HarvestRecord.objects.all()))) == (0, [])


def test_words_are_looked_for_one_by_one_and_what_is_quoted_as_it_is():
    assert texts_in("sea \"ice cover\" 'a b' it's \"") == [
        *("sea", "ice cover", "a b", "it's", '"'),
    ]
    assert texts_in("   ") == []


def test_the_list_counts_what_it_found_within_its_filters(admin_client, good):
    def count(query: dict[str, str]) -> int:
        page = admin_client.get("/admin/harvests/harvestrecord/", query)
        return page.context["cl"].result_count

    HarvestRecord.objects.filter(title="zone").update(trouble=1, error_count=1)
    assert count({"q": "ONE"}) == 5
    assert count({"q": "one", "errors": "yes"}) == 1
    assert count({"q": "one", "errors": "no"}) == 4
    assert count({"q": "nowhere"}) == 0
