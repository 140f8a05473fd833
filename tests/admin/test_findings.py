"""The list of findings, the page of one, and the one over all sources."""

import pytest
import requests
from django.test import Client
from django.urls import reverse

from harvests import jobs
from harvests.causes import Census
from harvests.models import Cause, HarvestRecord, HarvestSource, Organization
from harvests.problems import note

pytestmark = pytest.mark.django_db(transaction=True)
EVIL = '"><img src=x onerror=alert(1)><bad(regex'
DATE = "gco:Date says {}; expected a date (YYYY, YYYY-MM or YYYY-MM-DD)."


def shown(client, url, **query) -> str:
    response = client.get(url, query)
    assert response.status_code == 200
    return response.content.decode()


def finding(message: str, line: int | str = 7) -> dict[str, object]:
    fixed = {"rule": "xsd", "severity": "error", "xpath": ""}
    return {**fixed, "error": message, "line_number": line}


def fill(source: HarvestSource, *records: list[dict[str, object]]) -> None:
    """Give the source records with these findings, and count them."""
    rows = [
        HarvestRecord(
            source=source,
            url=f"{source.url}{number}.xml",
            title=f"Record {number:03}",
            validation_errors=found,
            error_count=len(found),
            causes=note(found),
        )
        for number, found in enumerate(records)
    ]
    HarvestRecord.objects.bulk_create(rows)
    census = Census(source)
    for row in rows:
        census.count(row.pk, row.causes)
    census.store()


@pytest.fixture
def dates(source_of) -> Cause:
    """A finding of 60 records of one source, each with another value."""
    source = source_of("https://example.org/dates/", name="Dates")
    fill(source, *([finding(DATE.format(f'"{n}"'), n + 1)] for n in range(60)))
    return Cause.objects.get()


@pytest.fixture
def two(dates) -> HarvestSource:
    """A second source, of another organization, with that problem and another."""
    office = Organization.objects.create(name="River Office")
    source = HarvestSource.objects.create(
        name="Rivers", url="https://example.org/rivers/", organization=office
    )
    fill(source, [finding(DATE.format('"x"')), finding("gmd:a is not allowed here.")])
    return source


def test_sixty_records_are_one_row(ada, dates, address):
    page = ada.get(address("cause_changelist"))
    assert page.context["cl"].result_count == 1
    text = page.content.decode()
    assert "gco:Date says …; expected a date" in text
    assert 'data-label="Records">60<' in text.replace("\n", "").replace("  ", "")
    assert "Ocean Institute" in text


FILTERED = [
    ({}, 3),
    ({"organization": "River Office"}, 2),
    ({"severity": "warning"}, 0),
    ({"rule": "xsd"}, 3),
    ({"rule": "title-missing"}, 0),
    ({"mended": "yes"}, 0),
    ({"q": "not allowed"}, 1),
    ({"problem": "none"}, 0),
]


def test_the_list_is_filtered(ada, two, address):
    for query, found in FILTERED:
        page = ada.get(address("cause_changelist"), query)
        assert page.context["cl"].result_count == found, query


def test_a_page_says_what_to_do_and_shows_fifty_records(ada, dates, address, settings):
    settings.SITE_URL = "https://catalog.example.org/"
    page = shown(ada, address("cause_change", dates))
    assert "1 cause, 60 records" in page
    assert "Write 2024, 2024-05 or 2024-05-17" in page
    assert page.count("Record 0") == 50
    assert "gco:Date says &quot;7&quot;; expected" in page
    assert "line 8" in page
    path, request = address("cause_change", dates), reverse("account-request")
    assert f'"https://catalog.example.org{path}"' in page
    assert f'takes an account, which <a class="ch-link" href="{request}">' in page


def test_its_list_of_records_has_all_of_them(ada, two, dates, address):
    listed = ada.get(address("harvestrecord_changelist"), {"cause": dates.pk})
    assert listed.context["cl"].result_count == 60
    for wrong in ("x", "x-(", f"{dates.source_id}-%"):
        page = ada.get(address("harvestrecord_changelist"), {"cause": wrong})
        assert page.context["cl"].result_count == 0


def test_lines_link_into_the_published_document(ada, broken, address):
    cause = broken.causes.get(rule="bbox-swapped")
    record = cause.all_records().get()
    line = next(f for f in record.findings if f["rule"] == cause.rule)["line_number"]
    page = shown(ada, address("cause_change", cause))
    assert f'href="{address("record_xml", record)}#L{line}"' in page


def test_a_page_stays_when_the_last_record_is_mended(ada, broken, provider, address):
    cause = broken.causes.get(rule="bbox-swapped")
    requests.post(provider.url("broken/fix"), timeout=5)
    jobs.run_now(broken)
    page = shown(ada, address("cause_change", cause))
    assert "Mended: since" in page
    listed = ada.get(address("cause_changelist"), {"mended": "yes"})
    assert cause in listed.context["cl"].result_list


def test_other_sources_with_the_problem_are_named(ada, two, dates, address):
    other = two.causes.get(problem=dates.problem)
    page = shown(ada, address("cause_change", dates))
    assert address("cause_change", other) in page
    listed = ada.get(address("cause_changelist"), {"problem": dates.problem})
    assert listed.context["cl"].result_count == 2


def test_over_all_sources_a_problem_is_one_row(ada, two, dates, address):
    page = ada.get(address("problems"))
    rows = page.context["problems"]
    assert [(row["total"], row["sources"]) for row in rows] == [(61, 2), (1, 1)]
    assert f"?problem={dates.problem}" in page.content.decode()


def test_problems_are_of_an_organization_or_severity(ada, two, address):
    for query, totals in (
        ({"organization": "Ocean Institute"}, [60]),
        ({"organization": "River Office"}, [1, 1]),
        ({"organization": "none"}, []),
        ({"severity": "warning"}, []),
    ):
        rows = ada.get(address("problems"), query).context["problems"]
        assert [row["total"] for row in rows] == totals, query


def test_what_was_removed_since_is_left_out(ada, dates, address):
    HarvestRecord.objects.filter(title="Record 003").delete()
    HarvestRecord.objects.filter(title="Record 004").update(validation_errors=[])
    page = shown(ada, address("cause_change", dates))
    assert page.count("Record 0") == 48


def test_hostile_messages_are_text(ada, source_of, address):
    source = source_of("https://example.org/evil/", name=EVIL)
    fill(source, [finding(EVIL[2:], "?")])
    cause = Cause.objects.get()
    for url in (
        *(address("cause_changelist"), address("problems")),
        address("cause_change", cause),
    ):
        page = shown(ada, url)
        assert "<img" not in page
        assert "&lt;img src=x" in page


def test_the_pages_take_few_queries(
    vera, two, dates, address, django_assert_max_num_queries
):
    for url in (
        *(address("cause_changelist"), address("problems")),
        address("cause_change", dates),
        f"{address('harvestrecord_changelist')}?cause={dates.pk}",
    ):
        with django_assert_max_num_queries(12):
            shown(vera, url)


def test_nobody_edits_or_deletes_findings(ada, dates, address):
    assert ada.get(address("cause_add")).status_code == 403
    assert ada.post(address("cause_delete", dates)).status_code == 403
    assert ada.post(address("cause_change", dates), {}).status_code == 403


def test_findings_are_for_those_who_may_see_records(dates, address, vera):
    pages = [address("cause_changelist"), address("problems")]
    for url in (*pages, address("cause_change", dates)):
        assert vera.get(url).status_code == 200
        assert Client().get(url).status_code == 302


def test_the_menu_has_findings(vera, address):
    assert address("cause_changelist") in shown(vera, "/")
