"""What the buttons of a source start: by POST only, a GET asks or goes back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from harvests import jobs, states, trail
from harvests.admin import asking, row_buttons
from harvests.admin.base import back, list_url, owned
from harvests.models import HarvestJob, HarvestSource, JobAlreadyActiveError
from harvests.queueing import QueueError

FEW = 3  # of more, nobody wants a message each


def start_all(request: HttpRequest, sources: list[HarvestSource]) -> None:
    """Queue a harvest of each; tell of many in one sentence."""
    if len(sources) <= FEW:
        for source in sources:
            start(request, source)
        return
    queued = [source for source in sources if start(request, source, quietly=True)]
    if not queued:
        return
    unpublished = sum(not source.publish for source in queued)
    left_out = f" {unpublished:,} of the sources are not published: the schedule leaves"
    messages.success(
        request,
        f"{len(queued):,} harvests are queued."
        + f"{left_out} them out." * bool(unpublished),
    )


def ask_all(
    request: HttpRequest, model_admin: Any, sources: list[HarvestSource]
) -> HttpResponse:
    """Ask before what `start_all` does, in the words of Django's own actions."""
    chosen = [("_selected_action", source.pk) for source in sources]
    fields = [("action", "harvest_selected"), ("post", "yes"), *chosen]
    page = list_url("harvestsource")
    return asking.ask(request, model_admin, sources, way_back=page, fields=fields)


def start(
    request: HttpRequest,
    source: HarvestSource,
    *,
    quietly: bool = False,
    **options: Any,
) -> HarvestJob | None:
    """Queue a harvest and tell the person what became of it; None if it is not.

    `quietly`: tell of trouble only.
    """
    try:
        job = jobs.enqueue_harvest(
            source, requested_by=request.user.get_username(), **options
        )
    except JobAlreadyActiveError as error:
        messages.error(request, str(error))
        return None
    except QueueError as error:
        trail.note(request.user, source, _told(options))
        messages.warning(request, str(error))
        return source.jobs.active().first()
    trail.note(request.user, source, _told(options))
    if quietly:
        return job
    url = reverse("admin:harvests_harvestjob_change", args=[job.pk])
    messages.success(
        request,
        format_html('Queued: <a href="{}">{}</a>.', url, _queued(source, options)),
    )
    if not source.publish:
        messages.warning(
            request,
            f"“{source}” is not published: this harvest runs, the schedule leaves it "
            "out.",
        )
    return job


def _queued(source: HarvestSource, options: dict[str, Any]) -> str:
    if not (options.get("allow_removals") and source.held_count):
        return f"the harvest of “{source}”"
    held = source.held_count
    records = "held record" if held == 1 else f"{held:,} held records"
    return f"a harvest of “{source}” that removes the {records}"


def _told(options: dict[str, Any]) -> str:
    asked = "Harvest asked for"
    if options.get("allow_removals"):
        return f"{asked}; removals allowed."
    return f"{asked}; everything read anew." if options.get("force") else f"{asked}."


def stop(request: HttpRequest, source: HarvestSource) -> None:
    """Cancel the active job of a source and say what happens then."""
    job = source.jobs.active().first()
    if job is None or not job.cancel(request.user.get_username()):
        messages.info(request, f"“{source}” is not being harvested.")
        return
    trail.note(request.user, source, "Harvest cancelled.")
    messages.success(
        request,
        f"The harvest of “{source}” stops in a moment; what it has done is kept.",
    )


def _page(source: HarvestSource) -> str:
    return source.get_absolute_url()


def harvest(
    request: HttpRequest, object_id: str, model_admin: Any, **options: Any
) -> HttpResponse:
    source = owned(request, HarvestSource, object_id)
    if request.method != "POST":
        there = [("next", request.GET["next"])] if "next" in request.GET else []
        page = _page(source)
        return asking.ask(request, model_admin, [source], way_back=page, fields=there)
    job = start(request, source, **options)
    if job and "next" not in request.POST:
        return redirect("admin:harvests_harvestjob_change", job.pk)
    return back(request, _page(source))


def reread(request: HttpRequest, object_id: str, model_admin: Any) -> HttpResponse:
    return harvest(request, object_id, model_admin, force=True)


def cancel(
    request: HttpRequest, object_id: str, model_admin: Any
) -> HttpResponseRedirect:
    source = owned(request, HarvestSource, object_id)
    if request.method == "POST":
        stop(request, source)
    return back(request, _page(source))


def allow_removals(
    request: HttpRequest, object_id: str, model_admin: Any
) -> HttpResponse:
    """Ask first: a GET says how many records may go."""
    if request.method == "POST":
        return harvest(request, object_id, model_admin, allow_removals=True)
    source = owned(request, HarvestSource, object_id)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": source,
        "title": "Harvest, allowing removals",
        "held": source.held_count,
        "sentence": states.held_sentence(source.held_count, source.kept_count),
        "total": source.records.count(),
    }
    return TemplateResponse(request, "admin/harvests/allow_removals.html", context)


def row_button(source: HarvestSource) -> SafeString:
    """A button inside the form of the change list, where the person may press it."""
    if not source.is_mine:
        return SafeString()
    lists = list_url("harvestsource")
    if source.active_job:
        url = reverse("admin:harvests_source_cancel", args=[source.pk])
        label = f"Cancel the harvest of {source}"
        return row_buttons.post(url, "stop_circle", "Cancel", label, lists)
    url = reverse("admin:harvests_source_harvest", args=[source.pk])
    words = ("play_circle", "Harvest now", f"Harvest {source} now")
    if not source.publish:  # is asked about first, on a page of its own
        return row_buttons.link(f"{url}?next={lists}", *words)
    return row_buttons.post(url, *words, lists)


URLS = (
    ("<str:object_id>/harvest/", "harvests_source_harvest", harvest),
    ("<str:object_id>/reread/", "harvests_source_reread", reread),
    ("<str:object_id>/removals/", "harvests_source_removals", allow_removals),
    ("<str:object_id>/cancel/", "harvests_source_cancel", cancel),
)
