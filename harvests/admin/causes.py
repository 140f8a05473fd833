"""Findings: one row for all records of a source that have the same problem."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from harvests.admin import cause_filters, filters, problems
from harvests.admin.base import ReadOnlyAdmin
from harvests.admin.cause_page import cause_context
from harvests.models import Cause
from harvests.templatetags.harvesting import (
    ago,
    isolated,
    severity_badge,
    two_lines,
)


@admin.register(Cause)
class CauseAdmin(ReadOnlyAdmin):
    """The address of a row's page stays: it can be sent to a provider."""

    change_list_template = "admin/harvests/causes.html"
    change_form_template = "admin/harvests/cause.html"
    custom_urls = (("problems/", "harvests_problems", problems.page),)
    list_display = ("name", "how_bad", "source_name", "number", "first")
    list_filter = (
        filters.OfOrganizationsSources,
        filters.OfSource,
        cause_filters.HowBad,
        cause_filters.OfRule,
        cause_filters.Mended,
        cause_filters.OfProblem,
    )
    search_fields = ("message", "rule")
    search_help_text = "Words of the message, or a rule"
    ordering = ("severity", "-records")
    fields = ("message",)
    list_defer = ("examples",)
    empty_text = "Nothing was found wrong with any record."

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("source")

    def page_context(self, request: HttpRequest, item: Cause) -> dict[str, Any]:
        return cause_context(item)

    @display(description="What is wrong", ordering="message")
    def name(self, cause: Cause) -> str:
        return two_lines(isolated(cause.message, 160), cause.rule)

    @display(description="Severity", ordering="severity")
    def how_bad(self, cause: Cause) -> str:
        return severity_badge(cause.severity)

    @display(description="Source")
    def source_name(self, cause: Cause) -> str:
        source = cause.source
        return two_lines(isolated(source, 40), isolated(source.organization_id, 40))

    @display(description="Records", ordering="records")
    def number(self, cause: Cause) -> str:
        return f"{cause.records:,}"

    @display(description="First found", ordering="since")
    def first(self, cause: Cause) -> str:
        return ago(cause.since)
