"""Forms of people about themselves: sign in, ask for an account, change it."""

from typing import Any, Final

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm
from django.contrib.auth.forms import SetPasswordForm as BaseSetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextInputWidget,
)

from harvests import mail
from harvests.models import Account, Organization

LONGEST: Final = 150  # what Django keeps of a user name
WRONG: Final = (
    "Please enter a correct e-mail address and password. Note that the password is "
    "case-sensitive."
)
TOO_MANY: Final = (
    "There were too many attempts to sign in: wait 15 minutes, then try again."
)


def _text(label: str, **options: Any) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget()
    return forms.CharField(label=label, max_length=LONGEST, widget=widget, **options)


def _email(label: str, **options: Any) -> forms.EmailField:
    widget = UnfoldAdminEmailInputWidget(attrs={"autocomplete": "email"})
    return forms.EmailField(label=label, max_length=LONGEST, widget=widget, **options)


def _password(label: str, use: str = "new-password", **options: Any) -> forms.CharField:
    widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": use})
    return forms.CharField(label=label, strip=False, widget=widget, **options)


class SignInForm(AuthenticationForm):
    """By address or name; whether the account waits for approval is seen after."""

    error_messages = {"invalid_login": WRONG, "inactive": WRONG}

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"] = _text("E-mail address or user name")
        self.fields["username"].widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
            "autofocus": True,
        }
        self.fields["password"] = _password("Password", "current-password")

    def get_invalid_login_error(self) -> forms.ValidationError:
        if getattr(self.request, "too_many_attempts", False):
            return forms.ValidationError(TOO_MANY, code="too_many")
        return super().get_invalid_login_error()


class RequestForm(forms.Form):
    """Says nothing about which addresses are known."""

    email = _email("E-mail address")
    name = _text("Your name")
    organizations = forms.ModelMultipleChoiceField(
        Organization.objects.order_by("name"),
        label="Organizations",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    other = _text("Another organization", required=False)
    contact_name = _text("Contact person", help_text="Who answers for the metadata.")
    contact_email = _email("E-mail address of the contact person")
    password1 = _password("Password", help_text=password_validators_help_text_html())
    password2 = _password("Password again")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not (data.get("organizations") or data.get("other")):
            self.add_error("other", "Choose or write for which organization.")
        self._check_password(data)
        return data

    def _check_password(self, data: dict[str, Any]) -> None:
        first, second = data.get("password1"), data.get("password2")
        if not first or not second:
            return
        if first != second:
            self.add_error("password2", "The two passwords are not the same.")
        email, name = data.get("email", ""), data.get("name", "")
        try:
            validate_password(first, User(username=email, email=email, first_name=name))
        except forms.ValidationError as error:
            self.add_error("password1", error)


class ForgottenForm(PasswordResetForm):
    email = _email("E-mail address")

    def save(self, **options: Any) -> None:
        """Have the mail sent by the queue. Raises MailError."""
        for user in self.get_users(self.cleaned_data["email"]):
            mail.send_later("reset", user)


class SetPasswordForm(BaseSetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = password_validators_help_text_html()
        self.fields["new_password1"] = _password("New password", help_text=told)
        self.fields["new_password2"] = _password("New password again")


class ProfileForm(forms.Form):
    name = _text("Your name", required=False)
    email = _email("E-mail address")
    contact_name = _text("Contact person", required=False)
    contact_email = _email("E-mail address of the contact person", required=False)
    password = _password(
        "Current password",
        "current-password",
        required=False,
        help_text="Only to change the e-mail address.",
    )

    def __init__(self, user: User, account: Account | None, data: Any = None) -> None:
        values = {"name": user.get_full_name(), "email": user.email}
        if account:
            values["contact_name"] = account.contact_name
            values["contact_email"] = account.contact_email
        super().__init__(data, initial=values)
        self.user = user

    @property
    def moves(self) -> bool:
        """Tell whether the address is to be another one."""
        before: str = self.user.email
        return bool(self.cleaned_data.get("email", "").lower() != before.lower())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        given = data.get("password", "")
        if "email" in data and self.moves and not self.user.check_password(given):
            self.add_error("password", "Give your password to change the address.")
        return data
