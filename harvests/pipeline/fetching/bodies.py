"""Where the bytes of an answer go: decompressed, counted and capped on the way.

Decompresses here and not in libcurl, which takes a compressed body that was cut
short for a whole one (measured with 8.23).
"""

import tempfile
import zlib
from abc import ABC, abstractmethod
from typing import IO, Final

IN_MEMORY: Final = 2_000_000
WRAPPERS: Final = {
    "gzip": zlib.MAX_WBITS | 16,
    "x-gzip": zlib.MAX_WBITS | 16,
    "deflate": zlib.MAX_WBITS,
}
UNWANTED: Final = frozenset({"br", "zstd", "compress", "x-compress"})


class BodyError(Exception):
    """The body cannot be taken; the text is the reason. Caught by Transfer.

    `passing`: another try may do better.
    """

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing


class Inflater:
    """Decompresses gzip, of one part or several, or deflate, wrapped or raw."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._stream = zlib.decompressobj(wbits)
        self._started = False

    @property
    def whole(self) -> bool:
        return self._stream.eof

    def feed(self, data: bytes, most: int) -> bytes:
        """Return at most `most` bytes; the caller refuses a body of that many."""
        if not self._started and self._wbits == zlib.MAX_WBITS and data[0] & 15 != 8:
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)  # no RFC 1950 header
        self._started = True
        try:
            return self._feed(data, most)
        except zlib.error as error:
            raise BodyError(
                "its content, said to be compressed, is not or is damaged; tell the "
                "provider"
            ) from error

    def _feed(self, data: bytes, most: int) -> bytes:
        out = self._stream.decompress(data, most)
        while self._stream.unused_data[:1] == b"\x1f" and len(out) < most:
            rest = self._stream.unused_data
            self._stream = zlib.decompressobj(self._wbits)
            out += self._stream.decompress(rest, most - len(out))
        return out


class Body(ABC):
    """Takes one answer after another: `begin`, `take` each chunk, `end`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._room = limit
        self._unwanted = ""
        self._inflater: Inflater | None = None

    def begin(self, coding: str) -> None:
        """Start anew with the Content-Encoding of the answer."""
        self._room = self._limit
        self._unwanted = coding if coding in UNWANTED or "," in coding else ""
        wrapper = WRAPPERS.get(coding)
        self._inflater = None if wrapper is None else Inflater(wrapper)
        self.clear()

    def take(self, chunk: bytes) -> None:
        """Take the next bytes; raise BodyError if they cannot be had."""
        if self._unwanted:
            raise BodyError(
                f"it is compressed with {self._unwanted!r}, unasked for; tell the "
                "provider"
            )
        if self._inflater is not None:
            chunk = self._inflater.feed(chunk, self._room + 1)
        self._room -= len(chunk)
        if self._room < 0:
            raise BodyError(
                f"it is larger than {self._limit:,} bytes, our limit; ask the provider "
                "to split it"
            )
        self._keep(chunk)

    @property
    def is_enough(self) -> bool:
        """Tell whether the rest is not wanted."""
        return False

    def end(self) -> None:
        """Raise BodyError if the body is not whole."""
        if self._inflater is not None and not self._inflater.whole:
            raise BodyError(
                "its compressed content was cut short; if it stays so, tell the "
                "provider",
                passing=True,
            )

    @abstractmethod
    def clear(self) -> None:
        """Let go of what was kept."""

    @abstractmethod
    def _keep(self, data: bytes) -> None:
        """Add to what was kept."""


class MemoryBody(Body):
    """Keeps a record."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._chunks: list[bytes] = []

    def clear(self) -> None:
        self._chunks.clear()

    def content(self) -> bytes:
        chunks = self._chunks
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _keep(self, data: bytes) -> None:
        self._chunks.append(data)


class FileBody(Body):
    """Keeps a listing: in memory while it is small, then on disk.

    With `head`, the rest is not wanted once so many bytes have come.
    """

    def __init__(self, limit: int, *, head: int = 0) -> None:
        super().__init__(limit)
        self._head = head
        self._file: IO[bytes] | None = None

    @property
    def is_enough(self) -> bool:
        return 0 < self._head <= self._limit - self._room

    def clear(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None

    def content(self) -> IO[bytes]:
        """Hand over the file, open at its start; closing it is the taker's duty."""
        file, self._file = self._open(), None
        file.seek(0)
        return file

    def _keep(self, data: bytes) -> None:
        try:
            self._open().write(data)
        except OSError as error:
            raise BodyError(f"our disk refused it ({error.strerror})") from error

    def _open(self) -> IO[bytes]:
        if self._file is None:
            self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        return self._file
