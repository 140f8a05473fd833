"""Real proxies that lead everybody to one place: `with proxies.socks(port) as proxy:`.

Whatever host they are asked for, they connect to 127.0.0.1 at that port.
"""

import base64
import select
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

NO_LOGIN, BY_NAME = 0, 2
REFUSED = 5


class Handler(socketserver.BaseRequestHandler):
    """One client; what it asks for is kept in the `seen` of the server."""

    server: "Server"
    request: socket.socket

    def lead_on(self) -> None:
        """Pass bytes to and fro until one side has enough."""
        with socket.create_connection(("127.0.0.1", self.server.target)) as beyond:
            other = {self.request: beyond, beyond: self.request}
            while not self.server.stopping.is_set():
                for ready in select.select([*other], [], [], 0.05)[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    other[ready].sendall(data)


class Tunnel(Handler):
    """Speaks HTTP CONNECT; `status` is what it answers."""

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.request.recv(65536)
        self.server.seen.append(head.decode())
        status = self.server.status
        if self.server.login:
            login = base64.b64encode(self.server.login.encode())
            status = status if b"Authorization: Basic " + login in head else 407
        self.request.sendall(b"HTTP/1.1 %d So\r\nContent-Length: 0\r\n\r\n" % status)
        if status == 200:
            with suppress(OSError):
                self.lead_on()


class Socks(Handler):
    """Speaks SOCKS 5 (RFC 1928), with a login (RFC 1929) if it has one."""

    def handle(self) -> None:
        self._read(self._read(2)[1])
        self.request.sendall(bytes([5, BY_NAME if self.server.login else NO_LOGIN]))
        if self.server.login and not self._logged_in():
            return
        _, _, _, kind = self._read(4)
        host = self._read(self._read(1)[0] if kind == 3 else 4)
        self._read(2)
        self.server.seen.append(host.decode("latin-1"))
        answer = 0 if self.server.status == 200 else REFUSED
        self.request.sendall(bytes([5, answer, 0, 1, 127, 0, 0, 1, 0, 0]))
        if not answer:
            with suppress(OSError):
                self.lead_on()

    def _logged_in(self) -> bool:
        self._read(1)
        user = self._read(self._read(1)[0])
        password = self._read(self._read(1)[0])
        right = f"{user.decode()}:{password.decode()}" == self.server.login
        self.request.sendall(bytes([1, not right]))
        return right

    def _read(self, length: int) -> bytes:
        return self.request.recv(length, socket.MSG_WAITALL)


class Server(socketserver.ThreadingTCPServer):
    """`login` is "user:password"; `status` other than 200 refuses to connect."""

    def __init__(self, kind: type[Handler], target: int) -> None:
        super().__init__(("127.0.0.1", 0), kind)
        self.port = int(self.server_address[1])
        self.target = target
        self.stopping = threading.Event()
        self.seen: list[str] = []
        self.login = ""
        self.status = 200


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            server.shutdown()
            thread.join()


def tunnel(target: int) -> AbstractContextManager[Server]:
    return _running(Server(Tunnel, target))


def socks(target: int) -> AbstractContextManager[Server]:
    return _running(Server(Socks, target))
