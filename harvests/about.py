"""What this is and what is in it, for anybody: the page “About”."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.template.defaultfilters import pluralize
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from harvests.models import HarvestSource

FRESH: Final = 60  # seconds; what it counts changes with each harvest
API: Final = "api-docs"  # the page of the API
SHOWN: Final = (
    *("name", "url", "organization_id", "harvest_type"),
    *("last_record_count", "last_bad_count", "last_harvest_dt"),
)


@require_safe
def about(request: HttpRequest) -> HttpResponseBase:
    """Two queries, whatever there is: what sources have is counted when they harvest.

    Sources show that are harvested on schedule, or have records in the central WAF.
    """
    published = Q(publish=True) | Q(last_record_count__gt=0)
    sources = list(
        HarvestSource.objects.filter(published)
        .order_by("organization_id", "name")
        .only(*SHOWN)
    )
    context = {
        **admin.site.each_context(request),
        "title": "About",
        "sources": sources,
        "totals": _totals(sources),
        "api_url": _api_url(),
    }
    response = render(request, "accounts/about.html", context)
    patch_cache_control(response, max_age=FRESH)
    return response


def _totals(sources: list[HarvestSource]) -> dict[str, Any]:
    counts = {
        "source": len(sources),
        "organization": len({source.organization_id for source in sources}),
        "record": sum(source.last_record_count for source in sources),
    }
    named = {f"{name}{pluralize(number)}": number for name, number in counts.items()}
    return {**named, "with problems": sum(source.last_bad_count for source in sources)}


def _api_url() -> str:
    try:
        return reverse(API)
    except NoReverseMatch:
        return ""
