"""What went wrong, as RFC 9457 has it: one JSON object that says what to do."""

from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse

MEDIA_TYPE: Final = "application/problem+json"


class Problem(Exception):
    """Ends a request with this status and sentence; `errors` names what is wrong.

    An error is {"detail", "pointer"} for a place in the body (RFC 6901, as a URI
    fragment), {"detail", "parameter"} for one in the query.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.more = more


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the response that tells of a problem."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.path,
        **problem.more,
    }
    if problem.errors:
        body["errors"] = problem.errors
    response = JsonResponse(body, status=problem.status, content_type=MEDIA_TYPE)
    for name, value in problem.headers.items():
        response[name] = value
    return response


def pointer(place: tuple[str | int, ...]) -> str:
    """Return the JSON pointer of a place in the body, as a URI fragment."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in place)
    return "#" + "".join(f"/{step}" for step in steps)
