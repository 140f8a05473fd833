"""The kinds of sources. A new kind takes one module, one line here and one test."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from harvests.pipeline.sources import waf
from harvests.pipeline.types import GatherLimits, RemoteRecord


class Gather(Protocol):
    """Yields all it can find at `url`, then raises GatherError if that is not all."""

    def __call__(
        self, url: str, fetcher: waf.PageFetcher, *, limits: GatherLimits
    ) -> Iterator[RemoteRecord]: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source: what people call it, and how its records are found."""

    label: str
    gather: Gather


SOURCES: Final[dict[str, Kind]] = {
    "WAF": Kind("Web accessible folder", waf.gather),
}
