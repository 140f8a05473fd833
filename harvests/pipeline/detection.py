"""Tells what a pasted address leads to: which kind of source, and where it begins.

Asks the page, then the usual places of each kind nearby; never more than so many
requests, nor a host again that gave no answer.
"""

import io
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from itertools import chain, islice, zip_longest
from typing import Final
from urllib.parse import urljoin, urlsplit

from harvests.pipeline.deadlines import deadline
from harvests.pipeline.errors import DetectionError, GatherError
from harvests.pipeline.fetching.urls import shown
from harvests.pipeline.inquiry import Inquiry
from harvests.pipeline.pasted import Address, repair, with_slash
from harvests.pipeline.sniffing import (
    described,
    is_listing,
    printable,
    sample_of,
    software_of,
)
from harvests.pipeline.sources import SOURCES, Kind
from harvests.pipeline.sources.listing import Entry, read_listing
from harvests.pipeline.sources.pages import HeadFetcher
from harvests.pipeline.types import Page, Recognition, Sample

FOLDERS: Final = "WAF"  # takes any page with links to folders: it must prove itself
DOCUMENT: Final = "DOCUMENT"
REQUESTS: Final = 15
SECONDS: Final = 10.0
PROBED: Final = 3

Kinds = Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Detection:
    """What an address leads to; `url` is the one to register.

    `server` is what the server calls itself, `software` what made the page, "" if
    unknown. `tried` are the addresses that were asked, with what came of each.
    """

    kind: str
    url: str
    reason: str
    server: str = ""
    software: str = ""
    tried: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Find:
    """A page that a kind recognised; `asked` is the address that led to it."""

    kind: str
    recognition: Recognition
    sample: Sample
    asked: str
    note: str = ""


def detect(
    pasted: str,
    fetcher: HeadFetcher,
    *,
    stop: threading.Event | None = None,
    seconds: float = SECONDS,
    requests: int = REQUESTS,
) -> Detection:
    """Return what was meant and found; raise DetectionError if there is nothing.

    `stop` is the fetcher's: it is set when the time is up.
    """
    address = repair(pasted)
    stop = stop or threading.Event()
    search = _Search(Inquiry(fetcher, stop, requests))
    with deadline(stop, seconds):
        found = search.near(address)
    if found is None:
        raise search.failure(address, seconds)
    return search.detection(found, address)


class _Search:
    """One search."""

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry = inquiry

    def near(self, address: Address) -> _Find | None:
        """Look at the address, then at the usual places of each kind."""
        doubtful = None
        for place in (address, address.other_scheme()):
            for url in place.variants():
                found = self._look(url, SOURCES)
                if found and self._is_proved(found):
                    return self._finished(found)
                doubtful = doubtful or found
            if self._inquiry.needs_login:
                return None
            if self._inquiry.answered and not address.is_guessed:
                break
        return self._at_usual_places(address) or self._probed(doubtful)

    def detection(self, found: _Find, address: Address) -> Detection:
        """Put a find into words."""
        known, sample = found.recognition, found.sample
        return Detection(
            kind=found.kind,
            url=known.url,
            reason="; ".join(
                [known.reason, *_notes(found, address, self._inquiry.tried)]
            ),
            server=printable(sample.server),
            software=printable(known.software) or software_of(sample),
            tried=tuple(self._inquiry.tried.items()),
        )

    def failure(self, address: Address, seconds: float) -> DetectionError:
        """Say that nothing was found, and why."""
        url = shown(address.url)
        tried = tuple(self._inquiry.tried.items())
        said = [f"Found nothing to harvest at {url}: {_sentence(tried[0][1])}"]
        if others := len(tried) - 1:
            said.append(f"{others} more address{_es(others)} nearby led to nothing.")
        if self._inquiry.is_late:
            said.append(f"The search was ended after {seconds:g} seconds.")
        else:
            said.append("Give the address of a folder, catalogue or record.")
        return DetectionError(" ".join(said), url=url, tried=tried)

    def _at_usual_places(self, address: Address) -> _Find | None:
        """Look where sources often are, at the likeliest places of each kind first."""
        base = (self._inquiry.answered or [address.url])[0]
        rows = zip_longest(*(_places(name, base) for name in SOURCES))
        for name, url in filter(None, chain.from_iterable(rows)):
            if found := self._look(url, {name: SOURCES[name]}):
                asked = next(iter(self._inquiry.tried.items()))
                note = (
                    f"found at a usual place near {shown(asked[0])}, which is no "
                    f"source itself ({asked[1]})"
                )
                return replace(found, note=note)
        return None

    def _look(self, url: str, kinds: Kinds) -> _Find | None:
        """Ask for a page, unless that was done or is pointless, and each kind for it.

        A page that no kind knows is None like one that did not come.
        """
        page = self._inquiry.page(url)
        if page is None:
            return None
        with closing(page.file):
            sample = sample_of(page)
        for name, kind in kinds.items():
            if recognition := kind.recognise(sample):
                self._inquiry.tried[url] = f"{kind.label}: {recognition.reason}"
                return _Find(name, recognition, sample, url)
        self._inquiry.tried[url] = f"{described(sample)} that is no source"
        return None

    def _is_proved(self, found: _Find) -> bool:
        """Tell a listing from a page of the provider's site that links to others."""
        if found.kind != FOLDERS or is_listing(found.sample):
            return True
        return any(not entry.is_folder for entry in _entries(found.sample))

    def _probed(self, found: _Find | None) -> _Find | None:
        """Take a page of links to folders for a source if one of them is a listing."""
        if found is None:
            return None
        folders = (entry.url for entry in _entries(found.sample))
        for url in islice(folders, PROBED):
            below = self._look(url, {FOLDERS: SOURCES[FOLDERS]})
            if below and self._is_proved(below):
                return replace(found, note=f"one of them, {shown(url)}, is a listing")
        return None

    def _finished(self, found: _Find) -> _Find:
        """Add what is told of a proved find at the address itself."""
        if found.kind == FOLDERS and (slashed := with_slash(found.recognition.url)):
            return self._look(slashed, {FOLDERS: SOURCES[FOLDERS]}) or found
        return replace(found, note=self._about_folder(found))

    def _about_folder(self, found: _Find) -> str:
        """Say of a single record that its folder lists others too."""
        if found.kind != DOCUMENT:
            return ""
        folder = urljoin(found.recognition.url, ".")
        page = self._inquiry.page(folder, whole=True)
        if page is None:
            return ""
        records = 0
        with closing(page.file), suppress(GatherError):
            for entry in read_listing(page, scope=page.url):
                records += not entry.is_folder
        self._inquiry.tried[folder] = f"a page that lists {records:,} records"
        is_more = records > 1
        return f"its folder {shown(folder)} lists {records:,} records" * is_more


def _entries(sample: Sample) -> Iterator[Entry]:
    page = Page(sample.url, sample.content_type, io.BytesIO(sample.head))
    with suppress(GatherError):  # it is only the beginning of the page
        yield from read_listing(page, scope=sample.url)


def _notes(found: _Find, address: Address, tried: Mapping[str, str]) -> Iterator[str]:
    """Yield what was repaired on the way, in words."""
    asked, given = urlsplit(found.asked), urlsplit(address.url)
    if asked.scheme != given.scheme and address.url in tried:
        yield f"by {asked.scheme}, because by {given.scheme} it is not to be had"
    if urlsplit(found.sample.url).hostname != asked.hostname:
        yield f"{shown(found.asked)} redirects to {shown(found.sample.url)}"
    if found.note:
        yield found.note


def _places(kind: str, base: str) -> list[tuple[str, str]]:
    return [(kind, url) for url in SOURCES[kind].guesses(base)]


def _sentence(text: str) -> str:
    return text if text.endswith(("?", "!", ".")) else f"{text}."


def _es(count: int) -> str:
    return "es" if count > 1 else ""
