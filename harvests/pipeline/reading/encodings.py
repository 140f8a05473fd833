"""Which encoding a document is in, and which one it declares.

Looks at the first bytes and at names only; `decoding` does the reading.
"""

import codecs
import re

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How "<" and the character after it look without a mark (XML 1.0, appendix F).
_STARTS = (
    (re.compile(rb"<\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<"), "utf-32-be"),
    (re.compile(rb"<\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0<\0[^\0]"), "utf-16-be"),
)
# Text encodings only: Python also knows "idna", "unicode_escape" and the like.
_TEXT_CODECS = re.compile(
    r"ascii|utf-(8|16|32)(-[bl]e)?|iso8859-\d+|cp\d+|koi8-\w|mac-\w+|gb\w+"
    r"|big5\w*|euc_\w+|shift_jis\w*|iso2022_\w+|tis-620|hz|johab|ptcp154"
)
_DECLARATION = re.compile(
    rb"""\s*<\?xml\s[^<>?]*?\sencoding\s*=\s*["']([^"'<>]*)["']""", re.DOTALL
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s"';,]+)""", re.IGNORECASE)
_NAMES = {"cp1252": "Windows-1252", "iso8859-1": "ISO-8859-1"}
_LONGEST_DECLARATION = 1024


def mark_of(body: bytes) -> tuple[bytes, str]:
    """The byte-order mark and its codec; both "" if there is none."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return mark, codec
    return b"", ""


def wide_start(body: bytes) -> str:
    """The codec of UTF-16 or UTF-32 without a mark, else ""."""
    if b"\0" not in body[:4]:
        return ""
    return next((codec for start, codec in _STARTS if start.match(body)), "")


def declared_in(body: bytes, codec: str) -> str:
    """The encoding that the XML declaration names, "" if it names none."""
    head = body[: _LONGEST_DECLARATION if codec else 4 * _LONGEST_DECLARATION]
    if codec and codec != "utf-8":
        head = head.decode(codec, "replace").encode()
    found = _DECLARATION.match(head.lstrip(codecs.BOM_UTF8 + b" \t\r\n"))
    return found[1].decode("ascii", "replace") if found else ""


def charset_in(content_type: str) -> str:
    """The codec that a Content-Type names, "" if it names none we know."""
    found = _CHARSET.search(content_type)
    return codec_named(found[1]) if found else ""


def codec_named(name: str) -> str:
    """Python's name for a text encoding, "" if there is no such encoding."""
    try:
        codec = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        return ""
    return codec if _TEXT_CODECS.fullmatch(codec) else ""


def is_ascii_based(codec: str) -> bool:
    """Whether the codec reads ASCII bytes as ASCII."""
    return "<?xml".encode(codec) == b"<?xml"


def usual_name(codec: str) -> str:
    """The encoding's name as people write it."""
    return _NAMES.get(codec, codec.upper())
