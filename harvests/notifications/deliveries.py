"""Hands each event to its receivers, sends what is due, tries again what failed.

An event is marked as spread after its deliveries are stored, a delivery as sent after
it was: whatever dies between is done again, and a receiver has one delivery only.
A channel has its own time: one whose servers hang keeps no other from sending.

`_try` is a guard: an error that nobody thought of would stop all that waits behind,
come again when the claim is over, and so on for ever. It is logged, and counts as one
that may pass: tried later, and given up after a day like any other.
"""

import datetime as dt
import hashlib
import logging
import time
from collections.abc import Iterable
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from harvests.models import HOOK, MAIL, Delivery, DeliveryState, Event
from harvests.notifications import digest
from harvests.notifications.channel import Channel
from harvests.notifications.email import Email
from harvests.notifications.errors import NotificationError, UnusableError
from harvests.notifications.receivers import receivers_of
from harvests.notifications.webhook import Hook

logger = logging.getLogger(__name__)

CHANNELS: Final[dict[str, tuple[str, type[Channel]]]] = {
    MAIL: ("mail", Email),
    HOOK: ("web hook", Hook),
}
CLAIMED: Final = dt.timedelta(minutes=15)  # then its process is taken for dead
KEPT: Final = dt.timedelta(days=1)
WAITS: Final = (1, 5, 15, 30, 60)  # minutes after the first, second ... try; then 60
AT_ONCE: Final = 500  # events, deliveries
BUSY_FOR: Final = 120  # seconds of each channel; the next minute goes on
ODD: Final = "An error of this program ({}) kept it from being sent: the log says more."


def deliver() -> dict[str, int]:
    """What a worker runs: spread new events, then send what is due."""
    spread = [spread_event(event) for event in _new_events()]
    return {"events": len(spread), "sent": send_due()}


def _new_events() -> list[Event]:
    return list(Event.objects.filter(spread=False).order_by("when")[:AT_ONCE])


def spread_event(event: Event) -> None:
    """Store a delivery for everybody who is to be told."""
    for receiver in receivers_of(event):
        values = {
            "event": event,
            "channel": receiver.channel,
            "receiver": receiver.place,
            "user_key": receiver.user_key,
        }
        key = delivery_key(event.pk, receiver.channel, receiver.place)
        Delivery.objects.get_or_create(pk=key, defaults=values)
    Event.objects.filter(pk=event.pk).update(spread=True)


def delivery_key(what: str, channel: str, place: str) -> str:
    """Return the key of a delivery, the same at every attempt to make it."""
    text = f"{what}\n{channel}\n{place.lower()}"
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def write_digests() -> int:
    """Store a delivery of last week's digest for who wants it; return how many.

    What housekeeping runs each day, and again when the scheduler starts.
    """
    week = digest.due_week(timezone.now())
    made = [_made(user, week) for user in digest.receivers(week)]
    return sum(made)


def _made(user: User, week: dt.date) -> bool:
    key = delivery_key(f"digest {week}", MAIL, str(user.pk))
    values = {"week": week, "channel": MAIL, "receiver": user.email}
    values["user_key"] = str(user.pk)
    return Delivery.objects.get_or_create(pk=key, defaults=values)[1]


def send_due() -> int:
    """Send what is due, each channel over as few connections as it can."""
    due = Delivery.objects.due(timezone.now()).filter(channel__in=CHANNELS)
    first = due.order_by("next_try").prefetch_related("event__source")
    waiting = list(first[:AT_ONCE])
    return sum(
        _send_by(make(), [d for d in waiting if d.channel == kind])
        for kind, (_label, make) in CHANNELS.items()
    )


def _send_by(channel: Channel, rows: Iterable[Delivery]) -> int:
    """Send until the channel's time is over; ask no server again that hangs."""
    sent, unusable = 0, set[str]()
    end = time.monotonic() + BUSY_FOR
    with channel:
        for delivery in rows:
            now, server = timezone.now(), channel.server_of(delivery)
            if time.monotonic() > end:
                break
            if server in unusable or not delivery.claim(now, now + CLAIMED):
                continue
            error = _try(channel, delivery)
            sent += error is None
            if isinstance(error, UnusableError):
                unusable.add(server)
    return sent


def _try(channel: Channel, delivery: Delivery) -> NotificationError | None:
    """Send it and note what came of it; return what went wrong."""
    try:
        channel.notify(delivery)
    except NotificationError as error:
        return _note_failure(delivery, error)
    except Exception as error:
        logger.exception("Not sent: %s", delivery.pk)
        channel.close()  # in whatever state it is
        odd = NotificationError(ODD.format(type(error).__name__))
        return _note_failure(delivery, odd)
    delivery.settle(DeliveryState.SENT)
    return None


def _note_failure(delivery: Delivery, error: NotificationError) -> NotificationError:
    now = timezone.now()
    wait = WAITS[min(delivery.tries, len(WAITS)) - 1]
    again = now + dt.timedelta(minutes=wait)
    if error.permanent or again - delivery.created > KEPT:
        delivery.settle(DeliveryState.FAILED, str(error))
    else:
        delivery.put_off(again, str(error))
    return error


def try_again(deliveries: Iterable[Delivery]) -> int:
    """Have given-up or waiting deliveries tried now; return how many."""
    keys = [delivery.pk for delivery in deliveries]
    rows = Delivery.objects.filter(pk__in=keys).exclude(state=DeliveryState.SENT)
    now = timezone.now()
    values = {"next_try": now, "created": now, "tries": 0}
    return rows.update(state=DeliveryState.WAITING, **values)


def forget_old() -> int:
    """Delete what happened more than JOB_HISTORY_DAYS ago; return how many events."""
    before = timezone.now() - dt.timedelta(days=settings.JOB_HISTORY_DAYS)
    Delivery.objects.filter(created__lt=before).delete()
    old = list(Event.objects.filter(when__lt=before).values_list("pk", flat=True))
    Event.objects.filter(pk__in=old).delete()
    return len(old)
