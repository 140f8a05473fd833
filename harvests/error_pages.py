"""What people see where there is no page, it is not theirs, or the site is broken.

The first two look like the rest of the site; the last two ask nothing of it.
"""

from typing import Any, Final

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from harvests.permissions import is_member

NOWHERE: Final = (
    "Nothing has this address. What was here may have been deleted: a source with its "
    "records and jobs, or an old job. Or the link was cut in a mail: try it whole."
)
NOT_THEIRS: Final = (
    "Only members of the organization that it belongs to may, and administrators; some "
    "things are for administrators alone. Ask one of them to make you a member."
)
TOO_OLD: Final = (
    "The form was open too long, or you signed in or out meanwhile, or the browser "
    "refuses our cookies. Go back, reload the page, and send the form again."
)
BROKEN: Final = (
    "Nothing that was stored is lost. Its log says why; try again in a minute, and "
    "tell its administrators if this comes again."
)
REFUSED: Final = (
    "The site does not answer to the name it was called by, or the request was broken "
    "on its way. Open the address that its administrators gave you."
)
FOR_PROGRAMS: Final = "/api/"  # which say it in their own way


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(FOR_PROGRAMS):
        return HttpResponse(status=404)
    return _page(request, "There is no such page", NOWHERE, status=404)


def nothing(request: HttpRequest, **_parts: str) -> HttpResponse:
    """Answer for a page of a framework that the site does not have."""
    raise Http404


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "You may not do this", NOT_THEIRS, status=403)


def no_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without its CSRF token."""
    return _page(request, "The form was not sent", TOO_OLD, status=403)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _bare("The request could not be understood", REFUSED, status=400)


def failed(request: HttpRequest) -> HttpResponse:
    return _bare("The site could not do this", BROKEN, status=500)


def _page(request: HttpRequest, title: str, text: str, *, status: int) -> HttpResponse:
    user: Any = getattr(request, "user", AnonymousUser())
    template = "errors/member.html" if is_member(user) else "errors/anybody.html"
    request.current_app = admin.site.name  # type: ignore[attr-defined]
    context = {**admin.site.each_context(request), "title": title, "text": text}
    return render(request, template, context, status=status)


def _bare(title: str, text: str, *, status: int) -> HttpResponse:
    """Answer without database, session or static files: they may be what is broken."""
    page = render_to_string("errors/bare.html", {"title": title, "text": text})
    return HttpResponse(page, status=status)
