"""A source's state as a small picture, for the README of its provider."""

import hashlib
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from harvests import states
from harvests.models import HarvestSource
from harvests.notifications.wording import site_url

FRESH: Final = 300  # seconds for which nobody asks again
LEFT: Final = "metadata harvest"
LETTER: Final = 6.6  # width of one at 11 px, on average
COLOURS: Final = {  # under white text, at 4.5 : 1 or better
    "success": "#15803d",
    "warning": "#a16207",
    "danger": "#b91c1c",
    "info": "#0e7490",
}
GREY: Final = "#57606a"


def text_of(source: HarvestSource) -> str:
    """Return how a source is doing, in a few words without its name."""
    state = states.of_source(source, None)
    if source.last_harvest_status is None:
        return "not harvested yet"
    records = f"{source.last_record_count:,} records"
    bad = source.last_bad_count
    errors = f", {bad:,} with problems" if bad else ""
    return f"{state.label}: {records}{errors}"


def markdown_of(source: HarvestSource) -> str:
    """Return the line that shows the badge in a README, and leads to the site."""
    picture = site_url(reverse("badge", args=[source.pk]))
    return f"[![{LEFT}]({picture})]({site_url(reverse('about'))})"


@require_safe
def badge(request: HttpRequest, source: str) -> HttpResponseBase:
    """Answer anybody; the reasons of a failure are for those who sign in."""
    row = get_object_or_404(HarvestSource, pk=source)
    text = text_of(row)
    left, right = (round(len(part) * LETTER) + 12 for part in (LEFT, text))
    context = {
        "label": LEFT,
        "text": text,
        "left": left,
        "right": right,
        "width": left + right,
        "label_x": left / 2,
        "text_x": left + right / 2,
        "colour": COLOURS.get(states.of_source(row, None).variant, GREY),
    }
    svg = render_to_string("badge.svg", context)
    tag = f'"{hashlib.sha256(svg.encode()).hexdigest()[:32]}"'
    response = HttpResponse(svg, content_type="image/svg+xml", headers={"ETag": tag})
    patch_cache_control(response, public=True, max_age=FRESH)
    return get_conditional_response(request, tag, None, response)
