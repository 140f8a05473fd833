"""The page that shows what the next harvest of a source would change."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from harvests.admin.base import owned
from harvests.admin.checking import preview_context
from harvests.desk.access import shown
from harvests.models import HarvestSource
from harvests.pipeline.errors import HarvestError
from harvests.previews import preview_url


def preview(request: HttpRequest, key: str) -> HttpResponse:
    """Look at the source if asked to by POST, for it may take ten seconds.

    Nothing is written.
    """
    source = owned(request, HarvestSource, key)
    context: dict[str, Any] = {
        "title": f"What a harvest of {source} would change",
        "opts": source._meta,
        "original": source,
        "source": source,
    }
    if request.method == "POST":
        context |= _looked(source)
    return shown(request, "desk/preview.html", context)


def _looked(source: HarvestSource) -> dict[str, Any]:
    try:
        return preview_context(preview_url("", source=source))
    except HarvestError as error:
        return {"problem": str(error)}
