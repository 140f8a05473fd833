"""Mails: one to each receiver, as text and HTML, with a link to refuse more."""

import csv
import io
import re
import unicodedata
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from harvests.models import (
    Delivery,
    Event,
    EventKind,
    HarvestOutcome,
    Membership,
)
from harvests.notifications import digest
from harvests.notifications.channel import Channel
from harvests.notifications.errors import NotificationError
from harvests.notifications.events import REASONS
from harvests.notifications.receivers import is_told, token_for
from harvests.notifications.smtp import Mailer
from harvests.notifications.wording import links, site_url

ROWS: Final = 1000  # of an attached table
NO_MORE: Final = "{} wants no mail any more: nothing was sent."
ADVICE: Final = {
    EventKind.FAILING: "What was published stays published. The next harvest tries "
    "again.",
    EventKind.HELD: "They stay published until somebody allows their removal on the "
    "page of the source, or the source lists them again.",
    EventKind.RECOVERED: "There is nothing to do.",
    EventKind.FIRST: "From now on it is harvested by its schedule.",
}


class Email(Channel):
    """Keeps one connection for all mails of a `with`."""

    def __init__(self) -> None:
        self._mailer = Mailer()

    def notify(self, delivery: Delivery) -> None:
        self._mailer.send(mail_of(delivery))

    def close(self) -> None:
        self._mailer.close()


def mail_of(delivery: Delivery) -> EmailMultiAlternatives:
    """Return the mail of a delivery.

    Raises NotificationError: nothing to say, or to somebody who refused mails, or left,
    while it waited.
    """
    if delivery.event is None:
        return _digest_mail(delivery)
    event = delivery.event
    if not is_told(event, delivery.receiver):
        raise NotificationError(NO_MORE.format(delivery.receiver), permanent=True)
    context = {"event": event, "links": links(event), "why": _why(delivery, event)}
    context["advice"] = ADVICE[EventKind(event.kind)]
    mail = written("event", delivery.receiver, context, refuse="changes")
    mail.extra_headers["Message-ID"] = _message_id(delivery)
    _attach_table(mail, event)
    return mail


def _digest_mail(delivery: Delivery) -> EmailMultiAlternatives:
    context = digest.summary_of(delivery)
    if context is None:
        raise NotificationError("There is nothing to say any more.", permanent=True)
    context["why"] = "You get this mail because you chose a weekly digest."
    mail = written("digest", delivery.receiver, context, refuse="digest")
    mail.extra_headers["Message-ID"] = _message_id(delivery)
    return mail


def test_mail(receiver: str) -> EmailMultiAlternatives:
    """Return the mail that shows whether mails get through."""
    return written("test", receiver, {"why": "An administrator asked for this mail."})


def written(
    name: str, receiver: str, context: dict[str, Any], *, refuse: str = ""
) -> EmailMultiAlternatives:
    """Write the mail `name` to one receiver, who may refuse the list `refuse`."""
    site = site_url("/")
    context = {"site": site, "receiver": receiver, **context}
    headers = {"Auto-Submitted": "auto-generated"}  # RFC 3834: no holiday replies
    if refuse:
        token = token_for(receiver, refuse)
        context["unsubscribe"] = site_url(reverse("unsubscribe", args=[token]))
        headers |= {  # RFC 8058
            "List-Unsubscribe": f"<{context['unsubscribe']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    subject, text, page = (
        render_to_string(f"emails/{name}-{part}", context)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    mail = EmailMultiAlternatives(
        " ".join(subject.split()), text, to=[receiver], headers=headers
    )
    mail.attach_alternative(page, "text/html")
    return mail


def _why(delivery: Delivery, event: Event) -> str:
    """Return why this receiver gets it."""
    name = event.source.organization_id
    mine = Membership.objects.filter(organization=name, user=delivery.user_key or None)
    if delivery.user_key and mine.exists():
        return f"You get this mail as a member of {name}."
    return "You get this mail as the contact of this source."


def _message_id(delivery: Delivery) -> str:
    """Return the same for every try: a mail sent twice is recognised."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{delivery.pk}@{host}>"


def _attach_table(mail: EmailMultiAlternatives, event: Event) -> None:
    """Attach what failed, or is held, where that is more than the reasons told."""
    outcome = "held" if event.kind == EventKind.HELD else "failed"
    rows = HarvestOutcome.objects.filter(job=event.job_key, outcome=outcome)
    found = list(rows.order_by("url")[:ROWS])
    if len(found) <= REASONS:
        return
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(("url", "title", "stage", "message"))
    for row in found:
        values = (row.url, row.title, row.stage, row.message)
        table.writerow([_harmless(value) for value in values])
    mail.attach(file_name(f"{event.source} {outcome}.csv"), text.getvalue(), "text/csv")


def _harmless(value: str) -> str:
    """Keep a spreadsheet from taking foreign text for a formula."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def file_name(name: str) -> str:
    """Return the name of an attachment, in ASCII if MAIL_ASCII_ATTACHMENTS says so."""
    if settings.MAIL_ASCII_ATTACHMENTS:
        name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r'[\\/:*?"<>|\s\x00-\x1f]+', " ", name).strip()
