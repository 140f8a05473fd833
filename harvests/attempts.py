"""How often something may be tried: signing in, and having mails sent.

Counted in the database, which signing in needs anyhow, and not in Redis: there is no
state in which attempts go uncounted. Each is counted before it is looked at, so that
many at once are no way around.
"""

import datetime as dt
import hashlib
from typing import Final

from django.conf import settings
from django.db import IntegrityError
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from harvests.models import Attempt

WINDOW: Final = dt.timedelta(minutes=15)
# Tries within WINDOW. Few for one account from one address; more for an account from
# everywhere, lest anybody could lock anybody out; more for an address, which an
# office may share.
LIMITS: Final = {"pair": 5, "account": 100, "address": 50, "mail": 5, "mails": 20}


def address_of(request: HttpRequest | None) -> str:
    """Return who asks: behind our proxy, the address that it saw."""
    if request is None:
        return ""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.BEHIND_PROXY and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def take(kind: str, *what: str) -> bool:
    """Count one more try; tell whether it is within the limit."""
    now = timezone.now()
    key = _key(kind, *what)
    Attempt.objects.filter(until__lte=now).delete()
    if not _count(key):
        try:
            Attempt.objects.create(pk=key, tries=1, until=now + WINDOW)
        except IntegrityError:  # another one was first
            _count(key)
    row = Attempt.objects.filter(pk=key).first()
    return row is None or row.tries <= LIMITS[kind]


def give_back(kind: str, *what: str) -> None:
    """Take a try back: it was a right one."""
    Attempt.objects.filter(pk=_key(kind, *what)).update(tries=F("tries") - 1)


def take_sign_in(name: str, address: str) -> bool:
    """Count a try to sign in; tell whether it may be looked at.

    What is over one limit does not count for the next: from one address nobody
    locks an account for all others.
    """
    return all(take(kind, *what) for kind, what in _sign_in(name, address))


def give_back_sign_in(name: str, address: str) -> None:
    for kind, what in _sign_in(name, address):
        give_back(kind, *what)
    Attempt.objects.filter(pk=_key("pair", name, address)).delete()


def take_mail(to: str, address: str) -> bool:
    """Count a mail that somebody has sent to an address of theirs, so they say."""
    return take("mail", to) and take("mails", address)


def _sign_in(name: str, address: str) -> list[tuple[str, tuple[str, ...]]]:
    places = [("pair", (name, address)), ("address", (address,))]
    return [*places, ("account", (name,))]


def _count(key: str) -> int:
    return Attempt.objects.filter(pk=key).update(tries=F("tries") + 1)


def _key(kind: str, *what: str) -> str:
    """Return the key of a count: whom it is about cannot be read from it."""
    text = "\0".join((kind, *(part.strip().casefold() for part in what)))
    return hashlib.sha256(text.encode()).hexdigest()
