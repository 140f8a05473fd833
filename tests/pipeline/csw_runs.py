"""Harvests of a catalogue service: through the runner, or by gathering alone."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from harvests.pipeline.errors import GatherError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.file_ledger import FileLedger
from harvests.pipeline.runner import Tools, harvest
from harvests.pipeline.sources import csw
from harvests.pipeline.store import TRASH, Folder
from harvests.pipeline.types import FetchPolicy, Outcome, Plan, RemoteRecord

POLICY = FetchPolicy(allow_networks=("127.0.0.0/8",), backoff=0.01, idle_timeout=5)


class Run:
    """One harvest after another into one folder, as the command does it."""

    def __init__(self, path: Path) -> None:
        self.folder = Folder(path, trash=path / TRASH)
        self.path = path
        self.outcomes: list[Outcome] = []

    def __call__(self, url: str, *, on_outcome=lambda _: None, **plan) -> dict:
        stop = threading.Event()
        ledger = FileLedger(self.path, url)
        tools = Tools(Fetcher(POLICY, stop=stop), self.folder, ledger, stop)
        self.outcomes = []
        try:
            for event in harvest(
                Plan("CSW", url, **plan), tools, cancelled=lambda: False
            ):
                if isinstance(event, Outcome):
                    self.outcomes.append(event)
                    on_outcome(event)
        finally:
            ledger.close()
            tools.fetcher.close()
        return self.counts()

    def counts(self) -> dict[str, int]:
        return dict(Counter(outcome.result.value for outcome in self.outcomes))

    def contents(self) -> dict[str, bytes]:
        return {name: self.folder.read(name) for name in self.folder.names()}


@dataclass
class Gathered:
    """What one gathering found, and the sentence with which it ended ("" if well)."""

    records: list[RemoteRecord] = field(default_factory=list)
    error: str = ""

    @property
    def identifiers(self) -> list[str]:
        return [record.name.removesuffix(".xml") for record in self.records]

    @property
    def problems(self) -> list[str]:
        return [record.problem for record in self.records if record.problem]


def gathered(url: str, policy: FetchPolicy = POLICY, **plan) -> Gathered:
    fetcher = Fetcher(policy)
    result = Gathered()
    try:
        for record in csw.gather(Plan("CSW", url, **plan), fetcher):
            result.records.append(record)
    except GatherError as error:
        result.error = str(error)
    finally:
        fetcher.close()
    return result
