"""One pycurl handle: starts a request, says how it ended. Does not wait or retry."""

import math
import socket
import ssl
from typing import Any, Final, Generic

import certifi
import pycurl

from harvests.pipeline.fetching.addresses import Guard
from harvests.pipeline.fetching.answers import Answer, B
from harvests.pipeline.fetching.errors import (
    REDIRECTS,
    Failure,
    from_curl,
    from_status,
    from_timeout,
)
from harvests.pipeline.fetching.urls import hostname
from harvests.pipeline.types import FetchPolicy, Request

CHUNK: Final = 128 * 1024
XML: Final = b"Content-Type: application/xml"
DRIP: Final = 50  # bytes a second; a server slower than that is as good as gone


class Transfer(Generic[B]):
    """Carries out one request after another; options that stay are set once.

    After `end`, `answer` is what came and `target` where a redirect leads to.
    """

    def __init__(
        self, policy: FetchPolicy, *, guard: Guard, body: B, limit: int, accept: str
    ) -> None:
        self.answer = Answer(body)
        self.curl = pycurl.Curl()
        self._policy = policy
        self._guard = guard
        self._limit = limit
        self._fixed = [f"Accept: {accept}", "Accept-Encoding: gzip, deflate"]
        self._posted = False
        self._sockets: list[socket.socket] = []
        self._plain = False  # are the headers of the handle the fixed ones
        self._set_options()
        self._set_limits()
        self.curl.setopt(pycurl.CAINFO, trust())

    def start(self, url: str, request: Request) -> None:
        """Prepare the handle; the caller adds it to a multi handle."""
        self.url = url
        self.target = ""
        self.answer.reset()
        self._refusal = ""
        self.curl.setopt(pycurl.URL, url)
        self._conditional = bool(request.etag or request.last_modified)
        self._set_headers(request)
        self._set_method(request)

    def end(self, code: int, words: str) -> Failure | None:
        """Return what went wrong; None for a document, "unchanged" or a redirect."""
        self._close_sockets()
        problem = self.answer.finish()
        # In a failed answer, the status in the headers may be a proxy's.
        status = self.curl.getinfo(pycurl.RESPONSE_CODE) if code else self.answer.status
        if status == 200:
            stopped = code == pycurl.E_WRITE_ERROR and problem is not None
            return problem if stopped or not code else self._failure(code, words)
        if status in REDIRECTS:
            self.target = self.curl.getinfo(pycurl.REDIRECT_URL) or ""
        if self.target or (status == 304 and self._conditional):
            return None
        if status:
            return from_status(status, self.answer.headers, self._policy)
        return self._failure(code, words)

    def measure(self) -> tuple[str, int, int, float]:
        """Return URL, status, bytes received and seconds, for the counts."""
        received = self.curl.getinfo(pycurl.SIZE_DOWNLOAD_T)
        return (
            self.url,
            self.answer.status,
            received,
            self.curl.getinfo(pycurl.TOTAL_TIME),
        )

    def close(self) -> None:
        self._close_sockets()
        self.answer.body.clear()
        self.curl.close()

    def _close_sockets(self) -> None:
        for opened in self._sockets:
            opened.close()
        self._sockets.clear()

    def _set_options(self) -> None:
        curl = self.curl
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        curl.setopt(pycurl.USERAGENT, self._policy.user_agent)
        curl.setopt(pycurl.BUFFERSIZE, CHUNK)
        curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        curl.setopt(pycurl.HEADERFUNCTION, self.answer.lines.append)
        curl.setopt(pycurl.WRITEFUNCTION, self.answer.receive)

    def _set_limits(self) -> None:
        curl, policy = self.curl, self._policy
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, round(policy.connect_timeout * 1000))
        curl.setopt(pycurl.TIMEOUT_MS, round(policy.total_timeout * 1000))
        curl.setopt(pycurl.LOW_SPEED_LIMIT, DRIP)
        curl.setopt(pycurl.LOW_SPEED_TIME, max(1, math.ceil(policy.idle_timeout)))
        curl.setopt(pycurl.MAXFILESIZE_LARGE, self._limit)

    def _set_headers(self, request: Request) -> None:
        special = [*_conditions(request), *([XML] if request.data else ())]
        if special or not self._plain:
            self.curl.setopt(pycurl.HTTPHEADER, [*self._fixed, *special])
        self._plain = not special

    def _set_method(self, request: Request) -> None:
        if request.data:
            self.curl.setopt(pycurl.POSTFIELDS, request.data)
        elif self._posted:
            self.curl.setopt(pycurl.HTTPGET, 1)
        self._posted = bool(request.data)

    def _open_socket(self, _purpose: int, target: Any) -> socket.socket | int:
        """Dial, or refuse to; pycurl duplicates the socket and leaves us ours."""
        address, port = target.addr[:2]
        self._refusal = self._guard.refuses(hostname(self.url), address, port)
        if self._refusal:
            return int(pycurl.SOCKET_BAD)
        opened = socket.socket(target.family, target.socktype, target.protocol)
        self._sockets.append(opened)
        return opened

    def _failure(self, code: int, words: str) -> Failure:
        if code == pycurl.E_COULDNT_CONNECT and self._refusal:
            return Failure(self._refusal)
        host = hostname(self.url)
        if code == pycurl.E_OPERATION_TIMEDOUT:
            seconds = self.curl.getinfo(pycurl.TOTAL_TIME)
            return from_timeout(words, host=host, seconds=seconds, policy=self._policy)
        os_errno = self.curl.getinfo(pycurl.OS_ERRNO)
        return from_curl(code, words, host=host, limit=self._limit, os_errno=os_errno)


def _conditions(request: Request) -> list[bytes]:
    conditions = []
    if request.etag.isprintable() and request.etag:
        conditions.append(f"If-None-Match: {request.etag}".encode("latin-1", "ignore"))
    if request.last_modified.isprintable() and request.last_modified:
        line = f"If-Modified-Since: {request.last_modified}"
        conditions.append(line.encode("latin-1", "ignore"))
    return conditions


def trust() -> str:
    """Return the bundle of authorities: the system's (or SSL_CERT_FILE), or certifi's.

    The default of the pycurl wheel is a path of Red Hat's.
    """
    return ssl.get_default_verify_paths().cafile or certifi.where()
