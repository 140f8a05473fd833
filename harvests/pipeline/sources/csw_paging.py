"""Walks through pages with a cursor of its own: what servers say of theirs is wrong
too often (nextRecord 0, absent, not advancing; numberOfRecordsReturned of anything).

A page that fails is halved until the record that breaks it stands alone.
"""

import hashlib
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Final

from harvests.pipeline.errors import GatherError
from harvests.pipeline.sources.csw_exceptions import PageError
from harvests.pipeline.sources.csw_pages import Found, RecordPage

_GIVE_UP: Final = 5  # bad records in a row: it is the server that is bad
_GIVE_UP_AT_ONCE: Final = 3  # the same if nothing could be read at all
_REPEATS: Final = 2  # one may be the fault of a record that slid in before it

_REMEMBERED: Final = 10_000  # records of a page, to know them again

Ask = Callable[[int, int], RecordPage]


class Walk:
    """The records of a query, page after page. Iterate over it once.

    Afterwards, `total` is how many the service said last that there are (None: it did
    not), `most` the largest such number, `is_unsteady` tells whether that changed, and
    `bad` why which positions could not be read.
    """

    def __init__(self, ask: Ask, size: int, *, name: str) -> None:
        self.total: int | None = None
        self.most: int | None = None
        self.is_unsteady = False
        self.bad: dict[int, str] = {}
        self._ask = ask
        self._size = size
        self._name = name
        self._position = 1
        self._suspect = 0  # the end of the range that holds what broke a page
        self._failed_size = 0
        self._streak = 0
        self._repeats = 0
        self._last = b""
        self._is_probe = False  # asks for a page that should not be there
        self._known: set[int] = set()  # the records of the page before
        self._fullest = 0
        self._has_read = self._is_empty = self._is_over = False

    def __iter__(self) -> Generator[Found]:
        while not self._is_over:
            size = self._next_size()
            if self._is_probe:
                yield from self._probe(size)
                continue
            read, failure = yield from self._page(size)
            self._position += read
            self._is_empty = not read and not failure
            if self._is_empty and self._is_short():
                failure = f"it sent no record at position {self._position:,}"
            if failure:
                self._split(max(1, size - read), failure, asked=size)
            else:
                self._succeed()
            self._end_if_passed(failure)

    def _page(self, size: int) -> Generator[Found, None, tuple[int, str]]:
        """Yield a page's records; return how many, and what broke the page."""
        mark = hashlib.blake2b(digest_size=16)
        known: set[int] = set()
        count = 0
        try:
            with closing(self._ask(self._position, size)) as page:
                for found in page:
                    count += 1
                    mark.update(repr(found.identifiers or found.mark).encode())
                    if count <= _REMEMBERED:
                        known.add(_mark(found))
                    yield found
                self._note(page, count, size)
        except PageError as error:
            return count, str(error)
        self._known = known
        self._compare(mark.digest(), count)
        return count, ""

    def _probe(self, size: int) -> Generator[Found]:
        """Ask for what should not be there. It is the end if nothing new is."""
        self._is_probe = False
        count = fresh = 0
        known: set[int] = set()
        try:
            with closing(self._ask(self._position, size)) as page:
                for found in page:
                    count += 1
                    known.add(_mark(found))
                    if _mark(found) not in self._known:
                        fresh += 1
                        yield found
                self._conclude(page, count, size, is_fresh=bool(fresh))
        except (PageError, GatherError) as error:
            self._forgive(error, is_fresh=bool(fresh))
        self._known = known
        self._position += count

    def _conclude(
        self, page: RecordPage, count: int, size: int, *, is_fresh: bool
    ) -> None:
        if is_fresh:
            self.total = None  # what it said was not true
            self._has_read = True
            self._note(page, count, size)
        else:
            self._remember(page.total)
            self._is_over = True

    def _forgive(self, error: PageError | GatherError, *, is_fresh: bool) -> None:
        """Take a failed probe for the end, unless there may be more.

        Where the service gave no total, only a plain no is one; else the same page is
        asked for again, and fails as any other.
        """
        if is_fresh:
            self.total = None
        elif self.total is not None or _is_no(error):
            self._is_over = True
        elif isinstance(error, GatherError):
            raise error

    def _note(self, page: RecordPage, count: int, size: int) -> None:
        """Take over what the page says of the catalogue, as far as it can be true."""
        read = self._position - 1 + count
        total = page.total
        self._remember(total)
        has_shrunk = bool(total) and (self.total or 0) >= read
        if total is not None and count and total < read and not has_shrunk:
            total = None  # it counts this page, or nothing
        self._look_ahead(page, count, size, total)
        if total is not None:
            self.is_unsteady |= self.total is not None and self.total != total
            self.total = total
        elif self.total is not None and self.total < read:
            self.total = None

    def _remember(self, total: int | None) -> None:
        if total is not None:
            self.most = max(total, self.most or 0)

    def _look_ahead(
        self, page: RecordPage, count: int, size: int, total: int | None
    ) -> None:
        """Decide whether this is the end, and whether to make sure that it is."""
        is_full = count >= min(size, self._fullest or size)
        is_silent = page.total is None and page.next is None and not self._fullest
        self._fullest = max(self._fullest, count)
        if total is None:
            goes_on = (page.next or 0) > self._position
            is_doubtful = (is_full or is_silent) and not goes_on
            self._is_over = not count or not (goes_on or is_doubtful)
        else:
            is_doubtful = is_full and count == total and not page.next
            self._is_over = self._position + count > total and not is_doubtful
        self._is_probe = bool(count) and is_doubtful and not self._suspect

    def _next_size(self) -> int:
        if not self._suspect:
            return self._size
        if not self._has_read:
            return max(1, self._size // 10)
        return max(1, (self._suspect - self._position) // 2)

    def _is_short(self) -> bool:
        return self.total is not None and self._position <= self.total

    def _succeed(self) -> None:
        self._streak = 0
        self._has_read = True
        if self._suspect and self._position >= self._suspect:
            self._suspect = 0  # nothing in it is bad: the page was too much at once
            self._size = max(1, self._failed_size // 2)

    def _split(self, left: int, failure: str, *, asked: int) -> None:
        if asked == 1:
            self._isolate(failure)
            return
        if not self._suspect:
            self._failed_size = asked
        if not self._has_read:
            self._size = max(1, asked // 10)
        self._suspect = self._position + left

    def _isolate(self, failure: str) -> None:
        self.bad[self._position] = failure
        self._position += 1
        self._suspect = 0
        self._streak += 1
        if self._streak < (_GIVE_UP if self._has_read else _GIVE_UP_AT_ONCE):
            return
        self._is_over = True
        if not self._is_empty:
            raise GatherError(self._stopped(failure))

    def _stopped(self, failure: str) -> str:
        reason = failure.removeprefix(f"Could not fetch {self._name}: ")
        is_told = "tell the provider" in reason
        stays = "" if is_told else "; if it stays so, tell the provider"
        return (
            f"{self._name} stopped giving records at position "
            f"{self._position - self._streak:,}: {reason}. Nothing was removed{stays}."
        )

    def _end_if_passed(self, failure: str) -> None:
        if failure and self.total is not None and self._position > self.total:
            self._is_over = True

    def _compare(self, mark: bytes, count: int) -> None:
        self._repeats = self._repeats + 1 if count and mark == self._last else 0
        self._last = mark
        if self._repeats >= (_REPEATS if self.total is not None else 1):
            raise GatherError(
                f"{self._name} repeats the same page, whichever page it is asked for: "
                "it ignores startPosition. Nothing was removed; tell the provider."
            )


def _mark(found: Found) -> int:
    return hash(found.identifiers or found.mark)


def _is_no(error: PageError | GatherError) -> bool:
    """Tell whether it may say that the position is out of range."""
    return isinstance(error, PageError) and error.status in (400, 500)
