"""What is wrong with a request: one problem each, that says what to do."""

import base64
import datetime as dt
import json

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from harvests.models import ApiToken, HarvestSource
from tests.api.conftest import ROOT, Program
from tests.api.test_sources import NEW

pytestmark = pytest.mark.django_db


def told(answer, status: int) -> str:
    """Return what a problem says; fail if it is none, or not this one."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["type"]) == (status, "about:blank")
    assert problem["instance"].startswith("/api/v3")
    assert problem["title"]
    return problem["detail"]


def test_without_a_token_nothing_is_told(db):
    answer = Program().get("/sources")
    assert told(answer, 401).startswith("Sign in: send “Authorization: Bearer …”")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert told(Program().post("/sources", NEW), 401).startswith("Sign in")


def test_a_token_that_is_not_good_says_why(program):
    unknown = Program("chv_unknown")
    assert "is not known" in told(unknown.get("/me"), 401)
    expired, revoked, asleep = program(days=-1), program(), program("other")
    assert "is expired" in told(expired.get("/me"), 401)
    ApiToken.objects.filter(expires__gt=timezone.now()).update(revoked=timezone.now())
    assert "is revoked" in told(revoked.get("/me"), 401)
    ApiToken.objects.update(revoked=None)
    type(ApiToken.objects.first().user).objects.update(is_active=False)
    assert "may not sign in" in told(asleep.get("/me"), 401)
    assert "error" in unknown.get("/me")["WWW-Authenticate"]


def test_a_token_that_reads_does_not_write(program, source):
    reader = program(scope="read")
    assert reader.get(f"/sources/{source.pk}").status_code == 200
    for method in ("PATCH", "DELETE"):
        answer = reader.ask(method, f"/sources/{source.pk}", {})
        assert "may only read" in told(answer, 403)
    assert "may only read" in told(reader.post("/sources", NEW), 403)


def test_who_waits_for_approval_reads_nothing(program):
    assert "has not approved" in told(program("unapproved").get("/sources"), 403)


def test_a_foreign_organization_is_not_written_to(program, source):
    other, place = program("other"), f"/sources/{source.pk}"
    assert "not yours" in told(other.ask("PATCH", place, {"name": "x"}), 403)
    assert "not yours" in told(other.ask("DELETE", place), 403)
    assert "not yours" in told(other.post(f"{place}/harvest"), 403)
    assert "no member" in told(other.post("/sources", NEW), 403)
    moved = program().ask("PATCH", place, {"organization": "River Office"})
    assert "Only an admin" in told(moved, 403)
    assert HarvestSource.objects.get().organization_id == "Ocean Institute"


def test_what_is_not_there_is_said(program):
    member = program()
    assert "no source with the id “x”" in told(member.get("/sources/x"), 404)
    assert "no job with the id" in told(member.post("/jobs/x/cancel"), 404)
    assert "nothing at this address" in told(member.get("/nothing"), 404)
    assert "nothing at this address" in told(member.get("/"), 404)
    answer = member.ask("PUT", "/sources", {})
    assert "does not take PUT" in told(answer, 405)
    assert sorted(answer["Allow"].split(", ")) == ["GET", "HEAD", "POST"]


JSON = "application/json"
BODIES = (
    ("{", JSON, 400, "The body is not JSON: Expecting property name"),
    ('{"delay": NaN}', JSON, 400, "NaN is no number in JSON"),
    ('{"delay": -Infinity}', JSON, 400, "-Infinity is no number"),
    ("[" * 100_000, JSON, 400, "nested too deep"),
    (b"\xff\xfe\x00", JSON, 400, "The body is not JSON"),
    ("1" * 5000, JSON, 400, "The body is not JSON"),
    ("a=b", "application/x-www-form-urlencoded", 415, "send JSON"),
    ("", JSON, 422, "required"),
    ("[]", JSON, 422, "dictionary"),
    ("null", JSON, 422, "dictionary"),
    ("{}", JSON, 422, "#/name: Field required."),
    ('{"delay": 1e999}', JSON, 422, "#/name: Field required."),
)
VALUES = (
    ({"name": 5}, "#/name", "valid string"),
    ({"publish": "yes"}, "#/publish", "valid boolean"),
    ({"max_depth": 1.5}, "#/max_depth", "valid integer"),
    ({"surprise": 1}, "#/surprise", "not permitted"),
    ({"access": {"pasword": "x"}}, "#/access/pasword", "not permitted"),
    ({"access": {"forget": ["me"]}}, "#/access/forget/0", "Not a secret"),
    ({"url": "nowhere"}, "#/url", "not a web address"),
    ({"url": "ftp://x.example.org/"}, "#/url", "not a web address"),
    ({"url": "https://me:pw@x.example.org/"}, "#/url", "Leave out the name"),
    ({"harvest_type": "FTP"}, "#/harvest_type", "valid choice"),
    ({"cron": "often"}, "#/cron", "cron"),
    ({"time_zone": "Mars"}, "#/time_zone", "time zone"),
    ({"harvest_interval": 0}, "#/harvest_interval", "at least 0.042 days"),
    ({"bbox": "1,2,3,4"}, "#/bbox", "Only a catalogue service"),
    ({"name": "a\x00b"}, "#/name", "Null characters"),
    ({"access": {"token": "a\nb"}}, "#/access/token", "control characters"),
)
QUERIES = (
    *("limit=0", "limit=1000", "limit=x", "colour=red", "errors=perhaps", "problem=x"),
    *("cursor=x", "cursor=%FF", "cursor=W10", "cursor=MQ", "cursor="),
    "cursor=WyJqb2JzIiwiYSIsImIiXQ",
)


def test_a_body_that_is_no_use_says_so(program):
    member = program()
    for body, kind, status, said in BODIES:
        answer = member.client.post(
            f"{ROOT}/sources", body, content_type=kind, headers=member.headers
        )
        assert said in told(answer, status)


def test_a_value_that_is_no_use_is_named(program):
    member = program()
    for change, place, said in VALUES:
        answer = member.post("/sources", {**NEW, **change})
        told(answer, 422)
        error = answer.json()["errors"][0]
        assert (error["pointer"], said in error["detail"]) == (place, True), error
    assert not HarvestSource.objects.exists()


def test_a_query_that_is_no_use_says_so(program):
    member = program()
    for query in QUERIES:
        answer = member.get(f"/records?{query}")
        told(answer, 422)
        parameter = answer.json()["errors"][0]["parameter"]
        assert parameter == query.partition("=")[0], query


def test_a_number_is_no_date(program):
    for since in ("-2.5e-170", "1234567890", "20260101"):
        answer = program().get(f"/jobs?since={since}")
        told(answer, 422)
        assert answer.json()["errors"][0]["parameter"] == "since"


def test_an_address_that_is_taken_says_by_whom(program, source):
    answer = program().post("/sources", {**NEW, "url": source.url})
    assert "The source “Good” of Ocean Institute has this URL" in told(answer, 422)


def test_a_cursor_of_another_list_is_refused(program, source):
    member = program()
    HarvestSource.objects.create(
        name="Other", url="https://example.org/2/", organization=source.organization
    )
    cursor = member.get("/sources?limit=1").json()["next_cursor"]
    answer = member.get(f"/organizations?cursor={cursor}")
    assert "not a cursor of this list" in told(answer, 422)


def test_a_large_body_is_refused_unread(program):
    member = program()
    answer = member.client.post(
        f"{ROOT}/sources",
        "x" * 100,
        content_type="application/json",
        headers={**member.headers, "Content-Length": "10000000"},
    )
    assert "10,000,000 bytes: send at most 1,000,000" in told(answer, 413)


def test_too_many_requests_are_told_when_to_go_on(program, settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    member, other = program(), program("other")
    answers = [member.get("/me") for _ in range(8)]  # a minute may begin in between
    answer = answers[-1]
    assert "More than 3 requests a minute" in told(answer, 429)
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert other.get("/me").status_code == 200


def test_without_redis_nobody_is_counted(program, settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    member = program()
    assert [member.get("/me").status_code for _ in range(3)] == [200] * 3


def test_a_failure_of_the_server_is_a_problem_too(program, settings):
    settings.REDIS_URL = "nonsense://"
    assert "The server failed" in told(program().get("/me"), 500)


def test_a_session_reads_and_with_the_csrf_header_writes(people, source):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(username="member"))
    place = f"{ROOT}/sources/{source.pk}"
    assert browser.get(place).status_code == 200
    change = {"data": {"name": "Newer"}, "content_type": JSON}
    assert "X-CSRFToken" in told(browser.patch(place, **change), 403)
    token = browser.get("/accounts/profile/").context["csrf_token"]
    answer = browser.patch(place, **change, headers={"X-CSRFToken": str(token)})
    assert answer.json()["name"] == "Newer"


def test_the_use_of_a_token_is_noted_once_a_minute(program):
    member = program()
    member.get("/me")
    first = ApiToken.objects.get().last_used
    assert timezone.now() - first < dt.timedelta(minutes=1)
    member.get("/me")
    assert ApiToken.objects.get().last_used == first
    before = first - dt.timedelta(minutes=2)
    ApiToken.objects.update(last_used=before)
    member.get("/me")
    assert ApiToken.objects.get().last_used > before


HALF = "\ud800"


def test_half_a_character_is_refused_in_a_sentence(program, source):
    member = program()
    for path in ("/sources", "/sources/check", "/sources/preview"):
        for body in ({"name": HALF}, {HALF: 1}, {"access": {"headers": [HALF]}}):
            answer = member.post(path, body)
            assert answer.status_code == 400
            assert "half a character" in answer.json()["detail"]
    path = f"/sources/{source.pk}"
    assert member.ask("PATCH", path, {"name": HALF}).status_code == 400
    for name, values in (("sources", [HALF]), ("jobs", ["2024-01-01T00:00:00Z", HALF])):
        text = json.dumps([name, *values]).encode()
        cursor = base64.urlsafe_b64encode(text).decode().rstrip("=")
        assert member.get(f"/{name}?cursor={cursor}").status_code == 422


def test_half_a_character_signs_nobody_in(people):
    for sent in ({"user": HALF, "password": "x"}, {"user": "member", "password": HALF}):
        for hashed in (True, False):
            body = {**sent, "hashed": hashed}
            answer = Client(raise_request_exception=False).post(
                "/api/v1/login", body, content_type="application/json"
            )
            assert answer.status_code == 401
