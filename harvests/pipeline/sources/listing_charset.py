"""The text of a listing page: which encoding, and what if that is not true."""

import codecs
import re
from typing import Final

_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META: Final = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Decoder:
    """Decodes a page chunk by chunk.

    Where the bytes contradict the encoding, the rest is read as Windows-1252, in
    which any byte is a letter: a listing with one odd name must not be lost.
    """

    def __init__(self, charset: str) -> None:
        self._decoder = codecs.getincrementaldecoder(charset)()

    def decode(self, chunk: bytes, *, final: bool = False) -> str:
        pending = self._decoder.getstate()[0]
        try:
            return self._decoder.decode(chunk, final)
        except UnicodeError:  # not always of bytes: UTF-16 may lack its mark
            self._decoder = codecs.getincrementaldecoder("cp1252")("replace")
            return self._decoder.decode(pending + chunk, final)


def charset_of(content_type: str, head: bytes) -> str:
    """Return the encoding that the page's first bytes, its header or `<meta>` name."""
    for mark, charset in _MARKS:
        if head.startswith(mark):
            return charset
    named = _CHARSET.search(content_type)
    written = _META.search(head)
    names = (named and named[1], written and written[1].decode())
    for name in filter(None, names):
        if charset := _known(name):
            return charset
    return "utf-8"


def _known(name: str) -> str:
    """Return the codec for `name`, as browsers do; "" if there is none."""
    try:
        codec = codecs.lookup(name).name
        "a".encode(codec)
    except (LookupError, ValueError):  # "charset=%s" of mini_httpd, or base64
        return ""
    return {"iso8859-1": "cp1252", "ascii": "utf-8"}.get(codec, codec)
