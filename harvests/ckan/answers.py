"""What CKAN answers, taken apart: any shape it may have gives values or CkanError.

CKAN writes times in UTC without saying so. Texts and lists are cut to what a person
reads and a row holds.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, ValuesView
from dataclasses import dataclass, field
from typing import Any, Final, Self

from django.utils.dateparse import parse_datetime

from harvests.ckan.errors import Unreachable

TEXT: Final = 2_000  # characters of a message
MESSAGES: Final = 20  # of one document, and of the gathering
DOCUMENTS: Final = 20_000  # of one report
LARGEST: Final = 2**63 - 1  # number that both databases hold
NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")  # in JSON; in no database
ODD: Final = "CKAN's answer has no {} where one is due: is CKAN_API that of a CKAN?"


@dataclass(frozen=True, slots=True)
class Job:
    """A job of CKAN's. `counts` are by CKAN's words: added, updated, errored …

    `is_open`: it has not begun to list our folder, so it sees what we change now.
    """

    id: str
    status: str
    created: dt.datetime | None = None
    finished: dt.datetime | None = None
    is_open: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, answer: Any) -> Self:
        row = _object(answer, "job")
        status = _text(row.get("status"), 30)
        return cls(
            id=_needed(row, "id"),
            status=status,
            created=_time(row.get("created")),
            finished=_time(row.get("finished")),
            is_open=status != "Finished" and not row.get("gather_started"),
            counts=_counts(row.get("stats")),
        )


@dataclass(frozen=True, slots=True)
class Source:
    """A harvest source of CKAN's; `is_active` unless it was deleted there."""

    id: str
    name: str
    url: str
    is_active: bool
    last_job: Job | None = None

    @classmethod
    def of(cls, answer: Any) -> Self:
        row = _object(answer, "harvest source")
        status = row.get("status")
        job = status.get("last_job") if isinstance(status, dict) else None
        return cls(
            id=_needed(row, "id"),
            name=_text(row.get("name"), 200),
            url=_text(row.get("url"), 700),
            is_active=row.get("state") != "deleted" and row.get("active") is not False,
            last_job=Job.of(job) if job else None,
        )


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one document; each error has message, line and type."""

    url: str
    guid: str
    errors: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Report:
    """What a job says of the gathering and of documents."""

    gathering: list[str] = field(default_factory=list)
    documents: list[Complaint] = field(default_factory=list)

    @classmethod
    def of(cls, answer: Any) -> Self:
        row = _object(answer, "report")
        found = row.get("object_errors")
        documents = found.values() if isinstance(found, dict) else found
        gathering = (_message(each)["message"] for each in _list(row, "gather_errors"))
        return cls(
            gathering=list(gathering)[:MESSAGES],
            documents=list(_complaints(documents))[:DOCUMENTS],
        )


def _complaints(documents: Any) -> Iterator[Complaint]:
    for row in documents if isinstance(documents, list | ValuesView) else ():
        if isinstance(row, dict):
            yield Complaint(
                url=_text(row.get("original_url"), 2_000),
                guid=_text(row.get("guid"), 500),
                errors=[_message(each) for each in _list(row, "errors")[:MESSAGES]],
            )


def _message(each: Any) -> dict[str, Any]:
    row = each if isinstance(each, dict) else {"message": each}
    line = row.get("line")
    return {
        "message": _text(row.get("message"), TEXT),
        "line": line if _is_number(line) else None,
        "type": _text(row.get("type"), 30),
    }


def _object(answer: Any, what: str) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise Unreachable(ODD.format(what))
    return answer


def _needed(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    text = _text(value, 100) if isinstance(value, str) else ""
    if not text:
        raise Unreachable(ODD.format(f"“{name}”"))
    return text


def _list(row: Mapping[str, Any], name: str) -> list[Any]:
    value = row.get(name)
    return value if isinstance(value, list) else []


def _text(value: Any, most: int) -> str:
    return "" if value is None else NO_TEXT.sub("", str(value))[:most]


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and abs(value) <= LARGEST


def _time(value: Any) -> dt.datetime | None:
    """Return it in UTC; None for what is no time, or none in every time zone."""
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
        if found and found.tzinfo:
            found = found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    if found is None or not dt.MINYEAR < found.year < dt.MAXYEAR:
        return None
    return found.replace(tzinfo=dt.UTC)


def _counts(value: Any) -> dict[str, int]:
    """What CKAN has not decided yet it counts as “null”."""
    pairs = value.items() if isinstance(value, dict) else ()
    named = (("waiting" if name == "null" else name, n) for name, n in pairs)
    return {_text(name, 30): n for name, n in named if n and _is_number(n)}
