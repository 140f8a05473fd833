"""Records: what the sources have, and what is wrong with it."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR, ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from unfold.decorators import display

from harvests import searching
from harvests.admin import exports, filters, record_xml
from harvests.admin.base import COUNTED, ForgivingList, ReadOnlyAdmin
from harvests.admin.record_page import record_context
from harvests.models import HarvestRecord
from harvests.templatetags.harvesting import (
    EMPTY,
    NONE,
    ago,
    heading,
    isolated,
    label,
    two_lines,
    weblink,
)

HEAVY = ("description", "validation_errors", "validation_warnings", "details")
# What an index gives in a fixed order: by the first column of the order that is asked
INDEXED = {
    "-trouble": ("-trouble", "title"),
    "trouble": ("trouble", "-title"),
    "title": ("title",),
    "-title": ("-title",),
}
UNLESS = {"trouble": {"organization"}, "title": {"organization", "source"}}
SERVICES = 3  # that a row links to
KIND = 30  # characters of the name of one
HELD = "Gone from its source; removal is held."
RESTORED = "Kept by hand; its source does not list it."


class RecordList(ForgivingList):
    """What is worst comes first; what a search finds, by title: see `words`.

    Keeps to the indexes, which give equal rows in a fixed order. Django puts the key
    behind every ordering: then MongoDB would read and sort all rows for each page.
    """

    def _get_default_ordering(self) -> list[str]:
        return ["title"] if self.query else ["-trouble"]

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        ordering = list(super().get_ordering(request, queryset))
        if ORDER_VAR not in self.params:
            ordering = self._get_default_ordering()
        first = ordering[0]
        if first not in INDEXED:
            return ordering
        filtered = self.params.keys() & UNLESS[first.removeprefix("-")]
        return [*INDEXED[first], *(["-pk"] if filtered else [])]


@admin.register(HarvestRecord)
class RecordAdmin(ReadOnlyAdmin):
    change_form_template = "admin/harvests/record.html"
    change_list_template = "admin/harvests/records.html"
    custom_urls = (
        ("export.csv", "harvests_records_csv", exports.as_csv),
        ("export.json", "harvests_records_json", exports.as_json),
        ("<str:object_id>/xml/", "harvests_record_xml", record_xml.document),
    )
    list_display = (
        *("name", "source_name", "errors", "warnings", "problem"),
        *("dated", "documents"),
    )
    list_filter = (
        filters.OfOrganizationsSources,
        filters.OfSource,
        filters.HasProblems,
        filters.HasErrors,
        filters.HasWarnings,
        filters.Failing,
        filters.Missing,
        filters.OfCause,
    )
    search_fields = ("words",)  # see get_search_results
    search_help_text = "Title, identifier, URL or file name"
    ordering = ("-trouble", "title")
    fields = ("title",)
    list_defer = HEAVY
    empty_text = "No source has been harvested yet, so there are no records."

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("source")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        texts = searching.texts_in(search_term)
        if not texts:
            return queryset, False
        found = searching.Found(texts, COUNTED)
        if not queryset.query.where:  # no filter has narrowed the list
            request._hits = COUNTED if found.count is None else found.count  # type: ignore[attr-defined]
        return found.within(queryset), False

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Count once: a search has done it already."""
        paginator = super().get_paginator(request, *args, **kwargs)
        if hasattr(request, "_hits"):
            paginator.count = request._hits
        return paginator

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RecordList

    def page_context(self, request: HttpRequest, item: HarvestRecord) -> dict[str, Any]:
        return record_context(item)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the addresses of what is listed: in another order, as CSV, as JSON."""
        query = request.GET.copy()
        query.pop("p", None)
        context = {"export_query": query.urlencode()}
        worst, title = f"-{self.list_display.index('errors')}", "0"
        shown = query.get(ORDER_VAR) or (title if query.get(SEARCH_VAR) else worst)
        context["is_worst_first"] = shown == worst
        query[ORDER_VAR] = title if shown == worst else worst
        context["order_query"] = query.urlencode()
        return super().changelist_view(request, {**(extra_context or {}), **context})

    @display(description="Title, identifier", ordering="title")
    def name(self, record: HarvestRecord) -> str:
        title, identifier = isolated(heading(record), 90), record.file_id
        return two_lines(title, isolated(identifier, 60)) if identifier else title

    @display(description="Source")
    def source_name(self, record: HarvestRecord) -> str:
        source = record.source
        return two_lines(isolated(source, 40), isolated(source.organization_id, 40))

    @display(description="Errors", ordering="trouble")
    def errors(self, record: HarvestRecord) -> str:
        count = record.error_count
        if count:
            return label(f"{count:,}", "danger")
        return "failed" if record.failure else "0"

    @display(description="Warnings", ordering="warning_count")
    def warnings(self, record: HarvestRecord) -> str:
        count = record.warning_count
        if count:
            return label(f"{count:,}", "warning")
        return EMPTY if record.failure else "0"

    @display(description="Problem")
    def problem(self, record: HarvestRecord) -> str:
        if record.failure:
            return label("failing", "danger", record.failure.get("message", ""))
        if record.missing_since:
            return label("held", "warning", RESTORED if record.restored else HELD)
        return EMPTY

    @display(description="Dated, updated", ordering="metadata_date")
    def dated(self, record: HarvestRecord) -> str:
        date = isolated(record.metadata_date or NONE)
        return two_lines(date, ago(record.update_time))

    @display(description="Links")
    def documents(self, record: HarvestRecord) -> str:
        return format_html(
            '<span class="ch-links">{} {} {}</span>',
            weblink(record.url, "source"),
            weblink(record.record_url, "published") if record.record_url else "",
            format_html_join(" ", "{}", ((link,) for link in _services(record))),
        )


def _services(record: HarvestRecord) -> list[str]:
    """Return links to the first services of a record, one of each kind."""
    kinds: dict[str, str] = {}
    for service in record.services or []:
        kind = Truncator(service.get("service_type", "")).chars(KIND) or "service"
        kinds.setdefault(kind, service.get("service_url", ""))
    return [weblink(url, kind) for kind, url in list(kinds.items())[:SERVICES]]
