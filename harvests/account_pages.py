"""Pages of people about themselves. All but the profile are for anybody."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from harvests import accounts, attempts, htmx, mail, permissions, trail
from harvests.forms import accounts as forms
from harvests.models import Account

PASSWORDS: Final = ("password", "password1", "password2")
SENT: Final = (
    "If it can be used here, a mail is on its way to {}. Open the link in it to go on; "
    "it is good for three days. No mail after some minutes? Look into the spam folder, "
    "or ask once more."
)
BAD_LINK: Final = (
    "This link is not good, or not any more: it was used, or is more than three days "
    "old, or another one was asked for after it."
)
TOO_MANY: Final = "Too many mails were asked for: wait 15 minutes, then try again."
WAITING: Final = (
    "Your address is confirmed, and the administrators know. As soon as one of them "
    "approves your account, you get a mail and can go on here."
)
NEW_WORD_SET: Final = (
    "The new password is set: sign in with it. API tokens that you made yourself are "
    "still good: revoke on your account's page those that you do not trust."
)
View = Callable[..., HttpResponseBase]


def _context(request: HttpRequest, title: str, **extra: Any) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title, **extra}


def own_context(request: HttpRequest, title: str, **extra: Any) -> dict[str, Any]:
    """Return what a page of a member about themselves shows, inside the site."""
    return _context(request, title, layout="admin/base_site.html", **extra)


def _say(
    request: HttpRequest, title: str, text: str, *, status: int = 200, **extra: Any
) -> HttpResponse:
    context = _context(request, title, text=text, **extra)
    return render(request, "accounts/message.html", context, status=status)


def _ask(request: HttpRequest, title: str, form: Form, **extra: Any) -> HttpResponse:
    context = _context(request, title, form=form, **extra)
    return render(request, "accounts/form.html", context)


def approved_only(view: View) -> View:
    """Who waits for approval sees the page that says so, and nothing else."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if permissions.is_waiting(request.user):
            return redirect("account-waiting")
        return view(request, *args, **kwargs)

    return login_required(guarded)


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class SignInPage(auth.LoginView):
    """The sign-in page of the whole site, in the place of the admin's."""

    form_class = forms.SignInForm
    template_name = "accounts/sign_in.html"
    next_page = reverse_lazy("home")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if htmx.is_part(request):  # of a page that was open when the session ended
            return htmx.sign_in(request)
        if permissions.is_member(request.user):
            return redirect("home")
        if permissions.is_waiting(request.user):
            return redirect("account-waiting")
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        if permissions.is_waiting(self.request.user):
            return reverse("account-waiting")
        return str(super().get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = _context(self.request, "Sign in", button="Sign in")
        return context | super().get_context_data(**kwargs)


@never_cache
def waiting(request: HttpRequest) -> HttpResponseBase:
    if not permissions.is_waiting(request.user):
        return redirect("home")
    return _say(request, "Waiting for approval", WAITING, may_leave=True)


@never_cache
@sensitive_post_parameters(*PASSWORDS)
def request_account(request: HttpRequest) -> HttpResponseBase:
    form = forms.RequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["email"]
        if not attempts.take_mail(address, attempts.address_of(request)):
            form.add_error(None, TOO_MANY)
        elif _sent(form):
            return _say(request, "Look into your mail", SENT.format(address))
    links = [(reverse("admin:login"), "Back to sign in")]
    extra = {"button": "Request the account", "links": links}
    return _ask(request, "Request an account", form, **extra)


def _sent(form: forms.RequestForm) -> bool:
    """Store the request and send the mail: to whom we know and whom we do not."""
    try:
        mail.check_queue()
        wanted = accounts.request_account(form.cleaned_data)
        if wanted:
            mail.send_later(*wanted)
    except mail.MailError as error:
        form.add_error(None, str(error))
    return form.is_valid()


@never_cache
def verify(request: HttpRequest, token: str) -> HttpResponseBase:
    """Confirm by a button, not by the link: programs open the links of mails too."""
    found = accounts.read_token(token)
    if found is None or not accounts.is_unconfirmed(found[0]):
        return _say(request, "Confirm your address", BAD_LINK, status=404)
    if request.method != "POST":
        text = f"The account is for {found[0].email}."
        button = "Confirm my address"
        return _say(request, "Confirm your address", text, button=button)
    accounts.confirm(found[0])
    _tell(request, "requested", found[0])
    return _say(request, "Waiting for approval", WAITING)


@never_cache
def new_address(request: HttpRequest, token: str) -> HttpResponseBase:
    found = accounts.read_token(token)
    if found is None or not found[1] or accounts.is_taken(found[1], by=found[0]):
        return _say(request, "Confirm your address", BAD_LINK, status=404)
    user, address = found
    if request.method != "POST":
        text = f"The account of {user.username} gets the address {address}."
        button = "Confirm my address"
        return _say(request, "Confirm your address", text, button=button)
    before = user.email
    accounts.change_address(user, address)
    if before:
        _tell(request, "moved", user, before)
    return _say(request, "Confirm your address", "It is confirmed: sign in with it.")


def _tell(request: HttpRequest, kind: str, user: Any, address: str = "") -> None:
    try:
        mail.send_later(kind, user, address)
    except mail.MailError as error:
        messages.warning(request, str(error))


@never_cache
@approved_only
@sensitive_post_parameters(*PASSWORDS)
def profile(request: HttpRequest) -> HttpResponseBase:
    account = accounts.account_of(request.user)
    form = forms.ProfileForm(request.user, account, request.POST or None)
    if request.method == "POST" and _may_change(request, form):
        _store(request, form)
        return redirect("account-profile")
    links = [(reverse("account-notifications"), "Your notifications")]
    links.append((reverse("admin:password_change"), "Change the password"))
    links.append((reverse("account-tokens"), "API tokens"))
    extra = {"form": form, "button": "Save", "links": links}
    context = own_context(request, "Your account", **extra)
    return render(request, "accounts/form.html", context)


def _may_change(request: HttpRequest, form: forms.ProfileForm) -> bool:
    """Check the form; whoever guesses the password there is stopped as at sign-in."""
    name, address = request.user.get_username(), attempts.address_of(request)
    guesses = bool(request.POST.get("password"))
    if guesses and not attempts.take_sign_in(name, address):
        form.add_error(None, forms.TOO_MANY)
    elif form.is_valid() and guesses:
        attempts.give_back_sign_in(name, address)
    return form.is_valid()


def _store(request: HttpRequest, form: forms.ProfileForm) -> None:
    data, user = form.cleaned_data, request.user
    user.first_name, user.last_name = data["name"], ""
    user.save(update_fields=["first_name", "last_name"])
    contact = {name: data[name] for name in ("contact_name", "contact_email")}
    Account.objects.update_or_create(
        user=user, defaults=contact, create_defaults={**contact}
    )
    trail.note(user, user, "Changed their account.")
    messages.success(request, "Saved.")
    if form.moves:
        _tell(request, "address", user, data["email"].lower())
        messages.info(request, SENT.format(data["email"]))


class ForgottenPage(auth.PasswordResetView):
    """Answers the same whether the address is known or not."""

    form_class = forms.ForgottenForm
    template_name = "accounts/form.html"

    def form_valid(self, form: forms.ForgottenForm) -> HttpResponse:
        address = form.cleaned_data["email"]
        if not attempts.take_mail(address, attempts.address_of(self.request)):
            form.add_error(None, TOO_MANY)
            return self.form_invalid(form)
        try:
            mail.check_queue()
            form.save()
        except mail.MailError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        return _say(self.request, "Look into your mail", SENT.format(address))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        links = [(reverse("admin:login"), "Back to sign in")]
        extra = {"button": "Send me a link", "links": links}
        context = _context(self.request, "Forgotten password", **extra)
        return {**super().get_context_data(**kwargs), **context}


class SetPasswordPage(auth.PasswordResetConfirmView):
    form_class = forms.SetPasswordForm
    template_name = "accounts/form.html"
    success_url = reverse_lazy("admin:login")

    def form_valid(self, form: forms.SetPasswordForm) -> HttpResponse:
        answer = super().form_valid(form)
        trail.note(self.user, self.user, "Set a new password by mail.")
        messages.success(self.request, NEW_WORD_SET)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = _context(self.request, "New password", button="Set the password")
        context |= super().get_context_data(**kwargs) | {"title": "New password"}
        return context if self.validlink else context | {"text": BAD_LINK}
