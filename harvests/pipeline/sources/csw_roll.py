"""Which records of a catalogue were met, on disk: there may be a million."""

from enum import Enum, auto

from harvests.pipeline.seen import Seen
from harvests.pipeline.sources.csw_pages import Found


class Meeting(Enum):
    """Whether a record is new, has no name, comes again, or shares a name."""

    NEW = auto()
    NAMELESS = auto()
    AGAIN = auto()
    NAMESAKE = auto()


class Roll:
    """`meet` the records as they come; `count` are those that were told apart."""

    def __init__(self) -> None:
        self._seen = Seen()
        self.count = self.nameless = self.again = 0

    def meet(self, found: Found) -> Meeting:
        is_new_text = self._is_new(f"{found.mark} {found.identifier}")
        if not found.identifier:
            self.count += is_new_text
            self.nameless += is_new_text
            return Meeting.NAMELESS
        is_new_name = self._is_new(_key(found.identifier))
        self.again += not is_new_text
        self.count += is_new_text
        if is_new_name:
            return Meeting.NEW
        return Meeting.NAMESAKE if is_new_text else Meeting.AGAIN

    def has(self, identifier: str) -> bool:
        return not self._seen.absent([_key(identifier)])

    def missing(self, total: int | None) -> int:
        """Return how many records are due yet if the service has so many."""
        return 0 if total is None else max(0, total - self.count)

    def close(self) -> None:
        self._seen.close()

    def _is_new(self, key: str) -> bool:
        return bool(self._seen.add([key]))


def _key(identifier: str) -> str:
    return f"id {identifier}"
