"""Addresses of a catalogue service: cleaned, compared, and built. Asks nobody."""

import re
from typing import Final
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from harvests.pipeline.sources.csw_names import digest

GMD: Final = "http://www.isotc211.org/2005/gmd"
LONGEST: Final = 1_000  # characters of an identifier: rows hold it
_READABLE: Final = 100
# What a request to a catalogue service may say; anything else, such as MapServer's
# `map=`, belongs to its address.
_WORDS: Final = """
    service request version acceptversions acceptformats sections updatesequence
    outputschema outputformat elementsetname elementname typename typenames
    resulttype maxrecords startposition constraint constraintlanguage
    constraint_language_version namespace sortby requestid distributedsearch
    hopcount responsehandler jsessionid
"""
_SPOKEN: Final = frozenset(_WORDS.split())
_SESSION: Final = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_CAPABILITIES: Final = (
    ("service", "CSW"),
    ("request", "GetCapabilities"),
    ("version", "2.0.2"),
)
_USUAL: Final = (
    "csw",
    "geonetwork/srv/eng/csw",
    "srv/eng/csw",
    "geoportal/csw",
    "geoserver/csw",
    "deegree/services/csw",
    "pycsw/csw.py",
    "catalogue/csw",
    "",
)


def cleaned(url: str) -> str:
    """Return the service's address without what somebody asked of it, and when."""
    parts = urlsplit(url.strip())
    pairs = [pair for pair in parts.query.split("&") if pair]
    names = {_name(pair) for pair in pairs}
    spoken = _SPOKEN | {"id"} if "request" in names else _SPOKEN
    kept = "&".join(pair for pair in pairs if _name(pair) not in spoken)
    path = _SESSION.sub("", parts.path)
    return parts._replace(path=path, query=kept, fragment="").geturl()


def asking(endpoint: str, pairs: tuple[tuple[str, str], ...]) -> str:
    """Return the address of a request by GET."""
    glue = "&" if urlsplit(endpoint).query else "?"
    return f"{endpoint}{glue}{urlencode(pairs, quote_via=quote, safe=':/(),')}"


def capabilities_url(url: str, *, version: bool = True) -> str:
    return asking(cleaned(url), _CAPABILITIES if version else _CAPABILITIES[:2])


def record_url(endpoint: str, identifier: str, *, version: str = "2.0.2") -> str:
    """Return the address of one record at that endpoint."""
    glue = "&" if urlsplit(endpoint).query else "?"
    name = quote(identifier, safe="", errors="replace")
    return (
        f"{endpoint}{glue}service=CSW&version={version}&request=GetRecordById"
        f"&id={name}&elementSetName=full&outputSchema={GMD}"
    )


def identity_url(source: str, identifier: str) -> str:
    """Return the address by which a record is known from run to run.

    It depends on the source's address alone: what the service says of itself changes
    with its moods, and the record must not become another one with it.
    """
    home = cleaned(source)
    if len(identifier) <= LONGEST:
        return record_url(home, identifier)
    mark = digest(identifier.encode(errors="replace"))
    return f"{record_url(home, identifier[:_READABLE])}#{mark}"


def endpoint(given: str, named: str) -> tuple[str, str]:
    """Choose the address to ask: (address, the one that was named but not taken).

    Servers behind a proxy name hosts that only they can reach, and credentials go to
    their own host: what is named counts on the host of the given address only.
    """
    if not named:
        return given, ""
    if not same_host(given, named):
        return given, named
    ours, theirs = urlsplit(given), urlsplit(named)
    if ours.scheme == theirs.scheme or theirs.scheme == "http":
        theirs = theirs._replace(scheme=ours.scheme, netloc=ours.netloc)
    return cleaned(theirs.geturl()), ""


def same_host(url: str, other: str) -> bool:
    """Tell whether both are on one host and port, be it by http or https."""
    try:
        ours, theirs = urlsplit(url), urlsplit(other)
        mine, yours = _port(ours), _port(theirs)
    except ValueError:  # no address at all: brackets, or a port that is no number
        return False
    if ours.hostname != theirs.hostname:
        return False
    return mine == yours or {mine, yours} == set(_DEFAULT_PORTS.values())


def guesses(url: str) -> tuple[str, ...]:
    """Return where the service may be: at the address itself, or where it usually is.

    The usual places are tried at the root of the host and in the first folder.
    """
    parts = urlsplit(url.strip())
    root = f"{parts.scheme}://{parts.netloc}/"
    first = parts.path.strip("/").partition("/")[0]
    homes = (root, f"{root}{first}/") if first else (root,)
    places = (cleaned(url), *(home + place for place in _USUAL for home in homes))
    return tuple(dict.fromkeys(capabilities_url(place) for place in places))


def _name(pair: str) -> str:
    return pair.partition("=")[0].lower()


def _port(parts: SplitResult) -> int:
    return parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
