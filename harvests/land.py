"""The coastlines behind the extents of records: one drawing, made once and cached.

The outlines of countries are those of Natural Earth (public domain), coarse enough
for a map of the world; the package countryinfo carries them.
"""

import functools
from collections.abc import Iterable, Iterator
from typing import Final

from countryinfo import all_countries
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

DAY: Final = 24 * 3600
Point = tuple[float, float]


@gzip_page
@cache_control(public=True, max_age=DAY)
@require_safe
def land(request: HttpRequest) -> HttpResponse:
    """Answer with an SVG; pages use its element “land”, each in its own colour."""
    return HttpResponse(_drawing(), content_type="image/svg+xml")


@functools.cache
def _drawing() -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-180 -90 360 180">'
        f'<path id="land" d="{"".join(_outline(ring) for ring in _rings())}"/></svg>'
    )


def _rings() -> Iterator[list[Point]]:
    for country in all_countries():
        for feature in country.geo_json().get("features", []):
            shape = feature["geometry"]
            parts = shape["coordinates"]
            for part in [parts] if shape["type"] == "Polygon" else parts:
                yield from part


def _outline(ring: Iterable[Point]) -> str:
    points = [f"{longitude:.1f} {-latitude:.1f}" for longitude, latitude in ring]
    return f"M{'L'.join(points)}Z"
