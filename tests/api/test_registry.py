"""The predecessor's routes, answered to the letter."""

import datetime as dt
import hashlib
import json

import pytest
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher
from django.contrib.auth.models import User
from django.test import Client

from harvests.models import ApiToken, HarvestJob, HarvestSource

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)

WORD = "Grey-whale-27"
UNAUTHORIZED = {"status": "error", "message": "Unauthorized"}
NOT_IN = {"status": "error", "message": "You must be logged in to do this."}


@pytest.fixture
def client(people) -> Client:
    """A browser of nobody; the member's password is known."""
    member = User.objects.get(username="member")
    member.set_password(WORD)
    member.save()
    return Client()


def log_in(client: Client, version: str = "v2") -> dict[str, str]:
    """Sign in as the predecessor's programs do; return the headers they then send."""
    form = {"email": "member@example.org", "password": WORD}
    answer = client.post(f"/api/{version}/login", form)
    assert answer.status_code == 200, answer.content
    data = answer.json()["data"]
    return {"X-Auth-Token": data["authToken"], "X-User-Id": data["userId"]}


def test_harvests_are_told_to_anybody_as_the_registry_told_them(client, source):
    when = dt.datetime(2017, 4, 27, 0, 5, 1, 717_000, tzinfo=dt.UTC)
    counts = {"last_record_count": 802, "last_good_count": 801, "last_bad_count": 1}
    HarvestSource.objects.update(
        last_harvest_dt=when, last_harvest_status="ok", publish=True, **counts
    )
    answer = client.get("/api/v1/Harvests")
    expected = {
        "_id": source.pk,
        "organization": "Ocean Institute",
        "harvest_type": "WAF",
        "name": "Good",
        "url": "https://example.org/good/",
        "publish": True,
        "harvest_interval": 1,
        "last_harvest_dt": "2017-04-27T00:05:01.717Z",
        **counts,
        "last_harvest_status": "ok",
    }
    assert answer.json() == {"status": "success", "data": [expected]}
    assert b'"harvest_interval":1,' in answer.content
    assert answer["Content-Type"] == "application/json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    one = client.get(f"/api/v1/Harvests/{source.pk}")
    assert one.json() == {"status": "success", "data": expected}


def test_what_is_not_there_or_not_allowed_is_told_in_its_words(client):
    missing = client.get("/api/v1/Harvests/x")
    assert missing.status_code == 404
    assert missing.json() == {"status": "fail", "message": "Item not found"}
    answer = client.post("/api/v1/Harvests")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, OPTIONS")
    told = {"status": "error", "message": "API endpoint does not exist"}
    assert answer.json() == told
    asked = client.options("/api/v2/login")
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (200, "*")
    assert "X-Auth-Token" in asked["Access-Control-Allow-Headers"]


def test_signing_in_takes_a_form_or_json_and_name_or_address(client):
    bodies = [{"email": "Member@Example.org"}, {"username": "member"}]
    bodies += [{"user": "member"}, {"user": "member@example.org"}]
    for version in ("v1", "v2"):
        for body in bodies:
            sent = {**body, "password": WORD}
            answers = [client.post(f"/api/{version}/login", sent)]
            kind = "application/json"
            answers += [client.post(f"/api/{version}/login", sent, content_type=kind)]
            for answer in answers:
                assert set(answer.json()["data"]) == {"authToken", "userId"}
    token = ApiToken.objects.first()
    assert (token.kind, token.scope) == ("login", "write")
    assert token.expires - token.created > dt.timedelta(days=89)


def test_who_cannot_sign_in_is_told_as_restivus_did(client):
    for body in ({}, {"email": "member@example.org"}, {"password": WORD}):
        answer = client.post("/api/v2/login", body)
        assert (answer.status_code, answer.json()) == (401, UNAUTHORIZED)
    for name in ("member", "nobody", "a\0b", "a("):
        for key in ("username", "email"):
            sent = {key: name, "password": "wrong"}
            for kind in ({}, {"content_type": "application/json"}):
                answer = client.post("/api/v1/login", sent, **kind)
                assert (answer.status_code, answer.json()) == (401, UNAUTHORIZED), name
    for text in ("[]", "{", '{"email": {}, "password": {"$gt": ""}}'):
        answer = client.post("/api/v2/login", text, content_type="application/json")
        assert answer.status_code in {400, 401}
    length = {"Content-Length": "10000000"}
    assert client.post("/api/v2/login", {}, headers=length).status_code == 413


def test_guessing_is_stopped_as_on_the_site(client):
    wrong = {"username": "member", "password": "wrong"}
    statuses = [client.post("/api/v1/login", wrong).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    right = client.post("/api/v2/login", {**wrong, "password": WORD})
    assert (right.status_code, right["Retry-After"]) == (429, "900")


def test_a_hashed_password_is_good_until_the_password_itself_is_used(client):
    digest = hashlib.sha256(WORD.encode()).hexdigest()
    hasher = BCryptSHA256PasswordHasher()
    stored = hasher.encode(WORD, b"$2b$04$abcdefghijklmnopqrstuu")
    User.objects.filter(username="member").update(password=stored)
    hashed = {"email": "member@example.org", "password": digest, "hashed": "true"}
    assert client.post("/api/v2/login", hashed).status_code == 200
    wrong = {**hashed, "password": digest[::-1]}
    assert client.post("/api/v2/login", wrong).json() == UNAUTHORIZED
    assert client.post("/api/v2/login", {**hashed, "hashed": ""}).status_code == 401


def test_a_hash_says_nothing_of_a_password_that_was_set_here(client):
    digest = hashlib.sha256(WORD.encode()).hexdigest()
    hashed = {"email": "member@example.org", "password": digest, "hashed": "true"}
    assert client.post("/api/v2/login", hashed).json() == UNAUTHORIZED


@committed
def test_a_harvest_is_started_by_who_is_signed_in(client, source, queues):
    headers = log_in(client)
    for place in ("harvests", "harvest"):
        for method in (client.get, client.post):
            answer = method(f"/api/v2/{place}/{source.pk}/harvest", headers=headers)
            assert answer.json() == {"status": "harvesting"}
    assert HarvestJob.objects.get().requested_by == "member"
    missing = client.get("/api/v2/harvests/x/harvest", headers=headers)
    assert (missing.status_code, missing.json()) == (404, {"status": "Not Found"})
    assert missing["Content-Type"] == "application/json;charset=utf-8"


def test_a_foreign_harvest_is_not_started(client, source, program):
    ocean = source.organization
    User.objects.get(username="member").memberships.filter(organization=ocean).delete()
    headers = log_in(client)
    answer = client.get(f"/api/v2/harvests/{source.pk}/harvest", headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"status": "Unauthorized"})
    assert not HarvestJob.objects.exists()


def test_without_both_headers_of_one_person_nobody_is_signed_in(client, source):
    good, browser = log_in(client), Client()
    browser.force_login(User.objects.get(username="member"))
    other = str(User.objects.get(username="other").pk)
    tries = [{}, {"X-Auth-Token": good["X-Auth-Token"]}, {**good, "X-User-Id": other}]
    tries += [{**good, "X-Auth-Token": "x"}, {"X-User-Id": good["X-User-Id"]}]
    for headers in tries:
        for path in (f"v2/harvests/{source.pk}/harvest", "v1/logout", "v2/logout"):
            answer = browser.get(f"/api/{path}", headers=headers)
            assert (answer.status_code, answer.json()) == (401, NOT_IN)
        answer = browser.get(f"/api/harvest/{source.pk}", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "Unauthorized")
    assert not HarvestJob.objects.exists()


def test_signing_out_makes_the_token_useless(client):
    for method, version in ((client.get, "v1"), (client.post, "v2")):
        headers = log_in(client, version)
        answer = method(f"/api/{version}/logout", headers=headers)
        told = {"status": "success", "data": {"message": "You've been logged out!"}}
        assert answer.json() == told
        again = method(f"/api/{version}/logout", headers=headers)
        assert (again.status_code, again.json()) == (401, NOT_IN)


@committed
def test_the_workers_routes_queue_and_delete(client, program, source, queues):
    headers = program().headers
    place = f"/api/harvest/{source.pk}"
    for method in (client.get, client.post, client.get):
        answer = method(place, headers=headers)
        assert json.loads(answer.content) == {"result": True}
    busy = client.delete(place, headers=headers)
    assert (busy.status_code, busy.json()["error"]) == (409, "Conflict")
    HarvestJob.objects.get().cancel("member")
    assert client.delete(place, headers=headers).json() == {"result": True}
    queues()
    assert not HarvestSource.objects.exists()
    assert client.get(place, headers=headers).status_code == 404


def test_the_workers_routes_want_a_token_that_may(client, program, source):
    place = f"/api/harvest/{source.pk}"
    reader, other = program(scope="read").headers, program("other").headers
    for headers in (reader, other):
        for method in (client.get, client.post, client.delete):
            answer = method(place, headers=headers)
            assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")
    assert not HarvestJob.objects.exists()
