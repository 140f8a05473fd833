"""The API's frame: errors as problems, conditional GETs, and the OpenAPI document."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger

from harvests import __version__
from harvests.api import auth, document, problems
from harvests.api.conditions import tag_of
from harvests.api.parsing import StrictJSON
from harvests.api.problems import Problem

ABOUT = """
Organizations, sources, jobs, records and findings, as JSON.

**Sign in** with a token from your account's page (`Authorization: Bearer …`): it reads,
or reads and writes, what you may read and change on the site. Signed in on the site,
you can try everything here.

**Lists** come in pieces: hand `next_cursor` back as `cursor` until it is null.

**Every GET** has an `ETag`: send it back as `If-None-Match`, and what did not change
is answered with 304 and no body. To follow a job, ask for it so every two seconds. HEAD
is answered as GET, without the body. With `If-Match`, PATCH and DELETE change only what
you have seen.

**Errors** are problem details (RFC 9457): `detail` says what to do, `errors` where.
"""


class HarvestAPI(NinjaAPI):
    """NinjaAPI with entity tags, and a document that tells of errors and headers."""

    def create_response(
        self, request: HttpRequest, data: Any, **kwargs: Any
    ) -> HttpResponse:
        response = super().create_response(request, data, **kwargs)
        patch_vary_headers(response, ("Authorization", "Cookie"))
        response["Cache-Control"] = "private, no-cache"
        if request.method != "GET" or response.status_code != 200:
            return response
        tag = tag_of(response.content)
        response["ETag"] = tag
        answer: HttpResponse = get_conditional_response(request, tag, None, response)
        return answer

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        return document.completed(super().get_openapi_schema(**kwargs))


class Page(Swagger):
    """Swagger's page from our own server.

    django-ninja takes it from a public one unless it is an installed app, and as that
    each command and worker would load it.
    """

    def render_page(
        self, request: HttpRequest, api: NinjaAPI, **kwargs: Any
    ) -> HttpResponse:
        self.settings["url"] = self.get_openapi_url(api, kwargs)
        shown = {"swagger_settings": json.dumps(self.settings), "api": api}
        return render(request, self.template, {**shown, "add_csrf": True})


api = HarvestAPI(
    title="Catalog Harvesting",
    version=__version__,
    description=ABOUT,
    urls_namespace="api",
    docs=Page(),
    docs_url=None,  # the page is at /api/docs
    auth=[auth.Token(), auth.Session()],
    parser=StrictJSON(),
)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return problems.answer(request, error)


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Tell of an error of django-ninja: in one of its own, ours may be wrapped."""
    if isinstance(error.__cause__, Problem):
        return problems.answer(request, error.__cause__)
    if isinstance(error, AuthenticationError):
        problem = Problem(401, auth.MISSING, headers=auth.CHALLENGE)
        return problems.answer(request, problem)
    return problems.answer(request, Problem(error.status_code, f"{error}."))


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problems.answer(request, Problem(404, str(error)))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [_described(each) for each in error.errors]
    first = errors[0]
    place = first.get("pointer") or first.get("parameter")
    detail = f"{place}: {first['detail']}" if place else first["detail"]
    return problems.answer(request, Problem(422, detail, errors=errors))


def _described(error: dict[str, Any]) -> dict[str, str]:
    """Return an error of pydantic's as an error of a problem."""
    source, *place = error["loc"]
    detail = f"{error['msg']}."
    if source == "body":
        return {"pointer": problems.pointer(tuple(place[1:])), "detail": detail}
    return {"parameter": str(place[-1]) if place else source, "detail": detail}
