"""Makes a URL fit to be dialled and fit to be shown. Does not look up names."""

import re
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

# What libcurl takes as it stands; anything else goes the slow way.
CLEAN: Final = re.compile(
    r"https?://[a-z0-9.\-_:]+"
    r"(?:[/?](?:[a-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9a-f]{2})*)?",
    re.IGNORECASE,
)
SAFE: Final = "/?#[]@!$&'()*+,;=:%~"
STRAY: Final = re.compile(r"%(?![0-9a-f]{2})", re.IGNORECASE)
CREDENTIALS: Final = re.compile(r"(?<=//)[^/?#]*@")
SHOWN: Final = 500


class UnfitURLError(Exception):
    """The URL cannot be dialled; the text says why. Caught by Downloads."""


def dialable(url: str) -> str:
    """Percent-encode what must be, or raise UnfitURLError."""
    if CLEAN.fullmatch(url):
        return url
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname or "", parts.port
        name = host if host.isascii() else host.encode("idna").decode()
    except ValueError as error:
        raise UnfitURLError(f"the address is malformed ({error})") from error
    if parts.scheme not in ("http", "https"):
        raise UnfitURLError("only http and https addresses are fetched")
    if not host:
        raise UnfitURLError("the address names no host")
    user, at, place = parts.netloc.rpartition("@")
    if name != host:
        place = name if parts.port is None else f"{name}:{parts.port}"
    pieces = (user + at + place, *(STRAY.sub("%25", part) for part in parts[2:]))
    rest = [quote(part, safe=SAFE, errors="replace") for part in pieces]
    return urlunsplit((parts.scheme, *rest))


def shown(url: str) -> str:
    """Return the URL without credentials and control characters, for a message."""
    visible = "".join(letter if letter.isprintable() else "?" for letter in url)
    visible = CREDENTIALS.sub("", visible)
    return visible if len(visible) <= SHOWN else f"{visible[:SHOWN]}…"


def authority(url: str) -> str:
    """Return host and port as the URL writes them, without credentials."""
    return url.split("/", 3)[2].partition("?")[0].rpartition("@")[2].lower()


def hostname(url: str) -> str:
    return urlsplit(url).hostname or ""


def root(url: str) -> str:
    """Return the URL of the server's root, without its slash."""
    return "/".join(re.split("[/?#]", url, maxsplit=3)[:3])


def redirected(url: str, target: str) -> str:
    """Give the target the credentials of the URL if they are for the same server."""
    given, new = urlsplit(url), urlsplit(target)
    user, at, place = given.netloc.rpartition("@")
    if not at or (given.scheme, place.lower()) != (new.scheme, new.netloc.lower()):
        return target
    return urlunsplit(new._replace(netloc=f"{user}@{new.netloc}"))
