"""One pycurl handle: starts a request, says how it ended. Does not wait or retry."""

import math
import socket
from typing import Any, Final, Generic

import pycurl

from harvests.pipeline.fetching.access import Entrance, advice
from harvests.pipeline.fetching.addresses import Guard
from harvests.pipeline.fetching.answers import Answer, B
from harvests.pipeline.fetching.approach import Approach
from harvests.pipeline.fetching.errors import (
    REDIRECTS,
    Failure,
    from_curl,
    from_status,
    from_timeout,
)
from harvests.pipeline.fetching.proxy import Proxy
from harvests.pipeline.fetching.urls import hostname
from harvests.pipeline.types import FetchPolicy, Request

CHUNK: Final = 128 * 1024
DRIP: Final = 50  # bytes a second; a server slower than that is as good as gone


class Transfer(Generic[B]):
    """Carries out one request after another; options that stay are set once.

    After `end`, `answer` is what came, `target` where a redirect leads to; `again`
    says that the server wants the same request with another kind of login.
    """

    def __init__(
        self,
        policy: FetchPolicy,
        *,
        guard: Guard,
        body: B,
        limit: int,
        accept: str,
        entrance: Entrance | None = None,
    ) -> None:
        self.answer = Answer(body)
        self.curl = pycurl.Curl()
        self._policy = policy
        self._guard = guard
        self._limit = limit
        self._entrance = entrance
        self._proxy = entrance.proxy if entrance is not None else None
        self._approach = Approach(self.curl, accept, entrance)
        self._posted = False
        self._sockets: list[socket.socket] = []
        self._set_options()
        self._set_limits()

    def start(self, url: str, request: Request) -> None:
        """Prepare the handle; the caller adds it to a multi handle."""
        self.url = url
        self.target = ""
        self.again = False
        self.answer.reset()
        self._refusal = ""
        self.curl.setopt(pycurl.URL, url)
        known = bool(request.etag or request.last_modified)
        self._conditional = known and not request.data
        self._approach.begin(url, request)
        self._set_method(request)

    def end(self, code: int, words: str) -> Failure | None:
        """Return what went wrong; None for a document, "unchanged" or a redirect."""
        self._close_sockets()
        problem = self.answer.finish()
        # In a failed answer, the status in the headers may be a proxy's.
        status = self.curl.getinfo(pycurl.RESPONSE_CODE) if code else self.answer.status
        if status == 200:
            by_us = problem is not None or self.answer.is_cut
            stopped = code == pycurl.E_WRITE_ERROR and by_us
            return problem if stopped or not code else self._failure(code, words)
        if status in REDIRECTS:
            self.target = self.curl.getinfo(pycurl.REDIRECT_URL) or ""
        if self.target or (status == 304 and self._conditional):
            return None
        if status == 401 and self._approach.asks_for_digest(self.url):
            self.again = True
            return None
        return self._bad_status(status) if status else self._failure(code, words)

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

    def _set_method(self, request: Request) -> None:
        if request.data:
            self.curl.setopt(pycurl.POSTFIELDS, request.data)
        elif self._posted:
            self.curl.setopt(pycurl.HTTPGET, 1)
        self._posted = bool(request.data)

    def _open_socket(self, _purpose: int, target: Any) -> socket.socket | int:
        """Dial, or refuse to; pycurl duplicates the socket and leaves us ours."""
        address, port = target.addr[:2]
        host = self._proxy.host if self._proxy is not None else hostname(self.url)
        self._refusal = self._guard.refuses(host, address, port)
        if self._refusal:
            return int(pycurl.SOCKET_BAD)
        opened = socket.socket(target.family, target.socktype, target.protocol)
        self._sockets.append(opened)
        return opened

    def _bad_status(self, status: int) -> Failure:
        told = advice(status, self.url, self._entrance)
        return from_status(status, self.answer.headers, self._policy, advice=told)

    def _failure(self, code: int, words: str) -> Failure:
        host = hostname(self.url)
        if self._proxy is not None:
            failure = self._proxy_failure(self._proxy, code, words, host)
            if failure is not None:
                return failure
        if code == pycurl.E_COULDNT_CONNECT and self._refusal:
            return Failure(self._refusal)
        if code == pycurl.E_OPERATION_TIMEDOUT:
            seconds = self.curl.getinfo(pycurl.TOTAL_TIME)
            return from_timeout(words, host=host, seconds=seconds, policy=self._policy)
        os_errno = self.curl.getinfo(pycurl.OS_ERRNO)
        return from_curl(code, words, host=host, limit=self._limit, os_errno=os_errno)

    def _proxy_failure(
        self, proxy: Proxy, code: int, words: str, host: str
    ) -> Failure | None:
        if code == pycurl.E_COULDNT_CONNECT and self._refusal:
            return proxy.refusal(self._refusal)
        return proxy.failure(self.curl, code, words, host=host)
