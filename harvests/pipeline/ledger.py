"""What the runner must remember from run to run, whoever keeps it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from harvests.pipeline.rivals import Rival
from harvests.pipeline.types import Known, Outcome


class Memory(Protocol):
    """What is known of one source: enough for a preview, which changes nothing."""

    def look_up(self, urls: Sequence[str]) -> Mapping[str, Known]:
        """Return what is known of those of `urls` that were met before."""

    def all_known(self) -> Iterator[Sequence[Known]]:
        """Yield all records of the source in chunks; may be removed meanwhile."""


class Ledger(Memory, Protocol):
    """The memory of one source. Called from the runner's thread only."""

    def claim(self, wanted: Mapping[str, str]) -> Mapping[str, str]:
        """Reserve file names (url → name) before anything is written.

        Return the names granted: another one where another source has it.
        """

    def rivals(self, wanted: Mapping[str, str]) -> Mapping[str, Rival]:
        """Return url → another record, of any source, with the identifier (url → it).

        As far as is known before this run is stored.
        """

    def save(self, outcomes: Sequence[Outcome]) -> None:
        """Keep what became of records whose files are on the disk."""

    def found_again(self, urls: Sequence[str]) -> None:
        """These were missing, or restored by hand, and are listed once more."""

    def hold(self, records: Sequence[Known]) -> None:
        """Note since when these are missing."""

    def remove(self, records: Sequence[Known]) -> Mapping[str, str]:
        """Forget these, but for the trash; return name → key in the trash."""

    def release(self, keys: Mapping[str, str]) -> None:
        """Give up file names (name → key), once their files are in the trash."""

    def unfinished(self) -> Mapping[str, str]:
        """Return name → key of what was removed and never released."""

    def finish(self) -> Iterator[None]:
        """Bring up to date what depends on several records (duplicates).

        Yields after each chunk, so that a long list does not look like a dead run.
        """
