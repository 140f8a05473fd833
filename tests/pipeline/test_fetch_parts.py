"""Parts of fetching that no server can bring about."""

import errno
from pathlib import Path
from typing import IO

import pycurl
import pytest

from harvests.pipeline.fetching.bodies import BodyError, FileBody
from harvests.pipeline.fetching.errors import from_curl


class FullDisk(FileBody):
    """Keeps its listing on a disk that is full."""

    def _open(self) -> IO[bytes]:
        if self._file is None:
            self._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115
        return self._file


def test_a_full_disk_is_our_own_fault() -> None:
    body = FullDisk(1000)
    body.begin("")
    with pytest.raises(BodyError, match="our disk refused it .No space left"):
        body.take(b"<html>")
    body.clear()


@pytest.mark.parametrize(
    ("code", "words", "reason"),
    [
        (60, "it smells", "the TLS certificate of x.org was not accepted (it smells)"),
        (7, "No route", "no connection to x.org (No route)"),
        (
            pycurl.E_HTTP2,
            "stream 1",
            "x.org broke off the answer (stream 1); if it stays so, tell the provider",
        ),
        (pycurl.E_URL_MALFORMAT, "bad", "the address is malformed (bad)"),
        (43, "A libcurl\nfunction", "A libcurlfunction"),
    ],
    ids=["certificate", "route", "http2", "malformed", "other"],
)
def test_what_libcurl_says_is_told(code: int, words: str, reason: str) -> None:
    failure = from_curl(code, words, host="x.org", limit=9, os_errno=errno.EHOSTUNREACH)
    assert failure.reason == reason
