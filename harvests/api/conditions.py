"""Entity tags: which state of something an answer shows, or a change is meant for."""

import hashlib
from collections.abc import Callable

from django.http import HttpRequest
from django.utils.http import parse_etags
from ninja.renderers import JSONRenderer
from pydantic import BaseModel

from harvests.api.problems import Problem

STALE = "It changed since you read it: read it again, and send its new ETag."


def tag_of(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def check_match(request: HttpRequest, now: Callable[[], BaseModel]) -> None:
    """Raise Problem 412 if If-Match names another state than that of now."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return
    text = JSONRenderer().render(request, now().model_dump(), response_status=200)
    if tag_of(text.encode()) not in parse_etags(header):
        raise Problem(412, STALE)
