"""The proxy of a source: how it is written, set, and named when it fails."""

import re
from typing import Final
from urllib.parse import unquote, urlsplit

import pycurl

from harvests.pipeline.fetching.errors import NO_LIMIT, Failure

PROXY: Final = re.compile(
    r"(?:https?|socks5h?)://(?:[^/?#\[\]]*@)?"
    r"(?:[a-z0-9.\-_]+|\[[0-9a-f:.]+\]):([0-9]{1,5})/?",
    re.IGNORECASE,
)
SCHEMES: Final = ("http://", "https://", "socks5://")
REFUSED: Final = 97  # CURLE_PROXY: SOCKS said no; pycurl has no name for it
UNREACHED: Final = (pycurl.E_COULDNT_CONNECT, pycurl.E_COULDNT_RESOLVE_PROXY)


def check_proxy(url: str) -> str:
    """Say why a proxy cannot be used, "" if it can or there is none."""
    parts = PROXY.fullmatch(url) if url.isascii() and url.isprintable() else None
    if not url or (parts is not None and 0 < int(parts[1]) < 65536):
        return ""
    return f"a proxy is written {', '.join(SCHEMES[:-1])} or {SCHEMES[-1]}HOST:PORT"


class Proxy:
    """A proxy whose URL `check_proxy` found good."""

    LOGIN: Final = "the proxy wants a login: check the proxy of the source"

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self._login, _, self.place = parts.netloc.rpartition("@")
        # The proxy looks up the names: it may know more of them than we do.
        scheme = "socks5h" if parts.scheme == "socks5" else parts.scheme
        self._url = f"{scheme}://{self.place}"

    def prepare(self, curl: pycurl.Curl) -> None:
        """Send all that the handle asks for through the proxy."""
        curl.setopt(pycurl.PROXY, self._url)
        curl.setopt(pycurl.NOPROXY, "")
        curl.setopt(pycurl.HEADEROPT, pycurl.HEADER_SEPARATE)
        if self._login:
            user, _, password = self._login.partition(":")
            curl.setopt(pycurl.PROXYUSERNAME, unquote(user).encode())
            curl.setopt(pycurl.PROXYPASSWORD, unquote(password).encode())

    def failure(
        self, curl: pycurl.Curl, code: int, words: str, *, host: str
    ) -> Failure | None:
        """Return what the proxy is to blame for, None if it is not."""
        answered = curl.getinfo(pycurl.HTTP_CONNECTCODE)
        if answered == 407:
            return Failure(self.LOGIN, silent=True)
        if answered >= 300 or code == REFUSED:
            said = f"it answered {answered}" if answered else words
            return self._failure(f"would not connect us to {host} ({said})")
        late = code == pycurl.E_OPERATION_TIMEDOUT
        if late and not curl.getinfo(pycurl.REQUEST_SIZE):
            return self._unreached(f"or {host} through it: {words}")
        if code in UNREACHED or curl.getinfo(pycurl.PROXY_SSL_VERIFYRESULT):
            return self._unreached(words)
        return None

    def refusal(self, reason: str) -> Failure:
        """Return the failure of a proxy that may not be dialled."""
        return Failure(f"could not reach the source's proxy {self.place}: {reason}")

    def _unreached(self, words: str) -> Failure:
        reason = f"could not reach the source's proxy {self.place} ({words})"
        return Failure(reason, tries=NO_LIMIT, silent=True)

    def _failure(self, what: str) -> Failure:
        reason = f"the source's proxy {self.place} {what}"
        return Failure(reason, tries=NO_LIMIT, silent=True)
