"""Lists and single things by API: pages, filters, few queries."""

import datetime as dt

import pytest
from django.utils import timezone

from harvests.api.jobs import JOBS, OUTCOMES
from harvests.api.reading import RECORDS
from harvests.models import (
    Cause,
    HarvestJob,
    HarvestOutcome,
    HarvestRecord,
    HarvestSource,
    cause_id,
)
from tests.roles import ocean

pytestmark = pytest.mark.django_db

KEY = "0123456789abcdef"


@pytest.fixture
def rows(source) -> HarvestSource:
    """Eight records of two sources, jobs of one moment, outcomes and a finding."""
    other = HarvestSource.objects.create(
        name="Other", url="https://example.org/other/", organization=ocean()
    )
    for number in range(8):
        HarvestRecord.objects.create(
            source=other if number % 4 == 0 else source,
            url=f"https://example.org/{number}.xml",
            title="One title for all",
            file_id=f"id-{number}",
            error_count=number % 2,
            causes=f" {KEY}:1" if number % 2 else "",
            validation_errors=[{"line_number": 3, "error": "Bad", "rule": "xsd"}],
        )
    now = timezone.now()
    jobs = [HarvestJob(source=source, date=now, status="finished") for _ in range(7)]
    HarvestJob.objects.bulk_create(jobs)
    for number in range(9):
        HarvestOutcome.objects.create(
            job=jobs[0], url=f"x{number}", outcome=("added", "failed")[number // 5]
        )
    Cause.objects.create(
        id=cause_id(source.pk, KEY), source=source, problem=KEY, rule="xsd", records=4
    )
    return source


def test_every_list_is_walked_whole_and_nothing_comes_twice(program, rows):
    member = program("other")
    job = HarvestOutcome.objects.first().job_id
    expected = {"/records": 8, f"/records?source={rows.pk}": 6, "/sources": 2}
    expected |= {"/jobs": 7, f"/jobs?source={rows.pk}": 7, "/organizations": 2}
    expected |= {f"/jobs/{job}/outcomes": 9, f"/jobs/{job}/outcomes?outcome=added": 5}
    expected |= {"/findings": 1, "/records?organization=Ocean Institute": 8}
    for path, number in expected.items():
        found = [each["id"] for each in member.all(path)]
        assert len(found) == len(set(found)) == number, path


def test_lists_are_filtered(program, rows):
    member = program("other")
    soon = (timezone.now() + dt.timedelta(hours=1)).isoformat().replace("+", "%2B")
    expected = {
        "/records?errors=true": 4,
        "/records?errors=false": 4,
        "/records?file_id=id-3": 1,
        "/records?failing=true": 0,
        "/records?held=false": 8,
        f"/records?problem={KEY}": 4,
        "/records?organization=River Office": 0,
        "/sources?publish=true": 0,
        "/sources?organization=Ocean Institute": 2,
        "/sources?status=ok": 0,
        f"/sources?url={rows.url}": 1,
        "/jobs?status=running": 0,
        f"/jobs?since={soon}": 0,
        "/findings?open=true": 1,
        "/findings?rule=xsd": 1,
        "/findings?severity=warning": 0,
    }
    found = {path: len(member.all(path)) for path in expected}
    assert found == expected


def test_the_newest_jobs_come_first(program, rows):
    newest = HarvestJob.objects.create(
        source=rows, date=timezone.now() + dt.timedelta(seconds=1)
    )
    assert program().get("/jobs?limit=1").json()["items"][0]["id"] == newest.pk


def test_single_things_tell_all(program, rows):
    member = program("other")
    record = HarvestRecord.objects.first()
    shown = member.get(f"/records/{record.pk}").json()
    assert shown["findings"][0]["line_number"] == 3
    assert (shown["source"], shown["url"]) == (record.source_id, record.url)
    cause = member.get(f"/findings/{cause_id(rows.pk, KEY)}").json()
    assert (cause["problem"], cause["records"]) == (KEY, 4)
    organization = member.get(f"/organizations/{ocean().pk}").json()
    assert organization["name"] == "Ocean Institute"


def test_me_tells_who_one_is(program):
    assert program(scope="read").get("/me").json() == {
        "user": "member",
        "is_admin": False,
        "organizations": ["Ocean Institute"],
        "token": "member's",
        "scope": "read",
    }


def test_no_call_takes_more_than_twelve_queries(
    program, rows, django_assert_max_num_queries
):
    member = program()
    record = HarvestRecord.objects.first().pk
    job = HarvestJob.objects.first().pk
    paths = ("/me", "/sources", f"/sources/{rows.pk}", "/records", "/jobs", "/findings")
    paths += (f"/records/{record}", f"/jobs/{job}", f"/jobs/{job}/outcomes")
    paths += ("/organizations", "/records?organization=Ocean Institute")
    for path in paths:
        with django_assert_max_num_queries(12):
            assert member.get(path).status_code == 200
    with django_assert_max_num_queries(14):  # a form asks, a page shows, a row goes in
        member.ask("PATCH", f"/sources/{rows.pk}", {"name": "Newer"})


def test_head_answers_as_get_does_without_the_body(program, rows):
    member = program()
    for path in ("/sources", f"/sources/{rows.pk}", "/records?limit=2", "/sources/x"):
        whole, head = member.get(path), member.ask("HEAD", path)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        same = ("ETag", "Content-Type", "Content-Length")
        assert [head.get(name) for name in same] == [whole.get(name) for name in same]
    tag = member.get("/sources")["ETag"]
    assert member.ask("HEAD", "/sources", **{"If-None-Match": tag}).status_code == 304
    assert member.ask("HEAD", f"/sources/{rows.pk}/cancel").status_code == 405


def test_pages_of_big_lists_come_from_an_index():
    big = (
        (HarvestRecord.objects.all(), RECORDS, ("record_source_url", "record_once")),
        (HarvestJob.objects.all(), JOBS, ("job_date_id",)),
        (HarvestJob.objects.filter(source="x"), JOBS, ("job_source_date_id",)),
        (HarvestOutcome.objects.filter(job="x"), OUTCOMES, ("outcome_job_id",)),
    )
    for rows, order, indexes in big:
        plan = order.sorted(rows)[:50].explain().partition("rejectedPlans")[0]
        assert any(index in plan for index in indexes), plan
        assert "TEMP B-TREE" not in plan
        assert '"SORT"' not in plan
