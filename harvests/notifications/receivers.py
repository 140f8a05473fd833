"""Who is told of an event: a source's contact, members who want it, web hooks.

Also who wants what: `choice_of` a person, `unsubscribe` by the link in a mail.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.core import signing
from django.db.models import Q

from harvests import trail
from harvests.models import (
    HOOK,
    MAIL,
    Event,
    Membership,
    MutedAddress,
    NotificationChoice,
    WebHook,
)

SALT: Final = "harvests.notifications"
LISTS: Final = ("changes", "digest")


@dataclass(frozen=True, slots=True)
class Receiver:
    """An address (and whose it is), or the key of a web hook."""

    channel: str
    place: str
    user_key: str = ""


def receivers_of(event: Event) -> list[Receiver]:
    """Return everybody who is to be told, each once."""
    found = {(each.channel, each.place.lower()): each for each in _all(event)}
    return list(found.values())


def _all(event: Event) -> Iterator[Receiver]:
    contact = event.source.harvest_contact
    if contact and _wants_mail(contact):
        yield Receiver(MAIL, contact, _key_of(contact))
    for user in members_of(event.source.organization_id):
        if user.email and wants(user, "changes"):
            yield Receiver(MAIL, user.email, str(user.pk))
    mine = Q(organization=event.source.organization_id) | Q(organization=None)
    for hook in WebHook.objects.filter(mine, enabled=True):
        if not hook.kinds or event.kind in hook.kinds:
            yield Receiver(HOOK, hook.pk)


def is_told(event: Event, address: str) -> bool:
    """Tell whether a mail about the event is due to the address, as things are now."""
    place, source = address.lower(), event.source
    if (source.harvest_contact or "").lower() == place and _wants_mail(address):
        return True
    members = members_of(source.organization_id)
    return any(
        wants(user, "changes") for user in members if user.email.lower() == place
    )


def members_of(organization: str) -> list[User]:
    """Return the approved members, of whom each may sign in."""
    keys = Membership.objects.filter(organization=organization)
    ids = list(keys.values_list("user_id", flat=True))
    return list(User.objects.filter(pk__in=ids, is_active=True, is_staff=True))


def choice_of(user: User) -> NotificationChoice:
    """Return what a person chose, else what is so by default, not stored yet."""
    found = NotificationChoice.objects.filter(user=user.pk).first()
    return found or NotificationChoice(user=user)


def wants(user: User, what: str) -> bool:
    """Tell whether a person wants mails of one of LISTS."""
    choice = choice_of(user)
    return not choice.muted and bool(getattr(choice, what))


def _wants_mail(address: str) -> bool:
    user = _user_of(address)
    if user is not None:
        return wants(user, "changes")
    return not MutedAddress.objects.filter(pk=address.lower()).exists()


def _user_of(address: str) -> User | None:
    return User.objects.filter(email__iexact=address, is_active=True).first()


def _key_of(address: str) -> str:
    user = _user_of(address)
    return str(user.pk) if user else ""


def token_for(address: str, what: str) -> str:
    """Return the token of the link by which mails of one of LISTS are refused."""
    return signing.dumps({"to": address, "what": what}, salt=SALT)


def read_token(token: str) -> tuple[str, str] | None:
    """Return address and list; None if it is not one of ours. It is good for ever."""
    try:
        value = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return value["to"], value["what"]


def unsubscribe(address: str, what: str) -> None:
    """Send the address no more mails of that list, whoever it belongs to."""
    users = list(User.objects.filter(email__iexact=address, is_active=True))
    for user in users:
        choice = choice_of(user)
        setattr(choice, what, False)
        choice.save()
        trail.note(user, user, f"Refused mails ({what}) by the link in one.")
    if not users:
        MutedAddress.objects.get_or_create(pk=address.lower())
