"""The registry's users. They sign in as before; their ids live on as their accounts'.

Meteor hashes a password by SHA-256, then by bcrypt, which Django's own
`bcrypt_sha256` does as well; Django hashes it anew the first time they sign in.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from harvests import accounts, trail
from harvests.models import Account
from harvests.moving.organizations import Organizations
from harvests.moving.report import Report
from harvests.moving.values import (
    Document,
    documents,
    inner,
    key_of,
    moment,
    text,
    texts,
)

KIND: Final = "people"
_BCRYPT: Final = re.compile(r"\$2[aby]?\$\d\d\$[./A-Za-z0-9]{53}")
_LONGEST_NAME: Final = 150


class People:
    """Takes them, with their roles and organizations."""

    def __init__(
        self, organizations: Organizations, report: Report, *, dry_run: bool
    ) -> None:
        self._organizations = organizations
        self._report = report
        self._dry_run = dry_run
        self._addresses: set[str] = set()

    def take(self, found: Iterable[Document]) -> None:
        for document in found:
            address = login_address(document)
            key = key_of(document)
            if Account.objects.filter(pk=key).exists():
                self._report.here[KIND] += 1
            elif why := self._obstacle(address, document):
                self._report.leave(KIND, f"user {address or key}", why)
            else:
                self._addresses.add(address.lower())
                self._take(key, address, document)

    def _obstacle(self, address: str, document: Document) -> str:
        try:
            validate_email(address)
        except ValidationError:
            return "there is no e-mail address to sign in by."
        if address.lower() in self._addresses:
            return "another user has that address."
        if accounts.is_taken(address, by=User()):
            return "somebody has that address here already; that account stays as is."
        names = {address, text(document.get("username"))} - {""}
        if any(trail.was_deleted(User, object_repr=name) for name in names):
            return "somebody deleted that account here."
        return ""

    def _take(self, key: str, address: str, document: Document) -> None:
        roles = roles_of(document)
        is_verified = _is_verified(document)
        approved = is_verified and bool(roles & {"admin", "approved"})
        user = User(
            username=self._username(address, document),
            email=address,
            first_name=text(_profile(document).get("name"), _LONGEST_NAME),
            password=self._password(address, document),
            is_active=is_verified,
            is_staff=approved,
            is_superuser=is_verified and "admin" in roles,
            date_joined=moment(document.get("createdAt")) or timezone.now(),
        )
        self._tell(user, roles, document)
        names = self._names(user, document)
        self._report.taken[KIND] += 1
        if not self._dry_run:
            user.save()
            self._account(key, user, names, document).save(force_insert=True)
            accounts.set_organizations(user, names if approved else [])

    def _account(
        self, key: str, user: User, names: list[str], document: Document
    ) -> Account:
        profile, now = _profile(document), timezone.now()
        return Account(
            id=key,
            user=user,
            wanted=names,
            contact_name=text(profile.get("poc_name"), _LONGEST_NAME),
            contact_email=_address(profile.get("poc_email")),
            verified_at=now if user.is_active else None,
            approved_at=now if user.is_staff else None,
        )

    def _username(self, address: str, document: Document) -> str:
        """Return the name they had, unless somebody has it here."""
        name = text(document.get("username"), _LONGEST_NAME) or address
        if name.lower() in self._addresses or accounts.is_taken(name, by=User()):
            return address
        return name

    def _password(self, address: str, document: Document) -> str:
        hashed = inner(document, "services", "password").get("bcrypt")
        if isinstance(hashed, str) and _BCRYPT.fullmatch(hashed):
            return f"bcrypt_sha256${hashed}"
        self._report.note(
            f"user {address} has no password that can be kept, and must ask for a new "
            "one by mail."
        )
        return make_password(None)

    def _names(self, user: User, document: Document) -> list[str]:
        """Return the organizations, as they are called here."""
        names = []
        for name in texts(_profile(document).get("organization")):
            organization = self._organizations.find(name)
            if organization:
                names.append(organization.name)
            else:
                self._report.note(
                    f"user {user.email} is no member of “{name}”: there is no such "
                    "organization (renamed?)."
                )
        return names

    def _tell(self, user: User, roles: set[str], document: Document) -> None:
        given = (document.get("email"), _profile(document).get("email"))
        for other in dict.fromkeys(_address(value) for value in given):
            if other and other.lower() != user.email.lower():
                self._report.note(
                    f"user {user.email} gave another address later, {other}: mails go "
                    "to the one they sign in by, until they change it."
                )
        if roles and not user.is_active:
            self._report.note(
                f"user {user.email} never confirmed the address, and may not sign in: "
                "tick “Active” and approve them, or let them ask anew."
            )


def login_address(document: Document) -> str:
    """Return the address that Meteor signs in by and mails to, else any other."""
    emails = documents(document.get("emails"))
    given = [emails[0].get("address") if emails else None]
    given += [document.get("email"), _profile(document).get("email")]
    return next((a for a in map(_address, given) if a), "")


def roles_of(document: Document) -> set[str]:
    """Return the roles, also where they are kept by group."""
    roles: Any = document.get("roles")
    groups = list(roles.values()) if isinstance(roles, Mapping) else [roles]
    return {role for group in groups for role in texts(group)}


def _profile(document: Document) -> Document:
    return inner(document, "profile")


def _address(value: Any) -> str:
    return text(value, 254)


def _is_verified(document: Document) -> bool:
    emails = documents(document.get("emails"))
    return any(each.get("verified") is True for each in emails)
