"""The registry's attempts become jobs: with their ids, once, each one left told."""

import datetime as dt

import pytest
from bson import ObjectId
from django.urls import reverse
from django.utils import timezone

from harvests import jobs
from harvests.models import HarvestJob, HarvestSource
from tests.folders import record
from tests.test_moving import move

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harvest(registry, site) -> str:
    """A harvest with five attempts, the last of which failed."""
    path, url = site
    (path / "a.xml").write_bytes(record("a"))
    key = registry.harvest(url, "IOOS", last_harvest_status="fail")
    registry.record(key, f"{url}a.xml", record("a"))
    now = timezone.now().replace(microsecond=0)
    for ago in range(5):
        attempt = {
            "_id": ObjectId(),
            "parent_harvest": key,
            "date": now - dt.timedelta(days=ago),
            "successful": ago != 0,
            "num_records": 3,
        }
        if not ago:
            attempt["failure"] = {"code": 504, "message": "The <b>server</b> is away"}
        registry.database["Attempts"].insert_one(attempt)
    return key


def test_they_are_the_history_of_their_source(registry, harvest, admin_client):
    told = move(registry)
    assert "jobs                  5 taken        0 here already        0 left" in told
    source = HarvestSource.objects.get()
    newest = source.jobs.first()
    assert (newest.status, newest.message) == ("failed", "The <b>server</b> is away")
    assert (newest.num_records, newest.seconds, newest.active_source) == (3, 0, None)
    old = {str(each["_id"]) for each in registry.database["Attempts"].find()}
    assert set(source.jobs.values_list("pk", flat=True)) == old
    assert [line["status"] for line in source.recent_jobs] == [
        *["finished"] * 4,
        "failed",
    ]
    page = admin_client.get(newest.get_absolute_url()).content.decode()
    assert "the registry that moved in here" in page
    assert "The &lt;b&gt;server&lt;/b&gt; is away" in page
    listed = admin_client.get(reverse("admin:harvests_harvestjob_changelist"))
    assert listed.status_code == 200


def test_a_second_run_changes_nothing_and_still_takes_new_records(
    registry, harvest, site
):
    move(registry)
    before = list(HarvestJob.objects.values())
    registry.record(harvest, f"{site[1]}b.xml", record("b"))
    told = move(registry)
    assert "jobs                  0 taken        5 here already        0 left" in told
    assert "records               1 taken        1 here already" in told
    assert list(HarvestJob.objects.values()) == before
    source = HarvestSource.objects.get()
    jobs.run_now(source)
    source.refresh_from_db()
    assert [line["status"] for line in source.recent_jobs][-2:] == [
        "failed",
        "finished",
    ]
    registry.record(harvest, f"{site[1]}c.xml", record("c"))
    assert "records               0 taken        3 here already" in move(registry)


def test_what_cannot_be_taken_is_told(registry, harvest):
    attempts = registry.database["Attempts"]
    attempts.insert_many(
        [
            {"parent_harvest": "gone", "date": timezone.now()},
            {"parent_harvest": harvest, "date": "pending"},
            {"parent_harvest": harvest, "date": dt.datetime(2019, 1, 1)},
            {"parent_harvest": harvest, "date": timezone.now(), "failure": "?"},
        ]
    )
    dry = move(registry, "--dry-run")
    assert not HarvestJob.objects.exists()
    told = move(registry)
    assert "jobs                  6 taken" in dry
    assert "Left 1 attempt: no harvest that is here made it." in told
    assert "Left 1 attempt: without a date." in told
    assert "older than JOB_HISTORY_DAYS" in told
    assert "6 taken        0 here already        3 left" in told
    odd = HarvestJob.objects.get(num_records=0)
    assert odd.message == "The registry does not say why it failed."
