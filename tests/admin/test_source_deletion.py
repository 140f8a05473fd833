"""Deleting a source: told before, done by a worker, and safe to do again."""

import pytest
import requests

from harvests import conf, deletion, deletion_job, jobs
from harvests.models import (
    HarvestJob,
    HarvestOutcome,
    HarvestRecord,
    HarvestSource,
    PublishedName,
    TrashedRecord,
)
from harvests.pipeline.errors import StoreError

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def full(held, good, provider) -> HarvestSource:
    """A source with records, files, outcomes and a trash; another one beside it."""
    jobs.run_now(good)
    requests.post(provider.url("shrinking/shrink"), timeout=5)
    jobs.run_now(held, allow_removals=True)
    assert TrashedRecord.objects.count() == 36
    return held


def assert_gone(source: HarvestSource) -> None:
    assert not HarvestSource.objects.filter(pk=source.pk).exists()
    for model in (HarvestRecord, HarvestJob, PublishedName, TrashedRecord):
        assert not model.objects.filter(source=source.pk).exists()
    left = HarvestJob.objects.values_list("pk", flat=True)
    assert not HarvestOutcome.objects.exclude(job__in=list(left)).exists()


def files(folder) -> int:
    trash = conf.store().root / ".trash" / "Ocean Institute"
    return len(folder.names()) + len(list(trash.iterdir()))


def test_the_page_says_what_will_be_deleted(ada, full, address):
    page = ada.get(address("harvestsource_delete", full)).content.decode()
    for count in ("<b>4</b> records", "<b>4</b> files", "<b>36</b> removed records"):
        assert count in page
    assert "<b>3</b> jobs" in page
    assert HarvestSource.objects.filter(pk=full.pk).exists()


def test_a_source_without_records_concerns_no_catalogue(ada, good, address):
    delete = address("harvestsource_delete", good)
    assert "It has no records and no jobs." in ada.get(delete).content.decode()
    HarvestJob.objects.create(source=good, status="failed")
    page = ada.get(delete).content.decode()
    assert "<b>1</b> job<" in page
    assert "Catalogues" not in page


def test_what_was_never_published_concerns_no_catalogue(ada, good, address):
    for name in ("a.xml", "b.xml"):
        good.records.create(url=name, failure={"message": "No XML."})
        good.names.create(pk=f"Ocean Institute/{name}", url=name)
    page = ada.get(address("harvestsource_delete", good)).content.decode()
    assert "<b>2</b> records" in page
    for untrue in ("file", "central WAF", "Catalogues"):
        assert untrue not in page.partition("<h2>")[2].partition("</section>")[0]


def test_a_worker_deletes_all_of_it_and_nothing_else(
    ada, full, good, folder, address, queues
):
    answer = ada.post(address("harvestsource_delete", full))
    assert answer["Location"] == "/"  # where its progress shows
    full.refresh_from_db()
    assert (full.publish, full.last_message) == (False, deletion.DELETING)
    queues()
    assert_gone(full)
    assert (good.records.count(), good.jobs.count(), files(folder)) == (24, 1, 24)


def test_it_is_refused_while_the_source_is_harvested(ada, good, address, said):
    HarvestJob.objects.start_for(good)
    assert (
        "cancel that job"
        in ada.get(address("harvestsource_delete", good)).content.decode()
    )
    response = ada.post(address("harvestsource_delete", good))
    assert "cancel that job first" in said(response)
    good.refresh_from_db()
    assert good.last_message == ""


def test_a_harvest_that_was_faster_than_the_worker_stops_it(ada, good, address, queues):
    ada.post(address("harvestsource_delete", good))
    job = HarvestJob.objects.start_for(good)
    queues()
    good.refresh_from_db()
    assert "Not deleted, because it was being harvested" in good.last_message
    job.refresh_from_db()
    assert job.status == "queued"


def test_a_deletion_that_was_killed_is_finished_by_the_next(
    full, good, folder, monkeypatch
):
    monkeypatch.setattr(deletion, "CHUNK", 3)
    job = deletion.take_slot(full)
    deletion.delete(full, job, lambda count: False)
    assert full.records.count() == 1
    deletion_job.delete_source(full.pk)
    assert_gone(full)
    assert files(folder) == good.records.count()


def test_cancelling_it_keeps_the_rest(full, monkeypatch):
    monkeypatch.setattr(deletion, "CHUNK", 3)
    deletion.take_slot(full).cancel("ada")
    deletion_job.delete_source(full.pk)
    job = full.jobs.first()
    assert (job.status, job.message) == ("cancelled", "Cancelled by ada.")
    assert full.records.count() == 1


def test_a_disk_that_refuses_fails_the_job_with_a_sentence(full, output_dir):
    (output_dir / ".trash").rename(output_dir / ".elsewhere")
    (output_dir / ".trash").write_text("in the way")
    with pytest.raises(StoreError):
        deletion_job.delete_source(full.pk)
    job = full.jobs.first()
    assert job.status == "failed"
    assert "delete it again" in job.message


def test_a_file_that_another_source_publishes_stays(full, good, folder):
    name = folder.names()[0]
    PublishedName.objects.filter(pk=f"Ocean Institute/{name}").update(source=good)
    full.records.update(file_name=name)
    deletion_job.delete_source(full.pk)
    assert name in folder.names()


def test_a_name_that_we_never_write_is_left_alone(full):
    full.records.update(file_name="../secret")
    deletion_job.delete_source(full.pk)
    assert_gone(full)


def test_a_source_that_is_gone_already_is_no_error():
    deletion_job.delete_source("gone")


def test_without_redis_nothing_is_deleted(ada, good, address, said, no_redis):
    response = ada.post(address("harvestsource_delete", good))
    assert "Nothing was deleted" in said(response)
    good.refresh_from_db()
    assert good.last_message == ""


def test_who_is_of_another_organization_deletes_nothing(olga, good, address):
    assert olga.get(address("harvestsource_delete", good)).status_code == 403
    assert olga.post(address("harvestsource_delete", good)).status_code == 403


def test_the_list_offers_no_deletion_of_many(ada, good, address):
    page = ada.get(address("harvestsource_changelist")).content.decode()
    assert "delete_selected" not in page
