"""What an import took, found here already, and left; each thing left has its line."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

KINDS: Final = ("organizations", "sources", "people", "records", "files", "jobs")


class Report:
    """Counts; what is left or altered is told at once, by `tell`, a line each."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.taken: Counter[str] = Counter()
        self.here: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self._tell = tell

    def leave(self, kind: str, what: str, why: str, *, count: int = 1) -> None:
        """Count what was not taken, and say why."""
        self.left[kind] += count
        self._tell(f"Left {what}: {why}")

    def note(self, sentence: str) -> None:
        """Say what is otherwise here than it was there."""
        self._tell(f"Note: {sentence}")

    def __bool__(self) -> bool:
        return bool(self.taken or self.here or self.left)

    def lines(self) -> Iterator[str]:
        """Yield the counts, a line for each kind of thing."""
        for kind in KINDS:
            numbers = (self.taken[kind], self.here[kind], self.left[kind])
            yield "{:14}{:>9,} taken{:>9,} here already{:>9,} left".format(
                kind, *numbers
            )
