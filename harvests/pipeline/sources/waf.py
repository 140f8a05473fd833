"""Gathers records from a web accessible folder: listings linked to one another."""

import io
from collections import deque
from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.parse import parse_qs, unquote, urlsplit

from harvests.pipeline.errors import FetchError, GatherError
from harvests.pipeline.sources.file_names import by_address
from harvests.pipeline.sources.listing import Entry, Listing, read_listing
from harvests.pipeline.sources.listing_links import as_folder, folder_of, is_within
from harvests.pipeline.sources.omissions import Omissions
from harvests.pipeline.sources.pages import PageFetcher
from harvests.pipeline.types import Page, Plan, Recognition, RemoteRecord, Sample


def gather(plan: Plan, fetcher: PageFetcher) -> Iterator[RemoteRecord]:
    """Yield the records below `plan.url`, the nearest folders first.

    Links to a THREDDS server's ISO service (thredds/iso/…) on the same host count
    as records, as they did for the predecessor. A record comes twice if two pages
    link to it. Raises one GatherError after the
    last record if anything was left out, at once if `url` itself lists nothing.
    """
    walk = _Walk(plan, fetcher)
    yield from walk.read_root()
    yield from walk.read_folders()
    walk.finish()


def recognise(sample: Sample) -> Recognition | None:
    """Tell a listing from any other page by the records and folders it shows."""
    page = Page(sample.url, sample.content_type, io.BytesIO(sample.head))
    records = folders = 0
    with suppress(GatherError):  # it is only the beginning of the page
        for entry in read_listing(page, scope=sample.url):
            folders += entry.is_folder
            records += not entry.is_folder
    if not records and not folders:
        return None
    reason = f"the page lists {records} records and {folders} folders at its start"
    return Recognition(reason, sample.url)


class _Walk:
    """One way through the folders of a source."""

    def __init__(self, plan: Plan, fetcher: PageFetcher) -> None:
        self._url = self._root = plan.url
        self._fetcher = fetcher
        self._limits = plan.limits
        self._omissions = Omissions(plan.limits)
        self._folders: deque[str] = deque()
        self._met: set[str] = set()
        self._root_level = self._records = 0

    def read_root(self) -> Iterator[RemoteRecord]:
        try:
            page = self._fetcher.page(self._url)
        except FetchError as error:
            raise GatherError(str(error), url=self._url) from error
        if _host(page.url) != _host(self._url):
            page.file.close()
            raise GatherError(
                f"{self._url} redirects to {page.url}, on another host: nothing was "
                "read. If the records have moved there, give the source that address.",
                url=self._url,
            )
        self._root = page.url
        self._root_level = _level(page.url)
        self._met.add(_key(page.url))
        listing = Listing(page, scope=page.url)
        with closing(page.file):
            try:
                yield from self._read(listing)
            except GatherError as error:
                self._omissions.cut(str(error))
        if not listing.has_entries:
            raise GatherError(self._complaint(listing), url=self._url)

    def read_folders(self) -> Iterator[RemoteRecord]:
        pages = 1
        while self._folders and not self._omissions.is_full:
            folder = self._folders.popleft()
            if pages >= self._limits.pages:
                self._omissions.skip_unread(folder)
                continue
            pages += 1
            try:
                yield from self._read_folder(folder)
            except (FetchError, GatherError) as error:
                self._omissions.fail(str(error))

    def finish(self) -> None:
        """Raise the GatherError that says what was left out, if anything was."""
        sentences = self._omissions.sentences(self._root)
        if not self._records:
            sentences.append(f"{self._root} and its folders list no XML record.")
        if sentences:
            raise GatherError(" ".join(sentences), url=self._url)

    def _complaint(self, listing: Listing) -> str:
        """Say why the root is no listing: it broke off, or it is another page."""
        sentences = self._omissions.sentences(self._root)
        return " ".join(sentences) or (
            f"{self._root} answered with a page ({listing.description}) that lists no "
            "XML record or folder. Give the address of the folder whose listing shows "
            "the records; if this is it, tell the provider."
        )

    def _read_folder(self, folder: str) -> Iterator[RemoteRecord]:
        page = self._fetcher.page(folder)
        with closing(page.file):
            if self._is_new(folder, page.url):
                listing = Listing(page, scope=self._root)
                yield from self._read(listing)
                _check(listing, folder)

    def _read(self, listing: Listing) -> Iterator[RemoteRecord]:
        for entry in listing:
            if entry.is_folder:
                self._remember(entry.url)
            elif self._records >= self._limits.records:
                self._omissions.is_full = True
                return
            else:
                self._records += 1
                yield _record(entry)

    def _remember(self, folder: str) -> None:
        key = _key(folder)
        if key in self._met:
            return
        self._met.add(key)
        if _level(folder) - self._root_level > self._limits.depth:
            self._omissions.skip_deep(folder)
        elif len(self._folders) > self._limits.pages:
            self._omissions.skip_unread(folder)
        else:
            self._folders.append(folder)

    def _is_new(self, folder: str, url: str) -> bool:
        """Tell whether the page at `url`, to which `folder` led, is to be read.

        A redirect may lead to a folder that another link leads to as well. One that
        leads up or out of the source hides a missing folder, and is an error.
        """
        if _key(folder) == _key(url):
            return True
        home = folder_of(url)
        is_above = _key(folder).startswith(_key(home) + "/")
        if is_above or not is_within(url, self._root):
            raise GatherError(f"{folder} redirects to {url}, which is not below it.")
        if _key(folder) == _key(home):
            return True
        is_new = _key(url) not in self._met
        self._met.add(_key(url))
        return is_new


def _check(listing: Listing, folder: str) -> None:
    """Raise GatherError if the page in place of `folder` is no listing at all."""
    is_document = not listing.is_listing and folder.endswith("/")
    if is_document or (listing.asks_password and not listing.has_entries):
        raise GatherError(
            f"{folder} answered with a page ({listing.description}) that is no listing."
        )


def _record(entry: Entry) -> RemoteRecord:
    """Return the record, under the name that the predecessor gave it."""
    return RemoteRecord(entry.url, by_address(entry.url), entry.modified, entry.size)


def _key(url: str) -> str:
    """Return what tells folders apart: neither scheme nor final slash matters."""
    return unquote(url.partition("://")[2]).rstrip("/")


def _host(url: str) -> str:
    """Return the host alone: a server may send us from http to https."""
    return urlsplit(url).hostname or ""


def _level(url: str) -> int:
    """Count the folders in the path, and in the prefix that asks a bucket for one."""
    prefix = parse_qs(urlsplit(url).query).get("prefix", [""])[0]
    return urlsplit(as_folder(url)).path.count("/") + prefix.count("/")
