"""What is for the source's own host alone: its login, its headers, its lax TLS.

Nobody else gets to see them: the scheme, host and port of each request decide.
"""

import base64
import re
from typing import Final
from urllib.parse import urlsplit

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetching.proxy import Proxy, check_proxy
from harvests.pipeline.fetching.tls import bundle, check_certificates
from harvests.pipeline.fetching.urls import CREDENTIALS, UnfitURLError, dialable, shown
from harvests.pipeline.types import Access

Origin = tuple[str, str, int]

PORTS: Final = {"http": 80, "https": 443}
NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+", re.IGNORECASE)  # RFC 9110, 5.6.2
VALUE: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")
TOKEN: Final = re.compile(r"[!-~]+")
OURS: Final = frozenset(
    (
        *("accept-encoding", "content-encoding", "content-length", "content-type"),
        *("connection", "expect", "host", "keep-alive", "te", "trailer", "upgrade"),
        *("if-modified-since", "if-none-match", "if-range", "range"),
        *("proxy-authorization", "proxy-connection", "transfer-encoding"),
    )
)
REFUSED: Final = (
    "it refused the login; check user name and password, or the token, of the source"
)


def check_header(name: str, value: str) -> str:
    """Say why a source may not have this header, "" if it may.

    Quotes neither value nor odd names: people paste a secret into either.
    """
    if not NAME.fullmatch(name):
        return "the name of a header is made of letters, digits and hyphens alone"
    if name.lower() in OURS:
        return f"the header {name} is for the harvester to set; leave it out"
    if not VALUE.fullmatch(value):
        return f"the value of the header {name} must be one line of ASCII characters"
    return ""


def check_login(username: str, password: str, token: str) -> str:
    """Say why a login cannot be sent, "" if it can or there is none."""
    if ":" in username:
        return "a user name for HTTP Basic may not hold a colon"
    if not (username + password).isprintable():
        return "user name and password may not hold control characters"
    if token and not TOKEN.fullmatch(token):
        return "the token must be ASCII characters without blanks"
    return ""


def check_access(access: Access) -> str:
    """Say what is wrong with access settings, "" if nothing is."""
    found = [check_header(name, value) for name, value in access.headers]
    found.append(check_login(access.username, access.password, access.token))
    found.append(check_certificates(access.ca_certificates))
    found.append(check_proxy(access.proxy))
    return next(filter(None, found), "")


class Entrance:
    """The access settings of one Fetcher; `digest` once the server asked for that."""

    def __init__(self, access: Access) -> None:
        problem = check_access(access)
        if problem:
            raise _unusable(access.url, problem)
        self.origins = _origins(access.url)
        self.username, self.password = access.username, access.password
        self.headers = {name.lower(): f"{name}: {v}" for name, v in access.headers}
        self.login = self.headers.get("authorization") or _login(access)
        self.basic = self.login.startswith("Authorization: Basic ")
        self.digest = False
        self.proxy = Proxy(access.proxy) if access.proxy else None
        self.bundle = bundle(access.ca_certificates)
        self._lax = "" if access.verify_tls else self.origins[0][1]

    def owns(self, url: str) -> bool:
        return origin(url) in self.origins

    def verifies(self, url: str) -> bool:
        """Say whether the certificate of the URL's host must be good."""
        return not self._lax or urlsplit(url).hostname != self._lax


def advice(status: int, url: str, entrance: Entrance | None) -> str:
    """Return what to do about a refused login, "" if the usual advice is right."""
    if status == 407 and entrance is not None and entrance.proxy is not None:
        return entrance.proxy.LOGIN
    if status != 401:
        return ""
    if entrance is None or not entrance.login:
        return REFUSED if CREDENTIALS.search(url) else ""
    if entrance.owns(url):
        return REFUSED
    scheme, host, port = entrance.origins[0]
    return f"it needs a login, and the source's is for {scheme}://{host}:{port} only"


def origin(url: str) -> Origin:
    """Return scheme, host and port of a URL that `dialable` made."""
    parts = urlsplit(url)
    port = PORTS[parts.scheme] if parts.port is None else parts.port
    return parts.scheme, parts.hostname or "", port


def _origins(url: str) -> tuple[Origin, ...]:
    """Return the source's own, and its https if it is on the usual port of http."""
    try:
        own = origin(dialable(url))
    except UnfitURLError as error:
        raise _unusable(url, str(error)) from error
    if own[0] == "http" and own[2] == PORTS["http"]:
        return own, ("https", own[1], PORTS["https"])
    return (own,)


def _login(access: Access) -> str:
    if access.token:
        return f"Authorization: Bearer {access.token}"
    if not (access.username or access.password):
        return ""
    login = f"{access.username}:{access.password}".encode()
    return f"Authorization: Basic {base64.b64encode(login).decode()}"


def _unusable(url: str, problem: str) -> FetchError:
    message = f"The access settings of {shown(url)} cannot be used: {problem}"
    return FetchError(message, url=shown(url))
