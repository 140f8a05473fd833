"""What can go wrong, and at which stage. One tree, drawn here:

HarvestError
├── GatherError   the listing could not be read, or not to its end: fails the job
│   └── DetectionError  an address leads to nothing that can be harvested
├── FetchError    one document could not be downloaded
├── ReadError     the document is not an ISO 19139 record that we can read
└── StoreError    the central folder refused the file

    └── DiskError the folder cannot be written at all: ends the run
Superseded        the job was given up while this process stood still
Cancelled         somebody asked the run to stop: what is done is kept

A GatherError is caught by the job; the other three by `runner.process`, where
they become that record's failed outcome and the run goes on.
"""

from harvests.pipeline.types import Stage


def sentence(message: str) -> str:
    """Return a message that may be a part of another one as a whole sentence."""
    return message if message.endswith((".", "?", "!")) else f"{message}."


class HarvestError(Exception):
    """A problem with a sentence for staff: what failed, where, what to do.

    `str(error)` is that sentence; `url` is the address it is about ("" if none).
    """

    stage: Stage

    def __init__(self, message: str, *, url: str = "") -> None:
        super().__init__(message)
        self.url = url


class GatherError(HarvestError):
    """Raised by a gather function after it yielded what it could find.

    Its message is a whole sentence, though made of a FetchError: others may follow it.
    """

    stage = Stage.GATHER

    def __init__(self, message: str, *, url: str = "") -> None:
        super().__init__(sentence(message), url=url)


class DetectionError(GatherError):
    """Raised by `detect` and `repair`; shown to who pasted the address.

    `tried` are the addresses that were asked, with what came of each.
    """

    def __init__(
        self, message: str, *, url: str = "", tried: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(message, url=url)
        self.tried = tried


class FetchError(HarvestError):
    """Raised or returned by `Fetcher`; `status` is the HTTP status, 0 if none came."""

    stage = Stage.FETCH

    def __init__(self, message: str, *, url: str = "", status: int = 0) -> None:
        super().__init__(message, url=url)
        self.status = status


class ReadError(HarvestError):
    """Raised by `iso.read`; names the document for what it is."""

    stage = Stage.READ


class StoreError(HarvestError):
    """Raised by `Store` for a name outside its folder or a disk that refuses."""

    stage = Stage.STORE


class DiskError(StoreError):
    """The folder cannot be written at all: ends the run, not just a record."""


class Superseded(Exception):
    """Raised by the `cancelled` of a job that was taken from it: nothing is saved."""


class Cancelled(Exception):
    """Raised by the runner after it saved what was done; caught by the job."""
