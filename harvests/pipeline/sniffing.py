"""The beginning of a page: what a kind of source recognises, what software made it."""

import codecs
import re
from contextlib import suppress
from typing import Final

from lxml import etree

from harvests.pipeline.types import Page, Sample

HEAD: Final = 1 << 16
READ: Final = 1 << 18
_TITLE: Final = re.compile(rb"<title[^<>]*>([^<]{1,300})", re.IGNORECASE)
_GENERATOR: Final = re.compile(
    rb"""<meta\s[^<>]*name=["']?generator["']?\s[^<>]*content=["']([^"'<>]{1,80})""",
    re.IGNORECASE,
)
# What pages begin with that are HTML, or a part of it; XML has a namespace mostly
_HTML: Final = frozenset(
    {"html", "head", "body", "title", "meta", "link", "script", "style", "center"}
    | {"a", "p", "div", "span", "pre", "table", "ul", "ol", "li", "br", "hr", "img"}
    | {"h1", "h2", "h3", "h4", "form", "b", "i", "font", "header", "nav", "main"}
)
_XHTML: Final = "{http://www.w3.org/1999/xhtml}html"
_Signs = tuple[tuple[re.Pattern[bytes], str], ...]


def _signs(*pairs: tuple[bytes, str]) -> _Signs:
    return tuple((re.compile(sign, re.IGNORECASE), name) for sign, name in pairs)


# What servers write into the listings of their folders
_LISTINGS: Final = _signs(
    (rb"<address>Apache/?([\d.]+)?", "Apache"),
    (
        rb"<title>Index of [^<]*</title></head>\s*<body[^>]*>\s*<h1>[^<]*</h1><hr>",
        "nginx",
    ),
    (rb"\[To Parent Directory\]", "Microsoft IIS"),
    (rb"<title>Directory (?-i:Listing For) \[?(?:/|&#47;)", "Apache Tomcat"),
    (rb"<title>Directory: /", "Jetty"),
    (rb"\?C=N&(?:amp;)?O=[AD]", "nginx"),  # its fancy index
    (rb"\?C=N;O=[AD]", "Apache"),
    (rb"<title>Directory listing for /", "Python http.server"),
    (rb">lighttpd/?([\d.]+)?", "lighttpd"),
    (rb"<[^<>]*caddyserver\.com", "Caddy"),
    (rb"<ListBucketResult", "an object store"),
    (rb"<title>\s*(?:Index of|Directory|Listing)|Parent Directory", ""),
)
# and other software into its pages
_PROGRAMS: Final = _signs(
    (rb"ERDDAP,?\s+Version\s+([\d.]+)", "ERDDAP"),
    (rb"THREDDS Data Server(?:[^<\d]{0,30}([\d.]+))?", "THREDDS Data Server"),
    (rb"<title>[^<]*GeoNetwork", "GeoNetwork"),
    (rb"<title>[^<]*pycsw", "pycsw"),
    (rb"<title>[^<]*GeoServer", "GeoServer"),
    (rb"<title>[^<]*(?:OPeNDAP|Hyrax)", "OPeNDAP Hyrax"),
)


def sample_of(page: Page) -> Sample:
    """Return the first 64 KB of a page, less styles and scripts; it is rewound."""
    head = page.file.read(READ)
    page.file.seek(0)
    head = _plain(head)[:HEAD]
    return Sample(page.url, page.content_type, page.server, head, root_of(head))


def _plain(text: bytes) -> bytes:
    """Return a page without the styles and scripts that push its links far down."""
    for name in (b"style", b"script"):
        pieces, start, lower = [], 0, text.lower()
        while (opened := lower.find(b"<" + name, start)) >= 0:
            closed = lower.find(b"</" + name + b">", opened)
            if closed < 0:
                break
            pieces.append(text[start:opened])
            start = closed + len(name) + 3
        text = b"".join([*pieces, text[start:]])
    return text


def root_of(head: bytes) -> str:
    """Return the Clark name of the XML root, "" if this is no XML (or HTML).

    The parser loads and expands nothing, and sees no more than the first element.
    """
    parser = etree.XMLPullParser(
        events=("start",), resolve_entities=False, load_dtd=False, no_network=True
    )
    with suppress(etree.XMLSyntaxError):  # later than the first element, perhaps
        parser.feed(head.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n"))
    name = _first(parser)
    return "" if name.lower() in _HTML or name == _XHTML else name


def _first(parser: etree.XMLPullParser) -> str:
    with suppress(etree.XMLSyntaxError):
        for _, element in parser.read_events():
            if isinstance(element, etree._Element):
                return str(element.tag)
    return ""


def is_listing(sample: Sample) -> bool:
    """Tell a folder that a server lists from a page that somebody wrote."""
    is_data = sample.head.lstrip()[:1] == b"[" or bool(sample.root)
    return is_data or any(sign.search(sample.head) for sign, _ in _LISTINGS)


def software_of(sample: Sample) -> str:
    """Return the program that made the page, with its version if it says so."""
    for sign, name in (*_PROGRAMS, *_LISTINGS):
        if name and (found := sign.search(sample.head)):
            version = found[1].decode() if sign.groups and found[1] else ""
            return f"{name} {version}".strip()
    found = _GENERATOR.search(sample.head)
    return printable(found[1].decode("utf-8", "replace")) if found else ""


def described(sample: Sample) -> str:
    """Say what a page is, for people."""
    kind = printable(sample.content_type.partition(";")[0]) or "no content type"
    if sample.root:
        return f"an XML document <{sample.root}> ({kind})"
    if found := _TITLE.search(sample.head):
        title = printable(found[1].decode("utf-8", "replace"))
        return f"a page titled “{title[:80]}” ({kind})"
    return f"a page ({kind})" if sample.head.strip() else f"an empty page ({kind})"


def printable(text: str) -> str:
    """Return a text that may go on a terminal, in one line."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())
