"""Puts what went wrong into words for staff, and says whether to try again."""

import datetime as dt
import errno
import http
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

import pycurl

from harvests.pipeline.types import FetchPolicy

NO_LIMIT: Final = 1_000
STAYS: Final = "if it stays so, tell the provider"
TOO_LARGE: Final = 100  # CURLE_TOO_LARGE: a header; pycurl has no name for it
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
BUSY: Final = frozenset({429, 503})
PASSING: Final = frozenset({429, 500, 502, 503, 504})
ADVICE: Final = {
    204: "it has no content",
    206: "it sent a part of the document only",
    **dict.fromkeys(REDIRECTS, "it redirects, but does not say where to"),
    304: "it says 'unchanged' although we hold no copy; that is a fault of the server",
    401: (
        "it needs a login; enter it at the source's access settings, or ask the "
        "provider for open access"
    ),
    403: "ask the provider to allow our User-Agent ({agent}) and our address",
    404: "the document is gone or the link is wrong; tell the provider",
    407: "our own proxy wants a login",
    410: "the document was removed for good; tell the provider",
    429: "it gets more requests than it likes; allow fewer connections",
    501: "it does not take such requests; check the address and the kind of the source",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One try that failed. `tries` is how many make sense at all.

    `silent`: the host gave no answer that counts, so that it may be given up.
    `wait` are the seconds for which it asked to be left alone.
    """

    reason: str
    status: int = 0
    tries: int = 1
    silent: bool = False
    wait: float = 0.0


def _silent(reason: str, tries: int = NO_LIMIT) -> Failure:
    return Failure(reason, tries=tries, silent=True)


FAILURES: Final = {
    pycurl.E_COULDNT_RESOLVE_PROXY: _silent("the name of our own proxy is unknown", 2),
    pycurl.E_COULDNT_RESOLVE_HOST: _silent(
        "the name {host} is unknown; check the address", 2
    ),
    pycurl.E_GOT_NOTHING: _silent(
        f"{{host}} closed the connection without an answer; {STAYS}"
    ),
    pycurl.E_SEND_ERROR: _silent(
        f"the connection to {{host}} broke ({{words}}); {STAYS}"
    ),
    pycurl.E_RECV_ERROR: _silent(
        f"the connection to {{host}} broke ({{words}}); {STAYS}"
    ),
    pycurl.E_SSL_CONNECT_ERROR: _silent(
        f"{{host}} broke off the TLS handshake ({{words}}); {STAYS}"
    ),
    pycurl.E_SSL_CACERT_BADFILE: Failure(
        "our own list of certificate authorities cannot be read ({words})"
    ),
    pycurl.E_PARTIAL_FILE: Failure(
        f"the answer was cut short ({{words}}); {STAYS}", tries=NO_LIMIT
    ),
    **dict.fromkeys(
        (pycurl.E_HTTP2, 92),
        Failure(f"{{host}} broke off the answer ({{words}}); {STAYS}", tries=NO_LIMIT),
    ),
    pycurl.E_FILESIZE_EXCEEDED: Failure(
        "it is larger than {limit:,} bytes, our limit; ask the provider to split it"
    ),
    pycurl.E_UNSUPPORTED_PROTOCOL: Failure(
        "{host} does not speak HTTP as we know it ({words}); check the address"
    ),
    pycurl.E_FTP_WEIRD_SERVER_REPLY: Failure(
        "{host} answered something that is not HTTP ({words}); check the address"
    ),
    pycurl.E_URL_MALFORMAT: Failure("the address is malformed ({words})"),
    TOO_LARGE: Failure("{host} sent headers larger than libcurl takes"),
}
CERTIFICATES: Final = (
    ("has expired", "is out of date"),
    ("not yet valid", "is not valid yet"),
    ("self-signed", "is signed by nobody that we trust (self-signed)"),
    ("self signed", "is signed by nobody that we trust (self-signed)"),
    ("local issuer", "is signed by an authority that we do not know"),
    ("subject name", "is for another host"),
    ("subjectAltName", "is for another host"),
)


def from_curl(
    code: int, words: str, *, host: str, limit: int, os_errno: int
) -> Failure:
    """Translate an error of libcurl, but for timeouts."""
    if code == pycurl.E_PEER_FAILED_VERIFICATION:
        return _silent(_certificate(words, host), 1)
    if code == pycurl.E_COULDNT_CONNECT:
        return _silent(_unconnected(words, host, os_errno))
    known = FAILURES.get(code, Failure("{words}", tries=NO_LIMIT))
    reason = known.reason.format(host=host, words=_clean(words), limit=limit)
    return Failure(reason, tries=known.tries, silent=known.silent)


def from_timeout(
    words: str, *, host: str, seconds: float, policy: FetchPolicy
) -> Failure:
    """Tell the three timeouts apart."""
    if seconds >= policy.total_timeout:
        reason = f"it was not complete after {policy.total_timeout:g} seconds"
    elif "too slow" in words:
        reason = f"{host} sent nothing to speak of for {policy.idle_timeout:g} seconds"
    else:
        reason = (
            f"{host} did not accept a connection in {policy.connect_timeout:g} seconds"
        )
    return _silent(f"{reason}; {STAYS}")


def from_status(
    status: int, headers: Mapping[str, str], policy: FetchPolicy, *, advice: str = ""
) -> Failure:
    """Translate a status that is no success; `advice` if we know better than usual."""
    trouble = f"the server is in trouble; {STAYS}"
    other = trouble if status >= 500 else "we can make nothing of that"
    usual = ADVICE.get(status, other)
    answer = f"{status} {_phrase(status)}".strip()
    return Failure(
        f"the server answered {answer}: "
        + (advice or usual.format(agent=policy.user_agent)),
        status=status,
        tries=NO_LIMIT if status in PASSING else 1,
        silent=status in BUSY,
        wait=min(_retry_after(headers), policy.max_retry_after),
    )


def _certificate(words: str, host: str) -> str:
    for sign, meaning in CERTIFICATES:
        if sign in words:
            return f"the TLS certificate of {host} {meaning}; tell the provider"
    return f"the TLS certificate of {host} was not accepted ({_clean(words)})"


def _unconnected(words: str, host: str, os_errno: int) -> str:
    if os_errno == errno.ECONNREFUSED:
        return f"{host} refused the connection; is the server up?"
    return f"no connection to {host} ({_clean(words)})"


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


def _retry_after(headers: Mapping[str, str]) -> float:
    """Return seconds; the header holds those or a date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "")
    if value.isdecimal():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    if date.tzinfo is None:
        date = date.replace(tzinfo=dt.UTC)
    return max(0.0, (date - dt.datetime.now(dt.UTC)).total_seconds())


def _clean(words: str) -> str:
    return "".join(letter for letter in words if letter.isprintable())[:200]
