"""Sources by API: registered, read, changed, harvested, cancelled, deleted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from harvests.forms import SourceForm
from harvests.models import HarvestJob, HarvestSource, SourceAccess

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)  # what is queued, is so then

NEW = {
    "name": "New",
    "url": "https://example.org/new/",
    "organization": "Ocean Institute",
    "harvest_type": "WAF",
}


@committed
def test_a_source_is_registered_read_changed_and_deleted(program, queues):
    member = program()
    answer = member.post("/sources", NEW)
    assert answer.status_code == 201, answer.json()
    source = answer.json()
    assert answer["Location"] == f"/api/v3/sources/{source['id']}"
    assert (source["harvest_type"], source["state"]) == ("WAF", "never")
    place = f"/sources/{source['id']}"
    assert member.get(place).json() == source
    changed = member.ask("PATCH", place, {"cron": "30 3 * * *", "max_depth": 4})
    assert changed.status_code == 200, changed.json()
    assert changed.json() == {**source, "cron": "30 3 * * *", "max_depth": 4} | {
        "next_harvest_dt": changed.json()["next_harvest_dt"]
    }
    assert member.ask("DELETE", place).status_code == 202
    queues()
    assert member.get(place).status_code == 404
    assert not HarvestSource.objects.exists()


def test_what_is_done_is_in_the_trail_with_the_tokens_name(program, queues):
    member = program()
    key = member.post("/sources", NEW).json()["id"]
    member.ask("PATCH", f"/sources/{key}", {"name": "Newer", "robots": True})
    member.post(f"/sources/{key}/harvest", {"force": True})
    member.post(f"/sources/{key}/cancel")
    told = LogEntry.objects.filter(object_id=key).order_by("action_time", "pk")
    token = "by the API token “member's”."
    assert [(str(each.user), each.change_message) for each in told] == [
        ("member", f"Added, {token}"),
        ("member", f"Changed name, robots, {token}"),
        ("member", f"Harvest asked for, force, {token}"),
        ("member", f"Harvest cancelled, {token}"),
    ]


@committed
def test_publishing_harvests_at_once(program, queues):
    member = program()
    source = member.post("/sources", {**NEW, "publish": True}).json()
    job = HarvestJob.objects.get()
    assert (source["active_job"], job.requested_by) == (job.pk, "member")
    member.post(f"/jobs/{job.pk}/cancel")
    place = f"/sources/{source['id']}"
    member.ask("PATCH", place, {"publish": False})
    assert HarvestJob.objects.count() == 1
    member.ask("PATCH", place, {"publish": True})
    assert HarvestJob.objects.count() == 2


def test_secrets_go_in_and_never_come_out(program, source):
    member, place = program(), f"/sources/{source.pk}"
    access = {"username": "me", "password": "s3cret-word"}
    answer = member.ask("PATCH", place, {"access": access})
    assert answer.json()["access"] == {
        "username": "me",
        "proxy": "",
        "verify_tls": True,
        "has_ca_certificates": False,
        "secrets": ["password"],
    }
    member.ask("PATCH", place, {"name": "Renamed"})
    assert SourceAccess.of(source).secrets.password == "s3cret-word"
    assert b"s3cret-word" not in answer.content + member.get(place).content
    trail = " ".join(LogEntry.objects.values_list("change_message", flat=True))
    assert "s3cret-word" not in trail
    gone = member.ask("PATCH", place, {"access": {"forget": ["password"]}})
    assert gone.json()["access"]["secrets"] == []


def test_whoever_moves_the_address_does_not_get_the_secrets(program, source):
    member, place = program(), f"/sources/{source.pk}"
    access = {"username": "me", "password": "s3cret-word"}
    member.ask("PATCH", place, {"access": access})
    answer = member.ask("PATCH", place, {"url": "https://evil.example.com/"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/access/password"


@committed
def test_a_harvest_is_followed_to_its_end(program, good, queues):
    member = program()
    answer = member.post(f"/sources/{good.pk}/harvest")
    assert answer.status_code == 202
    place = answer["Location"].removeprefix("/api/v3")
    first = member.get(place)
    assert first.json()["status"] == "queued"
    same = member.get(place, **{"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    again = member.post(f"/sources/{good.pk}/harvest")
    assert (again.status_code, again.json()["job"]) == (409, first.json()["id"])
    queues()
    last = member.get(place, **{"If-None-Match": first["ETag"]})
    assert (last.json()["status"], last.json()["added"]) == ("finished", 24)
    assert len(member.all(f"{place}/outcomes")) == 24
    assert member.post(f"{place}/cancel").status_code == 409


def test_what_is_checked_or_previewed_is_not_stored(program, provider):
    member, url = program(), provider.url("good")
    checked = member.post("/sources/check", {**NEW, "url": url})
    assert checked.json() == {"harvest_type": "WAF", "url": url}
    seen = member.post("/sources/preview", {"url": url}).json()
    assert (seen["kind"], seen["found"], len(seen["sample"])) == ("WAF", 24, 10)
    assert not HarvestSource.objects.exists()


def test_a_preview_of_a_source_tells_what_would_change(program, good):
    seen = program().post(f"/sources/{good.pk}/preview").json()
    assert seen["changes"]["counts"] == {"added": 24}


def test_an_address_that_leads_nowhere_says_what_was_tried(program, provider):
    url = provider.url("nothing-here")
    answer = program().post("/sources/preview", {"url": url})
    assert answer.status_code == 422
    assert answer.json()["tried"]


def test_a_change_meant_for_another_state_is_refused(program, source):
    member, place = program(), f"/sources/{source.pk}"
    tag = member.get(place)["ETag"]
    first = member.ask("PATCH", place, {"name": "One"}, **{"If-Match": tag})
    assert first.status_code == 200
    assert first.json()["name"] == "One"
    second = member.ask("PATCH", place, {"name": "Two"}, **{"If-Match": tag})
    assert second.status_code == 412
    assert member.ask("DELETE", place, **{"If-Match": tag}).status_code == 412
    source.refresh_from_db()
    assert source.name == "One"


@committed
def test_without_redis_a_harvest_waits_and_a_deletion_is_refused(
    program, source, settings
):
    queues = {name: {"URL": "redis://127.0.0.1:1/0"} for name in settings.RQ_QUEUES}
    settings.RQ_QUEUES = queues
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    member, place = program(), f"/sources/{source.pk}"
    refused = member.ask("DELETE", place)
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    answer = member.post(f"{place}/harvest")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")


@pytest.fixture
def meanwhile(monkeypatch) -> Callable[[Callable[[], object]], None]:
    """Have something happen after a form was checked, before it is stored."""

    def happens(event: Callable[[], object]) -> None:
        store = SourceForm.store

        def later(form: SourceForm) -> HarvestSource:
            event()
            return store(form)

        monkeypatch.setattr(SourceForm, "store", later)

    return happens


FORM = {**NEW, "name": "Renamed", "harvest_interval": "1", "time_zone": "UTC"}
FORM |= {"max_depth": "2", "removal_limit": "20"}


@pytest.mark.parametrize("by", ["program", "person"])
def test_a_change_leaves_what_a_worker_counts_meanwhile(
    program, people, source, meanwhile, by
):
    counted = {"last_record_count": 77, "last_harvest_status": "ok"}
    mine = HarvestSource.objects.filter(pk=source.pk)
    meanwhile(lambda: mine.update(**counted))
    assert change(program, people, source, by).status_code in (200, 302)
    source.refresh_from_db()
    assert source.name == "Renamed"
    assert {name: getattr(source, name) for name in counted} == counted


@pytest.mark.parametrize("by", ["program", "person"])
def test_a_source_deleted_meanwhile_does_not_come_back(
    program, people, source, meanwhile, by
):
    meanwhile(HarvestSource.objects.filter(pk=source.pk).delete)
    answer = change(program, people, source, by)
    assert answer.status_code == {"program": 404, "person": 302}[by]
    if by == "person":
        answer = people["member"].get(answer["Location"])
    assert "was deleted meanwhile: nothing is stored." in answer.content.decode()
    assert not SourceAccess.objects.exists()
    if by == "program":  # the form's transaction takes back what this test deleted
        assert not HarvestSource.objects.exists()


def change(program, people, source, by: str) -> Any:
    """Rename the source, by the API or by the form of the site."""
    if by == "program":
        return program().ask("PATCH", f"/sources/{source.pk}", {"name": "Renamed"})
    place = reverse("admin:harvests_harvestsource_change", args=[source.pk])
    return people["member"].post(place, FORM)
