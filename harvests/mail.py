"""Mails about accounts: sent by the queue, written when they are sent.

Only ids go on the queue: links with tokens are made by the worker. A mail that the
server does not take now is tried again every minute, for a day; admins see what did
not get through, and may have it sent once more.
"""

import datetime as dt
import logging
import re
from collections.abc import Iterable
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
from harvests.models import Delivery
from harvests.notifications import undelivered
from harvests.notifications.errors import NotificationError
from harvests.notifications.smtp import Mailer

logger = logging.getLogger(__name__)

QUEUE: Final = "housekeeping"  # its worker is never busy for long
NAME: Final = f"{__name__}.send"
KEPT: Final = 24 * 3600
MINUTE: Final = dt.timedelta(minutes=1)
TOKEN: Final = 20  # characters: fewer of a link's secret are of no use
ELSEWHERE: Final = ("address", "moved", "requested")  # not to the user's own address
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
    receivers = _receivers(kind, user, address)
    if not receivers:
        logger.warning("Mail “%s” reaches nobody: give users e-mail addresses", kind)
    if len(receivers) == 1:
        _send(kind, user, *receivers)
        return
    for receiver in receivers:  # each for itself: no retry sends to the others again
        send_later(kind, user, receiver)


def _send(asked: str, user: User, receiver: str) -> None:
    """Send a mail to one receiver; keep for admins what went wrong with it.

    If it may be taken later, raise NotificationError: RQ keeps the job.
    """
    taken = asked == "address" and accounts.is_taken(receiver, by=user)
    kind, key = "known" if taken else asked, str(user.pk)
    links = _links(kind, user, receiver)
    subject, _, body = _rendered(
        kind, {"user": user, "site": settings.SITE_URL, **links}
    ).partition("\n\n")
    try:
        with Mailer() as mailer:
            mailer.send(EmailMessage(subject, body, to=[receiver]))
    except NotificationError as error:
        problem = _without(links.values(), str(error))
        again = None if error.permanent else timezone.now() + MINUTE
        undelivered.note(asked, key, receiver, problem=problem, again=again)
        if not error.permanent:
            raise NotificationError(problem) from None
        logger.warning("%s", problem)
    else:
        undelivered.forget(asked, key, receiver)


def _without(links: Iterable[str], problem: str) -> str:
    """Take out of what a mail server said what it quotes of links, whole or cut."""
    text = " ".join(links)

    def hidden(run: re.Match[str]) -> str:
        pieces = (run[0][at : at + TOKEN] for at in range(len(run[0]) - TOKEN + 1))
        return "…" if any(piece in text for piece in pieces) else run[0]

    return re.sub(rf"[\w:-]{{{TOKEN},}}", hidden, problem)


def send_again() -> int:
    """Queue again the mails that could not be sent; return how many."""
    registry = _queue().failed_job_registry
    found = 0
    for key in registry.get_job_ids():
        job = _queue().fetch_job(key)
        if job is None or job.func_name != NAME:
            continue
        if _age(job) < KEPT:
            registry.requeue(job)
            found += 1
        else:
            undelivered.give_up(*job.args[:2])
            registry.remove(job, delete_job=True)
    return found


def try_again(deliveries: Iterable[Delivery]) -> int:
    """Have mails that did not get through written anew; return how many.

    What does not get through now either is kept anew. Raises MailError.
    """
    found = 0
    for row in deliveries:
        user = User.objects.filter(pk=row.user_key).first()
        if user is not None:
            elsewhere = row.receiver if row.mail in ELSEWHERE else ""
            send_later(row.mail, user, elsewhere)
            found += 1
        row.delete()
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
    if kind == "requested" and not address:
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
