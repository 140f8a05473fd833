"""Walks through pages of one kind that lead to one another: catalogues, lists.

Breadth first, within the limits of the plan, never twice to the same page.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag, urljoin

from harvests.pipeline.errors import FetchError, GatherError
from harvests.pipeline.sources.listing_links import is_within
from harvests.pipeline.sources.omissions import Omissions
from harvests.pipeline.sources.pages import PageFetcher
from harvests.pipeline.types import Page, Plan, RemoteRecord


@dataclass(frozen=True, slots=True)
class Further:
    """The address of another page, one level below the one that names it."""

    url: str


Found = RemoteRecord | Further


@dataclass(frozen=True, slots=True)
class Manner:
    """How pages of a kind are crawled.

    `noun` is what people call one. `read` yields what a page holds and raises
    GatherError if that may not be all. `empty` says why there is no record at all.
    `roams`: pages may be on other hosts than the first one.
    """

    noun: str
    read: Callable[[Page], Iterator[Found]]
    empty: Callable[[str], str]
    roams: bool = False


class Crawl:
    """One way through the pages of a source."""

    def __init__(self, plan: Plan, fetcher: PageFetcher, manner: Manner) -> None:
        self._root = plan.url
        self._limits = plan.limits
        self._fetcher = fetcher
        self._manner = manner
        self._omissions = Omissions(plan.limits, manner.noun)
        self._waiting = deque([(plan.url, 0)])
        self._met = {_key(plan.url)}
        self._pages = self._records = 0

    def records(self) -> Iterator[RemoteRecord]:
        """Yield the records; then raise GatherError if any may have been missed."""
        while self._waiting and not self._omissions.is_full:
            url, level = self._waiting.popleft()
            if self._pages >= self._limits.pages:
                self._omissions.skip_unread(url)
                continue
            self._pages += 1
            try:
                yield from self._read(url, level)
            except (FetchError, GatherError) as error:
                self._note(error, url)
        self._finish()

    def _read(self, url: str, level: int) -> Iterator[RemoteRecord]:
        page = self._fetcher.page(url)
        with closing(page.file):
            self._check_host(url, page.url)
            for found in self._manner.read(page) if self._is_new(url, page.url) else ():
                if isinstance(found, Further):
                    self._remember(found.url, level + 1)
                elif self._records >= self._limits.records:
                    self._omissions.is_full = True
                    return
                else:
                    self._records += 1
                    yield found

    def _remember(self, url: str, level: int) -> None:
        key = _key(url)
        if key in self._met:
            return
        self._met.add(key)
        if level > self._limits.depth:
            self._omissions.skip_deep(url)
        elif len(self._waiting) > self._limits.pages:
            self._omissions.skip_unread(url)
        else:
            self._waiting.append((url, level))

    def _is_new(self, asked: str, url: str) -> bool:
        """Tell whether the page at `url`, to which `asked` led, is still to be read."""
        is_new = _key(asked) == _key(url) or _key(url) not in self._met
        self._met.add(_key(url))
        return is_new

    def _check_host(self, asked: str, url: str) -> None:
        if not self._manner.roams and not is_within(url, urljoin(asked, "/")):
            raise GatherError(
                f"{asked} redirects to {url}, on another host: it was not read. If the "
                "records have moved there, give the source that address."
            )

    def _note(self, error: FetchError | GatherError, url: str) -> None:
        if url == self._root:
            self._omissions.cut(str(error))
        else:
            self._omissions.fail(str(error))

    def _finish(self) -> None:
        sentences = self._omissions.sentences(self._root)
        if not self._records and not sentences:
            sentences.append(self._manner.empty(self._root))
        if sentences:
            raise GatherError(" ".join(sentences), url=self._root)


def _key(url: str) -> str:
    """Return what tells pages apart: the scheme does not."""
    return unquote(urldefrag(url).url.partition("://")[2])
