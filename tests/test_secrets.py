"""Secrets are unreadable without the site's keys, and keys can be changed."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from harvests import checks, secrets
from harvests.models import Secrets, SourceAccess

OLD, NEW = "an old key of more than 32 characters", Fernet.generate_key().decode()


@pytest.fixture
def access(source_of, settings) -> SourceAccess:
    """A source's token, stored with the old key."""
    settings.SECRETS_KEY = [OLD]
    made = SourceAccess(source=source_of("https://a.org/", name="Buoys"))
    made.seal(Secrets(token="t0ken"))
    made.save()
    return made


def rotate() -> str:
    out = StringIO()
    call_command("rotate_secrets", stdout=out)
    return out.getvalue()


def test_what_is_sealed_does_not_show_and_comes_back():
    sealed = secrets.seal("Grüße")
    assert "Gr" not in sealed[:2]
    assert secrets.seal("Grüße") != sealed
    assert secrets.unseal(sealed) == "Grüße"


@pytest.mark.parametrize("text", ["", "t0ken", "gAAAAA", "é"])
def test_what_was_never_sealed_is_refused(text):
    with pytest.raises(secrets.SealBrokenError):
        secrets.unseal(text)


def test_a_sealed_text_that_was_changed_is_refused():
    sealed = secrets.seal("x" * 50)
    changed = sealed[:60] + ("A" if sealed[60] != "A" else "B") + sealed[61:]
    with pytest.raises(secrets.SealBrokenError):
        secrets.unseal(changed)


def test_the_first_key_encrypts_and_all_decrypt(settings):
    settings.SECRETS_KEY = [OLD]
    sealed = secrets.seal("x")
    settings.SECRETS_KEY = [NEW, OLD]
    assert secrets.unseal(sealed) == "x"
    newly = secrets.seal("x")
    settings.SECRETS_KEY = [NEW]
    assert secrets.unseal(newly) == "x"
    with pytest.raises(secrets.SealBrokenError):
        secrets.unseal(sealed)


def test_a_first_secrets_key_leaves_what_was_stored_without_readable(settings):
    settings.SECRETS_KEY = []
    sealed = secrets.seal("x")
    settings.SECRETS_KEY = [NEW]
    assert secrets.unseal(sealed) == "x"


def test_a_key_that_could_be_guessed_is_told_but_not_repeated(settings):
    settings.SECRETS_KEY = [OLD, "qwertz"]
    [problem] = checks.check_secrets_key()
    assert problem.id == "harvests.E015"
    assert "SECRETS_KEY holds a key of less than 32 characters" in str(problem)
    assert "qwertz" not in str(problem)
    settings.SECRETS_KEY = [OLD, NEW]
    assert checks.check_secrets_key() == []


def test_nothing_of_secrets_is_in_their_repr():
    assert repr(Secrets(password="p", token="t", headers=(("X", "y"),))) == "Secrets()"
    assert not Secrets()


@pytest.mark.django_db
def test_rotate_secrets_lets_the_old_key_go(access, settings):
    settings.SECRETS_KEY = [NEW, OLD]
    assert rotate() == "Encrypted the secrets of 1 source anew.\n"
    settings.SECRETS_KEY = [NEW]
    access.refresh_from_db()
    assert access.secrets == Secrets(token="t0ken")


@pytest.mark.django_db
def test_rotate_secrets_names_what_it_cannot_read(access, settings):
    settings.SECRETS_KEY = [NEW]
    with pytest.raises(CommandError, match="“Buoys” cannot be read with the present"):
        rotate()
    settings.SECRETS_KEY = [OLD]
    access.refresh_from_db()
    assert access.secrets.token == "t0ken"


@pytest.mark.django_db
def test_rotate_secrets_does_not_undo_what_was_entered_meanwhile(access, settings):
    entered = SourceAccess.objects.get()
    entered.seal(Secrets(token="new"))
    entered.save()
    access.reseal()
    assert SourceAccess.objects.get().secrets.token == "new"
