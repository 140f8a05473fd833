"""What the pages of a source and a record, and “Where is my dataset?”, say of CKAN."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from harvests import jobs
from harvests.advice.rules import RULES
from harvests.ckan import following, words
from harvests.models import CkanSource, HarvestRecord, HarvestSource, Organization
from tests import folders

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(ocean) -> HarvestRecord:
    """The record that CKAN refused, as it is here."""
    return ocean.records.create(
        url="https://example.org/waf/zoned.xml",
        title="Zoned",
        file_id="zoned",
        file_name="zoned.xml",
        record_url="http://waf.example.org/Ocean%20Institute/zoned.xml",
    )


@pytest.fixture
def harvested(ckan, ocean, record) -> CkanSource:
    """CKAN's job has ended, and we know what it said."""
    ckan.says(harvest_source_show="source-finished")
    following.look_soon("ocean-waf")
    following.attend_due()
    return CkanSource.objects.get()


def page(client, item) -> str:
    return client.get(item.get_absolute_url()).content.decode()


def test_the_records_page_says_what_ckan_said(ada, harvested, record):
    text = page(ada, record)
    assert "Could not extract reference date" in text
    assert "https://ckan.example.org" not in text
    assert "guid%3A%22zoned%22" in text


def test_a_record_without_complaint_says_so(ada, harvested, ocean):
    other = ocean.records.create(url="https://example.org/a.xml", file_name="a.xml")
    assert "last job said nothing against it" in page(ada, other)


def test_the_sources_page_shows_counts_and_records(ada, harvested, ocean):
    text = page(ada, ocean)
    assert "2 added, 2 errored" in text
    assert "Could not extract reference date" in text
    assert "something to say of 2 documents" in text


def test_what_ckan_will_refuse_is_told_before(ada, ckan, ocean, site):
    (site[0] / "zoned.xml").write_bytes(folders.record("zoned", date="2025-01-01Z"))
    ocean.url = site[1]
    ocean.save()
    jobs.run_now(ocean)
    text = page(ada, ocean)
    assert "What CKAN will not take as it is" in text
    assert "<td>refuses</td>" in text


def test_the_words_for_effects_are_of_rules_that_there_are():
    assert set(words.EFFECTS) <= {*RULES, "xsd"}


def test_where_is_my_dataset_ends_with_ckan(ada, harvested, record):
    found = ada.get("/admin/where/", {"q": "zoned"})
    step = found.context["matches"][0].steps[-1]
    assert (step.name, step.state) == ("CKAN", "stopped")
    assert "Could not extract reference date" in step.text


def test_a_record_newer_than_ckans_job_waits(ada, harvested, ocean):
    now = timezone.now().timestamp() * 1e9
    url = "http://waf.example.org/new.xml"
    fields = {"file_name": "new.xml", "file_id": "new", "record_url": url}
    ocean.records.create(url="https://example.org/new.xml", file_mtime=now, **fields)
    step = ada.get("/admin/where/", {"q": "new"}).context["matches"][0].steps[-1]
    assert (step.state, step.text.strip()) == (
        "waiting",
        "CKAN has not harvested it since it was published or changed.",
    )


def test_a_person_has_ckan_harvest(carl, ckan, ocean):
    carl.post(f"/admin/harvests/harvestsource/{ocean.pk}/ckan/")
    following.attend_due()
    assert ckan.count("harvest_job_create") == 1
    assert CkanSource.objects.get().asked_by == "carl"
    assert LogEntry.objects.get().change_message == "CKAN asked to harvest."


def test_an_admin_checks_the_token(ada, carl, ckan, ocean):
    url = f"/admin/harvests/harvestsource/{ocean.pk}/ckan-check/"
    assert carl.post(url).status_code == 403
    text = ada.post(url, follow=True).content.decode()
    assert "who may have “ocean-waf” harvested" in text


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("ocean", "{}/harvest/ocean"),
        ("https://other.example.org/harvest/ocean", None),
        ("javascript:alert(1)//ocean", "{}/harvest/ocean"),
    ],
)
def test_a_source_leads_to_its_own_in_ckan(ada, ckan, ocean, written, place):
    HarvestSource.objects.update(ckan_harvest_url=written)
    links = ada.get(ocean.get_absolute_url()).context["links"]
    assert links["ckan"] == (place.format(ckan.url) if place else written)


def test_without_a_ckan_no_page_speaks_of_it(ada, record, settings):
    assert 'id="ckan"' not in page(ada, record)
    assert 'id="ckan"' not in page(ada, record.source)
    steps = ada.get("/admin/where/", {"q": "zoned"}).context["matches"][0].steps
    assert [step.name for step in steps][-1] == "Published"


@pytest.mark.parametrize("name", ["ocean-waf", "https://c.example/harvest/Ocean-WAF"])
def test_a_member_does_not_take_the_ckan_source_of_others(ada, olga, ocean, name):
    river = Organization.objects.get(name="River Office")
    mine = {"name": "River", "url": "https://river.example.org/"}
    source = HarvestSource.objects.create(organization=river, **mine)
    place = reverse("admin:harvests_harvestsource_change", args=[source.pk])
    form = {**mine, "organization": river.name, "harvest_type": "WAF"}
    form |= {"harvest_interval": "1", "time_zone": "UTC", "max_depth": "2"}
    form |= {"removal_limit": "20", "ckan_harvest_url": name}
    refused = olga.post(place, form)
    assert "This CKAN source is of “Ocean Institute”" in refused.content.decode()
    assert olga.post(place, {**form, "ckan_harvest_url": "rivers"}).status_code == 302
    assert ada.post(place, form).status_code == 302
    source.refresh_from_db()
    assert source.ckan_harvest_url == name
    assert olga.post(place, {**form, "name": "Rivers"}).status_code == 302
