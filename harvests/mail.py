"""Mails about accounts: sent by the queue, written when they are sent.

Only ids go on the queue: links with tokens are made by the worker. A mail that the
server does not take now is tried again every minute, for a day.
"""

import datetime as dt
import logging
from typing import Any, Final

import django_rq
import redis.exceptions
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from harvests import accounts
from harvests.notifications.errors import NotificationError
from harvests.notifications.smtp import Mailer

logger = logging.getLogger(__name__)

QUEUE: Final = "housekeeping"  # its worker is never busy for long
NAME: Final = f"{__name__}.send"
KEPT: Final = 24 * 3600
UNREACHABLE: Final = (
    "No mail can be sent now, because the queue cannot be reached: try again later."
)


class MailError(Exception):
    """The queue is away: nothing was sent, and nothing will be. For the person."""


def send_later(kind: str, user: Any, address: str = "") -> None:
    """Have a mail sent to a user, or to `address`. Raises MailError."""
    ids = (kind, str(user.pk), address)
    try:
        _queue().enqueue(send, *ids, result_ttl=0, failure_ttl=KEPT, job_timeout=120)
    except redis.exceptions.RedisError as error:
        logger.warning("No mail “%s”: %s", kind, error)
        raise MailError(UNREACHABLE) from error


def check_queue() -> None:
    """Raise MailError if no mail can be sent: before it matters to whom."""
    try:
        _queue().connection.ping()
    except redis.exceptions.RedisError as error:
        raise MailError(UNREACHABLE) from error


def send(kind: str, key: str, address: str = "") -> None:
    """Write and send a mail now. What a worker runs."""
    user = User.objects.filter(pk=key).first()
    if user is None:
        return
    if kind == "address" and accounts.is_taken(address, by=user):
        kind = "known"
    context = {"user": user, "site": settings.SITE_URL, **_links(kind, user, address)}
    receivers = _receivers(kind, user, address)
    if not receivers:
        logger.warning("Mail “%s” reaches nobody: give users e-mail addresses", kind)
    subject, _, body = _rendered(kind, context).partition("\n\n")
    with Mailer() as mailer:
        for receiver in receivers:
            _send(mailer, EmailMessage(subject, body, to=[receiver]))


def _send(mailer: Mailer, message: EmailMessage) -> None:
    """Send a mail; if it may be taken later, raise NotificationError: RQ keeps it."""
    try:
        mailer.send(message)
    except NotificationError as error:
        if not error.permanent:
            raise
        logger.warning("%s", error)


def send_again() -> int:
    """Queue again the mails that could not be sent; return how many."""
    registry = _queue().failed_job_registry
    found = 0
    for key in registry.get_job_ids():
        job = _queue().fetch_job(key)
        if job is not None and job.func_name == NAME and _age(job) < KEPT:
            registry.requeue(job)
            found += 1
    return found


def _age(job: Any) -> float:
    """Return how many seconds ago a mail was asked for."""
    when: dt.datetime = job.created_at
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return (timezone.now() - when).total_seconds()


def _queue() -> Any:
    return django_rq.get_queue(QUEUE)


def _receivers(kind: str, user: User, address: str) -> list[str]:
    if kind == "requested":
        admins = User.objects.filter(is_superuser=True, is_active=True)
        return [admin.email for admin in admins if admin.email]
    return [address or user.email] if address or user.email else []


def _rendered(kind: str, context: dict[str, Any]) -> str:
    """Return the subject, an empty line, the text."""
    return render_to_string(f"emails/{kind}.txt", context)


def _links(kind: str, user: User, address: str) -> dict[str, str]:
    if kind == "verify":
        return {"link": _url("account-verify", accounts.token_for(user))}
    if kind == "address":
        return {"link": _url("account-address", accounts.token_for(user, address))}
    if kind == "reset":
        return {"link": _url("password-reset-confirm", *accounts.reset_for(user))}
    if kind == "requested":
        return {"link": _url("admin:auth_user_change", user.pk)}
    return {"link": _url("admin:login"), "reset": _url("password-reset")}


def _url(name: str, *arguments: Any) -> str:
    return settings.SITE_URL.rstrip("/") + reverse(name, args=arguments)
