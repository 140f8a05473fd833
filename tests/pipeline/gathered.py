"""Gathering alone and whole harvests, of any kind of source."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from harvests.pipeline.errors import GatherError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.file_ledger import FileLedger
from harvests.pipeline.runner import Tools, harvest
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.store import TRASH, Folder
from harvests.pipeline.types import (
    FetchPolicy,
    GatherLimits,
    Outcome,
    Page,
    Plan,
    RemoteRecord,
)

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


class Run:
    """One harvest after another of one source into one folder."""

    def __init__(self, kind: str, url: str, path: Path) -> None:
        self.folder = Folder(path, trash=path / TRASH)
        self.outcomes: list[Outcome] = []
        self._plan = Plan(kind, url)
        self._path = path

    def __call__(self) -> dict[str, int]:
        stop = threading.Event()
        ledger = FileLedger(self._path, self._plan.url)
        tools = Tools(Fetcher(POLICY, stop=stop), self.folder, ledger, stop)
        self.outcomes = []
        try:
            for event in harvest(self._plan, tools, cancelled=lambda: False):
                if isinstance(event, Outcome):
                    self.outcomes.append(event)
        finally:
            ledger.close()
            tools.fetcher.close()
        return dict(Counter(outcome.result.value for outcome in self.outcomes))


def gathered(kind: str, url: str, limits: GatherLimits = LIMITS) -> Gathered:
    fetcher, found = _Watched(), Gathered()
    try:
        for record in SOURCES[kind].gather(Plan(kind, url, limits), fetcher):
            found.records.append(record)
    except GatherError as error:
        found.error = str(error)
        assert error.url
    # Every page is closed, whatever happens
    assert all(page.file.closed for page in fetcher.pages)
    fetcher.close()
    return found
