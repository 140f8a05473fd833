"""Every management command on the sources in the database."""

import datetime as dt
import json
from io import StringIO

import pytest
import requests
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import ProgrammingError
from django.utils import timezone

from harvests import health, jobs
from harvests.models import HarvestJob, HarvestSource
from tests.test_one_off import called

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("by", ["name", "pk"])
def test_one_is_harvested_by_name_or_id(good, by):
    told = called("harvest", "--source", getattr(good, by))
    assert told == "Good: finished: 24 added\n"


def test_all_published_ones_are_harvested(good, shrinking):
    HarvestSource.objects.filter(pk=good.pk).update(publish=True)
    told = json.loads(called("harvest", "--all", "--json"))
    assert (told["added"], [job["source"] for job in told["jobs"]]) == (
        24,
        ["Good"],
    )


def test_due_ones_are_harvested_and_planned_anew(good):
    HarvestSource.objects.update(publish=True)
    assert "Good" in called("harvest", "--due")
    assert called("harvest", "--due") == "No source is due: nothing to harvest.\n"


def test_the_work_can_be_left_to_the_workers(good, queues):
    assert called("harvest", "--source", "Good", "--queue") == "Good: queued\n"
    queues()
    assert HarvestJob.objects.get().status == "finished"


def test_failures_are_in_the_object(provider, source_of):
    source = source_of(provider.url("broken"))
    told = json.loads(called("harvest", "--source", source.pk, "--json"))
    assert (told["failed"], len(told["failures"])) == (5, 5)


def test_a_failed_harvest_is_told(provider, source_of):
    source = source_of(provider.url("gone"))
    with pytest.raises(CommandError, match="404") as caught:
        called("harvest", "--source", source.pk)
    assert caught.value.returncode == 1


def test_a_source_being_harvested_is_told(good):
    HarvestJob.objects.start_for(good)
    with pytest.raises(CommandError, match="already"):
        called("harvest", "--source", "Good")


def test_an_unknown_source_is_bad_usage(db):
    with pytest.raises(CommandError, match="no source 'x'") as caught:
        called("harvest", "--source", "x")
    assert caught.value.returncode == 2


def test_a_name_that_two_have_is_bad_usage(good, shrinking):
    HarvestSource.objects.update(name="Same")
    for command in ("harvest", "restore"):
        with pytest.raises(CommandError, match="give the id") as caught:
            called(command, "--source", "Same")
        assert caught.value.returncode == 2


def test_due_sources_are_queued(good, queues):
    HarvestSource.objects.update(publish=True)
    assert called("harvest_due") == "Queued Good.\n"
    assert called("harvest_due") == ""  # a cron would mail each line


def test_what_was_removed_is_listed_and_restored(provider, shrinking):
    jobs.run_now(shrinking)
    assert called("restore", "--list") == "The trash is empty.\n"
    assert "nothing to restore" in called("restore", "--source", "Shrinking")
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    jobs.run_now(shrinking, allow_removals=True)
    item = shrinking.trash.first()
    listed = called("restore", "--list")
    assert item.url in listed
    assert item.file_name in called("restore", item.url)
    assert shrinking.records.get(url=item.url).restored
    assert len(called("restore", "--source", "Shrinking").splitlines()) == 35


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param((), "Name the records", id="nothing"),
        pytest.param(("x.xml",), "Not in the trash", id="unknown"),
        pytest.param(("--source", "x"), "no source", id="source"),
    ],
)
def test_restoring_needs_to_know_what(arguments, words):
    with pytest.raises(CommandError, match=words):
        called("restore", *arguments)


def test_restoring_what_is_there_again_is_told(provider, shrinking):
    jobs.run_now(shrinking)
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    jobs.run_now(shrinking, allow_removals=True)
    requests.post(provider.url("shrinking/reset"), timeout=5)
    jobs.run_now(shrinking)
    with pytest.raises(CommandError, match="has it again"):
        called("restore", "--source", "Shrinking")


def test_files_and_rows_agree_after_a_harvest(good):
    jobs.run_now(good)
    assert "agree" in called("check_store")


def test_differences_are_told_and_mended(good, folder):
    jobs.run_now(good)
    lost, spoilt = folder.names()[:2]
    folder.path_of(lost).unlink()
    folder.path_of(spoilt).write_bytes(b"<spoilt/>")
    folder.path_of("stranger.xml").write_bytes(b"<stranger/>")
    out = StringIO()
    with pytest.raises(CommandError, match="3 files differ"):
        call_command("check_store", stdout=out)
    assert called("check_store", "--fix").count("\n") == 4
    jobs.run_now(good)
    assert "agree" in called("check_store")
    assert len(folder.names()) == 24


def test_old_jobs_and_old_trash_are_forgotten(provider, shrinking, settings):
    jobs.run_now(shrinking)
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    jobs.run_now(shrinking, allow_removals=True)
    shrinking.trash.update(removed_at=timezone.now() - dt.timedelta(days=31))
    told = called("prune_jobs", "--days", "0")
    assert told == "Forgot 1 jobs and 36 removed records.\n"
    for days in ("-1", "4000000"):
        with pytest.raises(CommandError, match="0 or more"):
            called("prune_jobs", "--days", days)


def test_the_first_user_is_made_once():
    told = called("first_user")
    user = get_user_model().objects.get()
    assert user.is_superuser
    assert user.check_password(told.split("password ")[1].split()[0])
    assert "password" not in called("first_user")


@pytest.fixture
def no_redis(good, shrinking, settings) -> None:
    HarvestSource.objects.update(publish=True)
    settings.RQ_QUEUES = {"default": {"URL": "redis://127.0.0.1:1/0"}}


def test_jobs_that_wait_for_redis_are_told(no_redis):
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("harvest", "--all", "--queue", stdout=out)
    told = sorted(out.getvalue().splitlines())
    assert told == ["Good: waits for Redis", "Shrinking: waits for Redis"]
    assert str(caught.value).count("cannot be reached") == 1


def test_a_redis_that_is_away_is_told_once_each_minute(no_redis, caplog):
    assert called("harvest_due") == ""  # a cron would mail each line
    assert caplog.text.count("cannot be reached") == 1


def test_the_demo_provider_may_move_to_another_port(provider, queues):
    called("demo_sources", provider.url())
    called("demo_sources", "http://127.0.0.1:8399/")
    assert HarvestSource.objects.count() == 9
    assert HarvestSource.objects.filter(url__contains=":8399/").count() == 9
    with pytest.raises(CommandError, match="not a web address"):
        called("demo_sources", "x")


def test_the_demo_sources_are_registered_once(provider, queues):
    assert "Demo: good" in called("demo_sources", provider.url())
    assert called("demo_sources", provider.url()) == ""
    queues()
    statuses = HarvestJob.objects.values_list("status", flat=True)
    assert list(statuses) == ["finished", "finished"]


def test_an_error_of_our_own_is_not_laid_to_the_database():
    assert health.trouble_behind(ProgrammingError("no such table: ours")) == ""
