"""Addresses below /api."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from ninja.openapi.views import openapi_view

from harvests.api import jobs, problems, reading, sources
from harvests.api.middleware import SENTENCES
from harvests.api.problems import Problem
from harvests.api.registry import harvests, people, worker
from harvests.api.registry.answers import route
from harvests.api.site import api

for part in (reading.router, sources.router, jobs.router):
    api.add_router("", part)


def nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer for every address that is not there."""
    return problems.answer(request, Problem(404, SENTENCES[404]))


one = route(get=harvests.one_harvest)
every = route(get=harvests.all_harvests)
start = route(get=harvests.harvest, post=harvests.harvest)
login = route(post=people.login)
logout = route(get=people.logout, post=people.logout)
work = route(get=worker.harvest, post=worker.harvest, delete=worker.delete)

SIGNING = [
    path("login", login, name="registry-login"),
    path("logout", logout, name="registry-logout"),
]
PREDECESSOR = [  # without a slash at the end, as they were
    path("harvest/<str:key>", work, name="registry-worker"),
    path("v1/Harvests", every, name="registry-harvests"),
    path("v1/Harvests/<str:key>", one, name="registry-one"),
    path("v2/harvests/<str:key>/harvest", start, name="registry-start"),
    path("v2/harvest/<str:key>/harvest", start, name="registry-start"),
    path("v1/", include(SIGNING)),
    path("v2/", include(SIGNING)),
]
urlpatterns = [
    *PREDECESSOR,
    path("docs", partial(openapi_view, api=api), name="api-docs"),
    path("v3/", nothing, name="api-nothing"),
    path("v3/", api.urls),
    path("v3/<path:rest>", nothing, name="api-nothing"),
]
