"""A session for ckanapi: with time limits, and answers that end."""

import io
import time
from typing import Any, Final

import requests

MOST: Final = 20_000_000  # bytes of an answer
CONNECT: Final = 10  # seconds
READ: Final = 30  # seconds for a whole answer
PIECE: Final = 65_536


class TooMuchError(requests.RequestException):
    """The answer is larger than MOST, or took longer than it may."""


class BoundedSession(requests.Session):
    """Reads no more than MOST bytes, and for no longer than `seconds`.

    `status` and `content_type` are those of the last answer: ckanapi keeps them to
    itself. A login in the machine's .netrc does not take the place of our token.
    """

    def __init__(self, seconds: float = READ) -> None:
        super().__init__()
        self.seconds = seconds
        self.status = 0
        self.content_type = ""
        self.auth = _leave_as_it_is

    def send(self, request: requests.PreparedRequest, **options: Any) -> Any:
        ends = time.monotonic() + self.seconds
        self.status, self.content_type = 0, ""
        limits = {"stream": True, "timeout": (CONNECT, self.seconds)}
        response = super().send(request, **{**options, **limits})
        self.status = response.status_code
        self.content_type = response.headers.get("Content-Type", "")
        return _answer(response, _body_of(response, ends))


def _leave_as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from replacing our token by a login of .netrc."""
    return request


def _answer(response: requests.Response, body: bytes) -> requests.Response:
    """Return a response that holds what was read of another; JSON is UTF-8."""
    answer = requests.Response()
    answer.status_code, answer.reason = response.status_code, response.reason
    answer.headers, answer.url = response.headers, response.url
    answer.encoding, answer.raw = "utf-8", io.BytesIO(body)
    return answer


def _body_of(response: requests.Response, ends: float) -> bytes:
    """Return the whole body, decompressed. Raises TooMuchError."""
    body = bytearray()
    try:
        for piece in response.iter_content(PIECE):
            body += piece
            if len(body) > MOST:
                raise TooMuchError(f"the answer is larger than {MOST:,} bytes")
            if time.monotonic() > ends:
                raise TooMuchError("the answer took too long")
    finally:
        response.close()
    return bytes(body)
