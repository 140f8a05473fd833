"""Turns a document as fetched into UTF-8 that says nothing of its encoding.

Lines stay where they are. Does not parse XML and never refuses: bytes that mean
nothing in the encoding at hand are read as Windows-1252, with a finding.
"""

import re
from dataclasses import dataclass

from harvests.pipeline.reading import encodings
from harvests.pipeline.types import Finding, Severity

_ENCODING = re.compile(
    rb"""(<\?xml\s[^<>?]*?)(\sencoding\s*=\s*(?:"[^"]*"|'[^']*'))""", re.DOTALL
)
_LEADING = re.compile(rb"(?:[ \t\r\n]|\xef\xbb\xbf)+")
_MARK = b"\xef\xbb\xbf"
_C1 = re.compile(rb"[\x80-\x9f]")
_LATIN = ("iso8859-1", "iso8859-15", "cp1252")
# "surrogateescape" keeps a byte 0xNN that it can't read as U+DCNN.
_ESCAPED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """`text` is UTF-8; `codec` is what the fetched bytes were read with."""

    text: bytes
    codec: str
    findings: tuple[Finding, ...] = ()


def decode(body: bytes, *, content_type: str = "") -> Decoded:
    """Read the bytes in the encoding they are in, whatever they declare."""
    mark, marked = encodings.mark_of(body)
    rest = body[len(mark) :]
    codec, doubt = _choose(rest, marked or encodings.wide_start(rest), content_type)
    text, wrong = _read(rest, codec, len(mark))
    text, misplaced = _lead(text, codec, len(mark))
    findings = (doubt, wrong, misplaced)
    return Decoded(_undeclare(text), codec, tuple(f for f in findings if f))


def offset_of(
    body: bytes, decoded: Decoded, pattern: re.Pattern[str]
) -> tuple[int, str] | None:
    """Where in the fetched bytes the first match of the pattern starts, and the match.

    None where nothing matches.
    """
    mark, _ = encodings.mark_of(body)
    characters = body[len(mark) :].decode(decoded.codec, "replace")
    found = pattern.search(characters)
    if not found:
        return None
    before = characters[: found.start()].encode(decoded.codec, "replace")
    return len(mark) + len(before), found[0]


def _choose(
    rest: bytes, unmistakable: str, content_type: str
) -> tuple[str, Finding | None]:
    declared = encodings.declared_in(rest, unmistakable)
    if unmistakable:
        return unmistakable, _compare(declared, unmistakable)
    if declared:
        return _believe(rest, declared)
    if _is_utf8(rest):
        return "utf-8", None
    return encodings.charset_in(content_type) or "utf-8", None


def _compare(declared: str, actual: str) -> Finding | None:
    """A mark "utf-16-le" agrees with the declarations UTF-16 and UTF-16LE."""
    if not declared or actual.startswith(encodings.codec_named(declared) or "-"):
        return None
    return _mismatch(declared, actual)


def _believe(rest: bytes, declared: str) -> tuple[str, Finding | None]:
    codec = encodings.codec_named(declared)
    if not codec:
        return "utf-8", _unknown(declared)
    actual = _actual(rest, codec)
    return actual, None if actual == codec else _mismatch(declared, actual)


def _actual(rest: bytes, codec: str) -> str:
    """The declared codec, unless the bytes say plainly that it is another one."""
    if not encodings.is_ascii_based(codec):
        return "utf-8"
    if rest.isascii():
        return codec
    if codec == "ascii" or (codec in _LATIN and _is_utf8(rest)):
        return "utf-8"
    # Browsers and editors call Windows-1252 "ISO-8859-1", whose 0x80-0x9F are controls.
    return "cp1252" if codec == "iso8859-1" and _C1.search(rest) else codec


def _is_utf8(rest: bytes) -> bool:
    try:
        rest.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read(rest: bytes, codec: str, skipped: int) -> tuple[bytes, Finding | None]:
    try:
        characters = rest.decode(codec)
    except UnicodeDecodeError as error:
        return _read_wrong(rest, codec), _invalid(error, codec, skipped)
    return rest if codec == "utf-8" else characters.encode(), None


def _read_wrong(rest: bytes, codec: str) -> bytes:
    if not encodings.is_ascii_based(codec):
        return rest.decode(codec, "replace").encode()
    characters = rest.decode(codec, "surrogateescape")
    for escaped in set(_ESCAPED.findall(characters)):
        byte = escaped.encode("ascii", "surrogateescape")
        characters = characters.replace(escaped, byte.decode("cp1252", "replace"))
    return characters.encode()


def _lead(text: bytes, codec: str, skipped: int) -> tuple[bytes, Finding | None]:
    """Move blank lines from before the XML declaration to behind it."""
    leading = _LEADING.match(text)
    if not leading:
        return text, None
    blank, rest = leading[0], text[leading.end() :]
    if not rest.startswith(b"<?xml") and _MARK not in blank:
        return text, None
    end = rest.find(b"?>") + 2 if rest.startswith(b"<?xml") else 0
    offset = skipped + len(blank.decode().encode(codec, "replace"))
    moved = rest[:end] + blank.replace(_MARK, b"") + rest[end:]
    return moved, _misplaced(offset, blank.count(b"\n") + 1)


def _undeclare(text: bytes) -> bytes:
    """Drop `encoding="..."`, but none of the line ends around it."""
    found = _ENCODING.match(text)
    if not found:
        return text
    return found[1] + b"\n" * found[2].count(b"\n") + text[found.end() :]


def _mismatch(declared: str, actual: str) -> Finding:
    name = encodings.usual_name(actual)
    message = (
        f"The XML declaration says {declared}, but the bytes are {name}; the document "
        f"was read as {name}. Correct the declaration."
    )
    return Finding("encoding-mismatch", Severity.WARNING, message, 1)


def _unknown(declared: str) -> Finding:
    message = (
        f'The XML declaration names an unknown encoding, "{declared}"; the document '
        "was read as UTF-8. Save it as UTF-8 and declare that."
    )
    return Finding("encoding-unknown", Severity.WARNING, message, 1)


def _invalid(error: UnicodeDecodeError, codec: str, skipped: int) -> Finding:
    line = error.object[: error.start].decode(codec, "replace").count("\n") + 1
    reading = "as Windows-1252" if encodings.is_ascii_based(codec) else "as unreadable"
    message = (
        f"The byte 0x{error.object[error.start]:02X} at byte offset "
        f"{skipped + error.start} (line {line}) is not valid "
        f"{encodings.usual_name(codec)}; it and others like it were read {reading}. "
        "Save the document as UTF-8."
    )
    return Finding("encoding-invalid", Severity.ERROR, message, line)


def _misplaced(offset: int, line: int) -> Finding:
    message = (
        f"The document starts at byte offset {offset} (line {line}), after blanks or "
        "a second byte-order mark, which XML forbids; they were moved out of the way. "
        "Remove what comes before it."
    )
    return Finding("declaration-misplaced", Severity.ERROR, message, line)
