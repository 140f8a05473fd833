"""The worker's routes: queue a harvest, delete a source.

It told success as {"result": true}, and failures as {"error", "message"}. It asked
nobody who they are: here a token that may write is wanted.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse

from harvests.api import acting, limits
from harvests.api.auth import CHALLENGE, MISSING, READ_ONLY
from harvests.api.problems import Problem
from harvests.api.registry.people import token_of
from harvests.api.rows import owned
from harvests.models import HarvestSource
from harvests.permissions import CHANGE, DELETE

Deed = Callable[[HttpRequest, str], None]


def _answering(deed: Deed) -> Callable[..., HttpResponse]:
    """Return a view that tells in the worker's words how a deed went."""

    @wraps(deed)
    def view(request: HttpRequest, key: str) -> HttpResponse:
        try:
            _admit(request)
            deed(request, key)
        except Problem as problem:
            phrase = HTTPStatus(problem.status).phrase
            body = {"error": phrase, "message": problem.detail}
            headers = problem.headers
            return JsonResponse(body, status=problem.status, headers=headers)
        return JsonResponse({"result": True})

    return view


def _admit(request: HttpRequest) -> None:
    """Let in who has a token that may write. Raises Problem."""
    token = token_of(request)
    if token is None:
        raise Problem(401, MISSING, headers=CHALLENGE)
    limits.take(f"token:{token.pk}")
    if not token.may_write:
        raise Problem(403, READ_ONLY.format(token.name))
    request.user = token.user
    request.api_token = token  # type: ignore[attr-defined]


@_answering
def harvest(request: HttpRequest, key: str) -> None:
    """Queue a harvest; one that is under way already is as good."""
    acting.start(request, owned(request, HarvestSource.objects.all(), key, CHANGE))


@_answering
def delete(request: HttpRequest, key: str) -> None:
    """Queue the deletion of a source with all that came from it."""
    acting.delete(request, owned(request, HarvestSource.objects.all(), key, DELETE))
