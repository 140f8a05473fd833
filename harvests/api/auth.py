"""Who asks: a token's owner, or who is signed in on the site."""

from typing import Any, Final

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from harvests import permissions, tokens
from harvests.api import limits
from harvests.api.problems import Problem

SAFE: Final = ("GET", "HEAD", "OPTIONS")
CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="api"'}
MISSING: Final = (
    "Sign in: send “Authorization: Bearer …” with a token from your account's page."
)
WAITING: Final = "An administrator has not approved this account yet: ask one."
READ_ONLY: Final = (
    "The token “{}” may only read: make one that may write on your account's page."
)
NO_CSRF: Final = (
    "With the session of a browser, send the header X-CSRFToken; programs use a token."
)


class Token(HttpBearer):
    """`Authorization: Bearer …`: a token made on the page of an account."""

    @sensitive_variables("token")
    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return admit(request, token.strip())


class Session(SessionAuth):
    """The cookie of somebody who is signed in; changes need the CSRF header too."""

    def _get_key(self, request: HttpRequest) -> str | None:
        return request.COOKIES.get(self.param_name)

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        if not request.user.is_authenticated:
            return None
        if check_csrf(request):
            raise Problem(403, NO_CSRF)
        _check_person(request.user)
        limits.take(f"user:{request.user.pk}")
        return request.user


@sensitive_variables("text")
def admit(request: HttpRequest, text: str) -> Any:
    """Return whose token this is, who is then the request's user. Raises Problem."""
    try:
        token = tokens.find(text)
    except tokens.TokenError as error:
        invalid = f'{CHALLENGE["WWW-Authenticate"]}, error="invalid_token"'
        headers = {"WWW-Authenticate": invalid}
        raise Problem(401, str(error), headers=headers) from error
    limits.take(f"token:{token.pk}")
    _check_person(token.user)
    if request.method not in SAFE and not token.may_write:
        raise Problem(403, READ_ONLY.format(token.name))
    request.user = token.user
    request.api_token = token  # type: ignore[attr-defined]
    return token.user


def _check_person(user: Any) -> None:
    if not (permissions.is_member(user) or permissions.is_admin(user)):
        raise Problem(403, WAITING)


def by(request: HttpRequest) -> str:
    """Return by what a change was made, for the audit trail."""
    token = getattr(request, "api_token", None)
    return f"by the API token “{token.name}”" if token else "by the API"
