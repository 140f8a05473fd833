"""Rows that somebody asks for by id: there, theirs to see, theirs to change."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from harvests.api.problems import Problem
from harvests.permissions import CHANGE, may

Row = TypeVar("Row", bound=Model)


def wanted(rows: "QuerySet[Row]", key: str) -> Row:
    """Return the row with this id. Raises Problem 404.

    Whoever gets in may see every row that the API shows: see `permissions`.
    """
    row = rows.filter(pk=key).first()
    if row is None:
        name = rows.model._meta.verbose_name
        raise Problem(404, f"There is no {name} with the id “{key[:100]}”.")
    return row


def owned(
    request: HttpRequest, rows: "QuerySet[Row]", key: str, action: str = CHANGE
) -> Row:
    """Return a row that the person may change. Raises Problem 404 or 403."""
    row = wanted(rows, key)
    if not may(request.user, action, row):
        raise Problem(403, f"“{row}” belongs to an organization that is not yours.")
    return row
