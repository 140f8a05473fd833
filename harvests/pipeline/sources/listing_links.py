"""Links of a listing: which of them lead to its records and folders."""

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple
from urllib.parse import (
    parse_qsl,
    quote,
    unquote,
    urldefrag,
    urlencode,
    urljoin,
    urlsplit,
    urlunsplit,
)

PORTS: Final = {"http": 80, "https": 443}
_PLAIN: Final = re.compile(  # a name that `urljoin` would only append
    r"[A-Za-z0-9_](?:[A-Za-z0-9_.~-]|%(?:2[0-9A-Da-d]|[389A-Fa-f][0-9A-Fa-f]))*/?"
)
_SESSION: Final = re.compile(r";jsessionid=[^/?]*", re.IGNORECASE)
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f\\]|//|(?:^|/)\.\.?(?:/|$)")
_THREDDS: Final = "thredds/iso/"


@dataclass(frozen=True, slots=True)
class Entry:
    """One record or folder that a listing shows.

    `modified` is naive, as in the listing; `size` is in bytes, None where the
    listing rounds it.
    """

    url: str
    is_folder: bool
    modified: dt.datetime | None = None
    size: int | None = None


class ListingError(Exception):
    """A listing breaks off or breaks its format; `Listing` names it to people."""


class Shape(Enum):
    """What a link's address alone tells."""

    RECORD = "ends in .xml"
    FOLDER = "ends in a slash"
    OTHER = "a file, or a folder without its slash"


class Link(NamedTuple):
    """An address below the page's folder, as published."""

    url: str
    shape: Shape

    @property
    def file(self) -> str:
        """The URL without its query, if that still names the record."""
        bare = self.url.partition("?")[0]
        return bare if _shape(bare) is Shape.RECORD else self.url


class Links:
    """Resolves the links of the page at `page_url`; refuses what is not below it.

    The page may be a folder that has lost its slash (/waf for /waf/): then relative
    links may lead below its parent, where browsers look for them, absolute ones
    only below itself, or the site's navigation would pass for subfolders.
    """

    def __init__(self, page_url: str, scope: str) -> None:
        self._page = page_url
        self._base = page_url
        self._host = _host(page_url)
        self._near = unquote(urlsplit(as_folder(page_url)).path)
        self._around = unquote(urlsplit(folder_of(page_url)).path)
        self._prefix = folder_of(page_url)
        self._path = urlsplit(as_folder(page_url)).path
        self._origin = as_folder(page_url).removesuffix(self._path)
        self._inside = self._host is not None and is_within(page_url, scope)
        self._based = False

    def rebase(self, href: str) -> None:
        """Resolve later links against a `<base>`; the first one counts."""
        if not self._based:
            self._based = True
            self._base = _join(self._page, href) or self._page

    def child(self, name: str, *, is_folder: bool) -> str | None:
        """Return the URL of the file or folder `name` of this page's folder."""
        path = name.rstrip("/")
        if not path or not self._inside or _FORBIDDEN.search("/" + path):
            return None
        url = as_folder(self._page) + quote(
            path, safe="/~!$&'()*+,;=:@", errors="replace"
        )
        return url + "/" if is_folder else url

    def with_query(self, change: Mapping[str, str], drop: Collection[str]) -> str:
        """Return this page's URL with some of its query changed and dropped."""
        parts = urlsplit(self._page)
        kept = [pair for pair in parse_qsl(parts.query) if pair[0] not in drop]
        query = urlencode({**dict(kept), **change})
        return urlunsplit((*parts[:3], query, ""))

    def resolve(self, href: str) -> Link | None:
        """Return where `href` leads, None if that is no entry of this listing."""
        if not self._inside:
            return None
        if not self._based:
            if _PLAIN.fullmatch(href):
                return Link(self._prefix + href, _shape(href))
            if href.startswith(self._path) and _PLAIN.fullmatch(href, len(self._path)):
                return Link(self._origin + href, _shape(href))
        return self._resolve(href.strip())

    def _resolve(self, href: str) -> Link | None:
        url = _join(self._base, href)
        if url is None or _host(url) != self._host:
            return None
        parts = urlsplit(url)
        if _THREDDS in parts.path:
            return Link(url, Shape.RECORD)
        path = unquote(parts.path)
        is_relative = not href.startswith("/") and "://" not in href
        folder = self._around if is_relative else self._near
        below = path.removeprefix(folder)
        if below in {path, ""} or _FORBIDDEN.search("/" + below):
            return None
        shape = _shape(path)
        if path == self._near or (parts.query and shape is not Shape.RECORD):
            return None
        return Link(url, shape)


def folder_of(url: str) -> str:
    """Return `url` up to the last slash of its path."""
    return urljoin(url, ".")


def as_folder(url: str) -> str:
    """Return the folder that `url` lists: /waf/ for /waf and for /waf/x.html."""
    path = urlsplit(url).path
    if path.endswith("/") or "." in path.rpartition("/")[2]:
        return folder_of(url)
    return urljoin(url, path or "/").rstrip("/") + "/"


def is_within(url: str, scope: str) -> bool:
    """Tell whether `url` is the folder of `scope` or lies below it."""
    folder = unquote(urlsplit(folder_of(scope)).path)
    path = unquote(urlsplit(url).path)
    return _host(url) == _host(scope) and (path or "/").startswith(folder)


def _shape(path: str) -> Shape:
    if path.endswith("/"):
        return Shape.FOLDER
    return Shape.RECORD if path[-4:].lower() == ".xml" else Shape.OTHER


def _host(url: str) -> tuple[str, int | None] | None:
    """Return host and port, alike for http and https; None for other schemes."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # http://[half/an/address
        return None
    if parts.scheme not in PORTS or not parts.hostname:
        return None
    return parts.hostname, None if port == PORTS[parts.scheme] else port


def joined(base: str, href: str) -> str:
    """Return `href` in full, less a login that is not that of `base`.

    Raises ValueError. What a page says is neither stored nor sent as a login.
    """
    return without_login(urljoin(base, href), base)


def without_login(url: str, base: str) -> str:
    """Return `url` less a login that is not that of `base`. Raises ValueError."""
    place = urlsplit(url).netloc
    login, at, host = place.rpartition("@")
    if not at or urlsplit(base).netloc.startswith(f"{login}@"):
        return url
    return url.replace(place, host, 1)


def _join(base: str, href: str) -> str | None:
    """Return `href` in full as `joined` gives it, less fragment and session id.

    Blanks and the like stay as they are, for the predecessor named its files by the
    address as published; the fetcher escapes what it sends.
    """
    try:
        url = urldefrag(joined(base, href)).url
        url.encode()
    except ValueError:  # or half a surrogate pair, as JSON may hold
        return None
    return _SESSION.sub("", url)
