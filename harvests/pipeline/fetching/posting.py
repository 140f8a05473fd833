"""Posts one message to one address: no redirect, no other try, no login.

Under the guard and the time limits of all fetching; what answers is not read.
"""

import socket
from dataclasses import dataclass
from typing import Any, Final

import pycurl

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetching.addresses import Guard
from harvests.pipeline.fetching.errors import Failure, from_curl, from_timeout
from harvests.pipeline.fetching.urls import UnfitURLError, dialable, hostname, shown
from harvests.pipeline.types import FetchPolicy

MOST: Final = 65_536  # bytes of an answer that nobody reads


@dataclass(frozen=True, slots=True)
class Posted:
    """What the server answered: its status, and where a redirect would have led."""

    status: int
    location: str


def post(url: str, body: bytes, headers: dict[str, str], policy: FetchPolicy) -> Posted:
    """Post `body` and return the answer, whatever its status. Raises FetchError.

    The guard judges the very address that is dialled: a name that leads elsewhere at
    the second look helps nobody.
    """
    try:
        poster = _Poster(dialable(url), policy)
    except UnfitURLError as error:
        raise FetchError(str(error), url=shown(url)) from error
    try:
        return poster.send(body, headers)
    finally:
        poster.close()


class _Poster:
    def __init__(self, url: str, policy: FetchPolicy) -> None:
        self._url = url
        self._policy = policy
        self._guard = Guard(policy.allow_networks)
        self._refusal = self._guard.refuses_host(hostname(url))
        self._sockets: list[socket.socket] = []
        self._received = 0
        self._curl = pycurl.Curl()

    def send(self, body: bytes, headers: dict[str, str]) -> Posted:
        if self._refusal:  # through a proxy, we would not dial it ourselves
            raise FetchError(self._refusal, url=shown(self._url))
        self._prepare(body, headers)
        try:
            self._curl.perform()
        except pycurl.error as error:
            code, words = error.args
            if not (code == pycurl.E_WRITE_ERROR and self._received > MOST):
                reason = self._failure(code, words).reason
                raise FetchError(reason, url=shown(self._url)) from error
        location = self._curl.getinfo(pycurl.REDIRECT_URL) or ""
        return Posted(self._curl.getinfo(pycurl.RESPONSE_CODE), location)

    def close(self) -> None:
        for opened in self._sockets:
            opened.close()
        self._curl.close()

    def _prepare(self, body: bytes, headers: dict[str, str]) -> None:
        curl, policy = self._curl, self._policy
        curl.setopt(pycurl.URL, self._url)
        curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.USERAGENT, policy.user_agent)
        curl.setopt(pycurl.HTTPHEADER, [f"{n}: {v}" for n, v in headers.items()])
        curl.setopt(pycurl.POSTFIELDS, body)
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, round(policy.connect_timeout * 1000))
        curl.setopt(pycurl.TIMEOUT_MS, round(policy.total_timeout * 1000))
        curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open_socket)
        curl.setopt(pycurl.WRITEFUNCTION, self._receive)

    def _receive(self, data: bytes) -> int:
        """Take what comes up to MOST; libcurl stops when we take less than that."""
        self._received += len(data)
        return len(data) if self._received <= MOST else 0

    def _open_socket(self, _purpose: int, target: Any) -> socket.socket | int:
        """Dial, or refuse to; pycurl duplicates the socket and leaves us ours."""
        address, port = target.addr[:2]
        self._refusal = self._guard.refuses(hostname(self._url), address, port)
        if self._refusal:
            return int(pycurl.SOCKET_BAD)
        opened = socket.socket(target.family, target.socktype, target.protocol)
        self._sockets.append(opened)
        return opened

    def _failure(self, code: int, words: str) -> Failure:
        host = hostname(self._url)
        if code == pycurl.E_COULDNT_CONNECT and self._refusal:
            return Failure(self._refusal)
        if code == pycurl.E_OPERATION_TIMEDOUT:
            seconds = self._curl.getinfo(pycurl.TOTAL_TIME)
            return from_timeout(words, host=host, seconds=seconds, policy=self._policy)
        os_errno = self._curl.getinfo(pycurl.OS_ERRNO)
        return from_curl(code, words, host=host, limit=MOST, os_errno=os_errno)
