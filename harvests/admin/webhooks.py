"""Web hooks: members have those of their organizations, admins all."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.decorators import display

from harvests import trail
from harvests.admin.base import CheapList, ForgivingList, owned
from harvests.forms.notifications import WebHookForm
from harvests.models import EventKind, WebHook
from harvests.notifications.webhook import new_secret
from harvests.permissions import VIEW, is_admin, may, organizations_of
from harvests.templatetags.harvesting import EMPTY, ago, isolated, label

SHOWN_ONCE = "The secret that signs its messages, shown only now: {}"


def renew(request: HttpRequest, object_id: str, model_admin: Any) -> HttpResponse:
    """Make a new secret; the one before signs nothing any more."""
    hook = owned(request, WebHook, object_id)
    if request.method == "POST":
        _give_secret(request, hook)
        trail.note(request.user, hook, "Made a new secret.")
    return redirect("admin:harvests_webhook_change", hook.pk)


def _give_secret(request: HttpRequest, hook: WebHook) -> None:
    secret = new_secret()
    hook.seal(secret)
    hook.save(update_fields=["sealed"])
    messages.success(request, SHOWN_ONCE.format(secret))


class OwnList(ForgivingList):
    """Addresses of web hooks are often secrets themselves: nobody sees others'."""

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet:
        rows = super().get_queryset(request, *args, **kwargs)
        if is_admin(request.user):
            return rows
        return rows.filter(organization__in=list(organizations_of(request.user)))


@admin.register(WebHook)
class WebHookAdmin(CheapList):
    form = WebHookForm
    change_form_template = "admin/harvests/webhook.html"
    change_form_show_cancel_button = True
    list_display = ("address", "belongs_to", "events", "state", "sent")
    ordering = ("url",)
    search_fields = ("url",)
    search_help_text = "URL"
    actions = None
    empty_text = "No web hook is registered yet."
    custom_urls = (("<str:object_id>/secret/", "harvests_webhook_secret", renew),)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OwnList

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, VIEW, obj or self.model)

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Offer, and accept, the person's own organizations."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "organization" and not is_admin(request.user):
            names = organizations_of(request.user)
            field.queryset = field.queryset.filter(name__in=list(names))
            field.required = True
        return field

    def save_model(
        self, request: HttpRequest, obj: WebHook, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if not obj.sealed:
            _give_secret(request, obj)

    def page_context(self, request: HttpRequest, item: WebHook) -> dict[str, Any]:
        return {"hook": item}

    @display(description="URL", ordering="url")
    def address(self, hook: WebHook) -> str:
        return isolated(hook.url, 80)

    @display(description="Sources of")
    def belongs_to(self, hook: WebHook) -> str:
        return isolated(hook.organization_id or "all organizations", 60)

    @display(description="Events")
    def events(self, hook: WebHook) -> str:
        return ", ".join(EventKind(kind).label for kind in hook.kinds) or "all"

    @display(description="State")
    def state(self, hook: WebHook) -> str:
        if not hook.enabled:
            return label("off", "", hook.note)
        if hook.failing_since:
            return label("failing", "danger", hook.note)
        return label("on", "success")

    @display(description="Last sent")
    def sent(self, hook: WebHook) -> str:
        return ago(hook.last_sent) if hook.last_sent else EMPTY
