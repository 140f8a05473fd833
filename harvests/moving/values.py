"""The values of the predecessor's documents, each as what it should have been."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils import timezone

from harvests.models import new_key

Document = Mapping[str, Any]

LONGEST_KEY: Final = 64
LARGEST: Final = 2**31 - 1  # of an integer column
_MD5: Final = re.compile(r"[0-9a-f]{32}")


def key_of(document: Document) -> str:
    """Return its `_id`: as it is if a text, in hexadecimal if an ObjectId."""
    key = str(document.get("_id") or "")
    return key if 0 < len(key) <= LONGEST_KEY else new_key()


def text(value: Any, longest: int = 100_000) -> str:
    """Return a text without blanks around it, "" for anything else."""
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").strip()[:longest]


def texts(value: Any) -> list[str]:
    """Return the texts of a list, or the one text that stands in its place."""
    found = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(t for t in map(text, found) if t))


def inner(document: Document, *path: str) -> Document:
    """Return a document within a document, an empty one if there is none."""
    for name in path:
        found = document.get(name)
        document = found if isinstance(found, Mapping) else {}
    return document


def documents(value: Any) -> list[Document]:
    """Return the documents of a list; what is none is left out."""
    found = value if isinstance(value, list) else []
    return [each for each in found if isinstance(each, Mapping)]


def count(value: Any) -> int:
    """Return a number of things, 0 for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and 0 <= value <= LARGEST else 0


def days(value: Any) -> float | None:
    """Return an interval that can be kept (an hour to ten years), None for others."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 1 / 24 <= value <= 3660 else None


def moment(value: Any, zone: dt.tzinfo = dt.UTC) -> dt.datetime | None:
    """Return a time; None for the words that the predecessor wrote in its place.

    MongoDB's times are UTC; `zone` is for those that were written as local ones.
    """
    if not isinstance(value, dt.datetime):
        return None
    return value if timezone.is_aware(value) else value.replace(tzinfo=zone)


def md5(value: Any) -> str:
    digest = text(value).lower()
    return digest if _MD5.fullmatch(digest) else ""
