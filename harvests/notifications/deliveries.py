"""Hands each event to its receivers, sends what is due, tries again what failed.

An event is marked as spread after its deliveries are stored, a delivery as sent after
it was: whatever dies between is done again, and a receiver has one delivery only.
"""

import datetime as dt
import hashlib
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
from harvests.notifications.errors import NotificationError
from harvests.notifications.receivers import receivers_of
from harvests.notifications.webhook import Hook

CHANNELS: Final[dict[str, tuple[str, type[Channel]]]] = {
    MAIL: ("mail", Email),
    HOOK: ("web hook", Hook),
}
CLAIMED: Final = dt.timedelta(minutes=15)  # then its process is taken for dead
KEPT: Final = dt.timedelta(days=1)
WAITS: Final = (1, 5, 15, 30, 60)  # minutes after the first, second ... try; then 60
AT_ONCE: Final = 500  # events, deliveries
BUSY_FOR: Final = 240  # seconds; the next minute goes on


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
    end = time.monotonic() + BUSY_FOR
    due = Delivery.objects.due(timezone.now()).order_by("next_try")
    waiting = list(due.prefetch_related("event__source")[:AT_ONCE])
    return sum(
        _send_by(make(), [d for d in waiting if d.channel == kind], end)
        for kind, (_label, make) in CHANNELS.items()
    )


def _send_by(channel: Channel, rows: Iterable[Delivery], end: float) -> int:
    sent = 0
    with channel:
        for delivery in rows:
            now = timezone.now()
            if time.monotonic() > end:
                break
            if delivery.claim(now, now + CLAIMED):
                sent += _try(channel, delivery)
    return sent


def _try(channel: Channel, delivery: Delivery) -> bool:
    try:
        channel.notify(delivery)
    except NotificationError as error:
        _note_failure(delivery, error)
        return False
    delivery.settle(DeliveryState.SENT)
    return True


def _note_failure(delivery: Delivery, error: NotificationError) -> None:
    now = timezone.now()
    wait = WAITS[min(delivery.tries, len(WAITS)) - 1]
    again = now + dt.timedelta(minutes=wait)
    if error.permanent or again - delivery.created > KEPT:
        delivery.settle(DeliveryState.FAILED, str(error))
    else:
        delivery.put_off(again, str(error))


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
