"""Accounts: asked for, address confirmed, approved, changed. Who signs in by what.

A name that is an e-mail address is the same in any case. The links that we mail hold
a signed token, good once and for three days.
"""

from typing import Any, Final

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from harvests import trail
from harvests.models import Account, Membership, Organization

SALT: Final = "harvests.accounts"
GOOD_FOR: Final = 3 * 24 * 3600


def find(name: str) -> User | None:
    """Return who signs in by this name or address; None if that is not one person."""
    if "\0" in name:  # SQLite compares what is before it, so it is a way around limits
        return None
    found = list(User.objects.filter(Q(username__iexact=name) | Q(email__iexact=name)))
    exact = [user for user in found if user.username == name]
    candidates = exact or found
    return candidates[0] if len(candidates) == 1 else None


def is_taken(address: str, *, by: User) -> bool:
    """Tell whether somebody else has this address."""
    same = Q(username__iexact=address) | Q(email__iexact=address)
    return User.objects.filter(same).exclude(pk=by.pk).exists()


def request_account(asked: dict[str, Any]) -> tuple[str, User] | None:
    """Store a request; return which mail to send to whom.

    What an unconfirmed address asked before is replaced: its owner confirms the
    latest, and an older link is no longer good. A person we know gets a mail too.
    """
    address = asked["email"].lower()
    hashed = make_password(asked["password1"])  # takes as long for a known address
    same = Q(username__iexact=address) | Q(email__iexact=address)
    user = User.objects.filter(same).first()
    if user is None:
        user = _new(address)
    elif not is_unconfirmed(user):
        return "known", user
    if user is None:
        return None
    user.first_name, user.is_active = asked["name"], False
    user.password = hashed
    user.save()
    names = [organization.name for organization in asked["organizations"]]
    values = {name: asked[name] for name in ("other", "contact_name", "contact_email")}
    Account.objects.update_or_create(user=user, defaults={**values, "wanted": names})
    return "verify", user


def _new(address: str) -> User | None:
    user = User(username=address, email=address, is_active=False)
    try:
        user.save()
    except IntegrityError:  # asked twice at the same moment: one mail is enough
        return None
    Account.objects.create(user=user)
    return user


def account_of(user: User) -> Account | None:
    return Account.objects.filter(user=user).first()


def is_kept_out(user: User) -> bool:
    """Tell whether somebody may not sign in because the address is not confirmed."""
    account = account_of(user)
    return not user.is_active and account is not None and account.verified_at is None


def is_unconfirmed(user: User) -> bool:
    return is_kept_out(user) and not user.is_staff


def confirm(user: User) -> None:
    """The address is theirs: they may sign in, and admins may approve them."""
    Account.objects.filter(user=user).update(verified_at=timezone.now())
    User.objects.filter(pk=user.pk).update(is_active=True)
    trail.note(user, user, "Asked for an account and confirmed the address.")


def approve(user: User, *, by: Any) -> bool:
    """Make a person a member of what they asked for; False if it is no news."""
    news = User.objects.filter(pk=user.pk, is_active=True, is_staff=False)
    if not news.update(is_staff=True):
        return False
    account = account_of(user)
    wanted = account.wanted if account else []
    set_organizations(user, [*organizations_of(user), *wanted])
    note_approval(user)
    trail.note(by, user, "Approved.")
    return True


def note_approval(user: User) -> None:
    Account.objects.filter(user=user).update(approved_at=timezone.now())


def organizations_of(user: User) -> list[str]:
    mine = Membership.objects.filter(user=user).order_by("organization_id")
    return list(mine.values_list("organization_id", flat=True))


def set_organizations(user: User, names: list[str]) -> None:
    """Make a person a member of these, as far as there are such, and no others."""
    there = Organization.objects.filter(name__in=names).values_list("name", flat=True)
    wanted, before = set(there), set(organizations_of(user))
    gone = list(before - wanted)
    Membership.objects.filter(user=user, organization__in=gone).delete()
    for name in sorted(wanted - before):
        Membership.objects.create(user=user, organization_id=name)


def is_last_admin(user: User) -> bool:
    """Tell whether without this person nobody could administer the site."""
    admins = User.objects.filter(is_superuser=True, is_active=True)
    is_one = bool(user.pk) and admins.filter(pk=user.pk).exists()
    return is_one and not admins.exclude(pk=user.pk).exists()


def keep_an_admin(user: User) -> bool:
    """Make the person an admin again if that left none: two may leave at once."""
    if User.objects.filter(is_superuser=True, is_active=True).exists():
        return False
    kept = {"is_superuser": True, "is_staff": True, "is_active": True}
    User.objects.filter(pk=user.pk).update(**kept)
    return True


def change_address(user: User, address: str) -> None:
    """Store a confirmed address; who signs in by the old one signs in by this."""
    if user.username.lower() == user.email.lower():
        user.username = address
    user.email = address
    user.save(update_fields=["username", "email"])
    trail.note(user, user, "Changed their e-mail address.")


def token_for(user: User, address: str = "") -> str:
    value = {"user": str(user.pk), "address": address, "state": _state(user)}
    return signing.dumps(value, salt=SALT)


def read_token(token: str) -> tuple[User, str] | None:
    """Return the person and the address of a link; None if it is not good (now)."""
    try:
        value = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=value["user"]).first()
    if user is None or not constant_time_compare(value["state"], _state(user)):
        return None
    return user, value["address"]


def _state(user: User) -> str:
    """Return what changes when a link was used, or another one asked for."""
    account = account_of(user)
    verified = account.verified_at if account else None
    parts = (user.pk, user.password, user.email, user.is_active, verified is None)
    return salted_hmac(SALT, "\0".join(map(str, parts))).hexdigest()[:32]


def reset_for(user: User) -> tuple[str, str]:
    """Return the two parts of a link to set a new password."""
    key = urlsafe_base64_encode(force_bytes(str(user.pk)))
    return key, default_token_generator.make_token(user)
