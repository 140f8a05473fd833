"""What of the API comes before and behind its views: sizes, HEAD, errors of others."""

import logging
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from harvests.api.problems import MEDIA_TYPE, Problem, answer

logger = logging.getLogger(__name__)

PLACE: Final = "/api/v3/"
LARGEST: Final = 1_000_000  # bytes of a body: certificates are the largest thing in one
KEPT: Final = ("Allow", "Retry-After", "WWW-Authenticate", "Vary", "Location")
SENTENCES: Final = {
    400: "The request could not be understood: see the documentation at /api/docs.",
    403: "This is not yours to do.",
    404: "There is nothing at this address: see the documentation at /api/docs.",
    405: "This address does not take {method}: see the header Allow.",
    500: "The server failed; its log says why. Try again later, or tell its staff.",
}


class Problems:
    """Refuses large bodies unread, and makes every error below /api/v3 a problem.

    HEAD is answered as GET, without the body.
    """

    def __init__(self, ask: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._ask = ask

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PLACE):
            return self._ask(request)
        if request.method != "HEAD":
            return self._answer(request)
        request.method = "GET"  # whom views and tokens know
        return _without_body(self._answer(request))

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        try:
            check_size(request)
        except Problem as problem:
            return answer(request, problem)
        response = self._ask(request)
        if response.status_code < 400 or response["Content-Type"] == MEDIA_TYPE:
            return response
        return _as_problem(request, response)


def _without_body(response: HttpResponseBase) -> HttpResponseBase:
    """Leave out the body, but tell its size (RFC 9110, 9.3.2)."""
    if isinstance(response, HttpResponse):
        response["Content-Length"] = str(len(response.content))
        response.content = b""
    return response


def check_size(request: HttpRequest) -> None:
    """Raise Problem for a body that is too large, or whose size is not told."""
    length = request.headers.get("Content-Length") or "0"
    if request.headers.get("Transfer-Encoding") and length == "0":
        raise Problem(411, "Send the size of the body (Content-Length), not in chunks.")
    if length.isdecimal() and int(length) > LARGEST:
        detail = f"The body has {int(length):,} bytes: send at most {LARGEST:,}."
        raise Problem(413, detail, headers={"Connection": "close"})


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    status = response.status_code
    sentence = SENTENCES.get(status, SENTENCES[400 if status < 500 else 500])
    headers = {name: response[name] for name in KEPT if name in response}
    if "GET" in headers.get("Allow", ""):
        headers["Allow"] += ", HEAD"
    detail = sentence.format(method=request.method)
    response.close()
    return answer(request, Problem(status, detail, headers=headers))
