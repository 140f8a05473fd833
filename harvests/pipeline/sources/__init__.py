"""The kinds of sources. A new kind takes one module, one line here and one test.

Their order is that in which they are asked whether a page is theirs: the last one
takes what no other knows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from harvests.pipeline.sources import csw, document, erddap, thredds, url_list, waf
from harvests.pipeline.sources.pages import PageFetcher
from harvests.pipeline.types import Plan, Recognition, RemoteRecord, Sample


class Gather(Protocol):
    """Yields all it can find at `plan.url`, then raises GatherError if that is not all.

    It heeds `plan.limits`; of `plan.selection` only what its server can select.
    """

    def __call__(self, plan: Plan, fetcher: PageFetcher) -> Iterator[RemoteRecord]: ...


def _nowhere(_url: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source: what people call it, and how its records are found.

    `recognise` tells whether a page is of this kind. `guesses` gives, for any URL,
    the addresses where a source of this kind is often found.
    """

    label: str
    gather: Gather
    recognise: Callable[[Sample], Recognition | None]
    guesses: Callable[[str], Sequence[str]] = _nowhere


SOURCES: Final[dict[str, Kind]] = {
    "CSW": Kind("Catalogue service (CSW)", csw.gather, csw.recognise, csw.guesses),
    "ERDDAP-WAF": Kind("ERDDAP", erddap.gather, erddap.recognise, erddap.guesses),
    "THREDDS": Kind(
        "THREDDS catalogue", thredds.gather, thredds.recognise, thredds.guesses
    ),
    "DOCUMENT": Kind("Single record", document.gather, document.recognise),
    "URL-LIST": Kind("List of URLs", url_list.gather, url_list.recognise),
    "WAF": Kind("Web accessible folder", waf.gather, waf.recognise),
}
