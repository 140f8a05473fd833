"""The list and the form of sources."""

import datetime as dt
import html

import pytest
from django.utils import timezone

from harvests import jobs
from harvests.models import HarvestJob, HarvestSource, Organization
from harvests.pipeline.sources import SOURCES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fields(organization) -> dict[str, object]:
    """What a person fills in."""
    return {
        "name": "Buoys",
        "organization": organization.name,
        "harvest_type": "WAF",
        "url": "https://example.org/waf/",
        "harvest_interval": "1",
        "time_zone": "UTC",
        "max_depth": "2",
        "removal_limit": "20",
    }


def shown(client, url, **query) -> str:
    response = client.get(url, query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_source_is_registered(ada, address, fields):
    response = ada.post(address("harvestsource_add"), fields)
    assert response.status_code == 302, response.context["errors"]
    source = HarvestSource.objects.get()
    assert (source.name, source.publish) == ("Buoys", False)


def test_the_kinds_are_those_with_code(ada, address):
    page = shown(ada, address("harvestsource_add"))
    for key, kind in SOURCES.items():
        assert f'<option value="{key}"' in page
        assert kind.label in page
    assert '<option value="" selected>to be found by Check' in page


def test_a_kind_without_code_is_kept_and_marked(ada, address, source_of):
    source = source_of("https://example.org/z/", harvest_type="Z3950")
    page = shown(ada, address("harvestsource_change", source))
    assert "Z3950 (not available)" in page


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("url", "example.org/waf", "This is not a web address"),
        ("url", "ftp://example.org/waf/", "This is not a web address"),
        ("url", "", "This field is required."),
        ("cron", "every night", "is not a cron expression"),
        ("time_zone", "Mars/Olympus", "is not an IANA time zone"),
        ("harvest_interval", "-1", "at least 0.042 days (one hour)"),
        ("url", "http://user:pw@example.org/", "Leave out the name and password"),
    ],
)
def test_a_mistake_in_the_form_is_explained(
    ada, address, fields, field, value, message
):
    page = ada.post(address("harvestsource_add"), {**fields, field: value})
    assert message in page.content.decode()
    assert not HarvestSource.objects.exists()


def test_a_url_that_another_source_has_names_that_source(
    ada, address, fields, source_of
):
    source_of(fields["url"], name="Tide gauges")
    page = ada.post(address("harvestsource_add"), fields).content.decode()
    assert "The source “Tide gauges” of Ocean Institute has this URL already." in page


def test_a_new_schedule_plans_the_next_harvest_anew(ada, address, fields, source_of):
    source = source_of(fields["url"])
    changes = {**fields, "cron": "30 3 * * *", "publish": "on"}
    ada.post(address("harvestsource_change", source), changes)
    source.refresh_from_db()
    assert (source.next_harvest_dt.hour, source.next_harvest_dt.minute) == (3, 30)
    page = shown(ada, address("harvestsource_change", source))
    assert page.count("<div>20") == page.count("03:30:00 UTC <small>") == 3


def test_another_change_leaves_the_plan_alone(ada, address, fields, source_of):
    planned = timezone.now().replace(microsecond=0) + dt.timedelta(hours=5)
    source = source_of(fields["url"], next_harvest_dt=planned)
    ada.post(address("harvestsource_change", source), {**fields, "name": "Gliders"})
    source.refresh_from_db()
    assert (source.name, source.next_harvest_dt) == ("Gliders", planned)


def test_a_source_that_is_off_schedule_says_why(ada, address, good, settings):
    page = address("harvestsource_change", good)
    assert "harvested by hand only" in shown(ada, page)
    HarvestSource.objects.update(publish=True)
    settings.ENABLE_CRON = False
    assert "the schedule of this site is off" in shown(ada, page)


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({}, "never"),
        ({"last_harvest_status": "ok"}, "ok"),
        ({"last_harvest_status": "ok", "held_count": 3}, "held"),
        ({"last_harvest_status": "fail", "last_message": "Gone."}, "failing"),
    ],
)
def test_the_list_tells_how_a_source_is(ada, address, source_of, fields, label):
    source_of("https://example.org/", **fields)
    page = ada.get(address("harvestsource_changelist"))
    [source] = page.context["cl"].result_list
    assert source.state.label == label
    assert source.state.reason in html.unescape(page.content.decode())


def test_the_list_tells_who_is_harvested_now(ada, address, good):
    job = HarvestJob.objects.start_for(good)
    assert "Waiting for a worker." in shown(ada, address("harvestsource_changelist"))
    job.claim("worker")
    page = shown(ada, address("harvestsource_changelist"))
    assert "harvesting" in page
    assert address("source_cancel", good) in page
    assert "Watch" in shown(ada, good.get_absolute_url())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "EXAMPLE.org/b"}, {"B"}),
        ({"q": "ocean"}, {"A", "B"}),
        ({"organization": "Ocean Institute"}, {"A", "B"}),
        ({"organization": "Nobody"}, set()),
        ({"published": "yes"}, {"B"}),
        ({"published": "no"}, {"A"}),
        ({"held": "yes"}, {"B"}),
        ({"status": "never"}, {"A"}),
        ({"status": "fail"}, {"B"}),
        ({"harvest_type": "WAF"}, {"A", "B"}),
    ],
    ids=str,
)
def test_the_list_is_searched_and_filtered(ada, address, source_of, query, names):
    source_of("https://example.org/a/", name="A")
    failing = {"publish": True, "held_count": 2, "last_harvest_status": "fail"}
    source_of("https://example.org/b/", name="B", **failing)
    page = ada.get(address("harvestsource_changelist"), query)
    assert {source.name for source in page.context["cl"].result_list} == names


def test_times_have_the_hour_in_utc_as_their_tooltip(ada, address, good):
    jobs.run_now(good)
    good.refresh_from_db()
    page = shown(ada, address("harvestsource_changelist"))
    assert f"{good.last_harvest_dt:%Y-%m-%d %H:%M:%S} UTC" in page
    assert "just now" in page


def test_a_source_with_records_stays_in_its_organization(ada, address, good, fields):
    page = shown(ada, address("harvestsource_change", good))
    assert 'name="organization"' in page
    jobs.run_now(good)
    page = shown(ada, address("harvestsource_change", good))
    assert 'name="organization"' not in page
    assert "It cannot be changed once there are any" in page
    other = Organization.objects.create(name="Other")
    asked = {**fields, "url": good.url, "organization": other.name}
    assert ada.post(address("harvestsource_change", good), asked).status_code == 302
    good.refresh_from_db()
    assert (good.name, good.organization_id) == ("Buoys", "Ocean Institute")


def test_a_schedule_that_never_comes_is_refused(ada, address, fields):
    for field, value in (("harvest_interval", "1e308"), ("cron", "0 0 30 2 *")):
        page = ada.post(address("harvestsource_add"), {**fields, field: value})
        wanted = "at most 3660 days" if field == "harvest_interval" else "never comes"
        assert wanted in page.content.decode()
    assert not HarvestSource.objects.exists()
