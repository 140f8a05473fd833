"""Mails about accounts that did not get through, kept beside the other deliveries.

Admins see which mail, to whom, and why. Its text is kept nowhere: the links in it let
somebody in, and are made anew at each try.
"""

import datetime as dt

from harvests.models import ACCOUNT, Delivery, DeliveryState
from harvests.notifications.deliveries import delivery_key


def note(
    mail: str, user_key: str, receiver: str, *, problem: str, again: dt.datetime | None
) -> None:
    """Remember why a mail failed, and when it is tried again; None: it is given up."""
    values = {"mail": mail, "user_key": user_key, "channel": ACCOUNT}
    key = _key(mail, user_key, receiver)
    row, _is_new = Delivery.objects.get_or_create(
        pk=key, defaults={**values, "receiver": receiver}
    )
    row.state = DeliveryState.WAITING if again else DeliveryState.FAILED
    row.next_try, row.problem = again or row.next_try, problem
    row.tries += 1
    row.save(update_fields=["state", "next_try", "problem", "tries"])


def forget(mail: str, user_key: str, receiver: str) -> None:
    """It got through."""
    Delivery.objects.filter(pk=_key(mail, user_key, receiver)).delete()


def give_up(mail: str, user_key: str) -> None:
    """It was tried for long enough."""
    rows = Delivery.objects.filter(channel=ACCOUNT, mail=mail, user_key=user_key)
    rows.update(state=DeliveryState.FAILED)


def _key(mail: str, user_key: str, receiver: str) -> str:
    return delivery_key(f"{mail} {user_key}", ACCOUNT, receiver)
