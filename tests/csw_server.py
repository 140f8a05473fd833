"""A catalogue service on a real socket that is honest, but for what a test changes.

`with serving(records("a", "b"), odd=function) as server:` starts it. `function` gets
each request as an `Ask` and the server, and returns an answer of its own (bytes, or
status and bytes), or None to let the server answer honestly.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from lxml import etree

GMD = "http://www.isotc211.org/2005/gmd"
CSW = "http://www.opengis.net/cat/csw/2.0.2"
CSW3 = "http://www.opengis.net/cat/csw/3.0"
NAMES = f'xmlns:csw="{CSW}" xmlns:ows="http://www.opengis.net/ows" \
xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:xlink="http://www.w3.org/1999/xlink"'


@dataclass
class Ask:
    """One request; names and values as GET has them, wherever they came from."""

    method: str
    values: dict[str, str]
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def start(self) -> int:
        return int(self.values.get("startposition", 1))

    @property
    def size(self) -> int:
        return int(self.values.get("maxrecords", 10))

    @property
    def is_brief(self) -> bool:
        return self.elementsetname == "brief"


Answer = bytes | tuple[int, bytes] | None
Odd = Callable[[Ask, "Server"], Answer]


class Server(ThreadingHTTPServer):
    """`records` are documents by identifier; change them while it runs."""

    def __init__(self, records: dict[str, bytes], odd: Odd, **said: object) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.records = records
        self.odd = odd
        self.said = said
        self.asks: list[Ask] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/csw"

    def pages(self, method: str = "") -> list[tuple[int, int]]:
        """Start and size of the pages of full records that were asked for."""
        return [
            (ask.start, ask.size)
            for ask in self.asks
            if ask.request == "GetRecords"
            and not ask.is_brief
            and method in ("", ask.method)
        ]

    def answer(self, ask: Ask) -> tuple[int, bytes]:
        self.asks.append(ask)
        answer = self.odd(ask, self)
        if answer is None:
            answer = self.honest(ask)
        return answer if isinstance(answer, tuple) else (200, answer)

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that hung up; tell the rest as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*_)

    def honest(self, ask: Ask, **said: object) -> bytes:
        """Answer as a good server does, but for attributes of the page: total=3."""
        if ask.request == "GetCapabilities":
            return capabilities(self.url, **self.said)
        if ask.request == "GetRecordById":
            return by_id(self.records.get(ask.id, b""))
        names = list(self.records)[ask.start - 1 :][: ask.size]
        show = brief if ask.is_brief else self.records.__getitem__
        total = len(self.records)
        after = ask.start + len(names)
        facts = {"total": total, "next": after if after <= total else 0, **said}
        return results([show(name) for name in names], **facts)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: else each answer takes 40 ms
    server: Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        values = {name.lower(): value for name, value in pairs}
        self._answer(Ask("GET", values, parts.path, dict(self.headers)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        values = _values(etree.fromstring(body))
        path = urlsplit(self.path).path
        self._answer(Ask("POST", values, path, dict(self.headers)))

    def _answer(self, ask: Ask) -> None:
        status, body = self.server.answer(ask)
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


def _values(root: etree._Element) -> dict[str, str]:
    values = {name.lower(): value for name, value in root.attrib.items()}
    values["request"] = etree.QName(root).localname
    for element in root.iter(etree.Element):
        name = etree.QName(element).localname.lower()
        if name == "query":
            values["typenames"] = element.get("typeNames")
        elif name == "sortproperty":
            values["sortby"] = "".join(element.itertext())
        elif name == "constraint":
            values["constraint"] = etree.tostring(element).decode()
        elif name == "elementsetname":
            values[name] = element.text
    return values


def honestly(_ask: Ask, _server: Server) -> Answer:
    return None


@contextmanager
def serving(
    records: dict[str, bytes], odd: Odd = honestly, **said: object
) -> Iterator[Server]:
    with Server(records, odd, **said) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def iso(identifier: str, title: str = "A record") -> bytes:
    """A record without a declaration; "" for no identifier at all."""
    text = f"<gco:CharacterString>{escape(identifier)}</gco:CharacterString>"
    name = f"<gmd:fileIdentifier>{text}</gmd:fileIdentifier>" if identifier else ""
    return (
        f'<gmd:MD_Metadata xmlns:gmd="{GMD}" '
        f'xmlns:gco="http://www.isotc211.org/2005/gco">{name}'
        f"<gmd:metadataStandardName><gco:CharacterString>{title}"
        "</gco:CharacterString></gmd:metadataStandardName></gmd:MD_Metadata>"
    ).encode()


def numbered(count: int) -> dict[str, bytes]:
    """Records r001, r002, ..."""
    return {name: iso(name) for name in (f"r{n:03}" for n in range(1, count + 1))}


def brief(identifier: str) -> bytes:
    return (
        f"<csw:BriefRecord {NAMES}><dc:identifier>{escape(identifier)}"
        "</dc:identifier></csw:BriefRecord>"
    ).encode()


def results(
    records: list[bytes],
    *,
    total: object = None,
    next: object = None,
    returned: object = None,
    csw: str = CSW,
) -> bytes:
    """A page of records; a fact that is None is left out."""
    facts = {
        "numberOfRecordsMatched": total,
        "numberOfRecordsReturned": len(records) if returned is None else returned,
        "nextRecord": next,
    }
    said = " ".join(f'{name}="{v}"' for name, v in facts.items() if v is not None)
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        + f'<csw:GetRecordsResponse xmlns:csw="{csw}"><csw:SearchStatus/>\n'.encode()
        + f"<csw:SearchResults {said}>".encode()
        + b"\n".join(records)
        + b"</csw:SearchResults></csw:GetRecordsResponse>"
    )


def by_id(record: bytes) -> bytes:
    return (
        f'<csw:GetRecordByIdResponse xmlns:csw="{CSW}">'.encode()
        + record
        + b"</csw:GetRecordByIdResponse>"
    )


def exception(text: str, code: str = "NoApplicableCode", locator: str = "") -> bytes:
    return (
        f'<ows:ExceptionReport {NAMES}><ows:Exception exceptionCode="{code}" '
        f'locator="{locator}"><ows:ExceptionText>{escape(text)}</ows:ExceptionText>'
        "</ows:Exception></ows:ExceptionReport>"
    ).encode()


def capabilities(
    url: str,
    *,
    get: str | None = "",
    post: str | None = "",
    schemas: tuple[str, ...] = (GMD, CSW),
    types: tuple[str, ...] = ("gmd:MD_Metadata", "csw:Record"),
    most: object = None,
    csw: str = CSW,
) -> bytes:
    """What the service says of itself; `get` or `post` None: not asked that way."""
    links = "".join(
        f'<ows:{method} xlink:href="{escape(address or url)}"/>'
        for method, address in (("Get", get), ("Post", post))
        if address is not None
    )
    most = "" if most is None else _value("Constraint", "MaxRecordDefault", str(most))
    return (
        f"<csw:Capabilities {NAMES.replace(CSW, csw)}>"
        "<ows:ServiceIdentification><ows:Title>Buoys</ows:Title>"
        '</ows:ServiceIdentification><ows:OperationsMetadata><ows:Operation name="'
        f'GetRecords"><ows:DCP><ows:HTTP>{links}</ows:HTTP></ows:DCP>'
        f"{_value('Parameter', 'outputSchema', *schemas)}"
        f"{_value('Parameter', 'typeNames', *types)}</ows:Operation>{most}"
        "</ows:OperationsMetadata></csw:Capabilities>"
    ).encode()


def _value(element: str, name: str, *values: str) -> str:
    inner = "".join(f"<ows:Value>{value}</ows:Value>" for value in values)
    return f'<ows:{element} name="{name}">{inner}</ows:{element}>'
