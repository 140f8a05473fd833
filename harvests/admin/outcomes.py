"""Outcomes: what a job did to each record, where that was not “unchanged”."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from harvests.admin import filters
from harvests.admin.base import ReadOnlyAdmin
from harvests.models import HarvestOutcome
from harvests.templatetags.harvesting import (
    ago,
    isolated,
    result_badge,
    two_lines,
    weblink,
)


@admin.register(HarvestOutcome)
class OutcomeAdmin(ReadOnlyAdmin):
    list_display = ("what", "title_or_url", "stage", "why", "job_name", "document")
    change_form_template = "admin/harvests/read_only.html"
    list_display_links = ("what",)
    list_filter = (filters.OfJob, filters.WhatHappened, filters.AtStage)
    search_fields = ("url", "title", "message")
    search_help_text = "URL, title or message"
    fields = ("what", "title_or_url", "document", "stage", "why", "job_name")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("job__source")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        same = "job_name" if "job" in request.GET else ""
        return tuple(name for name in self.list_display if name != same)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """By outcome within a job, where an index helps; else as they are stored."""
        return ("outcome", "url") if "job" in request.GET else ("-pk",)

    @display(description="Outcome", ordering="outcome")
    def what(self, row: HarvestOutcome) -> str:
        return result_badge(row.outcome)

    @display(description="Record")
    def title_or_url(self, row: HarvestOutcome) -> str:
        return isolated(row.title or row.url, 90)

    @display(description="Message")
    def why(self, row: HarvestOutcome) -> str:
        return isolated(row.message, 300)

    @display(description="Job")
    def job_name(self, row: HarvestOutcome) -> str:
        url = reverse("admin:harvests_harvestjob_change", args=[row.job_id])
        source = isolated(row.job.source, 40)
        link = format_html('<a class="ch-link" href="{}">{}</a>', url, source)
        return two_lines(link, ago(row.job.date))

    @display(description="Document")
    def document(self, row: HarvestOutcome) -> str:
        return weblink(row.url, "source")
