"""Jobs and outcomes: lists, a page that follows a running job, its buttons."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from harvests import jobs
from harvests.models import HarvestJob, HarvestOutcome

pytestmark = pytest.mark.django_db(transaction=True)


def shown(client, url, **query) -> str:
    response = client.get(url, query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_finished_job_shows_counters_requests_and_failures(ada, broken, address):
    job = broken.jobs.get()
    page = shown(ada, address("harvestjob_change", job))
    assert "<b>14</b><span>added" in page
    assert "<b>5</b><span>failed" in page
    assert "answered 404" in page
    assert page.index("dead-link.xml") < page.index("no-title.xml")
    assert 'id="job">' in page
    assert "Run again" in page


def test_a_failed_job_says_why(ada, provider, source_of, address):
    job = jobs.run_now(source_of(provider.url("forbidden")))
    page = shown(ada, address("harvestjob_change", job))
    assert "the server answered 403 Forbidden" in page


def test_a_running_job_is_followed_and_shows_how_far_it_is(ada, good, address):
    job = HarvestJob.objects.start_for(good, num_records=40, added=10)
    job.claim("worker")
    url = address("harvestjob_change", job)
    page = shown(ada, url)
    assert f'hx-get="{address("job_live", job)}"' in page
    assert 'hx-trigger="every 2s"' in page
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert 'aria-valuenow="25"' in page
    assert "Cancel" in page


def test_what_moves_comes_as_one_part_that_stops_when_the_job_ends(
    vera, broken, address, django_assert_max_num_queries
):
    job = broken.jobs.get()
    HarvestJob.objects.update(status="running", finished=None, requests={})
    url = address("job_live", job)
    with django_assert_max_num_queries(12):
        part = shown(vera, url, outcome="failed", stage="fetch")
    assert "<!DOCTYPE" not in part
    assert f'hx-get="{url}?outcome=failed&amp;stage=fetch"' in part
    assert part.count('hx-swap-oob="true"') == 2
    assert "dead-link.xml" in part
    assert "fgdc.xml" not in part
    HarvestJob.objects.update(status="finished", finished=timezone.now())
    part = shown(vera, url)
    assert "hx-get" not in part
    assert "finished" in part
    assert vera.post(url).status_code == 405


def test_it_tells_its_rate_the_time_left_and_who_started_it(ada, good, address):
    started = timezone.now() - dt.timedelta(seconds=10)
    job = HarvestJob.objects.start_for(
        good, num_records=400, unchanged=100, requested_by="schedule"
    )
    job.claim("worker")
    HarvestJob.objects.update(started=started)
    page = shown(ada, address("harvestjob_change", job))
    assert "started by <bdi>the schedule</bdi>" in page
    told = r"25 % of 400 discovered records, [\d.]+ records/s, about [\d ]+(min|s)"
    assert re.search(told, page)


def test_what_was_removed_is_told_apart_from_what_was_discovered(ada, held, address):
    job = jobs.run_now(held, allow_removals=True)
    assert (job.num_records, job.removed) == (4, 36)
    page = shown(ada, address("harvestjob_change", job))
    assert re.search(r"40 records, 36 of them removed, in [\d.]+ s: ", page)
    page = shown(ada, address("harvestjob_change", held.jobs.earliest("date")))
    assert re.search(r"40 records in [\d.]+ s: ", page)


def test_a_stalled_job_says_so_and_so_does_one_that_nobody_takes(ada, good, address):
    long_ago = timezone.now() - dt.timedelta(minutes=5)
    job = HarvestJob.objects.start_for(good)
    page = address("harvestjob_change", job)
    assert "ch-warning" not in shown(ada, page)
    HarvestJob.objects.update(date=long_ago)
    assert "No worker took it since" in shown(ada, page)
    job.claim("worker")
    assert "Stalled" not in shown(ada, page)
    HarvestJob.objects.update(heartbeat=long_ago)
    assert f"Stalled: no sign of life since {long_ago:%H:%M:%S} UTC" in shown(ada, page)


def test_outcomes_are_filtered_searched_and_paged_on_the_page(
    ada, broken, address, monkeypatch, django_assert_max_num_queries
):
    page = address("harvestjob_change", broken.jobs.get())
    with django_assert_max_num_queries(12):
        first = ada.get(page)
    assert first.context["page"].paginator.count == 19
    assert first.context["failures"] == [("fetch", 1), ("read", 4)]
    for query, count in (
        ({"outcome": "failed"}, 5),
        ({"outcome": "failed", "stage": "fetch"}, 1),
        ({"q": "FGDC"}, 1),
        ({"q": "dead-link"}, 1),
        ({"outcome": "removed"}, 0),
        ({"outcome": "no such"}, 0),
    ):
        found = ada.get(page, query).context["page"]
        assert found.paginator.count == count, query
    monkeypatch.setattr("harvests.admin.job_outcomes.PER_PAGE", 10)
    text = shown(ada, page, q=".xml", p="2")
    assert "page 2 of 2" in text
    assert 'href="?q=.xml&amp;p=1#what"' in text
    assert "It did nothing of this kind." in shown(ada, page, outcome="held")


def test_an_outcome_leads_to_its_record(ada, broken, address):
    record = broken.records.get(url__endswith="no-title.xml")
    page = shown(ada, address("harvestjob_change", broken.jobs.get()))
    assert address("harvestrecord_change", record) in page


def test_a_job_that_changed_nothing_says_so(ada, good, address):
    jobs.run_now(good)
    page = shown(ada, address("harvestjob_change", jobs.run_now(good)))
    assert "changed and removed nothing: 24 records are as they were." in page


def test_a_job_is_cancelled(ada, good, address, said):
    job = HarvestJob.objects.start_for(good)
    response = ada.post(address("job_cancel", job))
    assert "stops in a moment" in said(response)
    assert "had ended before" in said(ada.post(address("job_cancel", job)))
    job.refresh_from_db()
    assert job.status == "cancelled"


def test_a_running_job_that_was_cancelled_says_so(ada, good, address):
    job = HarvestJob.objects.start_for(good)
    job.claim("worker")
    ada.post(address("job_cancel", job))
    page = shown(ada, address("harvestjob_change", job))
    assert "cancelling" in page
    assert address("job_cancel", job) not in page


def test_run_again_keeps_the_options_but_for_removals(ada, good, address, queues):
    job = jobs.run_now(good, force=True, allow_removals=True)
    response = ada.post(address("job_again", job))
    again = good.jobs.get(status="queued")
    assert (again.force, again.allow_removals) == (True, False)
    assert response.url == address("harvestjob_change", again)


@pytest.mark.parametrize("action", ["job_again", "job_cancel"])
def test_its_buttons_take_a_post_and_the_permission(ada, vera, good, address, action):
    job = jobs.run_now(good)
    assert vera.post(address(action, job)).status_code == 403
    ada.get(address(action, job))
    assert good.jobs.count() == 1


def test_nobody_edits_adds_or_deletes_jobs(ada, good, address):
    job = jobs.run_now(good)
    assert ada.get(address("harvestjob_add")).status_code == 403
    assert ada.post(address("harvestjob_delete", job)).status_code == 403
    assert ada.post(address("harvestjob_change", job), {}).status_code == 403


def test_held_removals_lead_to_the_records_and_the_question(ada, held, address):
    job = held.jobs.first()
    page = shown(ada, address("harvestjob_change", job))
    assert "36 removals are held" in page
    assert address("source_removals", held) in page


FILTERED = [
    ({"status": "finished"}, 1),
    ({"status": "failed"}, 1),
    ({"organization": "Ocean Institute"}, 2),
    ({"organization": "Nobody"}, 0),
    ({"since": "1"}, 1),
    ({"since": "30"}, 2),
]


def test_the_list_is_filtered(ada, good, source_of, provider, address):
    old = jobs.run_now(good)
    HarvestJob.objects.filter(pk=old.pk).update(
        date=timezone.now() - dt.timedelta(days=9)
    )
    jobs.run_now(source_of(provider.url("gone")))
    for query, found in [*FILTERED, ({"source": good.pk}, 1)]:
        page = ada.get(address("harvestjob_changelist"), query)
        assert page.context["cl"].result_count == found, query


def test_outcomes_are_those_of_the_job(ada, broken, address):
    job = broken.jobs.get()
    again = jobs.run_now(broken, force=True)
    listed = address("harvestoutcome_changelist")
    page = ada.get(listed, {"job": job.pk})
    assert page.context["cl"].result_count == 19
    failed = ada.get(listed, {"job": again.pk, "outcome": "failed", "stage": "read"})
    assert failed.context["cl"].result_count == 4
    assert "Broken" in shown(ada, listed, q="FGDC")
    outcome = job.outcomes.first()
    assert outcome.url in shown(ada, address("harvestoutcome_change", outcome))


def test_outcomes_of_the_newest_job_come_first_and_failures_before_all(
    ada, broken, good, address
):
    jobs.run_now(good)
    again = jobs.run_now(broken, force=True)
    page = ada.get(address("harvestoutcome_changelist"))
    rows = list(page.context["cl"].result_list)
    count = again.outcomes.count()
    assert {row.job_id for row in rows[:count]} == {again.pk}
    assert rows[count].job.source == good
    assert [row.outcome for row in rows[: again.failed]] == ["failed"] * again.failed


def test_outcomes_of_old_jobs_are_listed_where_their_job_is_asked_for(
    ada, source_of, address
):
    source = source_of("https://example.org/many/")
    jobs_of_it = HarvestJob.objects.bulk_create(
        HarvestJob(source=source, status="finished", date=timezone.now() - age)
        for age in (dt.timedelta(hours=n) for n in range(31))
    )
    HarvestOutcome.objects.bulk_create(
        HarvestOutcome(job=job, url=job.pk, outcome="added") for job in jobs_of_it
    )
    listed = address("harvestoutcome_changelist")
    assert ada.get(listed).context["cl"].result_count == 30
    old = ada.get(listed, {"job": jobs_of_it[-1].pk}).context["cl"]
    assert old.result_count == 1
    assert jobs_of_it[-1].pk in shown(
        ada, address("harvestoutcome_change", old.result_list[0])
    )


def test_a_queued_job_waits_and_counts_nothing(ada, good, address):
    job = HarvestJob.objects.start_for(good)
    page = shown(ada, address("harvestjob_change", job))
    assert "Waiting for a worker." in page
    assert "discovered records" not in page
    job.claim("worker")
    page = shown(ada, address("harvestjob_change", job))
    assert "No record is discovered yet." in page


def test_who_is_signed_out_meanwhile_is_led_to_sign_in_and_back(good, client, address):
    job = HarvestJob.objects.start_for(good)
    page = f"http://testserver{job.get_absolute_url()}?outcome=added"
    asks = {"HX-Request": "true", "HX-Current-URL": page}
    for path in (address("job_live", job), "/running/"):
        answer = client.get(path, headers=asks, follow=True)
        way = answer.headers["HX-Redirect"]
        assert way.startswith("/admin/login/?next=%2Fadmin%2Fharvests%2Fharvestjob%2F")
        assert "outcome%3Dadded" in way
        assert answer.content == b""
    answer = client.get("/ended/", headers=asks)  # not from a form half filled in
    assert answer.status_code == 403
    assert "HX-Redirect" not in answer.headers


def test_the_page_of_a_job_that_was_deleted_is_left(ada, good, address):
    url = address("job_live", HarvestJob.objects.start_for(good))
    HarvestJob.objects.all().delete()
    answer = ada.get(url)
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/")
