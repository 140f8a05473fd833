"""Check: what an address would bring, seen in the form before anything is saved."""

import html
import re

import pytest
from django.contrib.admin.models import LogEntry

from harvests.models import (
    HarvestJob,
    HarvestRecord,
    HarvestSource,
    Secrets,
    SourceAccess,
)
from harvests.templatetags.harvesting import severity_badge
from tests import misbehaving
from tests.behaviours import sends
from tests.folders import record
from tests.test_access import LISTING, PASSWORD, RECORD, guarded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("patient_checks")]
PART = {"HX-Request": "true"}
TYPED = {
    "time_zone": "UTC",
    "harvest_interval": "1",
    "max_depth": "2",
    "removal_limit": "20",
    "harvest_type": "",
    "_check": "yes",
    **dict.fromkeys(("verify_tls", "check_schema", "check_rules"), "on"),
}


@pytest.fixture
def check(ada, address):
    """Press Check in a form with these values; return the answer's text."""

    def press(source: HarvestSource | None = None, *, part: bool = True, **typed: str):
        page = f"harvestsource_{'change' if source else 'add'}"
        to = address(page, source) if source else address(page)
        answer = ada.post(to, TYPED | typed, headers=PART if part else {})
        assert answer.status_code == 200
        return html.unescape(answer.content.decode())

    return press


def nothing_is_stored() -> bool:
    models = (HarvestSource, HarvestJob, HarvestRecord, SourceAccess, LogEntry)
    return not any(model.objects.exists() for model in models)


def test_a_pasted_address_is_looked_at_before_anything_is_saved(check, provider):
    pasted = provider.url("broken").removeprefix("http://").rstrip("/")
    part = check(url=f" <{pasted}> ")
    assert "<!DOCTYPE" not in part
    assert "Found 19 records" in part
    assert "Web accessible folder" in part
    assert ", because " in part
    numbers = re.findall(r"<b>(\d+)</b> (would be added|failed when last)", part)
    assert [what for _, what in numbers] == ["would be added", "failed when last"]
    assert sum(int(number) for number, _ in numbers) == 19
    assert part.count("<tr>") == 11
    assert "error: " in part
    assert f'data-url="{provider.url("broken")}" data-kind="WAF"' in part
    assert "filled in now" in part
    assert nothing_is_stored()


def test_findings_look_as_they_do_elsewhere(check, site):
    path, url = site
    for name in "ab":
        (path / f"{name}.xml").write_bytes(record("same"))
    assert check(url=url).count(severity_badge("warning", 1)) == 2


def test_without_scripts_the_page_shows_the_same_and_keeps_what_was_typed(
    check, provider
):
    pasted = provider.url("good").removeprefix("http://")
    secrets = {"username": "me", "password": "pa55", "headers": "X-Key: k3y"}
    page = check(part=False, url=pasted, name="Buoys", exclude="tide-*", **secrets)
    assert "Found 22 records, 2 more left out by the source's patterns" in page
    assert f'name="url" value="{provider.url("good")}"' in page
    assert '<option value="WAF" selected>' in page
    assert 'value="Buoys"' in page
    assert page.count("enter it once more to save it") == 2
    assert not re.search("pa55|k3y", page)
    assert nothing_is_stored()


def test_the_access_that_was_typed_opens_the_folder(check):
    typed = {"username": "ada", "password": PASSWORD}
    with misbehaving.server() as server:
        server.at["/waf/"] = guarded(sends(LISTING, "Content-Type: text/html"))
        server.at["/waf/buoy.xml"] = guarded(sends(RECORD))
        shut = check(url=server.url("waf/"))
        opened = check(url=server.url("waf/"), **typed)
    assert "401" in shut
    assert "Found 1 record" in opened
    assert nothing_is_stored()


def test_what_is_stored_opens_the_folder_too_but_no_other(check, source_of):
    with misbehaving.server() as server:
        server.at["/waf/"] = guarded(sends(LISTING, "Content-Type: text/html"))
        server.at["/waf/buoy.xml"] = guarded(sends(RECORD))
        source = source_of(server.url("waf/"))
        access = SourceAccess(source=source, username="ada")
        access.seal(Secrets(password=PASSWORD))
        access.save()
        typed = {"url": source.url, "harvest_type": "WAF", "username": "ada"}
        assert "Found 1 record" in check(source, **typed)
        moved = check(source, **typed | {"url": "https://elsewhere.example.org/waf/"})
    assert 'hx-swap-oob="afterend:#id_password"' in moved
    assert "enter it again for https://elsewhere.example.org:443" in moved
    assert SourceAccess.objects.get().sealed == access.sealed


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"url": ""}, "url", "This field is required."),
        ({"url": "ftp://example.org/"}, "url", "is on an FTP server"),
        (
            {"url": "http://a:b@example.org/"},
            "url",
            "enter them in the source's access",
        ),
        ({"bbox": "1,2"}, "bbox", "Give four numbers"),
        (
            {"headers": "no colon"},
            "headers",
            "Line 1: Write the name, a colon and the value",
        ),
        ({"harvest_type": "WAF", "cql": "a=1"}, "cql", "Only a catalogue service"),
    ],
)
def test_a_mistake_is_told_at_its_field(check, typed, field, sentence):
    typed = {"url": "https://example.org/", **typed}
    part = check(**typed)
    assert f'hx-swap-oob="afterend:#id_{field}"' in part
    assert part.count(sentence) == 1
    page = check(part=False, **typed)
    assert page.count(sentence) == 1
    assert "Not checked: correct" in page


def test_what_the_form_still_lacks_does_not_stop_a_check(check, provider):
    part = check(url=provider.url("good"), cron="never", harvest_contact="nobody")
    assert "Found 24 records" in part


def test_an_address_that_leads_nowhere_tells_what_was_asked(check, provider):
    part = check(url=provider.url("gone"))
    assert "ch-danger" in part
    assert "What was asked" in part
    assert "404" in part


def test_a_wrong_kind_can_be_found_anew_and_is_offered(check, provider, good):
    part = check(url=provider.url("broken"), harvest_type="CSW")
    assert "Check for any kind" in part
    found = {"url": good.url.rstrip("/"), "harvest_type": "CSW", "_check": "any"}
    part = check(good, **found)
    assert f'name="found_url" value="{good.url}"' in part
    assert "Use it" in part
    used = {"_use": "yes", "found_url": good.url, "found_kind": "WAF"}
    page = check(good, part=False, **(found | used))
    assert f'name="url" value="{good.url}"' in page
    assert '<option value="WAF" selected>' in page
    assert not HarvestSource.objects.exclude(harvest_type="WAF").exists()


def test_an_address_that_is_taken_names_who_has_it(check, good):
    told = "The source “Good” of Ocean Institute has this URL already."
    assert told in check(url=good.url)
    part = check(url=good.url.removeprefix("http://"))
    assert told in part
    assert "Found 24 records" in part


def test_the_form_and_its_check_take_few_queries(
    carl, check, address, good, provider, django_assert_max_num_queries
):
    for page in (address("harvestsource_add"), address("harvestsource_change", good)):
        with django_assert_max_num_queries(12):
            assert 'name="_check"' in carl.get(page).content.decode()
    for part in (True, False):
        with django_assert_max_num_queries(20):  # a few for each chunk of a listing
            check(url=provider.url("duplicates"), part=part)


def test_who_may_not_change_it_checks_nothing(vera, olga, good, address):
    for client in (vera, olga):
        page = address("harvestsource_change", good)
        answer = client.post(page, TYPED | {"url": good.url}, headers=PART)
        assert answer.status_code == 403
        assert 'name="_check"' not in client.get(page).content.decode()


def runs(client, address, **typed: str) -> str:
    schedule = {"harvest_interval": "2", "time_zone": "UTC", "cron": "", **typed}
    answer = client.get(address("source_runs"), schedule)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_the_next_runs_follow_what_is_typed(ada, address, good, settings):
    assert "by hand only" in runs(ada, address)
    fresh = runs(ada, address, publish="on", cron="30 3 * * *")
    assert "When you save it" in fresh
    assert fresh.count("03:30:00 UTC <small>") == 2
    HarvestSource.objects.update(publish=True)
    typed = runs(ada, address, publish="on", cron="30 3 * * *", source=good.pk)
    assert typed.count("03:30:00 UTC <small>") == 3
    assert "is not a cron expression" in runs(ada, address, cron="30 3 * *")
    assert "at least 0.042 days" in runs(ada, address, harvest_interval="0")
    assert "is not an IANA time zone" in runs(ada, address, time_zone="Mars")
    settings.ENABLE_CRON = False
    assert "is off" in runs(ada, address, publish="on")
    good.refresh_from_db()
    assert (good.cron, good.next_harvest_dt) == ("", None)


def test_the_form_of_a_new_source_knows_whom_to_ask(carl, address, organization):
    page = carl.get(address("harvestsource_add")).content.decode()
    assert '<option value="Ocean Institute" selected>' in page
