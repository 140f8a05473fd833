"""Lists by pieces: each goes on behind the last row of the one before.

The order is that of an index, and nothing is counted or skipped: the hundred
thousandth row costs what the first did, and rows that come or go meanwhile move no
other.
"""

import base64
import binascii
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Model, QuerySet
from pydantic import BaseModel, Field, ValidationInfo, model_validator

from harvests.api.problems import Problem

FEW: Final = 50
MOST: Final = 200
_GARBAGE: Final = (binascii.Error, ValueError, OverflowError, RecursionError)


class Listing(BaseModel):
    """What every list takes; its subclasses add filters."""

    limit: int = Field(FEW, ge=1, le=MOST, description="Items in one answer.")
    cursor: str | None = Field(None, description="`next_cursor` of the answer before.")

    @model_validator(mode="after")
    def _know_all(self, info: ValidationInfo) -> "Listing":
        """Refuse what is not known: a mistyped filter would filter nothing."""
        asked = info.context["request"].GET if info.context else {}
        unknown = sorted(set(asked) - set(type(self).model_fields))
        if unknown:
            known = ", ".join(sorted(type(self).model_fields))
            detail = f"Not a parameter of this list; there are {known}."
            errors = [{"parameter": name, "detail": detail} for name in unknown]
            raise Problem(422, f"“{unknown[0]}” is not known here.", errors=errors)
        return self


@dataclass(frozen=True, slots=True)
class Order:
    """Two columns, or one, that an index has, and no two rows alike.

    `name` tells the cursors of one list from those of another.
    """

    name: str
    columns: tuple[str, ...]
    descending: bool = False

    def sorted(self, rows: QuerySet) -> QuerySet:
        sign = "-" if self.descending else ""
        return rows.order_by(*(f"{sign}{column}" for column in self.columns))

    def behind(self, column: str, value: Any) -> dict[str, Any]:
        return {f"{column}__{'lt' if self.descending else 'gt'}": value}


def page(rows: QuerySet, order: Order, asked: Listing) -> tuple[list[Any], str | None]:
    """Return a piece of the rows, and the cursor for the next one. Raises Problem."""
    most = asked.limit + 1
    if asked.cursor is None:
        found = list(order.sorted(rows)[:most])
    else:
        found = _behind(rows, order, read(order, asked.cursor), most)
    if len(found) < most:
        return found, None
    return found[:-1], write(order, found[-2])


def _behind(rows: QuerySet, order: Order, last: list[Any], most: int) -> list[Any]:
    """Return what follows a row: by two look-ups in the index, not one with OR."""
    *head, tail = order.columns
    same = {column: last[number] for number, column in enumerate(head)}
    after = order.behind(tail, last[-1])
    found = list(order.sorted(rows.filter(**same, **after))[:most])
    if head and len(found) < most:
        more = rows.filter(**order.behind(head[0], last[0]))
        found += order.sorted(more)[: most - len(found)]
    return found


def write(order: Order, row: Model) -> str:
    values = [_plain(getattr(row, column)) for column in order.columns]
    text = json.dumps([order.name, *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else value


def read(order: Order, cursor: str) -> list[Any]:
    """Return the values of the row that a cursor stands for. Raises Problem."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", True)
        return _values(order, json.loads(text))
    except _GARBAGE as error:
        detail = "Give the next_cursor of this list's last answer, or none to start."
        errors = [{"parameter": "cursor", "detail": detail}]
        sentence = "This is not a cursor of this list."
        raise Problem(422, sentence, errors=errors) from error


def _values(order: Order, found: Any) -> list[Any]:
    """Return the values of a cursor's columns. Raises ValueError, OverflowError."""
    texts = found if isinstance(found, list) else []
    is_ours = len(texts) == 1 + len(order.columns) and texts[0] == order.name
    if not (is_ours and all(isinstance(text, str) for text in texts)):
        raise ValueError(found)
    for text in texts:
        text.encode()  # half a character (a surrogate) is no text of ours
    pairs = zip(order.columns, texts[1:], strict=True)
    return [_moment(text) if name == "date" else text for name, text in pairs]


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
