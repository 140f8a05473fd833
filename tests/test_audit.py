"""What check_store must not do while others work, or lose while it mends."""

import pytest
import requests
from django.utils import timezone

from harvests import audit, deletion_job, jobs
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
    deletion_job.enqueue_deletion(good)
    queues()
    assert not PublishedName.objects.exists()
    assert not type(good).objects.filter(pk=good.pk).exists()


def test_a_moved_source_takes_its_files_along(good, folder, organization):
    """A claim says in which folder its file lies, whatever the source says now."""
    jobs.run_now(good)
    good.organization = Organization.objects.create(name="Other")
    good.save()
    deletion_job.delete_source(good.pk)
    assert folder.names() == []


def test_a_claim_of_no_folder_is_given_up(good):
    PublishedName.objects.create(pk="../a.xml", source=good, url="http://x/a.xml")
    deletion_job.delete_source(good.pk)
    assert not PublishedName.objects.exists()


def test_odd_names_are_told_and_do_not_stop_the_check(good, folder):
    jobs.run_now(good)
    odd = (
        "line\nbreak.xml",
        "back\\slash.xml",
        b"\xff.xml".decode("utf-8", "surrogateescape"),
    )
    for name in odd:
        (folder.path / name).touch()
    long = "é" * 120 + "x" * 6 + ".xml"
    folder.path_of(long).write_text("long")
    found = list(audit.check_store(fix=True))
    assert sorted(d.kind for d in found) == [audit.ORPHAN] + [audit.UNFIT] * 3
    for difference in found:
        difference.message.encode()
        assert "\n" not in difference.message
    assert {d.path.name for d in found} == {*odd, long}
    [kept] = (folder.path.parent / TRASH / folder.path.name).iterdir()
    assert kept.read_text() == "long"
    assert "éééé" in kept.name


def test_a_row_with_a_name_that_we_never_write_is_told(good, folder):
    jobs.run_now(good)
    row = good.records.first()
    folder.path_of(row.file_name).unlink()
    good.records.filter(pk=row.pk).update(file_name="../secret")
    kinds = [difference.kind for difference in audit.check_store()]
    assert kinds == [audit.MISSING]


def test_a_trash_that_refuses_is_told_for_each_file(folder, output_dir):
    (output_dir / TRASH).write_text("in the way")
    folder.path_of("stranger.xml").write_text("x")
    [difference] = audit.check_store(fix=True)
    assert (difference.mended, folder.names()) == ("", ["stranger.xml"])
    assert "Could not write" in difference.message


def test_a_folder_of_no_organization_is_told(good, output_dir):
    """It is served with the others."""
    jobs.run_now(good)
    (output_dir / "Ghost").mkdir()
    (output_dir / ".hidden").mkdir()
    for fix in (False, True):
        [difference] = audit.check_store(fix=fix)
        assert (difference.kind, difference.mended) == (audit.UNFIT, "")
        assert "'Ghost' in" in difference.message


def test_a_name_that_nobody_reserved_is_reserved_anew(good, folder):
    """A removal that was killed had given it up, and its file was called a stranger."""
    jobs.run_now(good)
    good.names.all()[:1].get().delete()
    [difference] = audit.check_store()
    assert (difference.kind, difference.mended) == (audit.UNCLAIMED, "")
    assert "its name is not reserved" in difference.message
    assert len(list(audit.check_store(fix=True))) == 1
    assert good.names.count() == len(folder.names()) == 24
    assert list(audit.check_store()) == []


def test_a_name_that_another_source_has_is_given_up(good, shrinking, folder):
    jobs.run_now(good)
    claim = good.names.all()[:1].get()
    PublishedName.objects.filter(pk=claim.pk).update(source=shrinking, url="http://x/")
    row = good.records.get(url=claim.url)
    good.records.filter(pk=row.pk).update(missing_since=timezone.now())
    [difference] = audit.check_store(fix=True)
    assert difference.message.endswith("its name is that of http://x/")
    assert difference.mended == ""  # no harvest would bring it back
    good.records.filter(pk=row.pk).update(missing_since=None)
    [difference] = audit.check_store(fix=True)
    assert (difference.kind, len(folder.names())) == (audit.UNCLAIMED, 24)
    jobs.run_now(good)
    row = good.records.get(url=claim.url)
    assert row.file_name in folder.names()
    assert f"{folder.path.name}/{row.file_name}" != claim.pk
    assert [found.kind for found in audit.check_store()] == [audit.ORPHAN]


def test_what_a_running_harvest_has_written_is_no_difference(good, folder):
    """Its files come before their rows."""
    jobs.run_now(good)
    name = good.records.first().file_name
    folder.path_of(name).write_bytes(b"<newer/>")
    assert [found.kind for found in audit.check_store()] == [audit.DIFFERENT]
    HarvestJob.objects.start_for(good).claim("here:1")
    assert list(audit.check_store(fix=True)) == []


def test_an_older_document_in_the_trash_stays(shrinking, provider, folder, output_dir):
    """A run that died left a newer file without a row under the same name."""
    jobs.run_now(shrinking)
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    jobs.run_now(shrinking, allow_removals=True)
    item = shrinking.trash.first()
    PublishedName.objects.create(
        pk=f"{folder.path.name}/{item.file_name}", source=shrinking, url=item.url
    )
    folder.path_of(item.file_name).write_bytes(b"<newer/>")
    [difference] = audit.check_store(fix=True)
    assert difference.kind == audit.ORPHAN
    kept = output_dir / TRASH / folder.path.name
    assert (kept / item.pk).read_bytes() != b"<newer/>"
    place = difference.mended.removeprefix("moved to ")
    assert (output_dir / place).read_bytes() == b"<newer/>"


def test_a_stranger_is_found_where_it_is_said_to_be(folder, output_dir):
    folder.path_of("stranger.xml").write_text("x")
    [difference] = audit.check_store(fix=True)
    place = difference.mended.removeprefix("moved to ")
    assert (output_dir / place).read_text() == "x"


def test_a_folder_that_cannot_be_read_is_told(organization, output_dir, monkeypatch):
    def refuse(_path: object) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(audit.os, "listdir", refuse)
    [difference] = audit.check_store()
    assert difference.kind == audit.UNFIT
    assert "cannot be read: Permission denied" in difference.message
