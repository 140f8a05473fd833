"""The page of a record: extent, findings with lines and advice, history, the XML."""

import pytest

from harvests import jobs, xmlview
from harvests.models import HarvestJob, HarvestRecord, HarvestSource
from tests.pipeline.records import BUOY

pytestmark = pytest.mark.django_db(transaction=True)
EVIL = "<script>alert(1)</script>"


def shown(client, url, **query) -> str:
    response = client.get(url, query)
    assert response.status_code == 200
    body = response.getvalue() if response.streaming else response.content
    return body.decode()


@pytest.fixture
def swapped(broken) -> HarvestRecord:
    return broken.records.get(url__endswith="swapped-box.xml")


@pytest.fixture
def stored(good, folder):
    """Make a record whose published document is `text`."""

    def make(text: str | bytes, **fields: object) -> HarvestRecord:
        body = text if isinstance(text, bytes) else text.encode()
        folder.stage("a.xml", body)
        folder.commit()
        fields = {"url": "https://example.org/a", "title": "A", **fields}
        return HarvestRecord.objects.create(source=good, file_name="a.xml", **fields)

    return make


def finding(line: int | str, xpath: str = "", **more: str) -> dict[str, object]:
    fixed = {"rule": "xsd", "severity": "error", "error": "Wrong."}
    return {**fixed, "line_number": line, "xpath": xpath, **more}


def test_a_finding_shows_its_lines_what_it_means_and_how_to_fix_it(
    ada, swapped, address
):
    page = shown(ada, address("harvestrecord_change", swapped))
    line = swapped.findings[0]["line_number"]
    assert f'href="{address("record_xml", swapped)}#L{line}"' in page
    assert f'class="ch-meant" data-line="{line}">' in page
    assert "&lt;gmd:EX_GeographicBoundingBox&gt;" in page
    assert "Exchange the two numbers." in page
    assert "<dt>GeoNetwork</dt>" in page


def test_advice_is_open_once_and_folded_when_it_repeats(ada, broken, address):
    record = broken.records.get(url__endswith="wrong-order.xml")
    page = shown(ada, address("harvestrecord_change", record))
    assert page.count("<details open>") == 1
    assert page.count("What it means and how to fix it") == record.error_count > 1


def test_an_element_that_spans_lines_is_shown_from_its_beginning(ada, stored, address):
    text = (
        "<?xml version='1.0'?>\n<gmd:MD_Metadata\n  a='1'\n  b='2'\n  c='3'\n  d='4'>"
    )
    record = stored(text, validation_errors=[finding(6, "/gmd:MD_Metadata")])
    page = shown(ada, address("harvestrecord_change", record))
    assert 'class="ch-meant" data-line="2">&lt;gmd:MD_Metadata' in page


def test_lines_of_another_document_are_not_shown(ada, stored, address):
    found = [finding(2, "/gmd:MD_Metadata/gmd:abstract")]
    record = stored("<a>\n<b/>\n</a>", validation_errors=found)
    page = shown(ada, address("harvestrecord_change", record))
    assert "it is not the one in which this was found" in page
    assert "ch-meant" not in page


def test_findings_of_a_document_that_was_not_published_say_so(ada, stored, address):
    record = stored(
        "<a/>",
        validation_errors=[finding(1, "/a")],
        failure={"stage": "validate", "message": "Not published: it has 1 error."},
    )
    page = shown(ada, address("harvestrecord_change", record))
    assert "They are of the document that was not published" in page
    assert "ch-meant" not in page
    xml = shown(ada, address("record_xml", record))
    assert "was not published because of its errors" in xml
    assert 'class="ch-danger"' not in xml


def test_findings_without_a_line_or_an_xpath_are_shown(ada, stored, address):
    found = [finding("?"), finding(1), {"error": "of an imported registry"}]
    record = stored("<a/>", validation_errors=found, error_count=3)
    page = shown(ada, address("harvestrecord_change", record))
    assert "of an imported registry" in page
    assert "3 errors" in page
    assert page.count("ch-meant") == 1


def test_the_extent_is_drawn_close_up_and_on_the_world(ada, swapped, address):
    page = shown(ada, address("harvestrecord_change", swapped))
    assert page.count('class="ch-map"') == 2
    assert 'href="/land.svg#land"' in page
    assert "W to" in page


def test_a_record_without_extent_has_no_map(ada, stored, address):
    page = shown(ada, address("harvestrecord_change", stored("<a/>")))
    assert "ch-map" not in page


def test_the_coastlines_are_one_drawing_that_browsers_keep(client):
    response = client.get("/land.svg", headers={"accept-encoding": "gzip"})
    assert response["Content-Type"] == "image/svg+xml"
    assert "max-age=86400" in response["Cache-Control"]
    assert response["Content-Encoding"] == "gzip"
    drawn = client.get("/land.svg").content.decode()
    assert drawn.count("M") > 250
    assert 'id="land"' in drawn


def test_the_history_tells_what_each_job_did(ada, good, provider, address):
    first = jobs.run_now(good)
    jobs.run_now(good)  # unchanged: no line
    third = jobs.run_now(good, force=True)
    record = good.records.order_by("url").first()
    third.outcomes.create(url=record.url, outcome="failed", stage="fetch", message=EVIL)
    third.failed = 1
    third.save()
    page = shown(ada, address("harvestrecord_change", record))
    assert page.index(address("harvestjob_change", third)) < page.index(
        address("harvestjob_change", first)
    )
    assert "in the stage “fetch”" in page
    assert EVIL not in page


def test_the_history_looks_through_no_more_than_it_may(
    ada, stored, address, monkeypatch
):
    monkeypatch.setattr("harvests.admin.record_history.READ", 30)
    record = stored("<a/>")
    ran = [HarvestJob.objects.start_for(record.source)]
    for _ in range(2):
        ran[-1].end("finished")
        ran.append(HarvestJob.objects.start_for(record.source))
    for job in ran:
        job.outcomes.create(url=record.url, outcome="changed")
        HarvestJob.objects.filter(pk=job.pk).update(changed=20)
    page = shown(ada, address("harvestrecord_change", record))
    links = [address("harvestjob_change", job) in page for job in ran]
    assert links == [False, False, True]


def test_every_line_of_the_document_has_an_address(ada, stored, address):
    record = stored(BUOY, validation_warnings=[finding(5, severity="warning")])
    page = shown(ada, address("record_xml", record))
    count = BUOY.count(b"\n")
    assert page.count('<div id="L') == count
    assert f'<a href="#L{count}" data-line="{count}"' in page
    assert '<div id="L5" class="ch-warning" title="Wrong.">' in page
    assert f"{count} lines" in page


def test_a_script_in_the_document_is_text(ada, stored, address):
    found = [finding(2, error=f'">{EVIL}')]
    record = stored(f"<a>\n{EVIL}\n\u202e\x1b\ufeff</a>", title=EVIL)
    record.validation_errors = found
    record.save()
    for page in ("record_xml", "harvestrecord_change"):
        text = shown(ada, address(page, record))
        assert EVIL not in text
        assert "&lt;script&gt;alert(1)" in text


def test_a_big_document_is_shown_page_by_page(ada, stored, address):
    text = "\n".join(f"<a>{n}</a>" for n in range(1, 25_001))
    record = stored(text, validation_errors=[finding(20_500)], error_count=1)
    url = address("record_xml", record)
    assert f'href="{url}?page=3#L20500"' in shown(
        ada, address("harvestrecord_change", record)
    )
    last = shown(ada, url, page="3")
    assert '<div id="L20500" class="ch-danger"' in last
    assert last.count('<div id="L') == 5_000
    assert shown(ada, url, page="99").count('<div id="L') == 5_000
    assert '<div id="L1"' in shown(ada, url, page="x")


def test_a_document_of_one_long_line_is_cut(ada, stored, address):
    found = [finding(1, "/a/b")]
    record = stored("<a>" + "x" * 3_000_000 + "<b/></a>", validation_errors=found)
    for page in ("record_xml", "harvestrecord_change"):
        assert len(shown(ada, address(page, record))) < 100_000


def test_what_is_not_xml_or_not_utf_8_is_shown_as_far_as_it_goes(ada, stored, address):
    record = stored(b"\xff\xfe\x00<a>\r\n\x80</a>")
    assert "&lt;a&gt;" in shown(ada, address("record_xml", record))


def test_an_empty_document_has_a_page(ada, stored, address):
    assert "0 lines" in shown(ada, address("record_xml", stored(b"")))


def test_a_record_that_was_never_published_has_no_xml(ada, broken, address):
    record = broken.records.get(url__endswith="fgdc.xml")
    assert ada.get(address("record_xml", record)).status_code == 404
    assert "XML with line numbers" not in shown(
        ada, address("harvestrecord_change", record)
    )


@pytest.mark.parametrize("name", ["../../etc/passwd", ".hidden.xml", "gone.xml"])
def test_a_file_that_is_not_in_the_store_is_not_read(ada, good, address, name):
    record = HarvestRecord.objects.create(source=good, url="x", file_name=name)
    assert ada.get(address("record_xml", record)).status_code == 404


def test_who_may_not_see_records_does_not_see_their_xml(vera, nemo, stored, address):
    record = stored("<a/>")
    assert vera.get(address("record_xml", record)).status_code == 200
    assert nemo.get(address("record_xml", record)).status_code == 302


def test_a_page_asks_the_database_a_dozen_times_at_most(
    ada, broken, address, django_assert_max_num_queries
):
    record = broken.records.order_by("-error_count").first()
    for url in (
        address("harvestrecord_change", record),
        address("record_xml", record),
        address("harvestrecord_changelist"),
    ):
        with django_assert_max_num_queries(12):
            shown(ada, url)


def test_right_to_left_emoji_and_long_texts_are_shown(ada, good, address):
    texts = ("\u0642\u0627\u0639\u062f\u0629", "🌊🐟", EVIL, "word " * 2_000 + "END")
    record = HarvestRecord.objects.create(
        source=HarvestSource.objects.get(pk=good.pk),
        url="https://example.org/1",
        title="".join(texts[:3]),
        description=" ".join(texts),
    )
    page = shown(ada, address("harvestrecord_change", record))
    assert '<h2 dir="auto">' in page
    assert "END" in page
    assert texts[0] in page
    assert texts[1] in page
    assert EVIL not in page


def test_the_page_of_a_line_is_known():
    last = xmlview.PAGE
    assert [xmlview.page_of(n) for n in (0, 1, last, last + 1)] == [1, 1, 1, 2]
