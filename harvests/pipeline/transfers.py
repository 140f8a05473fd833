"""One pycurl handle: starts a request, says how it ended. Does not wait or retry."""

import math
import socket
import ssl
from typing import Any, Final, Generic, TypeVar

import certifi
import pycurl

from harvests.pipeline.addresses import Guard
from harvests.pipeline.bodies import Body, BodyError
from harvests.pipeline.fetch_errors import (
    NO_LIMIT,
    REDIRECTS,
    Failure,
    from_curl,
    from_status,
    from_timeout,
)
from harvests.pipeline.fetch_urls import hostname
from harvests.pipeline.types import FetchPolicy, Request

CHUNK: Final = 128 * 1024
DRIP: Final = 50  # bytes a second; a server slower than that is as good as gone
UNREAD: Final = 256 * 1024  # of an error page, before the connection is dropped

B = TypeVar("B", bound=Body)


class Transfer(Generic[B]):
    """Carries out one request after another; options that stay are set once.

    After `end`: `status`, `headers` (names in lower case), `body`, and `target`,
    the address that a redirect leads to.
    """

    def __init__(
        self, policy: FetchPolicy, *, guard: Guard, body: B, limit: int, accept: str
    ) -> None:
        self.body = body
        self.curl = pycurl.Curl()
        self._policy = policy
        self._guard = guard
        self._limit = limit
        self._fixed = [f"Accept: {accept}", "Accept-Encoding: gzip, deflate"]
        self._lines: list[bytes] = []
        self._sockets: list[socket.socket] = []
        self._conditional = True  # has the next start set HTTPHEADER
        self._set_options()
        self._set_limits()
        self.curl.setopt(pycurl.CAINFO, trust())

    def start(self, url: str, request: Request) -> None:
        """Prepare the handle; the caller adds it to a multi handle."""
        self.url = url
        self.status = 0
        self.target = ""
        self.headers: dict[str, str] = {}
        self._begun = False
        self._unread = 0
        self._problem: Failure | None = None
        self._lines.clear()
        self.curl.setopt(pycurl.URL, url)
        conditional = bool(request.etag or request.last_modified)
        if conditional or self._conditional:
            headers = [*self._fixed, *_conditions(request)]
            self.curl.setopt(pycurl.HTTPHEADER, headers)
        self._conditional = conditional

    def end(self, code: int, words: str) -> Failure | None:
        """Return what went wrong; None for a document, "unchanged" or a redirect."""
        self._close_sockets()
        try:
            self._begin()
        except BodyError as error:
            return _refused(error)
        if code:  # a proxy's status would do for a header, not for an answer
            self.status = self.curl.getinfo(pycurl.RESPONSE_CODE)
        if self.status == 200:
            return self._failure(code, words) if code else self._end_body()
        if self.status in REDIRECTS:
            self.target = self.curl.getinfo(pycurl.REDIRECT_URL) or ""
        if self.target or (self.status == 304 and self._conditional):
            return None
        if self.status:
            return from_status(self.status, self.headers, self._policy)
        return self._failure(code, words)

    def measure(self) -> tuple[str, int, int, float]:
        """Return URL, status, bytes received and seconds, for the counts."""
        received = self.curl.getinfo(pycurl.SIZE_DOWNLOAD_T)
        return self.url, self.status, received, self.curl.getinfo(pycurl.TOTAL_TIME)

    def close(self) -> None:
        self._close_sockets()
        self.body.clear()
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
        curl.setopt(pycurl.HEADERFUNCTION, self._lines.append)
        curl.setopt(pycurl.WRITEFUNCTION, self._receive)

    def _set_limits(self) -> None:
        curl, policy = self.curl, self._policy
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, round(policy.connect_timeout * 1000))
        curl.setopt(pycurl.TIMEOUT_MS, round(policy.total_timeout * 1000))
        curl.setopt(pycurl.LOW_SPEED_LIMIT, DRIP)
        curl.setopt(pycurl.LOW_SPEED_TIME, max(1, math.ceil(policy.idle_timeout)))
        curl.setopt(pycurl.MAXFILESIZE_LARGE, self._limit)

    def _open_socket(self, _purpose: int, target: Any) -> socket.socket | int:
        """Dial, or refuse to; pycurl duplicates the socket and leaves us ours."""
        address, port = target.addr[:2]
        refusal = self._guard.refuses(hostname(self.url), address, port)
        if refusal:
            self._problem = Failure(refusal)
            return int(pycurl.SOCKET_BAD)
        opened = socket.socket(target.family, target.socktype, target.protocol)
        self._sockets.append(opened)
        return opened

    def _begin(self) -> None:
        """Read the headers of the last answer: a proxy or a "100" may precede it."""
        if self._begun:
            return
        self._begun = True
        headers = self.headers
        for line in self._lines:
            if line.startswith(b"HTTP/"):
                headers.clear()
                self.status = int(line.split()[1][:3])  # libcurl takes "200OK"
                continue
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if self.status == 200:
            self.body.begin(headers.get("content-encoding", "").lower())

    def _receive(self, chunk: bytes) -> int | None:
        try:
            self._begin()
            if self.status == 200:
                self.body.take(chunk)
                return None
        except BodyError as error:
            self._problem = _refused(error)
            return 0
        self._unread += len(chunk)
        return None if self._unread < UNREAD else 0

    def _end_body(self) -> Failure | None:
        try:
            self.body.end()
        except BodyError as error:
            return _refused(error)
        return None

    def _failure(self, code: int, words: str) -> Failure:
        wrote_or_dialled = (pycurl.E_WRITE_ERROR, pycurl.E_COULDNT_CONNECT)
        if self._problem is not None and code in wrote_or_dialled:
            return self._problem
        host = hostname(self.url)
        if code == pycurl.E_OPERATION_TIMEDOUT:
            seconds = self.curl.getinfo(pycurl.TOTAL_TIME)
            return from_timeout(words, host=host, seconds=seconds, policy=self._policy)
        os_errno = self.curl.getinfo(pycurl.OS_ERRNO)
        return from_curl(code, words, host=host, limit=self._limit, os_errno=os_errno)


def _refused(error: BodyError) -> Failure:
    return Failure(str(error), tries=NO_LIMIT if error.passing else 1)


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
