"""Repairs what people paste for a web address, or says why it cannot be one.

Does not fetch: what only an answer can tell (https or http, with or without the
final slash) comes out as several addresses to try, the likeliest first.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urldefrag, urljoin, urlsplit, urlunsplit

from harvests.pipeline.errors import DetectionError
from harvests.pipeline.fetching.urls import shown

LONGEST: Final = 2000
OTHER: Final = {"http": "https", "https": "http"}
PORT: Final = {"http": 80, "https": 443}
INDEXES: Final = frozenset(
    {"index.html", "index.htm", "index.php", "index.jsp", "index.shtml"}
    | {"default.aspx", "default.asp", "default.html", "default.htm"}
)
_INVISIBLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2060\ufeff\xad]")
_BROKEN_LINE: Final = re.compile(r"\s*[\t\r\n]\s*")
_AROUND: Final = " \t\r\n\"'`<>()[]{}“”„‘’‚«»,;"
_BEGIN: Final = re.compile(r"https?(?:://|%3a%2f%2f)", re.IGNORECASE)
_SLASHES: Final = re.compile(r"(https?)\s*(?::\s*/{1,}|:(?!\d)|//+)\s*", re.IGNORECASE)
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d+(?:/|$))", re.IGNORECASE)
_DRIVE: Final = re.compile(r"[a-z]:[\\/]|\\\\|[/~][^/]|\.{1,2}/", re.IGNORECASE)
_LOGIN: Final = re.compile(r"[^/?#]*:[^/?#]*@")
_MAIL: Final = re.compile(r"[^@\s/:?#]+@[^@\s/:?#]+\.[^@\s/:?#]+")
_HOST: Final = re.compile(r"(?:[^\s/:?#@]+\.[^\s/:?#@.]+\.?|localhost|\[[\da-f:.]+\])")
_LINK: Final = re.compile(r"""\b(?:href|src)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_REFUSED: Final = {
    "mailto": "is an e-mail address",
    "file": "is a file on a computer, which only that computer can read",
    "ftp": "is on an FTP server, which is not harvested",
    "ftps": "is on an FTP server, which is not harvested",
    "sftp": "is on an SFTP server, which is not harvested",
    "s3": "is a bucket by its internal name",
    "gs": "is a bucket by its internal name",
}


@dataclass(frozen=True, slots=True)
class Address:
    """A web address. `is_guessed`: its scheme was not given."""

    url: str
    is_guessed: bool = False

    def variants(self) -> Iterator[str]:
        """Yield the folder in place of its index page, then the address, then +/."""
        parts = urlsplit(self.url)
        name = PurePosixPath(parts.path).name
        if name.lower() in INDEXES:
            yield urljoin(self.url, ".")
        yield self.url
        if slashed := with_slash(self.url):
            yield slashed

    def other_scheme(self) -> "Address":
        """Return the same place by https for http, or the other way round."""
        parts = urlsplit(self.url)
        place = parts.netloc.removesuffix(f":{PORT[parts.scheme]}")
        return Address(urlunsplit((OTHER[parts.scheme], place, *parts[2:])))


def with_slash(url: str) -> str:
    """Return the folder that `url` may be without its final slash, "" if none."""
    parts = urlsplit(url)
    if parts.query or parts.path.endswith("/") or "." in parts.path.rpartition("/")[2]:
        return ""
    return urlunsplit((*parts[:2], parts.path + "/", "", ""))


def repair(pasted: str) -> Address:
    """Return the address that was meant, or raise a DetectionError."""
    text = _unwrap(pasted)
    if not text:
        raise DetectionError("Nothing was given: paste the address of a source.")
    if len(text) > LONGEST:
        raise DetectionError(
            f"This is too long for an address ({len(text):,} characters, at most "
            f"{LONGEST:,}): paste the address alone."
        )
    _refuse_other_schemes(text)
    text = _straighten(text)
    is_guessed = not _BEGIN.match(text)
    url = ("https://" + text.lstrip("/")) if is_guessed else text
    return Address(_checked(urldefrag(url).url, text), is_guessed)


def _unwrap(pasted: str) -> str:
    """Take off what mails, chats, documents and programs put around an address."""
    text = _BROKEN_LINE.sub("", _INVISIBLE.sub("", pasted.replace("\xa0", " ").strip()))
    if link := _LINK.search(text):
        text = link[1]
    text = html.unescape(text).strip(_AROUND)
    found = list(_BEGIN.finditer(text.partition("?")[0]))
    if found and (start := found[-1].start()) and not _BEGIN.match(text):
        text = re.split(r"[\s\"'<>]", text[start:])[0].strip(_AROUND)  # in a sentence
    elif len(found) > 1 and found[-1].start() == found[0].end():
        text = text[found[-1].start() :]  # http://https://…
    if _BEGIN.match(text) and "%3a%2f%2f" in text[:14].lower():
        text = unquote(text)
    return text


def _refuse_other_schemes(text: str) -> None:
    if _SLASHES.match(text):
        return
    if _DRIVE.match(text):
        raise _refusal(text, _REFUSED["file"])
    if _MAIL.fullmatch(text):
        raise _refusal(text, _REFUSED["mailto"])
    scheme = _SCHEME.match(text)
    name = scheme[1].lower() if scheme else ""
    if _LOGIN.match(text) and name not in _REFUSED:
        raise _has_login(text)
    if name and "." not in name:  # h.org:x is a host with an odd port
        raise _refusal(text, _REFUSED.get(name, f"starts with {name}:"))


def _refusal(text: str, reason: str) -> DetectionError:
    return DetectionError(
        f"{_quoted(text)} {reason}: give an address that starts with http:// or https://."
    )


def _has_login(text: str) -> DetectionError:
    return DetectionError(
        f"{_quoted(text)} came with a name or password before the @, which would be "
        "shown with it: leave them out, and enter them in the source's access settings."
    )


def _quoted(text: str) -> str:
    """Return what was pasted, without what may be a password."""
    return shown(text if _MAIL.fullmatch(text) else _LOGIN.sub("", text, count=1))


def _straighten(text: str) -> str:
    """Mend the slashes: http:\\\\host\\waf, http:/host, http//host, https: //host."""
    place, mark, query = text.partition("?")
    place = place.replace("\\", "/")
    if scheme := _SLASHES.match(place):
        place = f"{scheme[1].lower()}://{place[scheme.end() :]}"
    return place + mark + query


def _checked(url: str, text: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise DetectionError(f"{_quoted(text)} is no address: {error}.") from error
    if "@" in parts.netloc:
        raise _has_login(url)
    has_scheme = bool(_BEGIN.match(text))
    if not host or not (has_scheme or port or _HOST.fullmatch(parts.netloc.lower())):
        raise DetectionError(
            f"{_quoted(text)} is no web address: give one such as https://host/folder/."
        )
    return urlunsplit((*parts[:2], parts.path or "/", parts.query, ""))
