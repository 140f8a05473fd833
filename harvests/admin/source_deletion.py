"""Deleting a source: a page that says what goes, then a job that does it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from harvests import deletion_job
from harvests.models import HarvestSource, JobAlreadyActiveError
from harvests.queueing import QueueError


def delete_view(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    source = get_object_or_404(HarvestSource, pk=object_id)
    if not model_admin.has_delete_permission(request, source):
        raise PermissionDenied
    if request.method == "POST":
        return _delete(model_admin, request, source)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": source,
        "title": f"Delete {source}",
        "counts": {noun: number for noun, number in _counts(source) if number},
        "active": source.jobs.active().first(),
    }
    return TemplateResponse(request, "admin/harvests/delete_source.html", context)


def _counts(source: HarvestSource) -> list[tuple[str, int]]:
    """Return what goes with a source: one of it as a word, and how many."""
    return [
        ("record", source.records.count()),
        ("file", source.records.exclude(file_name="").count()),
        ("removed record", source.trash.count()),
        ("job", source.jobs.count()),
    ]


def _delete(
    model_admin: Any, request: HttpRequest, source: HarvestSource
) -> HttpResponse:
    try:
        deletion_job.enqueue_deletion(source)
    except (JobAlreadyActiveError, QueueError) as error:
        messages.error(request, str(error))
        return redirect(source)
    model_admin.log_deletions(request, [source])
    messages.success(
        request, f"“{source}” is being deleted. With many records this takes a while."
    )
    return redirect("home")
