"""Gathering alone, of any kind, with what must hold for all: pages are closed."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from harvests.pipeline.errors import GatherError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.types import FetchPolicy, GatherLimits, Page, Plan, RemoteRecord

POLICY = FetchPolicy(allow_networks=("127.0.0.0/8",), retries=0)
LIMITS = GatherLimits()


class _Watched(Fetcher):
    """A Fetcher that remembers its pages."""

    def __init__(self) -> None:
        super().__init__(POLICY)
        self.pages: list[Page] = []

    def page(self, url: str, *, data: bytes = b"") -> Page:
        self.pages.append(super().page(url, data=data))
        return self.pages[-1]


@dataclass
class Gathered:
    """What one gathering found, and the sentence with which it ended ("" if well)."""

    records: list[RemoteRecord] = field(default_factory=list)
    error: str = ""

    @property
    def names(self) -> list[str]:
        return [record.name for record in self.records]

    @property
    def targets(self) -> list[str]:
        """The addresses less the host: path and query."""
        parts = [urlsplit(record.url) for record in self.records]
        return [part.path + "?" * bool(part.query) + part.query for part in parts]


def gathered(kind: str, url: str, limits: GatherLimits = LIMITS) -> Gathered:
    fetcher, found = _Watched(), Gathered()
    try:
        for record in SOURCES[kind].gather(Plan(kind, url, limits), fetcher):
            found.records.append(record)
    except GatherError as error:
        found.error = str(error)
        assert error.url
    assert all(page.file.closed for page in fetcher.pages)
    fetcher.close()
    return found
