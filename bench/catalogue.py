"""A catalogue service of one folder of records: answers pages as fast as it can read.

Knows GetCapabilities and GetRecords, by GET and POST, and takes no constraint: what
is measured is who asks. `python -m bench.catalogue FOLDER PORT`.
"""

import re
import sys
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

DECLARATION = re.compile(rb"\A\s*<\?xml[^>]*\?>\s*")
NUMBER = r'{}="(\d+)"'
CAPABILITIES = """<csw:Capabilities version="2.0.2"
  xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:ows="http://www.opengis.net/ows"
  xmlns:xlink="http://www.w3.org/1999/xlink">
 <ows:ServiceIdentification><ows:Title>Bench</ows:Title>
  <ows:ServiceType>CSW</ows:ServiceType>
  <ows:ServiceTypeVersion>2.0.2</ows:ServiceTypeVersion></ows:ServiceIdentification>
 <ows:OperationsMetadata>{operations}</ows:OperationsMetadata></csw:Capabilities>"""
OPERATION = """<ows:Operation name="{name}"><ows:DCP><ows:HTTP>
  <ows:Get xlink:href="{url}"/><ows:Post xlink:href="{url}"/></ows:HTTP></ows:DCP>
  <ows:Parameter name="outputSchema"><ows:Value>http://www.isotc211.org/2005/gmd</ows:Value>
  </ows:Parameter></ows:Operation>"""
ANSWER = b"""<?xml version="1.0" encoding="UTF-8"?>
<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2">
 <csw:SearchStatus timestamp="2026-11-23T00:00:00Z"/>
 <csw:SearchResults numberOfRecordsMatched="%d" numberOfRecordsReturned="%d"
  nextRecord="%d" elementSet="full" recordSchema="http://www.isotc211.org/2005/gmd">
%s
 </csw:SearchResults></csw:GetRecordsResponse>"""


class Catalogue(ThreadingHTTPServer):
    """Holds the names of the records, not their content."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.paths = sorted(folder.glob("*.xml"))
        self.url = f"http://127.0.0.1:{self.server_port}/csw"

    @lru_cache(maxsize=200)  # noqa: B019 - lives as long as the process
    def page(self, start: int, most: int) -> bytes:
        chosen = self.paths[start - 1 : start - 1 + most]
        after = start + len(chosen)
        records = [DECLARATION.sub(b"", path.read_bytes()) for path in chosen]
        following = after if after <= len(self.paths) else 0
        body = b"\n".join(records)
        return ANSWER % (len(self.paths), len(chosen), following, body)

    def capabilities(self) -> bytes:
        names = ("GetCapabilities", "GetRecords", "GetRecordById")
        made = "".join(OPERATION.format(name=name, url=self.url) for name in names)
        return CAPABILITIES.format(operations=made).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers one client."""

    server: Catalogue
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        asked = {name.lower(): values[0] for name, values in query.items()}
        if asked.get("request", "").lower() != "getrecords":
            self._answer(self.server.capabilities())
            return
        start, most = asked.get("startposition", "1"), asked.get("maxrecords", "10")
        self._answer(self.server.page(int(start), int(most)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "GetRecords" not in body:
            self._answer(self.server.capabilities())
            return
        start = re.search(NUMBER.format("startPosition"), body)
        most = re.search(NUMBER.format("maxRecords"), body)
        page = self.server.page(
            int(start[1]) if start else 1, int(most[1]) if most else 10
        )
        self._answer(page)

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    Catalogue(Path(sys.argv[1]), int(sys.argv[2])).serve_forever()
