"""Outcomes: what a job did to each record, where that was not “unchanged”."""

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from harvests.admin import filters
from harvests.admin.base import ReadOnlyAdmin
from harvests.models import HarvestJob, HarvestOutcome
from harvests.templatetags.harvesting import (
    EMPTY,
    ago,
    isolated,
    result_badge,
    two_lines,
    weblink,
)

CHANGELIST = "harvests_harvestoutcome_changelist"
NEWEST = 30  # jobs of which the list shows the outcomes, unless one is asked for


def _age(jobs: list[str]) -> Case:
    """Rank by job without a join, which MongoDB would make for every outcome."""
    ranks = [When(job=job, then=Value(rank)) for rank, job in enumerate(jobs)]
    return Case(*ranks, default=Value(NEWEST), output_field=IntegerField())


def _calm() -> Case:
    failed = When(outcome="failed", then=Value(0))
    return Case(failed, default=Value(1), output_field=IntegerField())


@admin.register(HarvestOutcome)
class OutcomeAdmin(ReadOnlyAdmin):
    list_display = ("what", "title_or_url", "at_stage", "why", "job_name", "document")
    change_form_template = "admin/harvests/read_only.html"
    list_display_links = ("what",)
    list_filter = (filters.OfJob, filters.WhatHappened, filters.AtStage)
    search_fields = ("url", "title", "message")
    empty_text = "No harvest has added, changed or removed a record yet."
    search_help_text = f"URL, title or message, in the newest {NEWEST} jobs or in one"
    ordering = ("-pk",)  # of no column; see get_ordering
    fields = ("what", "title_or_url", "document", "at_stage", "why", "job_name")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = HarvestOutcome.objects.annotate(calm=_calm())
        match = request.resolver_match
        is_list = bool(match and match.url_name == CHANGELIST)
        if is_list and "job" not in request.GET:  # of all, sorting takes seconds
            newest = HarvestJob.objects.order_by("-date").values_list("pk", flat=True)
            jobs = list(newest[:NEWEST])
            rows = rows.filter(job__in=jobs).annotate(age=_age(jobs))
        return rows.prefetch_related("job__source")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        same = "job_name" if "job" in request.GET else ""
        return tuple(name for name in self.list_display if name != same)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Those of the newest job first, and of a job those that failed."""
        within = ("calm", "outcome", "url")
        return within if "job" in request.GET else ("age", *within)

    @display(description="Outcome", ordering="outcome")
    def what(self, row: HarvestOutcome) -> str:
        return result_badge(row.outcome)

    @display(description="Record")
    def title_or_url(self, row: HarvestOutcome) -> str:
        return isolated(row.title or row.url, 90)

    @display(description="Stage", ordering="stage")
    def at_stage(self, row: HarvestOutcome) -> str:
        return row.stage or EMPTY

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
