"""The dashboard: what needs somebody, what runs, totals, the table of sources."""

import datetime as dt
import html
import re

import pytest
from django.utils import timezone

from harvests import jobs
from harvests.models import HarvestJob, HarvestSource, Organization

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def two_hundred(organization) -> list[HarvestSource]:
    """Sources in every state, each with a job; ten of them are at work."""
    names = [Organization(name=f"Organization {n}") for n in range(20)]
    Organization.objects.bulk_create(names)
    line = {"status": "finished", "added": 3, "finished": "2026-01-01T00:00:00+00:00"}
    states = [
        {"last_harvest_status": "fail", "last_message": "Gone."},
        {"last_harvest_status": "ok", "held_count": 3},
        {"last_harvest_status": "ok", "last_good_count": 3, "last_record_count": 4},
        {},
    ]
    sources = [
        HarvestSource(
            name=f"S{n:03}",
            url=f"https://example.org/{n}/",
            organization=names[n % 20],
            recent_jobs=[line] * 10,
            **states[n % 4],
        )
        for n in range(200)
    ]
    HarvestSource.objects.bulk_create(sources)
    done = {"status": "finished", "finished": timezone.now() - HOUR, "added": 2}
    rows = [HarvestJob(source=source, **done) for source in sources]
    at_work = [
        HarvestJob(source=source, active_source=source.pk, status="running")
        for source in sources[:10]
    ]
    HarvestJob.objects.bulk_create([*rows, *at_work])
    return sources


def shown(client, **query: str) -> str:
    answer = client.get("/", query)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def names(client, **query: str) -> list[str]:
    """Return the sources of the table, in its order."""
    return [source.name for source in client.get("/", query).context["table"].page]


def test_two_hundred_sources_take_few_queries(
    carl, two_hundred, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        page = shown(carl)
    assert "Page 1 of 4" in page
    assert page.count('class="ch-recent"') == 50


def test_the_polled_part_takes_fewer(ada, two_hundred, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        part = ada.get("/running/").content.decode()
    assert part.count("progressbar") == 10


def test_an_empty_site_says_where_to_start(ada):
    assert "Start here" in shown(ada)


def test_what_fails_says_since_when_and_why(ada, provider, source_of):
    gone = source_of(provider.url("gone"), name="Zulu")
    jobs.run_now(gone)
    gone.refresh_from_db()
    began = gone.state_since
    jobs.run_now(gone)
    gone.refresh_from_db()
    assert gone.state_since == began < gone.last_harvest_dt
    page = shown(ada)
    assert f"since {began:%d %b %H:%M}" in page
    assert gone.last_message[:80] in page
    assert f"/harvestsource/{gone.pk}/harvest/" in page


def test_a_source_that_works_again_is_out_of_the_way(ada, good):
    began = timezone.now() - HOUR
    failing = {"last_harvest_status": "fail", "last_message": "No answer."}
    HarvestSource.objects.update(state_since=began, **failing)
    assert "No answer." in shown(ada)
    jobs.run_now(HarvestSource.objects.get())
    assert "Needs attention" not in shown(ada)
    assert HarvestSource.objects.get().state_since > began


def test_held_removals_and_what_was_never_harvested_are_named(ada, vera, held, good):
    page = shown(ada)
    assert "36 removals are held" in page
    assert f'href="/sources/{held.pk}/#held"' in page
    assert f"/harvestsource/{good.pk}/harvest/" in page
    page = shown(vera)  # who may only look
    assert "36 removals are held" in page
    assert "/harvest/" not in page


def test_a_job_without_a_sign_of_life_and_one_that_nobody_takes_are_named(
    ada, good, shrinking
):
    stalled = HarvestJob.objects.start_for(good)
    stalled.claim("worker-7")
    HarvestJob.objects.update(heartbeat=timezone.now() - HOUR)
    HarvestJob.objects.start_for(shrinking, date=timezone.now() - HOUR)
    page = shown(ada)
    assert "Stalled: no sign of life since" in page
    assert "No worker took it since" in page


def test_no_more_than_five_of_a_sort_are_listed(ada, source_of):
    for number in range(7):
        source_of(f"https://example.org/{number}/")
    page = shown(ada)
    assert "2 more never" in page
    assert "/?state=never#sources" in page


def test_a_running_job_shows_progress_rate_and_time_left(ada, good):
    job = HarvestJob.objects.start_for(good)
    job.claim("worker")
    job.beat(num_records=400, added=100, stage="fetch")
    HarvestJob.objects.update(started=timezone.now() - dt.timedelta(seconds=50))
    part = ada.get("/running/").content.decode()
    assert 'aria-valuenow="25"' in part
    assert "100 of 400 records, 2.0 records/s, about 2 min" in part
    assert job.get_absolute_url() in part
    other = ada.get("/running/", {"of": "another"}).content.decode()
    assert "progressbar" not in other


def test_a_growing_listing_is_measured_by_what_the_source_had(ada, good):
    HarvestSource.objects.update(last_record_count=1000)
    job = HarvestJob.objects.start_for(good)
    job.claim("worker")
    job.beat(num_records=120, unchanged=100, stage="fetch")
    assert "100 of 1,000 records" in ada.get("/running/").content.decode()


def test_totals_come_from_sources_and_jobs(ada, two_hundred):
    old = {"finished": timezone.now() - 48 * HOUR, "status": "finished"}
    HarvestJob.objects.create(source=two_hundred[0], removed=7, **old)
    context = ada.get("/").context
    tiles = {tile["label"]: tile["number"] for tile in context["tiles"]}
    assert tiles == {"sources": 200, "records": 200, "with problems": 0}
    (_, day), (_, week) = context["changes"]
    assert (day["added"], day["removed"]) == (400, 0)
    assert (week["added"], week["removed"]) == (400, 7)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Failing", "Held", "Busy", "Never", "Clean", "Mixed"]),
        ({"sort": "name"}, ["Busy", "Clean", "Failing", "Held", "Mixed", "Never"]),
        ({"sort": "-records"}, ["Clean", "Mixed", "Busy", "Failing", "Held", "Never"]),
        ({"sort": "share"}, ["Mixed", "Clean", "Busy", "Failing", "Held", "Never"]),
        ({"sort": "nonsense"}, ["Failing", "Held", "Busy", "Never", "Clean", "Mixed"]),
        ({"state": "ok"}, ["Clean", "Mixed"]),
        ({"state": "held"}, ["Held"]),
        ({"state": "harvesting"}, ["Busy"]),
        ({"state": "deleting"}, []),
        ({"state": "nonsense"}, []),
        ({"q": "IXE"}, ["Mixed"]),
        ({"q": "ocean", "kind": "CSW"}, ["Mixed"]),
        ({"organization": "Nobody"}, []),
        ({"page": "99", "state": "never"}, ["Never"]),
    ],
    ids=str,
)
def test_the_table_is_searched_filtered_and_sorted(ada, source_of, query, found):
    ok = {"last_harvest_status": "ok"}
    some = {"last_record_count": 10, "last_good_count": 9, **ok}
    rows = {
        "Failing": {"last_harvest_status": "fail"},
        "Held": {**ok, "held_count": 1},
        "Busy": ok,
        "Never": {},
        "Clean": {**ok, "last_record_count": 20, "last_good_count": 20},
        "Mixed": {**some, "harvest_type": "CSW"},
    }
    for name, fields in rows.items():
        source_of(f"https://example.org/{name.lower()}/", name=name, **fields)
    HarvestJob.objects.start_for(HarvestSource.objects.get(name="Busy")).claim("w")
    assert names(ada, **query) == found


def test_search_and_sort_stay_in_the_links(ada, two_hundred):
    page = shown(ada, q="S", sort="name", page="2")
    assert 'href="?q=S&sort=-name#sources"' in page
    assert 'href="?q=S&sort=name&page=3#sources"' in page
    assert '<input type="hidden" name="sort" value="name">' in page


def test_the_last_jobs_are_told_in_words_too(ada, good, provider, source_of):
    jobs.run_now(good)
    broken = source_of(provider.url("broken"), name="Broken")
    jobs.run_now(broken)
    gone = source_of(provider.url("gone"), name="Gone")
    jobs.run_now(gone)
    page = shown(ada)
    told = re.findall(r'aria-label="Last jobs, the newest first: ([^"]*)"', page)
    assert told == ["failed", "finished with failed or held records", "finished"]
    assert 'title="finished: 24 added (' in page


def test_a_source_remembers_its_last_ten_jobs(good):
    for number in range(12):
        good.remember({"status": "finished", "added": number})
    good.refresh_from_db()
    assert [line["added"] for line in good.recent_jobs] == list(range(2, 12))


def test_foreign_text_does_no_harm(ada, source_of):
    name = "<script>alert(1)</script> \u202e\u05de\u05e7\u05d5\u05e8 \U0001f30a"
    source_of("https://example.org/", name=name, last_message="<b>x</b>")
    page = ada.get("/").content.decode()
    assert "<script>alert(1)" not in page
    assert "<bdi>&lt;script&gt;alert(1)" in page


def test_who_is_not_signed_in_is_led_there_and_back(client):
    assert client.get("/").url == "/admin/login/?next=/"
    assert client.get("/admin/").url == "/"
    assert client.get("/running/").status_code == 403


def test_who_has_a_page_open_hears_of_what_ended(ada, carl, good):
    before = {"since": (timezone.now() - HOUR).isoformat()}
    jobs.run_now(good, requested_by="ada")
    answer = ada.get("/ended/", before)
    assert answer["HX-Trigger"] == "harvest-ended"
    assert "24 added" in answer.content.decode()
    since = re.search(r'name="since" value="([^"]*)"', answer.content.decode())
    assert since
    assert ada.get("/ended/", {"since": since[1]}).status_code == 204
    assert carl.get("/ended/", before).status_code == 204
    for of in ("all", good.pk):
        assert carl.get("/ended/", {**before, "of": of}).status_code == 200
    for since in ("", "yesterday", "2026-13-45T00:00:00Z", "2026-01-01T00:00:00"):
        assert ada.get("/ended/", {"since": since}).status_code == 204


def test_odd_texts_in_addresses_are_no_errors(ada, source_of):
    source_of("https://example.org/", name="Buoys")
    for since in ("0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"):
        assert ada.get("/ended/", {"since": since}).status_code == 204
    assert names(ada, q="Bu\0oys") == ["Buoys"]
