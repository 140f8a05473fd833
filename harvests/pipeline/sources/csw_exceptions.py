"""What a catalogue service says when it refuses, in one sentence.

Exception reports come in the namespaces of OWS 1.0, 1.1 and 2.0, and of OGC, and in
none at all: only local names are looked at.
"""

from typing import Final

from lxml import etree

REPORTS: Final = frozenset(
    ("ExceptionReport", "ServiceExceptionReport", "Fault", "ServiceException")
)
_TEXTS: Final = frozenset(
    ("ExceptionText", "ServiceException", "faultstring", "Text", "Reason")
)
_LONGEST: Final = 400


class PageError(Exception):
    """A page could not be had or read to its end; the text is the reason.

    `status` is that of HTTP, or what it should have been (400 with a report), or 0.
    """

    def __init__(self, reason: str, *, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status


class Refused(PageError):
    """The service understood, and said no: by an exception report, or another way."""


def explain(root: etree._Element) -> str:
    """Return what an exception report says: text (code, locator)."""
    said, codes = [], []
    for element in root.iter(etree.Element):
        name = etree.QName(element).localname
        text = " ".join((element.text or "").split())
        if name in _TEXTS and text and text not in said:
            said.append(text.rstrip("."))
        codes += [
            value
            for key in ("exceptionCode", "code", "locator")
            if (value := element.get(key)) and value not in codes
        ]
    return _joined("; ".join(said), ", ".join(codes))


def _joined(text: str, codes: str) -> str:
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    if text and codes:
        return f"{text} ({codes})"
    return text or codes or "an exception without a text"
