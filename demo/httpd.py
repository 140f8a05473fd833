"""HTTP for the provider: keep-alive, HEAD, conditional GET, chunks, a clean end."""

import contextlib
import re
import socket
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from demo.answers import Answer, is_fresh, not_modified, problem
from demo.provider import Provider

FORM_LENGTH = re.compile("[0-9]{1,5}")


class Server(ThreadingHTTPServer):
    """Ends its connections when closed, so that no thread or socket outlives it."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], provider: Provider, *, verbose: bool):
        self.provider = provider
        self.verbose = verbose
        self.answered: Counter[tuple[str, int]] = Counter()
        self.lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        super().__init__(address, RequestHandler)

    def server_bind(self) -> None:
        """Without the name look-up of HTTPServer, which may take seconds."""
        TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self.lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        with self.lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


class RequestHandler(BaseHTTPRequestHandler):
    """Takes a request off the wire and puts the provider's answer on it."""

    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 60
    wbufsize = -1  # headers and body leave together: no 40 ms wait for an ACK
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        answer = self.server.provider.get(self._path())
        if is_fresh(answer, self.headers):
            answer = not_modified(answer)
        self._send(answer)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        if self._read_form():
            self._send(self.server.provider.post(self._path()))
        else:
            self.close_connection = True
            self._send(problem(413))

    def log_message(self, format: str, *args: Any) -> None:
        if self.server.verbose:
            super().log_message(format, *args)

    def _path(self) -> str:
        return unquote(urlsplit(self.path).path)

    def _read_form(self) -> bool:
        """The controls need no form; it is read so that the next request is found."""
        length = self.headers.get("Content-Length", "0")
        if not FORM_LENGTH.fullmatch(length) or "Transfer-Encoding" in self.headers:
            return False
        self.rfile.read(int(length))
        return True

    def _send(self, answer: Answer) -> None:
        with self.server.lock:
            self.server.answered[self._path(), answer.status] += 1
        self._send_headers(answer)
        if self.command == "HEAD" or answer.status == 304:
            return
        if isinstance(answer.body, bytes):
            self.wfile.write(answer.body)
        else:
            self._send_stream(answer.body)

    def _send_headers(self, answer: Answer) -> None:
        self.log_request(answer.status)
        self.send_response_only(answer.status)
        self.send_header("Date", self.date_time_string())
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if isinstance(answer.body, bytes):
            if answer.status != 304:
                self.send_header("Content-Length", str(len(answer.body)))
        elif self.request_version == "HTTP/1.1":
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.close_connection = True
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _send_stream(self, body: Iterable[bytes]) -> None:
        if self.request_version != "HTTP/1.1":
            self.wfile.writelines(body)
            return
        for chunk in body:
            self.wfile.write(b"%X\r\n%b\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")
