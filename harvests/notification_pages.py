"""Pages about notifications: what a person wants, their feed, refusing mails."""

from typing import Any, Final

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from harvests import feeds, trail
from harvests.account_pages import approved_only, own_context
from harvests.forms.notifications import ChoiceForm
from harvests.models import new_key
from harvests.notifications import receivers

BAD_LINK: Final = (
    "This link is not one of ours, or not whole: copy all of it from the mail."
)
LISTS: Final = {
    "changes": "mails about sources that change state",
    "digest": "weekly digests",
}


def _context(request: HttpRequest, title: str, **extra: Any) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title, **extra}


@never_cache
@approved_only
def choose(request: HttpRequest) -> HttpResponseBase:
    choice = receivers.choice_of(request.user)
    form = ChoiceForm(request.POST or None, instance=choice)
    if request.method == "POST" and form.is_valid():
        form.save()
        trail.note(request.user, request.user, "Chose what to be told.")
        messages.success(request, "Your choice is stored.")
        return redirect("account-notifications")
    links = [(reverse("account-profile"), "Your account")]
    feed = feeds.url_of(choice) if not choice._state.adding else ""
    extra = {"form": form, "links": links, "feed": feed}
    context = own_context(request, "Your notifications", **extra)
    context["address"] = request.user.email
    return render(request, "accounts/notifications.html", context | {"button": "Save"})


@never_cache
@approved_only
@require_POST
def new_feed(request: HttpRequest) -> HttpResponseBase:
    """Make the address of the feed anew; the one before is no longer good."""
    choice = receivers.choice_of(request.user)
    choice.feed_key = new_key()
    choice.save()
    trail.note(request.user, request.user, "Made a new address for their feed.")
    messages.success(request, "The address of your feed is new.")
    return redirect("account-notifications")


@never_cache
@csrf_exempt  # the token is what counts: mail programs post without a page (RFC 8058)
def refuse(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button, for programs open the links of mails; do it when it is posted."""
    found = receivers.read_token(token)
    if found is None:
        return _say(request, text=BAD_LINK, status=404)
    address, what = found
    if what not in LISTS:
        raise Http404
    if request.method != "POST":
        text = f"No more {LISTS[what]} to {address}?"
        return _say(request, text=text, button="No more of these mails")
    receivers.unsubscribe(address, what)
    return _say(request, text=f"{address} gets no more {LISTS[what]}.")


def _say(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    context = _context(request, "Mails", **extra)
    return render(request, "accounts/message.html", context, status=status)
