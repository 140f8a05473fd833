"""A folder of good records on a real socket, until a test makes it misbehave."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from tests import misbehaving
from tests.behaviours import Behaviour, Exchange, sends
from tests.folders import record

LISTING = "/waf/"
BAD = "/waf/b.xml"  # the one that a test spoils
HTML, XML = "Content-Type: text/html; charset=utf-8", "Content-Type: text/xml"


class Provider:
    """Lists `records` at `url`; `spoil` makes a path misbehave from then on."""

    def __init__(self, server: misbehaving.Server) -> None:
        self.server = server
        self.records = {name: record(name) for name in ("a", "b", "c", "e", "f", "g")}
        self.folders: list[str] = []
        self.serve()

    @property
    def url(self) -> str:
        return self.server.url("waf/")

    def url_of(self, name: str) -> str:
        return f"{self.url}{name}.xml"

    def serve(self) -> None:
        """Behave well at every path."""
        names = [*self.folders, *(f"{name}.xml" for name in sorted(self.records))]
        self.server.at[LISTING] = sends(listing(*names), HTML)
        for name, body in self.records.items():
            self.server.at[f"/waf/{name}.xml"] = sends(body, XML)

    def move_on(self) -> None:
        """Change record c and add record d, so that a run has something to do."""
        self.records["c"] = record("c", title="Changed", date="2026-01-01")
        self.records["d"] = record("d")
        self.serve()

    def add_folder(self, folder: str, *names: str) -> None:
        """List a folder with records of its own."""
        self.folders.append(folder)
        self.serve()
        files = [f"{name}.xml" for name in names]
        self.server.at[f"/waf/{folder}"] = sends(listing(*files), HTML)
        for name in names:
            self.server.at[f"/waf/{folder}{name}.xml"] = sends(record(name), XML)

    def spoil(self, path: str, behaviour: Behaviour) -> None:
        for target in (path, f"{path}?again"):
            self.server.at[target] = behaviour


def listing(*names: str) -> bytes:
    rows = "".join(f'<a href="{name}">{name}</a>\n' for name in names)
    return f"<html><h1>Index of /waf/</h1><pre>\n{rows}</pre></html>".encode()


def redirect(url: str) -> Behaviour:
    def answer(exchange: Exchange) -> None:
        exchange.answer(302, f"Location: {url}")

    return answer


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[Provider]:
    with misbehaving.server(tls) as server:
        yield Provider(server)
