"""What check_store must not do while others work, or lose while it mends."""

import pytest

from harvests import audit, jobs
from harvests.models import HarvestJob, Organization, PublishedName
from harvests.pipeline.store import TRASH

pytestmark = pytest.mark.django_db(transaction=True)


def test_files_that_await_their_rows_are_left_alone(good, folder):
    jobs.run_now(good)
    good.records.all().delete()
    HarvestJob.objects.start_for(good).claim("here:1")
    assert list(audit.check_store(fix=True)) == []
    assert len(folder.names()) == 24


def test_files_that_nobody_awaits_go_to_the_trash(good, folder):
    jobs.run_now(good)
    good.records.all().delete()
    found = list(audit.check_store(fix=True))
    assert {difference.kind for difference in found} == {audit.ORPHAN}
    assert folder.names() == []


def test_two_strangers_of_one_name_are_both_kept(organization, folder, output_dir):
    for text in ("one", "two"):
        folder.path_of("stranger.xml").write_text(text)
        assert len(list(audit.check_store(fix=True))) == 1
    kept = (output_dir / TRASH / organization.name).iterdir()
    assert {path.read_text() for path in kept} == {"one", "two"}


def test_one_unfit_folder_does_not_stop_the_check(good, folder):
    jobs.run_now(good)
    Organization.objects.create(name="🌊" * 90)
    folder.path_of("stranger.xml").write_text("x")
    kinds = [difference.kind for difference in audit.check_store()]
    assert sorted(kinds) == [audit.ORPHAN, audit.UNFIT]


def test_a_moved_source_can_still_be_deleted(good, organization, queues):
    """Moved by a script, around the form that refuses it."""
    jobs.run_now(good)
    good.organization = Organization.objects.create(name="Other")
    good.save()
    jobs.enqueue_deletion(good)
    queues()
    assert not PublishedName.objects.exists()
    assert not type(good).objects.filter(pk=good.pk).exists()
