"""The form of a user: what admins decide about a person."""

from typing import Any, Final

from django import forms
from django.contrib.auth.models import User
from unfold.forms import UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from harvests import accounts
from harvests.models import Organization

LAST: Final = (
    "This is the last admin: make somebody else an admin first, or nobody could "
    "administer this site."
)
UNCONFIRMED: Final = (
    "Not confirmed yet: switch on “May sign in” if you know that the address is theirs."
)
NAME: Final = "Signs in as"
NAME_HELP: Final = "Usually the e-mail address."


class UserAddForm(UserCreationForm):
    class Meta(UserCreationForm.Meta):
        labels = {"username": NAME}
        help_texts = {"username": NAME_HELP}


class UserForm(UserChangeForm):
    organizations = forms.ModelMultipleChoiceField(
        Organization.objects.order_by("name"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Whose sources they may change.",
    )

    class Meta:
        model = User
        fields = ("username", "password", "first_name", "email")
        fields += ("is_active", "is_staff", "is_superuser")
        labels = {
            "username": NAME,
            "first_name": "Name",
            "is_active": "May sign in",
            "is_staff": "Approved",
            "is_superuser": "Admin",
        }
        help_texts = {
            "username": NAME_HELP,
            "is_active": "Take this away instead of deleting somebody.",
            "is_staff": "Reads everything, and changes what belongs to their "
            "organizations. They get a mail.",
            "is_superuser": "Does everything, this too.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = accounts.organizations_of(self.instance)
        account = accounts.account_of(self.instance)
        if accounts.is_kept_out(self.instance) and "is_staff" in self.fields:
            self.fields["is_staff"].help_text += f" {UNCONFIRMED}"
        if account and not self.instance.is_staff:
            names += account.wanted  # a proposal, stored on approval
        self.initial["organizations"] = Organization.objects.filter(name__in=names)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("is_superuser"):
            data["is_staff"] = True
        stays = data.get("is_superuser") and data.get("is_active")
        if not stays and accounts.is_last_admin(self.instance):
            raise forms.ValidationError(LAST)
        return data
