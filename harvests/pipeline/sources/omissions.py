"""What a walk through a source's folders left out, and how to say it."""

from typing import Final

from harvests.pipeline.types import GatherLimits

_NAMED: Final = 3  # failures that are told in full; the rest is counted


class Omissions:
    """Counts what was left out; `sentences` is empty if nothing was."""

    def __init__(self, limits: GatherLimits, noun: str = "folder") -> None:
        self.is_full = False  # the source has more records than the limit
        self._limits = limits
        self._noun = noun
        self._failures: list[str] = []
        self._failed = self._deep = self._unread = 0
        self._first_deep = self._first_unread = self._cut = ""

    def cut(self, sentence: str) -> None:
        """Note why the source's own page was not read to its end."""
        self._cut = sentence

    def fail(self, sentence: str) -> None:
        self._failed += 1
        if self._failed <= _NAMED:
            self._failures.append(sentence)

    def skip_deep(self, url: str) -> None:
        self._deep += 1
        self._first_deep = self._first_deep or url

    def skip_unread(self, url: str) -> None:
        self._unread += 1
        self._first_unread = self._first_unread or url

    def sentences(self, root: str) -> list[str]:
        """Say what was left out below `root`, and what to do about it."""
        said = [self._cut] if self._cut else []
        if self._failed:
            said.append(self._failed_sentence())
        if self._deep:
            said.append(
                f"{self._were_not_read(self._deep)}, first {self._first_deep}, because "
                f"it is more than {_levels(self._limits.depth)} below {root}: raise "
                "the source's depth."
            )
        if self._unread:
            said.append(
                f"{self._were_not_read(self._unread)}, first {self._first_unread}, "
                f"because a harvest reads at most {_pages(self._limits.pages)}: split "
                "the source."
            )
        if self.is_full:
            said.append(
                f"{root} has more than {self._limits.records:,} records, the most "
                "that a harvest takes; the rest was left out: split the source."
            )
        return said

    def _failed_sentence(self) -> str:
        rest = self._failed - len(self._failures)
        named = "; ".join(failure.rstrip(".") for failure in self._failures)
        more = f"; and {rest:,} more" if rest else ""
        return f"{self._were_not_read(self._failed)}: {named}{more}."

    def _were_not_read(self, count: int) -> str:
        return f"{count:,} {self._noun}{' was' if count == 1 else 's were'} not read"


def _levels(count: int) -> str:
    return f"{count} level{'' if count == 1 else 's'}"


def _pages(count: int) -> str:
    return f"{count:,} page{'' if count == 1 else 's'}"
