"""The page “Notifications”: what changed, what did not get through, a test mail."""

from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from harvests import mail, trail
from harvests.models import (
    ACCOUNT,
    MAIL,
    Delivery,
    DeliveryState,
    Event,
    EventKind,
    WebHook,
)
from harvests.notifications import NotificationError, deliveries
from harvests.notifications.email import test_mail
from harvests.notifications.events import send_soon
from harvests.notifications.smtp import Mailer
from harvests.permissions import CHANGE, VIEW, may
from harvests.states import State

SHOWN: Final = 50
UNDELIVERED: Final = 50
PATIENCE: Final = 10  # seconds for each answer of the mail server; a person waits
STATES: Final = {
    EventKind.FAILING: State("failing", "danger"),
    EventKind.RECOVERED: State("recovered", "success"),
    EventKind.HELD: State("held", "warning"),
    EventKind.FIRST: State("first harvest", "info"),
}

MAILS: Final = {
    "verify": "link to confirm an address",
    "address": "link to confirm a new address",
    "moved": "word to the old address that it was changed",
    "known": "word that the address has an account",
    "requested": "word that somebody asks for an account",
    "approved": "word that an account is approved",
    "reset": "link to set a new password",
}


def page(request: HttpRequest) -> HttpResponse:
    if not may(request.user, VIEW, Event):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": "Notifications",
        "events": _events(),
        "shown": SHOWN,
        "may_send": may(request.user, CHANGE, Delivery),
        "has_hooks": may(request.user, VIEW, WebHook),
    }
    if may(request.user, VIEW, Delivery):
        context["undelivered"] = _undelivered()
    return render(request, "admin/harvests/notifications.html", context)


def _events() -> list[dict[str, Any]]:
    rows = Event.objects.order_by("-when").prefetch_related("source")[:SHOWN]
    return [{"event": row, "state": STATES[EventKind(row.kind)]} for row in rows]


def _undelivered() -> list[dict[str, Any]]:
    """Return what is given up, and what waits for another try."""
    late = Delivery.objects.exclude(problem="").exclude(state=DeliveryState.SENT)
    rows = list(late.order_by("-created").prefetch_related("event")[:UNDELIVERED])
    keys = [row.receiver for row in rows if row.channel not in (MAIL, ACCOUNT)]
    hooks = WebHook.objects.in_bulk(keys)
    return [
        {
            "delivery": row,
            "receiver": hooks.get(row.receiver, row.receiver),
            "what": _what(row),
        }
        for row in rows
    ]


def _what(row: Delivery) -> str:
    """Return what the receiver was to be told; no more of a mail about an account."""
    if row.event is not None:
        return row.event.sentence
    return MAILS.get(row.mail, "weekly digest")


@require_POST
def send_test(request: HttpRequest) -> HttpResponse:
    """Send a mail to the admin who asks, now, and say what came of it."""
    if not may(request.user, CHANGE, Delivery):
        raise PermissionDenied
    address = request.user.email
    if not address:
        messages.error(request, "Your account has no e-mail address: give it one.")
        return redirect("notifications")
    try:
        with Mailer(timeout=PATIENCE) as mailer:
            mailer.send(test_mail(address))
    except NotificationError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The mail server took a test mail to {address}.")
    trail.note(request.user, request.user, "Sent a test mail.")
    return redirect("notifications")


@require_POST
def try_again(request: HttpRequest) -> HttpResponse:
    if not may(request.user, CHANGE, Delivery):
        raise PermissionDenied
    rows = [row["delivery"] for row in _undelivered()]
    count = deliveries.try_again([row for row in rows if row.channel != ACCOUNT])
    try:
        count += mail.try_again([row for row in rows if row.channel == ACCOUNT])
    except mail.MailError as error:
        messages.error(request, str(error))
        return redirect("notifications")
    if count:
        send_soon()
        trail.note(request.user, request.user, f"Had {count} deliveries tried again.")
    messages.success(request, f"{count:,} of them are tried again now.")
    return redirect("notifications")
