"""One HTTP answer as libcurl hands it over: header lines, then chunks of the body."""

from typing import Final, Generic, TypeVar

from harvests.pipeline.fetching.bodies import Body, BodyError
from harvests.pipeline.fetching.errors import NO_LIMIT, Failure

UNREAD: Final = 256 * 1024  # of an error page, before the connection is dropped

B = TypeVar("B", bound=Body)


class Answer(Generic[B]):
    """Status, headers (names in lower case) and body, known after `finish`.

    `lines` takes the header lines as they come; they are read once, when the body
    begins. The body of anything but a 200 is dropped.
    """

    def __init__(self, body: B) -> None:
        self.body = body
        self.lines: list[bytes] = []
        self.reset()

    def reset(self) -> None:
        self.lines.clear()
        self.status = 0
        self.headers: dict[str, str] = {}
        self.is_cut = False  # by us, because what came is enough
        self._begun = False
        self._unread = 0
        self._problem: Failure | None = None

    def receive(self, chunk: bytes) -> int | None:
        """Take a chunk of the body; 0 tells libcurl to stop."""
        if not self._begun:
            self._begin()
        if self.status != 200:
            self._unread += len(chunk)
            return None if self._unread < UNREAD else 0
        try:
            self.body.take(chunk)
        except BodyError as error:
            self._problem = _refused(error)
            return 0
        self.is_cut = self.body.is_enough
        return 0 if self.is_cut else None

    def finish(self) -> Failure | None:
        """Return what is wrong with the body, if anything."""
        if not self._begun:
            self._begin()
        if self.status == 200 and self._problem is None and not self.is_cut:
            try:
                self.body.end()
            except BodyError as error:
                self._problem = _refused(error)
        return self._problem

    def _begin(self) -> None:
        """Read the headers of the last answer: a proxy's or a hint may precede it."""
        self._begun = True
        headers = self.headers
        for line in self.lines:
            if line.startswith(b"HTTP/"):
                headers.clear()
                self.status = int(line.split()[1][:3])  # libcurl takes "200OK"
                continue
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if self.status == 200:
            self.body.begin(headers.get("content-encoding", "").lower())


def _refused(error: BodyError) -> Failure:
    return Failure(str(error), tries=NO_LIMIT if error.passing else 1)
