"""Jobs: what harvests did, and those that run now."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET
from unfold.decorators import display

from harvests import htmx, states, trail
from harvests.admin import asking, filters, source_actions
from harvests.admin.base import ReadOnlyAdmin, back, may_change, owned
from harvests.admin.job_outcomes import outcomes_context
from harvests.admin.job_page import job_context
from harvests.models import HarvestJob
from harvests.templatetags.harvesting import (
    EMPTY,
    NONE,
    ago,
    badge,
    duration,
    isolated,
    two_lines,
    what_it_did,
)


def cancel(
    request: HttpRequest, object_id: str, model_admin: Any
) -> HttpResponseRedirect:
    job = owned(request, HarvestJob, object_id)
    if request.method == "POST":
        if job.cancel(request.user.get_username()):
            trail.note(request.user, job, "Harvest cancelled.")
            messages.success(
                request, "The job stops in a moment; what it has done is kept."
            )
        else:
            messages.info(request, "The job had ended before.")
    return back(request, _page(job))


def again(request: HttpRequest, object_id: str, model_admin: Any) -> HttpResponse:
    """Harvest the source once more; allowing removals takes a question of its own."""
    job = owned(request, HarvestJob, object_id)
    if request.method != "POST":
        return asking.ask(request, model_admin, [job.source], way_back=_page(job))
    started = source_actions.start(request, job.source, force=job.force)
    return redirect(_page(started or job))


@require_GET
def live(request: HttpRequest, object_id: str, model_admin: Any) -> HttpResponse:
    """Show what moves on the page of a running job, with the outcomes it shows."""
    job = HarvestJob.objects.select_related("source").filter(pk=object_id).first()
    if job is None:  # deleted meanwhile, with its source
        return htmx.leave(reverse("home"))
    context = {**model_admin.page_context(request, job), "is_part": True}
    return TemplateResponse(request, "admin/harvests/_job_live.html", context)


def _page(job: HarvestJob) -> str:
    return job.get_absolute_url()


@admin.register(HarvestJob)
class JobAdmin(ReadOnlyAdmin):
    change_form_template = "admin/harvests/job.html"
    list_display = (
        *("state", "source_name", "created_and_started", "took", "did", "why"),
    )
    list_display_links = ("state", "source_name")
    list_filter = (
        filters.Status,
        filters.OfOrganizationsSources,
        filters.OfSource,
        filters.Since,
    )
    ordering = ("-date",)
    fields = ("status",)
    empty_text = "No harvest was started yet: press “Harvest now” at a source."
    custom_urls = (
        ("<str:object_id>/cancel/", "harvests_job_cancel", cancel),
        ("<str:object_id>/again/", "harvests_job_again", again),
        ("<str:object_id>/live/", "harvests_job_live", live),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("source")

    def page_context(self, request: HttpRequest, item: HarvestJob) -> dict[str, Any]:
        return {
            **job_context(item),
            **outcomes_context(request, item),
            "may_harvest": may_change(request, item),
        }

    @display(description="Status", ordering="status")
    def state(self, job: HarvestJob) -> str:
        return badge(states.of_job(job))

    @display(description="Source")
    def source_name(self, job: HarvestJob) -> str:
        return two_lines(
            isolated(job.source, 60), isolated(job.source.organization_id, 40)
        )

    @display(description="Created", ordering="date")
    def created_and_started(self, job: HarvestJob) -> str:
        started = format_html("started {}", ago(job.started, "not yet"))
        return two_lines(ago(job.date), started)

    @display(description="Took")
    def took(self, job: HarvestJob) -> str:
        return EMPTY if job.seconds is None else duration(job.seconds)

    @display(description="What it did")
    def did(self, job: HarvestJob) -> str:
        done = what_it_did(job)
        return EMPTY if done == NONE else done

    @display(description="Message")
    def why(self, job: HarvestJob) -> str:
        return isolated(job.message, 90)
