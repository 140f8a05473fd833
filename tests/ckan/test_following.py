"""A change has CKAN harvest, once; its job is followed to the end."""

import datetime as dt

import pytest
from django.utils import timezone

from harvests import deletion_job, ending
from harvests.ckan import following
from harvests.models import CkanComplaint, CkanSource, HarvestJob, HarvestSource
from tests.ckan.stand_in import Answer, changed, result_of

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def row() -> CkanSource:
    return CkanSource.objects.get(pk="ocean-waf")


def running(**values: object) -> Answer:
    """A CKAN source whose last job runs, made now: an old one is given up."""
    job = result_of("source-running")["status"]["last_job"]
    job |= {"created": f"{timezone.now():%Y-%m-%d %H:%M:%S.%f}", **values}
    return changed("source-running", status={"last_job": job})


def ended(source: HarvestSource, **counters: int) -> None:
    """Let a job of the source end that counted this."""
    job = HarvestJob.objects.start_for(source, status="running", **counters)
    ending.end(job, "finished", "")


def attend(**later: int) -> CkanSource:
    """Look after the CKAN source, as housekeeping does so much later."""
    following.attend_due(timezone.now() + dt.timedelta(**later))
    return row()


def test_a_job_that_changed_something_has_ckan_harvest(ckan, ocean):
    ended(ocean, added=2)
    following.attend_due()
    assert ckan.asked == ["harvest_source_show", "harvest_job_create"]
    assert ckan.tokens == {"a-token"}
    assert (row().wanted, row().job_status, row().job_id) == (
        None,
        "Running",
        result_of("job")["id"],
    )


@pytest.mark.django_db(transaction=True)
def test_it_need_not_wait_for_the_next_minute(ckan, ocean, queues):
    ended(ocean, removed=1)
    queues()
    assert ckan.count("harvest_job_create") == 1


def test_a_day_without_changes_triggers_nothing(ckan, ocean):
    ended(ocean, unchanged=24, failed=1, held=2)
    following.attend_due()
    following.attend_due()
    assert ckan.asked == []
    assert not CkanSource.objects.exists()


def test_no_ckan_is_asked_where_none_is_set(ckan, ocean, settings, source_of):
    settings.CKAN_API = ""
    ended(ocean, added=2)
    following.attend_due()
    assert ckan.asked == []


def test_a_source_may_have_a_ckan_source_of_its_own(ckan, ocean):
    ocean.ckan_harvest_url = "rivers"
    ocean.save()
    ended(ocean, changed=1)
    following.attend_due()
    assert [found.pk for found in CkanSource.objects.all()] == ["rivers"]


def test_several_sources_of_one_ckan_source_are_one_job(ckan, ocean, source_of):
    other = source_of("https://example.org/other/")
    running = HarvestJob.objects.start_for(other, status="running", removed=1)
    ended(ocean, added=2)
    following.attend_due()
    assert ckan.asked == []
    ending.end(running, "finished", "")
    following.attend_due()
    assert ckan.count("harvest_job_create") == 1
    assert attend(minutes=2).wanted is None
    assert ckan.count("harvest_job_create") == 1


def test_another_harvest_is_not_waited_for_for_ever(ckan, ocean, source_of):
    HarvestJob.objects.start_for(source_of("https://example.org/other/"))
    ended(ocean, added=2)
    following.attend_due()
    attend(minutes=20)
    assert ckan.count("harvest_job_create") == 1


def test_while_a_job_runs_the_next_one_waits(ckan, ocean):
    ckan.says(harvest_source_show=[running(), "source-finished"])
    ended(ocean, added=2)
    following.attend_due()
    assert ckan.count("harvest_job_create") == 0
    assert row().wanted
    assert row().is_unfinished
    attend(hours=1)
    assert ckan.count("harvest_job_create") == 1
    assert row().wanted is None


def test_a_job_that_has_not_begun_to_list_sees_the_change(ckan, ocean):
    ckan.says(harvest_source_show=running(gather_started=None))
    ended(ocean, added=2)
    following.attend_due()
    assert ckan.count("harvest_job_create") == 0
    assert row().wanted is None
    assert row().is_unfinished


def test_a_wish_that_comes_meanwhile_is_kept(ckan, ocean):
    before = following.want(ocean)
    following.want(ocean)
    before.fulfil()
    assert row().wanted


def test_two_workers_look_but_once(ckan, ocean):
    wish = following.want(ocean)
    now = timezone.now()
    assert wish.take(now, now + DAY)
    assert not CkanSource.objects.get().take(now, now + DAY)


def test_its_errors_come_back_to_our_records(ckan, ocean):
    ckan.says(harvest_source_show="source-finished")
    following.look_soon("ocean-waf")
    found = attend()
    assert (found.job_status, found.reported) == ("Finished", found.job_id)
    assert found.counts == {"added": 2, "errored": 2}
    said = {c.place: c.errors[0]["message"] for c in CkanComplaint.objects.all()}
    assert "Could not extract reference date" in said["Ocean Institute/zoned.xml"]
    assert "already has this guid twin" in " ".join(said.values())
    assert found.next_look is None
    assert ckan.count("harvest_job_create") == 0


def test_errors_of_the_job_before_go(ckan, ocean):
    ckan.says(harvest_source_show="source-finished")
    following.look_soon("ocean-waf")
    attend()
    ckan.says(harvest_source_show="source-nothing", harvest_job_report="report-nothing")
    following.look_soon("ocean-waf")
    found = attend()
    assert not CkanComplaint.objects.exists()
    assert found.gather_errors == ["No records to change"]


def test_a_job_without_end_is_followed_less_and_less_and_given_up(ckan, ocean):
    made = result_of("source-running")["status"]["last_job"]["created"]
    created = dt.datetime.fromisoformat(f"{made}+00:00")
    ckan.says(harvest_source_show="source-running")
    following.look_soon("ocean-waf")
    waits = []
    for age in (dt.timedelta(minutes=3), dt.timedelta(hours=2), DAY):
        CkanSource.objects.update(next_look=created)
        following.attend("ocean-waf", created + age)
        waits.append(round((row().next_look - created - age).total_seconds() / 60))
    assert waits == [1, 12, 30]
    CkanSource.objects.update(next_look=created)
    following.attend("ocean-waf", created + 4 * DAY)
    assert row().next_look is None
    assert "has not ended in 3 days" in row().message


def test_a_deleted_source_has_ckan_harvest_what_is_left(ckan, ocean):
    ocean.records.create(url="https://example.org/1.xml")
    deletion_job.delete_source(ocean.pk)
    following.attend_due()
    assert ckan.count("harvest_job_create") == 1
