"""Says which other kind a source seems to be of, after nothing could be harvested."""

from contextlib import closing

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.sniffing import sample_of
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.types import Plan, Sample

ASKING = frozenset({400, 405, 500})  # what a service answers to the bare address


def other_kind(plan: Plan, fetcher: Fetcher) -> str:
    """Return a sentence that names the kind, "" if the address tells nothing.

    Asks for the beginning of the address once more; a service that answers only to
    its own requests is asked for its capabilities.
    """
    for name, address in _attempts(plan.url):
        sample = _sample(address, fetcher)
        if isinstance(sample, int):
            if sample not in ASKING:
                return ""
            continue
        for kind in [name] if name else SOURCES:
            found = SOURCES[kind].recognise(sample)
            if found and kind != plan.kind:
                label = SOURCES[kind].label
                return f" It looks like another kind of source: choose “{label}”."
            if found:
                return ""
    return ""


def _attempts(url: str) -> list[tuple[str, str]]:
    services = [
        (name, place)
        for name, kind in SOURCES.items()
        for place in list(kind.guesses(url))[:1]
        if place.startswith(url)
    ]
    return [("", url), *services]


def _sample(url: str, fetcher: Fetcher) -> Sample | int:
    """Return the beginning of a page, or the status that came instead."""
    try:
        page = fetcher.head(url)
    except FetchError as error:
        return error.status
    with closing(page.file):
        return sample_of(page)
