"""Looking at an address, or at what a harvest would change."""

from typing import Any, Final

from django.http import HttpRequest

from harvests import reports
from harvests.api import limits
from harvests.api.problems import Problem
from harvests.models import HarvestSource
from harvests.pipeline.errors import DetectionError, HarvestError
from harvests.pipeline.sources import SOURCES
from harvests.previews import preview_url

A_MINUTE: Final = 10  # each keeps a thread of the site for up to ten seconds


def look(
    request: HttpRequest,
    url: str,
    *,
    kind: str = "",
    source: HarvestSource | None = None,
) -> dict[str, Any]:
    """Return the preview as `manage.py preview --json` prints it. Raises Problem."""
    if kind and kind not in SOURCES:
        detail = f"Not a kind of source: give one of {', '.join(SOURCES)}, or none."
        errors = [{"pointer": "#/harvest_type", "detail": detail}]
        raise Problem(422, detail, errors=errors)
    limits.take(f"preview:{request.user.pk}", A_MINUTE)
    try:
        return reports.as_dict(preview_url(url, kind=kind, source=source))
    except DetectionError as error:
        tried = reports.plain_tried(error.tried)
        raise Problem(422, str(error), tried=tried) from error
    except HarvestError as error:
        raise Problem(422, str(error)) from error
