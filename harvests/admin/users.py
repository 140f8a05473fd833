"""Users: approved, made admin, given organizations, by admins only."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm

from harvests import accounts, mail
from harvests.admin.base import CheapList
from harvests.admin.filters import DropDown
from harvests.forms.users import LAST, UNCONFIRMED, UserAddForm, UserForm
from harvests.models import ApiToken
from harvests.templatetags.harvesting import EMPTY, ago, isolated, label, two_lines

admin.site.unregister(User)
admin.site.unregister(Group)  # roles replace permissions: see harvests.permissions

STATES = {
    "waiting": Q(is_active=True, is_staff=False),
    "member": Q(is_active=True, is_staff=True, is_superuser=False),
    "admin": Q(is_active=True, is_superuser=True),
    "may not sign in": Q(is_active=False),
}


class InState(DropDown):
    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in STATES]

    def pick(self, rows: QuerySet, value: str) -> QuerySet:
        return rows.filter(STATES[value]) if value in STATES else rows.none()


@admin.register(User)
class UserAdmin(BaseUserAdmin, CheapList):
    form = UserForm
    add_form = UserAddForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("person", "role", "belongs_to", "asked", "last_seen")
    list_filter = (InState,)
    search_fields = ("username", "first_name", "last_name", "email")
    search_help_text = "Name or e-mail address"
    ordering = ("username",)
    actions = ("approve_selected",)
    filter_horizontal = ()
    readonly_fields = ("asked_for", "contact", "last_login", "date_joined")
    fieldsets = (
        ("Person", {"fields": ("username", "password", "first_name", "email")}),
        ("Asked for", {"fields": ("asked_for", "contact")}),
        (
            "Role",
            {"fields": ("is_active", "is_staff", "is_superuser", "organizations")},
        ),
        ("Times", {"fields": ("last_login", "date_joined")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("account", "memberships")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # one at a time: the last admin stays
        return actions

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who has done something to something stays: the trail names them."""
        may = super().has_delete_permission(request, obj)
        if obj is None or not may:
            return may
        return not (accounts.is_last_admin(obj) or _has_acted(obj))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Their entries of the trail, all about themselves, and tokens go with them."""
        shown, counts, needed, protected = super().get_deleted_objects(objs, request)
        gone = {model._meta.verbose_name for model in (LogEntry, ApiToken)}
        return shown, counts, needed - gone, protected

    def save_model(
        self, request: HttpRequest, obj: User, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if form.initial.get("is_superuser") and accounts.keep_an_admin(obj):
            messages.error(request, LAST)
        if change and "organizations" in form.cleaned_data:
            chosen = form.cleaned_data["organizations"]
            accounts.set_organizations(obj, [each.name for each in chosen])
        if change and obj.is_staff and not form.initial.get("is_staff"):
            accounts.note_approval(obj)
            if accounts.is_kept_out(obj):
                messages.warning(request, UNCONFIRMED)
            _tell(request, obj)

    @admin.action(description="Approve", permissions=["change"])
    def approve_selected(self, request: HttpRequest, rows: QuerySet) -> None:
        for user in rows:
            if accounts.approve(user, by=request.user):
                messages.success(request, f"{user} is approved.")
                _tell(request, user)
            elif not user.is_active:
                why = "has not confirmed the address, or may not sign in"
                messages.error(request, f"{user} {why}.")

    @display(description="Person", ordering="username")
    def person(self, user: User) -> str:
        name = isolated(user.get_full_name() or "–", 60)
        return two_lines(isolated(user.username, 60), name)

    @display(description="Role")
    def role(self, user: User) -> str:
        account = getattr(user, "account", None)
        if not user.is_active:
            new = account is not None and account.verified_at is None
            return label("unconfirmed" if new else "may not sign in")
        if not user.is_staff:
            return label("waiting", "warning")
        return label("admin", "info") if user.is_superuser else "member"

    @display(description="Organizations")
    def belongs_to(self, user: User) -> str:
        names = sorted(each.organization_id for each in user.memberships.all())
        return isolated(", ".join(names), 120) if names else EMPTY

    @display(description="Asked")
    def asked(self, user: User) -> str:
        account = getattr(user, "account", None)
        return ago(account.requested_at) if account else EMPTY

    @display(description="Last seen", ordering="last_login")
    def last_seen(self, user: User) -> str:
        return ago(user.last_login, "never")

    @display(description="Organizations asked for")
    def asked_for(self, user: User) -> str:
        account = accounts.account_of(user)
        wanted = [*account.wanted, account.other] if account else []
        return isolated(", ".join(filter(None, wanted)) or "–", 400)

    @display(description="Contact person")
    def contact(self, user: User) -> str:
        account = accounts.account_of(user)
        told = (account.contact_name, account.contact_email) if account else ()
        return isolated(" ".join(told) or "–", 400)


def _has_acted(user: User) -> bool:
    """Tell whether the trail names them for more than their own account."""
    mine = LogEntry.objects.filter(user=user.pk)
    about = mine.values_list("content_type__model", "object_id")
    return any(row != ("user", str(user.pk)) for row in about)


def _tell(request: HttpRequest, user: User) -> None:
    try:
        mail.send_later("approved", user)
    except mail.MailError as error:
        messages.warning(request, str(error))
