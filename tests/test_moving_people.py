"""Users of the predecessor's registry, and their passwords."""

import hashlib

import bcrypt
import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.test import Client

from harvests import accounts
from harvests.models import Account
from tests.test_moving import move

pytestmark = pytest.mark.django_db

MD5 = "django.contrib.auth.hashers.MD5PasswordHasher"
BCRYPT = "django.contrib.auth.hashers.BCryptSHA256PasswordHasher"


@pytest.fixture(autouse=True)
def _hashers(settings) -> None:
    """As in production, but for a first one that is cheap."""
    settings.PASSWORD_HASHERS = [MD5, BCRYPT]


def test_they_sign_in_by_the_password_they_had(registry):
    registry.organization("IOOS")
    registry.user("ann@x.org", "büro & 42")
    move(registry)
    assert authenticate(username="ann@x.org", password="buro & 42") is None
    form = {"username": "Ann@X.org", "password": "büro & 42"}
    answer = Client().post("/admin/login/?next=/", form)
    assert answer.status_code == 302
    stored = User.objects.get().password
    assert stored.startswith("md5$")  # hashed anew, and still good
    assert authenticate(username="ann@x.org", password="büro & 42")


def test_programs_sign_in_as_they_did(registry, queues):
    """By the password or, as Meteor's own client does, by its SHA-256."""
    registry.organization("IOOS")
    key = registry.harvest("http://x.org/waf/")
    registry.user("ann@x.org", "secret")
    move(registry)
    client, digest = Client(), hashlib.sha256(b"secret").hexdigest()
    wrong = {"email": "ann@x.org", "password": "other"}
    assert client.post("/api/v2/login", wrong).status_code == 401
    hashed = {"email": "ann@x.org", "password": digest, "hashed": "true"}
    assert client.post("/api/v1/login", hashed).json()["status"] == "success"
    plain = {"email": "ann@x.org", "password": "secret"}
    data = client.post("/api/v2/login", plain).json()["data"]
    who = {"X-Auth-Token": data["authToken"], "X-User-Id": data["userId"]}
    answer = client.get(f"/api/v2/harvests/{key}/harvest", headers=who)
    assert answer.json() == {"status": "harvesting"}


def test_every_writing_of_bcrypt_is_known(registry):
    hashed = hashlib.sha256(b"secret").hexdigest().encode()
    stored = bcrypt.hashpw(hashed, bcrypt.gensalt(4)).decode()
    for letter in "aby":
        services = {"password": {"bcrypt": f"$2{letter}${stored[4:]}"}}
        registry.user(f"{letter}@x.org", services=services)
    move(registry)
    for letter in "aby":
        assert authenticate(username=f"{letter}@x.org", password="secret"), letter


def test_roles_organizations_and_what_they_told_are_kept(registry):
    registry.organization("IOOS")
    registry.organization("GLOS")
    poc = {"poc_name": "Pat", "poc_email": "pat@x.org"}
    key = registry.user("ann@x.org", profile={"organization": "GLOS", **poc})
    registry.user("boss@x.org", username="admin", roles=["admin", "approved"])
    registry.user("new@x.org", roles=[])
    grouped = {"__global_roles__": ["approved"]}
    registry.user("bob@x.org", roles=grouped, profile={"organization": ["Gone"]})
    told = move(registry)
    ann, boss, new, bob = (
        User.objects.get(email=f"{name}@x.org")
        for name in ("ann", "boss", "new", "bob")
    )
    account = Account.objects.get(pk=key)
    assert (account.user, account.contact_name) == (ann, "Pat")
    assert (ann.is_staff, ann.is_superuser, ann.first_name) == (True, False, "Ann")
    assert accounts.organizations_of(ann) == ["GLOS"]
    assert (boss.username, boss.is_superuser) == ("admin", True)
    assert (new.is_active, new.is_staff, new.account.wanted) == (True, False, ["IOOS"])
    assert accounts.organizations_of(new) == []
    assert accounts.approve(new, by=boss)
    assert accounts.organizations_of(new) == ["IOOS"]
    assert bob.is_staff
    assert "bob@x.org is no member of “Gone”" in told


def test_the_address_they_sign_in_by_counts_not_a_newer_one(registry):
    registry.user("ann@x.org", email="new@x.org", profile={"email": "newer@x.org"})
    told = move(registry)
    assert User.objects.get().email == "ann@x.org"
    assert "another address later, new@x.org" in told
    assert "another address later, newer@x.org" in told


def test_an_address_elsewhere_is_taken_where_there_is_no_other(registry):
    registry.user("ann@x.org", emails=[])
    registry.user("", emails=[{"address": None}], profile={"email": "bob@x.org"})
    registry.user("", emails="nonsense", username=None)
    told = move(registry)
    assert set(User.objects.values_list("email", flat=True)) == {
        "ann@x.org",
        "bob@x.org",
    }
    assert "no e-mail address to sign in by" in told


def test_who_never_confirmed_the_address_may_not_sign_in(registry):
    unconfirmed = [{"address": "ann@x.org", "verified": False}]
    registry.user("ann@x.org", "secret", emails=unconfirmed)
    told = move(registry)
    assert authenticate(username="ann@x.org", password="secret") is None
    assert accounts.is_unconfirmed(User.objects.get())
    assert "ann@x.org never confirmed the address" in told


def test_a_password_of_another_kind_must_be_set_anew(registry):
    registry.user("ann@x.org", services={"password": {"srp": {}}})
    told = move(registry)
    assert not User.objects.get().has_usable_password()
    assert "ann@x.org has no password that can be kept" in told


def test_accounts_that_are_here_stay_as_they_are(registry):
    first = User.objects.create_superuser("admin", password="mine")
    other = User.objects.create_user("x", email="ANN@x.org", password="mine")
    registry.user("boss@x.org", username="admin", roles=["admin"])
    registry.user("ann@x.org")
    told = move(registry)
    assert User.objects.get(email="boss@x.org").username == "boss@x.org"
    for user in (first, other):
        user.refresh_from_db()
        assert user.check_password("mine")
    assert User.objects.count() == 3
    assert "Left user ann@x.org: somebody has that address here already" in told


def test_two_users_of_one_address_are_one(registry):
    registry.user("ann@x.org")
    registry.user("Ann@x.org")
    told = move(registry)
    assert User.objects.count() == 1
    assert "another user has that address" in told
    again = move(registry)
    assert "people                0 taken        1 here already        1 left" in again
