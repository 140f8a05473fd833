"""The question before a harvest that the schedule would not start."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from harvests.models import HarvestSource

Fields = Sequence[tuple[str, str]]


def ask(
    request: HttpRequest,
    model_admin: Any,
    sources: Sequence[HarvestSource],
    *,
    way_back: str,
    fields: Fields = (),
) -> TemplateResponse:
    """Return a page whose button sends `fields` to where this request went."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": "Harvest now",
        "sources": sources,
        "unpublished": [source for source in sources if not source.publish],
        "fields": fields,
        "way_back": way_back,
    }
    return TemplateResponse(request, "admin/harvests/harvest_now.html", context)


def needs_asking(request: HttpRequest, sources: Sequence[HarvestSource]) -> bool:
    """Tell whether the question of a list's action is still open."""
    return "post" not in request.POST and not all(each.publish for each in sources)
