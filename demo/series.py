"""The sources made of numbered records."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from demo.answers import Answer, Document, problem
from demo.datasets import Dataset, numbered
from demo.listings import Entry
from demo.records import modified, record
from demo.sources import Source

TWINS = {2: 1, 3: 1, 5: 4}


class Series(Source):
    """`count` numbered records, made when asked for."""

    def __init__(self, prefix: str, count: int) -> None:
        self.prefix = prefix
        self.count = count

    def names(self) -> Iterable[str]:
        return (f"{self.prefix}-{n:05}.xml" for n in range(1, self.count + 1))

    def document(self, name: str) -> Document | None:
        dataset = self.dataset(name)
        if dataset is None:
            return None
        return Document(record(dataset), modified(dataset))

    def dataset(self, name: str) -> Dataset | None:
        digits = name.removeprefix(f"{self.prefix}-").removesuffix(".xml")
        number = int(digits) if digits.isdecimal() and len(digits) == 5 else 0
        if not 1 <= number <= self.count or name != f"{self.prefix}-{number:05}.xml":
            return None
        return numbered(self.prefix, number)


class Huge(Series):
    about = "{} records. A harvest streams them: memory does not grow, progress shows."

    def __init__(self, count: int) -> None:
        super().__init__("huge", count)

    def sentence(self) -> str:
        return self.about.format(f"{self.count:,}")

    def dataset(self, name: str) -> Dataset | None:
        """With one service at most, which makes records of some 13 KB."""
        dataset = super().dataset(name)
        if dataset is None:
            return None
        services = dataset.family.services[:1]
        return replace(dataset, family=replace(dataset.family, services=services))

    def entry(self, name: str) -> Entry:
        """The size is about right: the true one would cost making the record."""
        dataset = self.dataset(name)
        assert dataset is not None
        return Entry(name, modified(dataset), 13 * 1024)


class Slow(Series):
    about = "40 records, 0.7 s an answer: watch the progress, cancel the job."

    def __init__(self, pause: Callable[[], object]) -> None:
        super().__init__("slow", 40)
        self._pause = pause

    def answer(self, path: str, *, at: str) -> Answer:
        self._pause()
        return super().answer(path, at=at)


class Flaky(Series):
    about = (
        "12 records; each answers 500 when first asked and 200 when asked again, one "
        "always 500: a harvest retries, publishes 11 and reports the one."
    )
    server = "nginx"
    hopeless = "flaky-00012.xml"

    def __init__(self) -> None:
        super().__init__("flaky", 12)
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def answer(self, path: str, *, at: str) -> Answer:
        found = super().answer(path, at=at)
        if found.status == 200 and path and self._fails(path):
            return problem(500)
        return found

    def _fails(self, name: str) -> bool:
        with self._lock:
            self._asked[name] += 1
            return name == self.hopeless or self._asked[name] % 2 == 1


class Duplicates(Series):
    about = (
        "9 records, of which 3 share one identifier and 2 another: each is a finding, "
        "none overwrites another."
    )

    def __init__(self) -> None:
        super().__init__("duplicates", 9)

    def dataset(self, name: str) -> Dataset | None:
        dataset = super().dataset(name)
        if dataset is None:
            return None
        number = int(name[-9:-4])
        twin = numbered(self.prefix, TWINS.get(number, number))
        return replace(dataset, identifier=twin.identifier)


class Shrinking(Series):
    about = "40 records; after Shrink 4: the removals are held for a person to approve."
    actions = ("shrink", "reset")

    def __init__(self) -> None:
        super().__init__("shrinking", 40)

    def act(self, action: str) -> None:
        self.count = 4 if action == "shrink" else 40
