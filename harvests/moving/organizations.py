"""The registry's organizations. Their names are keys there, and folders here."""

import re
from collections.abc import Iterable
from typing import Any, Final

from django.core.exceptions import ValidationError

from harvests import trail
from harvests.models import Organization
from harvests.moving.report import Report
from harvests.moving.values import Document, key_of, text

KIND: Final = "organizations"
URLS: Final = ("url", "logo_url", "ckan_harvest_url")
_UNFIT: Final = re.compile(r"[/\\\x00-\x1f\x7f?#%]+")
_LONGEST: Final = 95  # characters: a number may follow
_BYTES: Final = 190


class Organizations:
    """Takes them, and knows each by the name that it had in the registry."""

    def __init__(self, report: Report, *, dry_run: bool) -> None:
        self._report = report
        self._dry_run = dry_run
        self._known: dict[str, Organization] = {}

    def take(self, documents: Iterable[Document]) -> None:
        for document in documents:
            name = text(document.get("name"))
            if not name:
                why = "it has no name, by which all else would know it."
                self._report.leave(KIND, f"organization {key_of(document)}", why)
            elif name in self._known:
                why = "another one has that name, and its place."
                self._report.leave(KIND, f"an organization “{name}”", why)
            else:
                self._take(name, document)

    def find(self, name: str) -> Organization | None:
        return self._known.get(name)

    def find_or_make(self, name: str) -> Organization:
        """Return the organization that a source names, though the registry lacks it."""
        if name not in self._known:
            fit = fitting(name) or "Other"
            here = Organization.objects.filter(name=fit).first()
            self._known[name] = here or self._save(Organization(name=fit))
            if here is None:
                self._report.note(
                    f"organization “{fit}” was made, because a source belongs to it."
                )
        return self._known[name]

    def _take(self, name: str, document: Document) -> None:
        key = key_of(document)
        rows = Organization.objects
        here = rows.filter(pk=key).first() or rows.filter(name=name).first()
        if here:
            self._known[name] = here
            self._report.here[KIND] += 1
        elif trail.was_deleted(Organization, object_id=key):
            why = "somebody deleted it here."
            self._report.leave(KIND, f"organization “{name}”", why)
        else:
            self._known[name] = self._save(self._made(key, name, document))

    def _made(self, key: str, name: str, document: Document) -> Organization:
        fit = self._unused(fitting(name))
        if fit != name:
            self._report.note(
                f"organization “{name}” is named “{fit}”: its name is its folder's. "
                "Catalogues that read its old folder must be told the new address."
            )
        values: dict[str, Any] = {field: text(document.get(field)) for field in URLS}
        row = Organization(
            id=key, name=fit, description=text(document.get("description")), **values
        )
        for field in URLS:
            self._check(row, field)
        return row

    def _check(self, row: Organization, field: str) -> None:
        value = getattr(row, field)
        try:
            row._meta.get_field(field).clean(value, row)
        except ValidationError as error:
            setattr(row, field, "")
            why = " ".join(error.messages)
            self._report.note(
                f"{field} “{value}” of organization “{row}” was left out: {why}"
            )

    def _unused(self, name: str) -> str:
        """Return the name, with a number if an organization has it, here or there."""
        taken = {row.name for row in self._known.values()}
        fit, number = name or "Organization", 1
        while fit in taken or Organization.objects.filter(name=fit).exists():
            number += 1
            fit = f"{name or 'Organization'}-{number}"
        return fit

    def _save(self, row: Organization) -> Organization:
        if not self._dry_run:
            row.save(force_insert=True)
        self._report.taken[KIND] += 1
        return row


def fitting(name: str) -> str:
    """Return the name as it can be a folder's, "" if nothing is left of it."""
    fit = _UNFIT.sub("-", name).lstrip("._~ ").rstrip(". ")[:_LONGEST]
    fit = fit.encode("utf-8", "replace")[:_BYTES].decode(errors="ignore")
    return fit.rstrip(". ")
