"""What a person may have pasted: a title, an identifier, a file name or an address."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

LONGEST: Final = 2000
SWAPPED: Final = {"http": "https", "https": "http"}
IDENTIFIERS: Final = ("id", "uuid", "identifier", "fileidentifier")
SAFE: Final = "/:?#[]@!$&'()*+,;=%~"


@dataclass(frozen=True, slots=True)
class Question:
    """`text` as asked, and what it may be the same as in the database.

    `address` is the text if it is one, without its fragment.
    """

    text: str
    address: str = ""
    urls: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()


def question_of(text: str) -> Question:
    asked = " ".join(text.replace("\0", "").split())[:LONGEST]
    parts = _parts(asked)
    if parts is None:
        names = (asked, f"{asked}.xml")
        written = (asked, asked.lower(), asked.upper())
        return Question(asked, names=names, identifiers=_unique(iter(written)))
    name = unquote(PurePosixPath(parts.path).name)
    address = parts._replace(fragment="").geturl()
    return Question(
        asked,
        address=address,
        urls=_unique(_spellings(asked, address)),
        names=(name,) if name.lower().endswith(".xml") else (),
        identifiers=_unique(_identifiers(parts, name)),
    )


def _parts(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return parts if parts.scheme.lower() in SWAPPED and parts.netloc else None


def _spellings(asked: str, address: str) -> Iterator[str]:
    for url in (asked, address):
        scheme, colon, rest = url.partition(":")
        for first in (scheme.lower(), SWAPPED[scheme.lower()]):
            same = f"{first}{colon}{rest}"
            yield from (same, unquote(same), quote(same, safe=SAFE))


def _identifiers(parts: SplitResult, name: str) -> Iterator[str]:
    """Of GetRecordById, of a catalogue's page about a record, of our own file."""
    for key, value in parse_qsl(parts.query):
        if key.lower() in IDENTIFIERS:
            yield value
    for last in (unquote(parts.fragment.rpartition("/")[2]), name):
        yield from (last, last.removesuffix(".xml"))


def _unique(texts: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
