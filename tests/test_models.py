"""What the database itself refuses, and how models change state."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models import ProtectedError
from django.utils import timezone

from harvests.models import HarvestJob, HarvestRecord, HarvestSource, Organization
from harvests.models.records import FAILED

pytestmark = pytest.mark.django_db(transaction=True)

REGISTRY = {
    "Harvests": (
        "_id name url organization harvest_type harvest_interval publish "
        "harvest_contact last_harvest_dt last_record_count last_good_count "
        "last_bad_count last_harvest_status"
    ),
    "Records": (
        "_id harvest_id title description services validation_errors hash_val "
        "metadata_date file_id url record_url location update_time"
    ),
    "Attempts": "_id parent_harvest date successful num_records failure",
    "Organizations": "_id name description url logo_url ckan_harvest_url",
}
MODELS = (HarvestSource, HarvestRecord, HarvestJob, Organization)


@pytest.fixture
def source(source_of):
    return source_of("http://example.org/waf/")


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_collections_and_fields_are_those_the_registry_reads(model):
    columns = {field.column for field in model._meta.fields}
    assert set(REGISTRY[model._meta.db_table].split()) <= columns


def test_a_source_holds_the_name_of_its_organization(source):
    assert source.organization_id == "Ocean Institute"
    if connection.vendor == "mongodb":
        document = connection.database["Harvests"].find_one()
        assert document["_id"] == source.pk
        assert document["organization"] == "Ocean Institute"
        assert document["last_harvest_dt"] is None
        assert "id" not in document


def test_two_sources_never_have_one_url(source, source_of):
    with pytest.raises(IntegrityError):
        source_of(source.url)


def test_a_source_never_has_a_record_twice(source):
    HarvestRecord.objects.create(source=source, url="http://x/a.xml")
    with pytest.raises(IntegrityError):
        HarvestRecord.objects.create(source=source, url="http://x/a.xml")


def test_an_ended_job_makes_room_for_another(source):
    for _again in range(3):
        job = HarvestJob.objects.start_for(source)
        assert job.claim("here")
        assert job.end("finished")
    assert source.jobs.filter(active_source=None).count() == 3


def test_a_job_is_claimed_once_and_ends_once(source):
    job = HarvestJob.objects.start_for(source)
    same = HarvestJob.objects.get(pk=job.pk)
    assert job.claim("one")
    assert not same.claim("two")
    assert job.end("failed", message="Broken.", code=5)
    assert not same.end("finished")
    same.refresh_from_db()
    assert same.failure == {"code": 5, "message": "Broken."}
    assert not same.cancel("ann")
    assert same.seconds >= 0


def test_a_job_that_did_not_start_has_no_length(source):
    job = HarvestJob.objects.start_for(source)
    assert (job.seconds, job.message, job.is_active) == (None, "", True)
    assert str(source) in str(job)


def test_an_organization_with_sources_is_protected(source):
    with pytest.raises(ProtectedError):
        source.organization.delete()


def test_a_source_with_records_stays_with_its_organization(source):
    other = Organization.objects.create(name="Other")
    source.organization = other
    source.full_clean()
    HarvestRecord.objects.create(source=source, url="http://x/a.xml")
    with pytest.raises(ValidationError, match="register the source anew"):
        source.full_clean()


def test_a_name_is_counted_in_bytes():
    with pytest.raises(ValidationError, match="200 bytes"):
        Organization(name="🌊" * 60).full_clean()


@pytest.mark.parametrize(
    "name", ["../x", "a/b", ".hidden", "x" * 101, "a\\b", "", "tab\t", "a#b", "end."]
)
def test_an_organization_s_name_must_be_a_folder(name):
    with pytest.raises(ValidationError) as caught:
        Organization(name=name).full_clean()
    assert caught.value.messages


@pytest.mark.parametrize("name", ["IOOS", "Océan & Co (test)", "日本", "a.b-c_d"])
def test_ordinary_names_are_welcome(name):
    Organization(name=name).full_clean()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("url", "ftp://x.org/"), ("url", "nonsense"), ("cron", "daily")),
        ("url", "https://ann:secret@x.org/waf/"),
        *(("removal_limit", 200), ("harvest_interval", 1e9), ("cron", "0 0 30 2 *")),
        *(("time_zone", "Mars"), ("harvest_type", "FTP"), ("harvest_interval", 0)),
    ],
)
def test_a_source_that_cannot_work_is_refused(source, field, value):
    setattr(source, field, value)
    with pytest.raises(ValidationError) as caught:
        source.full_clean()
    assert set(caught.value.message_dict) == {field}


def test_a_record_is_called_by_its_title_or_url(source):
    record = HarvestRecord(source=source, url="http://x/a.xml")
    assert str(record) == "http://x/a.xml"
    record.title = "Waves"
    assert str(record) == "Waves"


def test_stock_is_taken_of_what_is_there(source):
    for number, errors in enumerate((0, 2, 0)):
        HarvestRecord.objects.create(
            source=source, url=f"http://x/{number}", error_count=errors
        )
    HarvestRecord.objects.filter(url="http://x/2").update(
        failure={"stage": "read", "message": "Broken."},
        trouble=FAILED,
        missing_since=timezone.now(),
    )
    source.take_stock()
    source.refresh_from_db()
    assert (source.last_record_count, source.last_bad_count) == (3, 2)
    assert (source.last_good_count, source.held_count) == (1, 1)


def test_what_a_form_refuses_the_model_refuses_in_the_same_words(source, source_of):
    source_of("https://example.org/taken/", name="Tide gauges")
    wrong = {
        "url": (
            "",
            "example.org/waf",
            "http://u:p@h.org/",
            "https://example.org/taken/",
        ),
        "harvest_type": ("Z3950",),
        "harvest_interval": (0,),
        "cron": ("nightly",),
        "cql": ("a = 1",),
    }
    sentences = (
        *("This is not a web address", "This is not a web address", "Leave out the"),
        *("The source “Tide gauges” of Ocean Institute has this URL already.",),
        *("Not a kind of source", "Give at least 0.042 days", "is not a cron"),
        "Only a catalogue service selects",
    )
    told = []
    for name, values in wrong.items():
        for value in values:
            source.refresh_from_db()
            setattr(source, name, value)
            with pytest.raises(ValidationError) as caught:
                source.full_clean()
            ((field, (sentence, *_others)),) = caught.value.message_dict.items()
            assert field == name
            told.append(sentence)
    for sentence, wanted in zip(told, sentences, strict=True):
        assert wanted in sentence
