"""A Solr that has every document CKAN hands it, and finds none.

What CKAN's search would answer, no harvest needs: it reads from its database what it
does not find here.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

SCHEMA = b'<schema name="ckan-2.11" version="1.6"/>'
NOTHING = {
    "responseHeader": {"status": 0, "QTime": 0},
    "response": {"numFound": 0, "start": 0, "docs": []},
    "facet_counts": {"facet_queries": {}, "facet_fields": {}},
}


class _Solr(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_schema = "/schema" in self.path or "/admin/file" in self.path
        body = SCHEMA if is_schema else json.dumps(NOTHING).encode()
        self.send_response(200)
        kind = "text/xml" if is_schema else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def blank_solr() -> Iterator[str]:
    """Serve it on a port of its own; give the address of its core."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Solr)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/solr/ckan"
    finally:
        server.shutdown()
        server.server_close()
