"""What a catalogue service says it can do. Asks for it, and reads the answer."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from harvests.pipeline.errors import FetchError, GatherError
from harvests.pipeline.sources.csw_exceptions import PageError
from harvests.pipeline.sources.csw_urls import (
    capabilities_url,
    cleaned,
    endpoint,
    same_host,
)
from harvests.pipeline.sources.csw_xml import expect, local, parsed
from harvests.pipeline.sources.pages import PageFetcher
from harvests.pipeline.types import Page

_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_MOST_ASKED: Final = 100
_MOST_BYTES: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class Capabilities:
    """A catalogue service: where and how it is asked.

    `get` and `post` are "" where it is not asked that way. `elsewhere` is the address
    that it names for itself if that is on another host, and was not taken.
    """

    address: str
    version: str = "2.0.2"
    get: str = ""
    post: str = ""
    schemas: tuple[str, ...] = ()
    type_names: tuple[str, ...] = ()
    page_size: int = _MOST_ASKED
    elsewhere: str = ""


def ask(url: str, fetcher: PageFetcher) -> Capabilities:
    """Return the capabilities of the service at `url`; raise GatherError."""
    try:
        return _asked(url, capabilities_url(url), fetcher)
    except PageError as error:
        first = str(error)
    try:  # one that knows CSW 3.0.0 only refuses the version, or should
        return _asked(url, capabilities_url(url, version=False), fetcher)
    except PageError:
        raise GatherError(_complaint(url, first), url=url) from None


def read(page: Page, url: str) -> Capabilities:
    """Read the answer to GetCapabilities; raise PageError if it is none."""
    expect(page.file, "Capabilities")
    root = parsed(page.file, most=_MOST_BYTES)
    given = _upgraded(cleaned(url), page.url)
    operation = _operation(root, "GetRecords")
    get, elsewhere = endpoint(given, _href(operation, "Get"))
    post, other = endpoint(given, _href(operation, "Post"))
    speaks = operation is not None
    return Capabilities(
        address=given,
        version="3.0.0" if "/csw/3" in str(root.tag) else "2.0.2",
        get=get if not speaks or _href(operation, "Get") else "",
        post=post if not speaks or _href(operation, "Post") else "",
        schemas=_values(operation, "outputschema"),
        type_names=_values(operation, "typenames"),
        page_size=_page_size(root),
        elsewhere=elsewhere or other,
    )


def _asked(url: str, address: str, fetcher: PageFetcher) -> Capabilities:
    try:
        page = fetcher.page(address)
    except FetchError as error:
        if error.status not in (400, 500):  # an exception report may come with them
            raise GatherError(str(error), url=url) from error
        raise PageError(str(error)) from error
    with contextlib.closing(page.file):
        return read(page, url)


def _complaint(url: str, reason: str) -> str:
    return (
        f"{capabilities_url(url)} did not answer with the capabilities of a catalogue "
        f"service (CSW): {reason}. Check the address."
    )


def _upgraded(given: str, reached: str) -> str:
    """Return the given address by https if the service redirected there."""
    is_secure = given.startswith("http:") and reached.startswith("https:")
    if is_secure and same_host(given, reached):
        return "https:" + given.removeprefix("http:")
    return given


def _operation(root: etree._Element, name: str) -> etree._Element | None:
    for element in root.iter("{*}Operation"):
        if element.get("name") == name:
            return element
    return None


def _href(operation: etree._Element | None, method: str) -> str:
    """Return the address for that method, not that for SOAP if there are two."""
    if operation is None:
        return ""
    links = [e for e in operation.iter(f"{{*}}{method}") if e.get(_HREF)]
    links.sort(key=_takes_soap_only)
    return (links[0].get(_HREF) or "").strip() if links else ""


def _takes_soap_only(link: etree._Element) -> bool:
    encodings = {(e.text or "").strip().upper() for e in link.iter("{*}Value")}
    return encodings == {"SOAP"}


def _named(parent: etree._Element, name: str) -> Iterator[str]:
    """Yield the values of the parameters and constraints with that name."""
    for element in parent.iter("{*}Parameter", "{*}Constraint"):
        if (element.get("name") or "").lower() == name:
            for value in element.iter():
                if local(value.tag) == "Value" and value.text:
                    yield value.text.strip()


def _values(operation: etree._Element | None, name: str) -> tuple[str, ...]:
    return () if operation is None else tuple(_named(operation, name))


def _page_size(root: etree._Element) -> int:
    sizes = [
        int(value)
        for name in ("maxrecorddefault", "maxrecords", "maximumrecords")
        for value in _named(root, name)
        if value.isdecimal() and int(value) > 0
    ]
    return min([_MOST_ASKED, *sizes])
