"""API tokens: made and shown once, known by their digest, revoked.

A token is 256 random bits, so its plain SHA-256 cannot be tried out: a slow hash, as
for passwords, would only cost each request its time.
"""

import datetime as dt
import hashlib
import secrets
from typing import Any, Final

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from harvests import trail
from harvests.models import ApiToken, TokenKind, TokenScope

MARK: Final = "chv_"  # lets programs that look for leaked secrets know ours
SHOWN: Final = 10  # characters kept to know a token by
DAYS: Final = 365
LONGEST: Final = 3650  # days
LOGIN_DAYS: Final = 90  # as long as the registry's (Meteor's default)
NOTED_EACH: Final = dt.timedelta(minutes=1)


class TokenError(Exception):
    """A token cannot be used; the text tells its owner why and what to do."""


@sensitive_variables("text")
def make(
    user: Any,
    name: str,
    *,
    scope: str = TokenScope.READ,
    days: int = DAYS,
    kind: str = TokenKind.TOKEN,
) -> tuple[ApiToken, str]:
    """Store a new token that is good for so many days.

    Returns its row and its text, which is nowhere else.
    """
    text = MARK + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        kind=kind,
        prefix=text[:SHOWN],
        digest=digest_of(text),
        password_mark=user.get_session_auth_hash() if kind == TokenKind.LOGIN else "",
        expires=timezone.now() + dt.timedelta(days=days),
    )
    return token, text


@sensitive_variables("text")
def make_noted(user: Any, *, by: Any, **options: Any) -> tuple[ApiToken, str]:
    """Make a token as `make` does, and write down who did."""
    token, text = make(user, **options)
    note = f"Made the API token “{token.name}” ({token.get_scope_display()})."
    trail.note(by, user, note)
    return token, text


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


@sensitive_variables("text")
def find(text: str) -> ApiToken:
    """Return the token with this text and note its use. Raises TokenError."""
    rows = ApiToken.objects.select_related("user")
    token = rows.filter(digest=digest_of(text)).first()
    now = timezone.now()
    if token is None:
        raise TokenError("This token is not known: make one on your account's page.")
    if not token.is_good(now):
        raise TokenError(
            f"The token “{token.name}” ({token.prefix}…) is {token.state}: make "
            "another one on your account's page."
        )
    if not token.user.is_active:
        raise TokenError(f"The owner of the token “{token.name}” may not sign in.")
    _note_use(token, now)
    return token


def _note_use(token: ApiToken, now: dt.datetime) -> None:
    """Write down when it was last used, once a minute at most."""
    if token.last_used is None or now - token.last_used >= NOTED_EACH:
        ApiToken.objects.filter(pk=token.pk).update(last_used=now)


def revoke(token: ApiToken, *, by: Any) -> bool:
    """Make a token useless; False if it was revoked before."""
    good = ApiToken.objects.filter(pk=token.pk, revoked=None)
    if not good.update(revoked=timezone.now()):
        return False
    trail.note(by, token.user, f"Revoked the API token “{token.name}”.")
    return True
