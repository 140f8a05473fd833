"""How Restivus answered: JSON, for any origin, and 405 in words of its own."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

PLAIN: Final = "application/json"
WITH_CHARSET: Final = "application/json;charset=utf-8"
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": (
        "Origin, X-Requested-With, Content-Type, Accept, X-User-Id, X-Auth-Token"
    ),
}
View = Callable[..., HttpResponse]


def reply(body: Any, status: int = 200, kind: str = PLAIN) -> HttpResponse:
    """Return an answer as JavaScript's JSON.stringify would have written it."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = HttpResponse(text, status=status, content_type=kind)
    for name, value in CORS.items():
        response[name] = value
    return response


def error(status: int, message: str) -> HttpResponse:
    return reply({"status": "error", "message": message}, status)


def route(**views: View) -> View:
    """Return a view of what each method does; `get` and `post` may be one."""

    @csrf_exempt
    @wraps(next(iter(views.values())))
    def dispatch(request: HttpRequest, **parts: str) -> HttpResponse:
        method = str(request.method).lower()
        if method == "options":
            return reply("")
        if method in views:
            return views[method](request, **parts)
        response = error(405, "API endpoint does not exist")
        response["Allow"] = ", ".join([*views, "options"]).upper()
        return response

    return dispatch
