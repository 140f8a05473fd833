"""What goes with a request: its headers, and what is for the source's own host only.

A handle serves one host after the other: each request sets or takes back all of it.
"""

from typing import Final

import pycurl

from harvests.pipeline.fetching.access import Entrance
from harvests.pipeline.fetching.tls import trust
from harvests.pipeline.types import Request

XML: Final = b"Content-Type: application/xml"


class Approach:
    """The headers, login and TLS verification of one handle."""

    def __init__(
        self, curl: pycurl.Curl, accept: str, entrance: Entrance | None
    ) -> None:
        self._curl = curl
        self._entrance = entrance
        usual = {"accept": f"Accept: {accept}"}
        self._usual = _lines(usual)
        self._digesting = False
        self._verifying = True
        self._last: list[bytes] | None = None
        curl.setopt(pycurl.CAINFO, trust())
        if entrance is not None:
            self._prepare(entrance, usual)

    def begin(self, url: str, request: Request) -> None:
        """Prepare the handle for a request; most need nothing new."""
        base = self._usual
        if self._entrance is not None:
            base = self._dress(self._entrance, url)
        special = _special(request)
        if special or self._last is not base:
            self._curl.setopt(pycurl.HTTPHEADER, [*base, *special])
        self._last = None if special else base

    def asks_for_digest(self, url: str) -> bool:
        """Note if a 401 was no refusal, but a wish for the other kind of login."""
        entrance = self._entrance
        if entrance is None or not entrance.basic or not entrance.owns(url):
            return False
        offered = self._curl.getinfo(pycurl.HTTPAUTH_AVAIL)
        known = pycurl.HTTPAUTH_DIGEST | pycurl.HTTPAUTH_BASIC
        if self._digesting or offered & known != pycurl.HTTPAUTH_DIGEST:
            return False
        entrance.digest = True
        return True

    def _prepare(self, entrance: Entrance, usual: dict[str, str]) -> None:
        own = usual | entrance.headers
        self._digested = _lines(own)
        self._own = _lines(own | {"authorization": entrance.login})
        if entrance.proxy is not None:
            entrance.proxy.prepare(self._curl)
            self._curl.setopt(pycurl.PROXY_CAINFO, trust())
        if entrance.bundle:
            self._curl.setopt(pycurl.CAINFO_BLOB, entrance.bundle)
            self._curl.setopt(pycurl.PROXY_CAINFO_BLOB, entrance.bundle)

    def _dress(self, entrance: Entrance, url: str) -> list[bytes]:
        """Return the headers for the URL's host; set what else is for it."""
        self._set_verification(entrance.verifies(url))
        own = entrance.owns(url)
        self._set_digest(entrance, on=own and entrance.digest)
        if not own:
            return self._usual
        return self._digested if self._digesting else self._own

    def _set_verification(self, on: bool) -> None:
        if on is not self._verifying:
            self._curl.setopt(pycurl.SSL_VERIFYPEER, int(on))
            self._curl.setopt(pycurl.SSL_VERIFYHOST, 2 if on else 0)
        self._verifying = on

    def _set_digest(self, entrance: Entrance, *, on: bool) -> None:
        curl = self._curl
        if on and not self._digesting:
            curl.setopt(pycurl.HTTPAUTH, pycurl.HTTPAUTH_DIGEST)
            curl.setopt(pycurl.USERNAME, entrance.username)
            curl.setopt(pycurl.PASSWORD, entrance.password)
        elif self._digesting and not on:
            curl.unsetopt(pycurl.USERNAME)
            curl.unsetopt(pycurl.PASSWORD)
            curl.setopt(pycurl.HTTPAUTH, pycurl.HTTPAUTH_BASIC)
        self._digesting = on


def _lines(headers: dict[str, str]) -> list[bytes]:
    lines = [*headers.values(), "Accept-Encoding: gzip, deflate"]
    return [line.encode("ascii") for line in lines if line]


def _special(request: Request) -> list[bytes]:
    """Return the headers of this request alone; a POST has no conditions."""
    if request.data:
        return [XML]
    conditions = []
    if request.etag.isprintable() and request.etag:
        conditions.append(f"If-None-Match: {request.etag}".encode("latin-1", "ignore"))
    if request.last_modified.isprintable() and request.last_modified:
        line = f"If-Modified-Since: {request.last_modified}"
        conditions.append(line.encode("latin-1", "ignore"))
    return conditions
