"""What empties the database after a test, in place of Django's `flush`.

`flush` also makes every content type and permission anew, half a second on MongoDB;
here these rows stay, and only tables that hold others are touched.
"""

from functools import cache
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = {"django_migrations", "django_content_type", "auth_permission"}


@cache
def _tables() -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True)
    return sorted({*names} - KEPT)


def empty_database() -> None:
    """Delete all rows but those that `migrate` made."""
    if connection.vendor == "mongodb":
        for name in _filled(connection.database):
            connection.database[name].delete_many({})
        return
    statements = connection.ops.sql_flush(no_style(), _tables())
    with transaction.atomic():
        connection.ops.execute_sql_flush(statements)


def _filled(database: Any) -> list[str]:
    """Return the collections that hold something, by one question."""
    first, *others = _tables()
    unions = [
        {"$unionWith": {"coll": name, "pipeline": _one_of(name)}} for name in others
    ]
    found = database[first].aggregate([*_one_of(first), *unions])
    return [row["_id"] for row in found]


def _one_of(name: str) -> list[dict[str, Any]]:
    return [{"$limit": 1}, {"$project": {"_id": {"$literal": name}}}]


def install() -> None:
    """From now on, tests end with this; on SQLite, `django_db` still rolls back."""
    TransactionTestCase._fixture_teardown = lambda self: empty_database()
