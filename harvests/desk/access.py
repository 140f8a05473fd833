"""Who sees the pages of the desk: approved people; others are led to sign in."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from harvests.models import HarvestSource
from harvests.permissions import VIEW, may

View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """Make a page of the site of a view."""
    return admin.site.admin_view(_checked(view))


def partial(view: View) -> View:
    """Make a part of a page of a view: who is signed out meanwhile gets no page."""
    return _checked(view)


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
