"""Tokens: made and shown once, kept as a digest, revoked by owner, admin, command."""

import hashlib
import io

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from harvests import accounts
from harvests.models import ApiToken
from tests.api.conftest import Program

pytestmark = pytest.mark.django_db

PAGE = "/accounts/tokens/"


def command(*arguments: str) -> str:
    """What `manage.py api_token` prints."""
    out = io.StringIO()
    call_command("api_token", *arguments, stdout=out)
    return out.getvalue().strip()


def test_a_token_is_made_shown_once_used_and_revoked(people):
    browser = people["member"]
    wish = {"name": "ci <b>", "scope": "write", "days": "30"}
    made = browser.post(PAGE, wish)
    text = made.context["secret"]
    assert text in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    page = browser.get(PAGE).content.decode()
    assert (text in page, text[:10] in page, "ci &lt;b&gt;" in page) == (0, 1, 1)
    token = ApiToken.objects.get()
    assert token.digest == hashlib.sha256(text.encode()).hexdigest()
    assert Program(text).get("/me").json()["scope"] == "write"
    browser.post(f"{PAGE}{token.pk}/revoke/")
    assert Program(text).get("/me").status_code == 401
    assert text[:10] not in browser.get(PAGE).content.decode()
    told = list(
        LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    )
    assert told == [
        "Made the API token “ci <b>” (read and write).",
        "Revoked the API token “ci <b>”.",
    ]


def test_a_wrong_wish_makes_no_token(people):
    for wish in ({}, {"name": "x", "scope": "all", "days": "1"}):
        assert people["member"].post(PAGE, wish).status_code == 200
    people["member"].post(PAGE, {"name": "x", "scope": "read", "days": "0"})
    assert not ApiToken.objects.exists()


def test_nobody_revokes_the_token_of_another(people, program):
    program("member")
    token = ApiToken.objects.get()
    answer = people["other"].post(f"{PAGE}{token.pk}/revoke/")
    assert answer.status_code == 404
    token.refresh_from_db()
    assert token.revoked is None


def test_a_user_with_tokens_can_be_deleted(people, program):
    program("other")
    other = User.objects.get(username="other")
    url = f"/admin/auth/user/{other.pk}/delete/"
    people["admin"].post(url, {"post": "yes"})
    assert not User.objects.filter(username="other").exists()
    assert not ApiToken.objects.exists()


def test_a_command_makes_a_token_and_revokes_it(people):
    text = command("Member@Example.org", "--name", "cron", "--write", "--days", "7")
    assert Program(text).get("/me").json()["token"] == "cron"
    assert command("member", "--revoke", text[:12]).startswith("Revoked “cron”")
    assert Program(text).get("/me").status_code == 401
    for wrong in (
        ("nobody",),
        ("member", "--days", "0"),
        ("member", "--revoke", "chv_other"),
        ("member", "--revoke", ""),
    ):
        with pytest.raises(CommandError):
            command(*wrong)


WORDS = ("first-Secret-9", "second-Secret-8")


@pytest.mark.parametrize("way", ["page", "mail", "admin", "command"])
def test_a_new_password_ends_sign_ins_and_leaves_tokens(people, program, way):
    member = User.objects.get(username="member")
    member.set_password(WORDS[0])
    member.save()
    people["member"].force_login(member)
    sent = {"user": "member", "password": WORDS[0]}
    text = Client().post("/api/v1/login", sent).json()["data"]["authToken"]
    signed_in, made = Program(text), program()
    assert signed_in.get("/me").status_code == 200
    set_password(people, member, way)
    member.refresh_from_db()
    assert member.check_password(WORDS[1])
    assert signed_in.get("/me").status_code == 401
    assert made.get("/me").status_code == 200
    assert ApiToken.objects.get(kind="login").state == "signed out"


def set_password(people, member, way: str) -> None:
    """Give the member the second password."""
    new = {"new_password1": WORDS[1], "new_password2": WORDS[1]}
    if way == "page":
        path, old = reverse("admin:password_change"), {"old_password": WORDS[0]}
        assert PAGE in people["member"].get(path).content.decode()
        people["member"].post(path, {**old, **new})
    elif way == "mail":
        browser, parts = Client(), accounts.reset_for(member)
        asked = browser.get(reverse("password-reset-confirm", args=parts), follow=True)
        browser.post(asked.redirect_chain[-1][0], new)
    elif way == "admin":
        path = reverse("admin:auth_user_password_change", args=[member.pk])
        word = {"password1": WORDS[1], "password2": WORDS[1]}
        people["admin"].post(path, {**word, "usable_password": "true"})
    else:
        member.set_password(WORDS[1])  # all that `changepassword` does
        member.save()


def test_a_sign_in_that_hashes_the_password_anew_gives_a_good_token(people, settings):
    member = User.objects.get(username="member")
    member.set_password(WORDS[0])
    member.save()
    faster = "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher"
    settings.PASSWORD_HASHERS = [faster, *settings.PASSWORD_HASHERS]
    sent = {"user": "member", "password": WORDS[0]}
    text = Client().post("/api/v1/login", sent).json()["data"]["authToken"]
    before, member = member.password, User.objects.get(pk=member.pk)
    assert member.password != before
    assert Program(text).get("/me").status_code == 200
