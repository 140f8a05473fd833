"""Reads listings that tests hold in memory, as `Fetcher` would hand them over."""

from io import BytesIO

from harvests.pipeline.fetching.urls import dialable
from harvests.pipeline.sources.listing import Entry, Listing
from harvests.pipeline.types import Page

ROOT = "http://h/waf/"


def listing(
    body: bytes | str,
    url: str = ROOT,
    *,
    scope: str | None = None,
    content_type: str = "text/html",
) -> Listing:
    file = BytesIO(body.encode() if isinstance(body, str) else body)
    return Listing(Page(url, content_type, file), scope=scope or url)


def entries(
    body: bytes | str,
    url: str = ROOT,
    *,
    scope: str | None = None,
    content_type: str = "text/html",
) -> list[Entry]:
    return list(listing(body, url, scope=scope, content_type=content_type))


def urls(
    body: bytes | str,
    url: str = ROOT,
    *,
    scope: str | None = None,
    content_type: str = "text/html",
) -> list[str]:
    found = entries(body, url, scope=scope, content_type=content_type)
    return [dialable(entry.url) for entry in found]


def words(entry: Entry, base: str) -> str:
    """Return an entry in the words of `corpus_listings.json`.

    That is: its URL below `base` as it is asked for, " DIR" if a folder lacks its
    slash, date, size.
    """
    parts = [dialable(entry.url).removeprefix(base)]
    if entry.is_folder and not entry.url.endswith("/"):
        parts.append("DIR")
    if entry.modified is not None:
        parts.append(entry.modified.isoformat())
    if entry.size is not None:
        parts.append(str(entry.size))
    return " ".join(parts)
