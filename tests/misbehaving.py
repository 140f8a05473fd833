"""A real server whose paths name behaviours: `server.url("drip")`.

`with misbehaving.server() as server:` starts it; `tests/behaviours.py` has the
behaviours. Also a port that refuses and one that never accepts.
"""

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.behaviours import BEHAVIOURS, Behaviour, Exchange, leave, ok


class Handler(socketserver.BaseRequestHandler):
    """Answers the requests of one connection until a behaviour breaks it off."""

    server: "Server"
    request: socket.socket

    def handle(self) -> None:
        self._rest = b""
        with suppress(OSError):  # the client has left, or the behaviour has
            while head := self._read_head():
                exchange = Exchange(head, self.request, self.server.stopping)
                length = int(exchange.headers.get("content-length", 0))
                exchange.body = self._read_body(length)
                with self.server.counting(exchange):
                    self.server.behaviour_for(exchange)(exchange)

    def _read_head(self) -> str:
        data = self._rest
        while b"\r\n\r\n" not in data:
            chunk = self.request.recv(65536)
            if not chunk:
                return ""
            data += chunk
        head, _, self._rest = data.partition(b"\r\n\r\n")
        return head.decode("latin-1")

    def _read_body(self, length: int) -> bytes:
        while len(self._rest) < length:
            self._rest += self.request.recv(65536) or leave()
        body, self._rest = self._rest[:length], self._rest[length:]
        return body


class Server(socketserver.ThreadingTCPServer):
    """`seen` are its requests, `most_at_once` how many it answered at one time.

    `at` holds the paths that behave as a test says, whatever they are called.
    """

    request_queue_size = 128

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = int(self.server_address[1])
        self.stopping = threading.Event()
        self.seen: list[Exchange] = []
        self.connections = 0
        self.most_at_once = 0
        self.at: dict[str, Behaviour] = {}
        self._tls = tls
        self._at_once = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}/{path}"

    def behaviour_for(self, exchange: Exchange) -> Behaviour:
        return self.at.get(exchange.target) or BEHAVIOURS.get(exchange.name, ok)

    def show(self, certificate: ssl.SSLContext) -> None:
        """Present another certificate from the next connection on."""
        self._tls = certificate

    def targets(self) -> list[str]:
        """What was asked for, as the request lines say it."""
        return [exchange.target for exchange in self.seen]

    @contextmanager
    def counting(self, exchange: Exchange) -> Iterator[None]:
        with self._lock:
            self.seen.append(exchange)
            exchange.turn = self.targets().count(exchange.target)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        self.connections += 1
        if self._tls is not None:
            connection = self._tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: socket.socket) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def go_down(self) -> None:
        """Refuse from now on; the port stays ours, so that nobody else gets it."""
        self.shutdown()
        self.hang_up()
        self.server_close()
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", self.port))

    def hang_up(self) -> None:
        self.stopping.set()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def server(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    with Server(tls) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield running
        finally:
            running.shutdown()
            running.hang_up()
            thread.join()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that refuses: bound, so that nobody else gets it, but not listening."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port that never finishes a connection, because its queue is full."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(sock.getsockname())
        yield sock.getsockname()[1]
        for filler in fillers:
            filler.close()
