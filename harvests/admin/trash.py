"""The trash: removed records, to be brought back."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from unfold.decorators import display

from harvests import ckan, trail, trash
from harvests.admin import filters, row_buttons
from harvests.admin.base import (
    ReadOnlyAdmin,
    back,
    list_url,
    may_change,
    owned,
    owned_of,
)
from harvests.models import TrashedRecord
from harvests.pipeline.errors import StoreError
from harvests.templatetags.harvesting import ago, isolated, weblink


def bring_back(request: HttpRequest, items: list[TrashedRecord]) -> None:
    """Restore what can be; say of each other one why it cannot."""
    restored = 0
    sources = {item.source_id: item.source for item in items}
    for item in items:
        try:
            record = trash.restore(item)
        except StoreError as error:
            messages.error(request, str(error))
        else:
            trail.note(request.user, record, "Restored from the trash.")
            restored += 1
    for source in sources.values():
        source.take_stock()
        if restored:
            ckan.tell(source)
    if restored:
        noun = "record is" if restored == 1 else "records are"
        messages.success(request, f"{restored} {noun} in the central WAF again.")


def restore(
    request: HttpRequest, object_id: str, model_admin: Any
) -> HttpResponseRedirect:
    item = owned(request, TrashedRecord, object_id)
    if request.method != "POST":
        return redirect("admin:harvests_trashedrecord_change", item.pk)
    bring_back(request, [item])
    return back(request, list_url("trashedrecord"))


@admin.register(TrashedRecord)
class TrashAdmin(ReadOnlyAdmin):
    change_form_template = "admin/harvests/trashed.html"
    list_display = ("name", "source_name", "age", "document", "buttons")
    list_filter = (filters.OfOrganizationsSources, filters.OfSource)
    search_fields = ("title", "url", "file_name")
    search_help_text = "Title, URL or file name"
    ordering = ("-removed_at",)
    empty_text = f"Nothing was removed in the last {settings.TRASH_DAYS} days."
    actions = ("restore_selected",)
    fields = ("name", "source_name", "age", "document", "file_name")
    custom_urls = (("<str:object_id>/restore/", "harvests_trash_restore", restore),)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("source")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        shown = self.list_display
        return shown if may_change(request, TrashedRecord) else shown[:-1]

    def page_context(self, request: HttpRequest, item: TrashedRecord) -> dict[str, Any]:
        return {"may_restore": may_change(request, item)}

    def has_restore_permission(self, request: HttpRequest) -> bool:
        return may_change(request, TrashedRecord)

    @admin.action(description="Restore", permissions=["restore"])
    def restore_selected(self, request: HttpRequest, rows: QuerySet) -> None:
        bring_back(request, owned_of(request, rows.select_related("source")))

    @display(description="Title", ordering="title")
    def name(self, item: TrashedRecord) -> str:
        return isolated(item, 90)

    @display(description="Source")
    def source_name(self, item: TrashedRecord) -> str:
        return isolated(item.source, 60)

    @display(description=f"Removed (kept {settings.TRASH_DAYS} days)")
    def age(self, item: TrashedRecord) -> str:
        return ago(item.removed_at)

    @display(description="Document")
    def document(self, item: TrashedRecord) -> str:
        return weblink(item.url, "source")

    @display(description="")
    def buttons(self, item: TrashedRecord) -> str:
        if not item.is_mine:
            return ""
        url = reverse("admin:harvests_trash_restore", args=[item.pk])
        icon, label = "restore_from_trash", f"Restore {item}"
        return row_buttons.post(url, icon, "Restore", label)
