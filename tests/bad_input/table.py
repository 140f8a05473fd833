"""What goes wrong, and every sentence that people read then.

{url} is the address of the listing or of the record that misbehaves, {site} the
server's, {place} its host and port.
"""

from dataclasses import dataclass

from tests.bad_input import documents as bad
from tests.bad_input.documents import document, web_page
from tests.behaviours import Behaviour, like

STAYS = "if it stays so, tell the provider"
TRIED = " (tried 3 times)"
NO_LISTING = (
    "that lists no XML record or folder. Give the address of the folder whose listing "
    "shows the records; if this is it, tell the provider."
)
DOCTYPE = (
    "The document has a DOCTYPE, which is refused because it can load other files and "
    "grow without limit: remove the DOCTYPE; ISO 19139 needs none."
)
XML_DOCTYPE = (
    "The listing {url} is XML with a DOCTYPE, which is refused because it can load "
    "other files and grow without limit; ask its server's staff."
)


@dataclass(frozen=True)
class Line:
    """`listing` and `record`: what is said where each of them behaves so.

    `patience`: seconds without data that are allowed, short only where that is tried.
    """

    behaviour: Behaviour
    listing: str
    record: str
    patience: float = 15


def fetching(target: str, reason: str, patience: float = 15) -> Line:
    """Say the same of a listing and of a record: neither could be fetched."""
    sentence = f"Could not fetch {{url}}: {reason}."
    return Line(like(target), sentence, sentence, patience)


def answering(status: int, reason: str) -> Line:
    return fetching(f"status/{status}", f"the server answered {status} {reason}")


def too_large(target: str) -> Line:
    words = "Could not fetch {url}: it is larger than %s bytes, our limit; "
    words += "ask the provider to split it."
    return Line(like(target), words % "8,000,000", words % "5,000,000")


def looking_like(behaviour: Behaviour, page: str, record: str) -> Line:
    answer = f"{{url}} answered with a page ({page}) {NO_LISTING}"
    return Line(behaviour, answer, record)


TROUBLE = "the server is in trouble; if it stays so, tell the provider" + TRIED
WEB_PAGE = (
    'This is a web page (HTML) titled "Sign in", not an ISO 19139 record: open its '
    "address in a browser to see what the server says."
)
EMPTY = "The document is empty: check that the file has content on the provider's side."
A_RECORD = "text/xml, an XML document <MD_Metadata>"

STATUSES = {
    401: "Unauthorized: it needs a login; enter it at the source's access settings, "
    "or ask the provider for open access",
    403: "Forbidden: ask the provider to allow our User-Agent "
    "(CatalogHarvesting/{version}) and our address",
    404: "Not Found: the document is gone or the link is wrong; tell the provider",
    410: "Gone: the document was removed for good; tell the provider",
    429: "Too Many Requests: it gets more requests than it likes; allow fewer "
    "connections" + TRIED,
    500: "Internal Server Error: " + TROUBLE,
    502: "Bad Gateway: " + TROUBLE,
    503: "Service Unavailable: " + TROUBLE,
    504: "Gateway Timeout: " + TROUBLE,
}

LINES: dict[str, Line] = {
    **{str(status): answering(status, reason) for status, reason in STATUSES.items()},
    "closes without a word": fetching(
        "empty",
        f"127.0.0.1 closed the connection without an answer; {STAYS}{TRIED}",
    ),
    "resets": fetching(
        "reset",
        "the connection to 127.0.0.1 broke (Recv failure: Connection reset by peer); "
        f"{STAYS}{TRIED}",
    ),
    "speaks something else": fetching(
        "gibberish",
        "127.0.0.1 does not speak HTTP as we know it (Received HTTP/0.9 when not "
        "allowed); check the address",
    ),
    "redirects in a circle": fetching(
        "round-and-round",
        "it redirects in a circle, back to {url}; tell the provider",
    ),
    "redirects on and on": fetching(
        "stairs/9", "it redirects more than 5 times; tell the provider"
    ),
    "redirects to a file": fetching(
        "to?file:///etc/passwd",
        "it redirects to file:///etc/passwd: only http and https addresses are fetched",
    ),
    "redirects nowhere": fetching(
        "nowhere",
        "the server answered 302 Found: it redirects, but does not say where to",
    ),
    "HTML": looking_like(web_page(bad.SIGN_IN), "text/html, title 'Sign in'", WEB_PAGE),
    "HTML said to be XML": looking_like(
        document(bad.SIGN_IN), "text/xml, title 'Sign in'", WEB_PAGE
    ),
    "an empty body": looking_like(document(b""), "text/xml, an empty page", EMPTY),
    "blanks": looking_like(web_page(b" \r\n "), "text/html, an empty page", EMPTY),
    "a body shorter than it says": fetching(
        "short",
        "the answer was cut short (end of response with 50 bytes missing); "
        f"{STAYS}{TRIED}",
    ),
    "a body without its last chunk": fetching(
        "short-chunks",
        "the answer was cut short (transfer closed with outstanding read data "
        f"remaining); {STAYS}{TRIED}",
    ),
    "half a document": looking_like(
        document(bad.HALF_RECORD),
        A_RECORD,
        "The document is not well-formed XML (line 17, column 70): it ends before "
        "<title> (line 17) is closed, so it was probably cut short; correct it at the "
        "source.",
    ),
    "gzip that is none": fetching(
        "packed/plain",
        "its content, said to be compressed, is not or is damaged; tell the provider",
    ),
    "gzip cut short": fetching(
        "packed/cut", f"its compressed content was cut short; {STAYS}{TRIED}"
    ),
    "a compression we did not ask for": fetching(
        "packed/br", "it is compressed with 'br', unasked for; tell the provider"
    ),
    "a gzip file": looking_like(
        document(bad.GZIPPED),
        "text/xml",
        "This is a gzip archive, not an ISO 19139 record: leave it out of the folder, "
        "or exclude it from the source.",
    ),
    "a body that never ends": too_large("endless"),
    "50 MB": too_large("size/50000000"),
    "50 MB in 50 KB of gzip": too_large("bomb"),
    "one byte a second": fetching(
        "drip/1",
        f"127.0.0.1 sent nothing to speak of for 1 seconds; {STAYS}{TRIED}",
        patience=1,
    ),
    **{
        name: Line(bad.with_entities(*bomb), XML_DOCTYPE, DOCTYPE)
        for name, bomb in bad.BOMBS.items()
    },
}
