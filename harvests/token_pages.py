"""The page of a person's API tokens: made, shown once, revoked."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from harvests import tokens
from harvests.account_pages import approved_only, own_context
from harvests.forms.tokens import TokenForm
from harvests.models import ApiToken

SHOWN = 50


@never_cache
@approved_only
def page(request: HttpRequest) -> HttpResponseBase:
    """List the person's tokens; a POST makes one, and its answer alone shows it."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _made(request, form)
    return _show(request, form)


@sensitive_variables("text")
def _made(request: HttpRequest, form: TokenForm) -> HttpResponse:
    token, text = tokens.make_noted(request.user, by=request.user, **form.options())
    return _show(request, TokenForm(), token=token, secret=text)


def _show(request: HttpRequest, form: TokenForm, **made: Any) -> HttpResponse:
    context = {
        **own_context(request, "API tokens"),
        "form": form,
        "button": "Make the token",
        "links": [(reverse("account-profile"), "Your account")],
        "tokens": ApiToken.objects.filter(user=request.user, revoked=None)[:SHOWN],
        **made,
    }
    return render(request, "accounts/tokens.html", context)


@never_cache
@require_POST
@approved_only
def revoke(request: HttpRequest, key: str) -> HttpResponseBase:
    """Make one of the person's tokens useless."""
    token = get_object_or_404(ApiToken, pk=key, user=request.user)
    if tokens.revoke(token, by=request.user):
        messages.success(request, f"Revoked: the token “{token.name}” is good no more.")
    return redirect("account-tokens")
