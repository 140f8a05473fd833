"""Sources: what is harvested, and the buttons that start it."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_post_parameters
from unfold.decorators import display

from harvests import states
from harvests.admin import (
    asking,
    checking,
    ckan,
    filters,
    next_runs,
    source_actions,
    source_deletion,
    source_fields,
)
from harvests.admin.base import CheapList, list_url, may_change, owned_of
from harvests.forms import CheckForm, SourceForm
from harvests.models import HarvestSource
from harvests.models.access import SECRETS
from harvests.permissions import is_admin, organizations_of
from harvests.templatetags.harvesting import (
    PROBLEMS,
    ago,
    badge,
    isolated,
    next_harvest,
    two_lines,
)

SENSITIVE = (*SECRETS, "proxy")  # a proxy's URL may come with a password


@admin.register(HarvestSource)
class SourceAdmin(CheapList):
    form = SourceForm
    change_form_template = "admin/harvests/source.html"
    change_form_show_cancel_button = True
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
    readonly_fields = ("next_runs",)
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

    def get_fieldsets(
        self, request: HttpRequest, obj: HarvestSource | None = None
    ) -> list[tuple[str, Any]]:
        may = self.has_change_permission(request, obj) if obj else True
        return source_fields.fieldsets(obj, editable=may)

    def get_readonly_fields(
        self, request: HttpRequest, obj: HarvestSource | None = None
    ) -> tuple[str, ...]:
        if obj is None:
            return self.readonly_fields
        settled = (
            ("organization",) if obj.has_files or not is_admin(request.user) else ()
        )
        return (*self.readonly_fields, *settled)

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer, and accept, the person's own organizations."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "organization" and not is_admin(request.user):
            names = organizations_of(request.user)
            field.queryset = field.queryset.filter(name__in=list(names))
        return field

    def save_model(
        self, request: HttpRequest, obj: HarvestSource, form: SourceForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        form.save_access(obj)
        for sentence in source_fields.warnings(obj):
            messages.warning(request, sentence)
        published = obj.publish and "publish" in form.changed_data
        if published or (change and form.schedule_changed):
            obj.plan_next(timezone.now(), settings.CRON_STRING)
        if published:  # once it is saved, lest a worker looks for it before
            transaction.on_commit(partial(source_actions.start, request, obj))

    def get_form(
        self, request: HttpRequest, obj: HarvestSource | None = None, **kwargs: Any
    ) -> Any:
        if checking.is_asked(request):
            kwargs["form"] = CheckForm
        return super().get_form(request, obj, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Whoever registers a source is the one to ask, and it is theirs."""
        initial = super().get_changeform_initial_data(request)
        mine = organizations_of(request.user)
        only = next(iter(mine)) if len(mine) == 1 else ""
        found = {"harvest_contact": request.user.email, "organization": only}
        return {**{name: value for name, value in found.items() if value}, **initial}

    @method_decorator(sensitive_post_parameters(*SENSITIVE))
    def changeform_view(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if not checking.is_asked(request):
            return super().changeform_view(request, *args, **kwargs)
        checking.take_found(request)
        page = super().changeform_view(request, *args, **kwargs)
        return checking.answer(request, page)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        source = kwargs.get("obj")
        may = self.has_change_permission if source else self.has_add_permission
        context["may_check"] = may(request, source) if source else may(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def page_context(self, request: HttpRequest, item: HarvestSource) -> dict[str, Any]:
        states.attach_active_jobs([item])
        return {
            "source": item,
            "warnings": source_fields.warnings(item),
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

    @display(description="Next three runs")
    def next_runs(self, source: HarvestSource) -> str:
        return next_runs.next_runs(source)

    @display(description="Access")
    def access_summary(self, source: HarvestSource) -> str:
        return source_fields.access_summary(source)


def _count(number: int, **query: Any) -> str:
    if not number:
        return "0"
    url = list_url("harvestrecord", **query)
    return format_html('<a class="ch-link" href="{}">{}</a>', url, f"{number:,}")
