"""Signing in to the registry's API and out of it."""

import json
from functools import wraps
from typing import Any, Final

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_variables

from harvests import permissions, tokens
from harvests.api import limits
from harvests.api.middleware import check_size
from harvests.api.parsing import whole
from harvests.api.problems import Problem
from harvests.api.registry.answers import View, error, reply
from harvests.forms.accounts import TOO_MANY
from harvests.models import ApiToken, TokenKind, TokenScope

NAMES: Final = ("user", "username", "email")
LOGGED_OUT: Final = "You've been logged out!"
NOT_IN: Final = "You must be logged in to do this."


@sensitive_variables()
def login(request: HttpRequest) -> HttpResponse:
    """Answer {authToken, userId}; the token is good for 90 days, or until logout."""
    try:
        check_size(request)
    except Problem as problem:
        return error(problem.status, problem.detail)
    sent = _sent(request)
    name = next((sent[key] for key in NAMES if sent.get(key)), None)
    password = sent.get("password")
    if not name or not password:
        return error(401, "Unauthorized")
    if not (isinstance(name, str) and isinstance(password, str)):
        return error(400, "Match failed")
    # as in JavaScript, where the text “false” of a form is true
    return _log_in(request, name, password, is_digest=bool(sent.get("hashed")))


@sensitive_variables()
def _log_in(
    request: HttpRequest, name: str, password: str, *, is_digest: bool
) -> HttpResponse:
    given = {"digest": password} if is_digest else {"password": password}
    user = authenticate(request, username=name, **given)
    if getattr(request, "too_many_attempts", False):
        response = error(429, TOO_MANY)
        response["Retry-After"] = "900"
        return response
    if user is None:
        return error(401, "Unauthorized")
    _token, text = tokens.make(
        user,
        "sign-in by the registry's API",
        scope=TokenScope.WRITE,
        days=tokens.LOGIN_DAYS,
        kind=TokenKind.LOGIN,
    )
    data = {"authToken": text, "userId": str(user.pk)}
    return reply({"status": "success", "data": data})


@sensitive_variables()
def _sent(request: HttpRequest) -> dict[str, Any]:
    """Return what the body holds: a form, or a JSON object; else nothing."""
    if request.content_type != "application/json":
        return request.POST.dict()
    try:
        found = whole(json.loads(request.body))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def logged_in(view: View) -> View:
    """Let in who sends X-Auth-Token and X-User-Id of a sign-in, or a token of ours."""

    @wraps(view)
    def guarded(request: HttpRequest, **parts: str) -> HttpResponse:
        token = token_of(request)
        if token is None:
            return error(401, NOT_IN)
        try:
            limits.take(f"token:{token.pk}")
        except Problem as problem:
            response = error(problem.status, problem.detail)
            response["Retry-After"] = problem.headers["Retry-After"]
            return response
        request.user = token.user
        request.api_token = token  # type: ignore[attr-defined]
        return view(request, **parts)

    return guarded


@sensitive_variables()
def token_of(request: HttpRequest) -> ApiToken | None:
    """Return the good token that came with a request, of a person who is approved."""
    text = request.headers.get("X-Auth-Token", "")
    scheme, _space, bearer = request.headers.get("Authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    try:
        token = tokens.find(bearer.strip() if is_bearer else text)
    except tokens.TokenError:
        return None
    user_id = request.headers.get("X-User-Id", "")
    is_theirs = is_bearer or constant_time_compare(user_id, str(token.user_id))
    is_approved = permissions.is_member(token.user) or permissions.is_admin(token.user)
    return token if is_theirs and is_approved else None


@logged_in
def logout(request: HttpRequest) -> HttpResponse:
    """Make the token useless that came with the request."""
    tokens.revoke(request.api_token, by=request.user)  # type: ignore[attr-defined]
    return reply({"status": "success", "data": {"message": LOGGED_OUT}})
