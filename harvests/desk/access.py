"""Who sees the pages of the desk: approved people; others are led to sign in."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from harvests import htmx
from harvests.models import HarvestSource
from harvests.permissions import VIEW, may

View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """Make a page of the site of a view."""
    return admin.site.admin_view(_checked(view))


def partial(view: View) -> View:
    """Make a part of a page of a view: who is signed out meanwhile gets no page.

    Nor are they led elsewhere, for they may be filling in a form: see `moving`.
    """
    return _answering(view, lambda request: HttpResponse(status=403))


def moving(view: View) -> View:
    """Make a part of a view that shows what moves: its page is nothing without it.

    Who is signed out meanwhile is led to sign in, and back.
    """
    return _answering(view, functools.partial(htmx.sign_in, status=403))


def _answering(view: View, refuse: Callable[[HttpRequest], HttpResponse]) -> View:
    @functools.wraps(view)
    def part(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may(request.user, VIEW, HarvestSource):
            return refuse(request)
        return view(request, *args, **kwargs)

    return part


def _checked(view: View) -> View:
    @functools.wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may(request.user, VIEW, HarvestSource):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def shown(
    request: HttpRequest, template: str, context: dict[str, Any]
) -> TemplateResponse:
    """Return a page with what all pages of the site share."""
    context = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, template, context)
