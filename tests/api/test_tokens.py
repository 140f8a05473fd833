"""Tokens: made and shown once, kept as a digest, revoked by owner, admin, command."""

import hashlib
import io

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

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
    ):
        with pytest.raises(CommandError):
            command(*wrong)
