"""Records and the trash. What providers write is shown, and does nothing."""

import pytest

from harvests import jobs
from harvests.models import HarvestRecord, TrashedRecord

pytestmark = pytest.mark.django_db(transaction=True)
RIGHT_TO_LEFT = "\u202eabc"


def shown(client, url, **query) -> str:
    response = client.get(url, query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def removed(held) -> TrashedRecord:
    """One of 36 records that a harvest moved to the trash."""
    jobs.run_now(held, allow_removals=True)
    return TrashedRecord.objects.order_by("url").first()


def test_a_record_shows_its_findings(ada, broken, address):
    record = broken.records.get(url__endswith="swapped-box.xml")
    page = shown(ada, address("harvestrecord_change", record))
    for finding in record.findings:
        assert finding["rule"] in page
    assert record.url in page
    assert record.record_url in page


def test_a_record_that_was_not_read_says_why(ada, broken, address):
    record = broken.records.get(url__endswith="fgdc.xml")
    page = shown(ada, address("harvestrecord_change", record))
    assert "This is an FGDC CSDGM record" in page
    assert "It could not be validated." in page


@pytest.mark.parametrize("page", ["harvestrecord", "harvestoutcome"])
def test_a_script_in_a_title_is_text(ada, broken, address, page):
    listed = shown(ada, address(f"{page}_changelist"))
    assert "&lt;script&gt;alert(1)" in listed
    assert "<script>alert(1)" not in listed


def test_hostile_texts_are_text_everywhere(ada, good, address):
    evil = '"><img src=x onerror=alert(1)>'
    record = HarvestRecord.objects.create(
        source=good,
        url="javascript:alert(1)",
        title=evil,
        description=evil * 400 + RIGHT_TO_LEFT,
        record_url="data:text/html,<b>",
        services=[{"service_type": evil, "service_url": "javascript:alert(2)"}],
        validation_errors=[{"line_number": "?", "error": evil}],
        details={
            "keywords": [evil],
            "contacts": [{"name": evil, "role": evil}],
            "links": [{"url": "vbscript:x", "name": evil, "protocol": evil}],
            "boxes": [{"west": evil, "east": 1, "south": 2, "north": 3}],
        },
        failure={"stage": "read", "message": evil},
        error_count=1,
    )
    for url in (
        address("harvestrecord_change", record),
        address("harvestrecord_changelist"),
    ):
        page = shown(ada, url)
        assert "<img" not in page
        for scheme in ("javascript", "vbscript", "data"):
            assert f'href="{scheme}:' not in page


def test_a_long_abstract_is_folded_and_whole(ada, good, address):
    record = HarvestRecord.objects.create(
        source=good, url="https://example.org/1", description="word " * 2000 + "END"
    )
    page = shown(ada, address("harvestrecord_change", record))
    assert "<details>" in page
    assert "END" in page


FILTERED = [
    ({"failing": "yes"}, 5),
    ({"failing": "no"}, 14),
    ({"errors": "yes", "failing": "no"}, 8),
    ({"errors": "no", "failing": "no"}, 6),
    ({"errors": "no"}, 11),
    ({"problems": "yes"}, 13),
    ({"problems": "no"}, 6),
    ({"held": "yes"}, 0),
    ({"p": "3", "failing": "yes"}, 5),
    ({"q": "emoji.xml"}, 1),
    ({"organization": "Ocean Institute"}, 19),
]


def test_the_list_is_filtered(ada, broken, address):
    for query, found in FILTERED:
        page = ada.get(address("harvestrecord_changelist"), query)
        assert page.context["cl"].result_count == found, query


@pytest.mark.parametrize("asked", ["", "&o=-2"])
def test_the_worst_records_come_first(ada, broken, address, asked):
    for narrowed in ("", f"source={broken.pk}", "organization=Ocean+Institute"):
        page = ada.get(f"{address('harvestrecord_changelist')}?{narrowed}{asked}")
        rows = page.context["cl"].result_list
        assert [bool(row.failure) for row in rows] == [True] * 5 + [False] * 14
        counts = [row.error_count for row in rows[5:]]
        assert counts == sorted(counts, reverse=True)
        assert counts[0] > 0
        assert page.content.decode().count("By title") == 1


def test_records_can_be_sorted_by_title_and_what_is_found_is(ada, broken, address):
    for query in ({"o": "0"}, {"q": ".xml"}, {"o": "0", "source": broken.pk}):
        page = ada.get(address("harvestrecord_changelist"), query)
        titles = [row.title for row in page.context["cl"].result_list]
        assert len(titles) == 19
        assert titles == sorted(titles)
        assert page.content.decode().count("Worst first") == 1


def test_the_list_has_identifiers_and_services(ada, source_of, address):
    url = "https://example.org/wms"
    services = [{"service_type": "OGC:WMS", "service_url": url}] * 2
    fields = {"url": "https://example.org/1", "file_id": "id-1", "services": services}
    source_of("https://example.org/").records.create(**fields)
    text = ada.get(address("harvestrecord_changelist")).content.decode()
    assert "id-1" in text
    assert text.count(f'href="{url}"') == text.count("OGC:WMS") == 1


def test_the_name_of_a_service_is_cut_with_a_sign(ada, source_of, address):
    kind = "Open Geospatial Consortium Web Map Service (WMS)"
    services = [{"service_type": kind, "service_url": "https://example.org/wms"}]
    source_of("https://example.org/").records.create(url="1", services=services)
    text = ada.get(address("harvestrecord_changelist")).content.decode()
    assert ">Open Geospatial Consortium We…<" in text


def test_a_held_record_is_marked_and_says_since_when(ada, held, address):
    listed = shown(ada, address("harvestrecord_changelist"), held="yes")
    assert "Gone from its source; removal is held." in listed
    record = held.records.filter(missing_since__isnull=False).first()
    page = shown(ada, address("harvestrecord_change", record))
    assert "Missing at its source" in page


def test_nobody_edits_or_deletes_records(ada, broken, address):
    record = broken.records.first()
    assert ada.get(address("harvestrecord_add")).status_code == 403
    assert ada.post(address("harvestrecord_delete", record)).status_code == 403
    assert ada.post(address("harvestrecord_change", record), {}).status_code == 403


def test_a_removed_record_is_restored(ada, removed, address, said, folder):
    assert "Restore" in shown(ada, address("trashedrecord_change", removed))
    response = ada.post(address("trash_restore", removed))
    assert "1 record is in the central WAF again." in said(response)
    assert folder.path_of(removed.file_name).exists()


def test_selected_records_are_restored(ada, removed, address, said):
    keys = list(TrashedRecord.objects.values_list("pk", flat=True)[:3])
    response = ada.post(
        address("trashedrecord_changelist"),
        {"action": "restore_selected", "_selected_action": keys},
    )
    assert "3 records are in the central WAF again." in said(response)
    assert TrashedRecord.objects.count() == 33


def test_what_cannot_be_restored_says_why(ada, removed, address, said, output_dir):
    (output_dir / ".trash" / "Ocean Institute" / removed.pk).unlink()
    response = ada.post(address("trash_restore", removed))
    assert "its file left the trash" in said(response)


def test_restoring_takes_a_post_and_the_permission(ada, vera, removed, address):
    ada.get(address("trash_restore", removed))
    assert vera.post(address("trash_restore", removed)).status_code == 403
    page = shown(vera, address("trashedrecord_changelist"))
    assert "restore_selected" not in page
    assert "/restore/" not in page
    assert TrashedRecord.objects.count() == 36


def test_an_empty_trash_says_so_and_what_a_filter_left_too(ada, good, address):
    trash = address("trashedrecord_changelist")
    page = shown(ada, trash)
    assert "Nothing was removed in the last 30 days." in page
    assert "Reset search" not in page
    page = shown(ada, trash, source=good.pk)
    assert "Nothing matches the search and the filters." in page
    assert "Reset search" in page


def test_a_record_that_failed_has_no_count_of_errors(ada, broken, address):
    page = shown(ada, address("harvestrecord_changelist"), q="fgdc.xml")
    assert page.count('data-label="Errors">failed') == 1


def test_an_address_is_shown_once(ada, good, address):
    record = HarvestRecord.objects.create(
        source=good,
        url="https://example.org/1",
        services=[
            {"service_type": "OGC:WMS", "service_url": "https://example.org/wms"},
            {"service_type": "", "service_url": "https://example.org/other"},
        ],
        details={"links": [{"url": "https://example.org/wms", "name": "Map"}]},
    )
    page = shown(ada, address("harvestrecord_change", record))
    assert page.count('href="https://example.org/wms"') == 1
    assert page.count('href="https://example.org/other"') == 1
    assert "OGC:WMS" in page
    assert "Map" in page
