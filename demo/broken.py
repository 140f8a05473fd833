"""The partly broken source: one thing wrong in each record, until it is fixed."""

from collections.abc import Iterable
from dataclasses import replace

from demo.answers import HTML, XML, Document
from demo.cases import CASES
from demo.datasets import Dataset, numbered
from demo.good import revised
from demo.records import modified, record
from demo.sources import Source


class Broken(Source):
    about = (
        "19 records, most with one thing wrong: valid ones are published, each problem "
        "is a finding or a failure with its reason. Fix mends all, Break undoes that."
    )
    actions = ("fix", "break")

    def __init__(self) -> None:
        self.revision = 0
        self._mended: set[str] = set()
        self._cases = {case.name: (n, case) for n, case in enumerate(CASES, start=1)}

    @property
    def fixed(self) -> bool:
        """Every other revision is: dates only ever grow, also when breaking again."""
        return self.revision % 2 == 1

    def names(self) -> Iterable[str]:
        return sorted(self._cases)

    def document(self, name: str) -> Document | None:
        if name not in self._cases:
            return None
        number, case = self._cases[name]
        is_mended = name in self._mended
        dataset = self._dataset(number, case.title, self.revision + is_mended)
        body = record(dataset) if self.fixed or is_mended else case.spoil(dataset)
        if body is None:
            return None
        kind = HTML if body.startswith(b"<!DOCTYPE html") else XML
        return Document(body, modified(dataset), kind)

    def does(self, action: str) -> bool:
        """Beside the two, fix/NAME mends one record."""
        name = action.removeprefix("fix/")
        return super().does(action) or (name != action and name in self._cases)

    def act(self, action: str) -> None:
        verb, _, name = action.partition("/")
        if name and not self.fixed:
            self._mended.add(name)
        if name:
            return
        if (verb == "fix") != self.fixed:
            self.revision += 1
        elif self._mended:  # broken again, but for the dates
            self.revision += 2
        self._mended.clear()

    def _dataset(self, number: int, title: str, revision: int) -> Dataset:
        dataset = revised(numbered("broken", number), revision)
        return replace(dataset, title=title or dataset.title)
