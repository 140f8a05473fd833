"""API tokens of everybody, for admins to look at and to revoke."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from harvests import tokens
from harvests.admin.base import ReadOnlyAdmin
from harvests.admin.filters import DropDown
from harvests.models import ApiToken
from harvests.templatetags.harvesting import ago, isolated, label, two_lines

VARIANTS = {
    "good": "success",
    "expired": "warning",
    "signed out": "warning",
    "revoked": "danger",
}


class OfOwner(DropDown):
    title = "owner"
    parameter_name = "user"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        owners = User.objects.filter(api_tokens__isnull=False).distinct()
        names = owners.order_by("username")
        return [(str(user.pk), user.get_username()) for user in names]


@admin.register(ApiToken)
class TokenAdmin(ReadOnlyAdmin):
    list_display = ("name_and_start", "owner", "may", "state", "used", "made")
    list_filter = (OfOwner,)
    search_fields = ("name", "prefix")
    search_help_text = "Name, or how the token begins"
    ordering = ("-created",)
    actions = ("revoke_selected",)
    fields = ("name", "prefix", "user", "kind", "scope")
    fields += ("created", "last_used", "expires", "revoked")
    empty_text = "Nobody has made a token yet."

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("user")

    @admin.action(description="Revoke", permissions=["view"])
    def revoke_selected(self, request: HttpRequest, rows: QuerySet) -> None:
        for token in rows:
            if tokens.revoke(token, by=request.user):
                messages.success(request, f"Revoked: {token.name} of {token.user}.")

    @display(description="Token", ordering="name")
    def name_and_start(self, token: ApiToken) -> str:
        return two_lines(isolated(token.name, 60), f"{token.prefix}…")

    @display(description="Owner")
    def owner(self, token: ApiToken) -> str:
        return isolated(token.user, 60)

    @display(description="May", ordering="scope")
    def may(self, token: ApiToken) -> str:
        return token.get_scope_display()

    @display(description="State")
    def state(self, token: ApiToken) -> str:
        return label(token.state, VARIANTS[token.state])

    @display(description="Last used", ordering="last_used")
    def used(self, token: ApiToken) -> str:
        return ago(token.last_used, "never")

    @display(description="Made", ordering="created")
    def made(self, token: ApiToken) -> str:
        return ago(token.created)
