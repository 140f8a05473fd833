"""Sources: what is harvested, and the buttons that start it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from unfold.decorators import display

from harvests import states
from harvests.admin import (
    asking,
    ckan,
    filters,
    next_runs,
    source_actions,
    source_deletion,
)
from harvests.admin.base import list_url, may_change, owned_of
from harvests.admin.source_form import SourceFormAdmin
from harvests.forms.access import warnings_of
from harvests.models import HarvestSource
from harvests.templatetags.harvesting import (
    PROBLEMS,
    ago,
    badge,
    isolated,
    next_harvest,
    two_lines,
)


@admin.register(HarvestSource)
class SourceAdmin(SourceFormAdmin):
    change_form_template = "admin/harvests/source.html"
    list_display = (
        *("state", "name_and_url", "organization_and_kind", "record_count"),
        *("problem_count", "held", "last_and_next", "buttons"),
    )
    list_display_links = None  # a name leads to the page of the source
    list_filter = (
        filters.OfOrganization,
        filters.Kind,
        filters.LastHarvest,
        filters.Published,
        filters.HasHeld,
    )
    search_fields = ("name", "url", "organization__name")
    search_help_text = "Name, URL or organization"
    ordering = ("name",)
    empty_text = "No source is registered yet."
    actions = ("harvest_selected", "cancel_selected")
    custom_urls = (
        ("runs/", "harvests_source_runs", next_runs.typed_runs),
        *source_actions.URLS,
        *ckan.URLS,
    )

    def attach(self, rows: Iterable[HarvestSource]) -> None:
        states.attach_active_jobs(rows)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        shown = self.list_display
        return shown if may_change(request, HarvestSource) else shown[:-1]

    def page_context(self, request: HttpRequest, item: HarvestSource) -> dict[str, Any]:
        states.attach_active_jobs([item])
        return {
            "source": item,
            "warnings": warnings_of(item),
        }

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return source_deletion.delete_view(self, request, object_id)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # one at a time, after a page of its own
        return actions

    @admin.action(description="Harvest now", permissions=["change"])
    def harvest_selected(
        self, request: HttpRequest, rows: QuerySet
    ) -> HttpResponse | None:
        sources = list(owned_of(request, rows))
        if asking.needs_asking(request, sources):
            return source_actions.ask_all(request, self, sources)
        source_actions.start_all(request, sources)
        return None

    @admin.action(description="Cancel", permissions=["change"])
    def cancel_selected(self, request: HttpRequest, rows: QuerySet) -> None:
        for source in owned_of(request, rows):
            source_actions.stop(request, source)

    @display(description="State", ordering="last_harvest_status")
    def state(self, source: HarvestSource) -> str:
        return badge(source.state)

    @display(description="Source", ordering="name")
    def name_and_url(self, source: HarvestSource) -> str:
        name = format_html(
            '<a class="ch-link" href="{}">{}</a>',
            source.get_absolute_url(),
            isolated(source.name, 60),
        )
        return two_lines(name, isolated(source.url, 60))

    @display(description="Organization", ordering="organization_id")
    def organization_and_kind(self, source: HarvestSource) -> str:
        return two_lines(isolated(source.organization_id, 40), source.harvest_type)

    @display(description="Records", ordering="last_record_count")
    def record_count(self, source: HarvestSource) -> str:
        return _count(source.last_record_count, source=source.pk)

    @display(description="With problems", ordering="last_bad_count")
    def problem_count(self, source: HarvestSource) -> str:
        number = _count(source.last_bad_count, source=source.pk, problems="yes")
        return format_html('<span title="{}">{}</span>', PROBLEMS, number)

    @display(description="Held", ordering="held_count")
    def held(self, source: HarvestSource) -> str:
        return _count(source.held_count, source=source.pk, held="yes")

    @display(description="Last, next harvest", ordering="last_harvest_dt")
    def last_and_next(self, source: HarvestSource) -> str:
        return two_lines(ago(source.last_harvest_dt, "never"), next_harvest(source))

    @display(description="")
    def buttons(self, source: HarvestSource) -> str:
        return source_actions.row_button(source)


def _count(number: int, **query: Any) -> str:
    if not number:
        return "0"
    url = list_url("harvestrecord", **query)
    return format_html('<a class="ch-link" href="{}">{}</a>', url, f"{number:,}")
