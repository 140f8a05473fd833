"""The audit trail, for admins to read."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from unfold.decorators import display

from harvests.admin.base import ReadOnlyAdmin
from harvests.admin.filters import DropDown
from harvests.models import HarvestJob, HarvestSource, Organization, TrashedRecord
from harvests.templatetags.harvesting import ago, isolated
from harvests.trail import KINDS

ABOUT = (HarvestSource, HarvestJob, TrashedRecord, Organization, User)


class ByUser(DropDown):
    title = "user"
    parameter_name = "user"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        users = User.objects.order_by("username")
        return [(str(user.pk), user.get_username()) for user in users]


class OfKind(DropDown):
    title = "what was done"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(kind), name) for kind, name in KINDS.items()]

    def pick(self, rows: QuerySet, value: str) -> QuerySet:
        known = [kind for kind in KINDS if str(kind) == value]
        return rows.filter(action_flag__in=known)


class About(DropDown):
    title = "to what"
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(m._meta.model_name, str(m._meta.verbose_name)) for m in ABOUT]

    def pick(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(content_type__in=_kinds_named(value))


def _kinds_named(value: str) -> list[Any]:
    models = [model for model in ABOUT if model._meta.model_name == value]
    return [ContentType.objects.get_for_model(model).pk for model in models]


@admin.register(LogEntry)
class TrailAdmin(ReadOnlyAdmin):
    change_form_template = "admin/harvests/read_only.html"
    list_display = ("when", "who", "what", "to_what", "message")
    list_display_links = ("when",)
    list_filter = (ByUser, OfKind, About)
    search_fields = ("object_repr", "change_message")
    search_help_text = "Name of what was changed, or what was done"
    ordering = ("-action_time",)
    fields = ("when", "who", "what", "to_what", "message")
    empty_text = "Nobody has done anything yet."

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("user", "content_type")

    def page_context(self, request: HttpRequest, item: LogEntry) -> dict[str, Any]:
        """Name the entry: Django calls each that is not of a form "LogEntry Object"."""
        words = item.get_change_message() or KINDS.get(item.action_flag, "")
        name = Truncator(f"{item.object_repr}: {words}").chars(80)
        return {"subtitle": name, "original": name}

    @display(description="When", ordering="action_time")
    def when(self, entry: LogEntry) -> str:
        return ago(entry.action_time)

    @display(description="Who")
    def who(self, entry: LogEntry) -> str:
        return isolated(entry.user.get_username(), 60)

    @display(description="What")
    def what(self, entry: LogEntry) -> str:
        return KINDS.get(entry.action_flag, "")

    @display(description="To what")
    def to_what(self, entry: LogEntry) -> str:
        name = isolated(entry.object_repr, 80)
        kind = entry.content_type
        if kind is None or entry.is_deletion():
            return name
        page = f"admin:{kind.app_label}_{kind.model}_change"
        try:
            url = reverse(page, args=[quote(entry.object_id)])
        except NoReverseMatch:
            return name
        return format_html('<a class="ch-link" href="{}">{}</a>', url, name)

    @display(description="In words")
    def message(self, entry: LogEntry) -> str:
        return isolated(entry.get_change_message(), 300)
