"""What the provider answers, before it is put on the wire."""

import datetime as dt
import hashlib
import http
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.utils import format_datetime, parsedate_to_datetime
from html import escape

HTML = "text/html;charset=UTF-8"
XML = "application/xml"


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a source."""

    body: bytes
    modified: dt.datetime
    content_type: str = XML


@dataclass(frozen=True, slots=True)
class Answer:
    """A body of unknown length (not `bytes`) is sent in chunks."""

    status: int
    body: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def document(found: Document) -> Answer:
    etag = hashlib.sha256(found.body).hexdigest()[:16]
    return Answer(
        200,
        found.body,
        {
            "Content-Type": found.content_type,
            "ETag": f'"{etag}"',
            "Last-Modified": format_datetime(found.modified, usegmt=True),
        },
    )


def page(body: bytes | Iterable[bytes]) -> Answer:
    return Answer(200, body, {"Content-Type": HTML})


def problem(status: int) -> Answer:
    words = escape(f"{status} {http.HTTPStatus(status).phrase}")
    html = f"<html><head><title>{words}</title></head><body><h1>{words}</h1></body>"
    return Answer(status, f"{html}</html>\n".encode(), {"Content-Type": HTML})


def redirect(location: str, *, status: int) -> Answer:
    return Answer(status, headers={"Location": location})


def is_fresh(answer: Answer, request: Message) -> bool:
    """Whether the client has this already (RFC 9110, 13.2.2: an ETag wins)."""
    if answer.status != 200 or "ETag" not in answer.headers:
        return False
    if wanted := request.get("If-None-Match"):
        tags = [tag.strip().removeprefix("W/") for tag in wanted.split(",")]
        return "*" in tags or answer.headers["ETag"] in tags
    return _unchanged_since(answer, request.get("If-Modified-Since", ""))


def not_modified(answer: Answer) -> Answer:
    kept = ("ETag", "Last-Modified")
    return Answer(304, headers={name: answer.headers[name] for name in kept})


def _unchanged_since(answer: Answer, date: str) -> bool:
    try:
        since = parsedate_to_datetime(date)
    except ValueError:
        return False
    if since.tzinfo is None:
        return False
    return parsedate_to_datetime(answer.headers["Last-Modified"]) <= since
