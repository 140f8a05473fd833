"""What `tests/misbehaving.py` can do to a client, by the first part of the path.

`/flaky/503/2` calls `flaky` with the arguments "503" and "2"; a path that names
nothing gets `ok`. A behaviour that raises OSError ends the connection.
"""

import gzip
import hashlib
import itertools
import random
import re
import socket
import struct
import threading
import zlib
from collections.abc import Callable
from typing import NoReturn
from urllib.parse import urlsplit

DOCUMENT = b"<a>" + random.Random(1).randbytes(5000).hex().encode() + b"</a>"
ETAG = '"v1"'
MODIFIED = "Fri, 02 Oct 2026 11:47:00 GMT"


class Exchange:
    """One request, and the way to answer it; `turn` counts those for this target."""

    def __init__(self, head: str, sock: socket.socket, stop: threading.Event) -> None:
        self.method, self.target = head.split(" ")[:2]
        self.body = b""
        parts = urlsplit(self.target)  # a proxy is asked for whole URLs
        self.query = parts.query
        self.name, *self.arguments = parts.path.lstrip("/").split("/")
        if self.method == "CONNECT":
            self.name = "connect"
        lines = (line.partition(":") for line in head.split("\r\n")[1:])
        self.headers = {name.lower(): value.strip() for name, _, value in lines}
        self.socket = sock
        self.stop = stop
        self.turn = 0

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(
        self, status: int = 200, *headers: str, body: bytes = b"", missing: int = 0
    ) -> None:
        """Send an answer that claims `missing` bytes more than it sends."""
        length = f"Content-Length: {len(body) + missing}"
        head = "\r\n".join((f"HTTP/1.1 {status} So be it", length, *headers, "", ""))
        self.send(head.encode("latin-1") + body)


Behaviour = Callable[[Exchange], object]
BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(function: Behaviour) -> Behaviour:
    BEHAVIOURS[function.__name__.replace("_", "-")] = function
    return function


def leave(message: str = "on purpose") -> NoReturn:
    raise OSError(message)


@behaviour
def ok(exchange: Exchange) -> None:
    """A document with an ETag and a date, 304 to who knows either."""
    known = exchange.headers.get("if-none-match") == ETAG
    if known or exchange.headers.get("if-modified-since") == MODIFIED:
        exchange.answer(304)
        return
    tags = (f"ETag: {ETAG}", f"Last-Modified: {MODIFIED}")
    exchange.answer(200, "Content-Type: application/xml", *tags, body=DOCUMENT)


@behaviour
def size(exchange: Exchange) -> None:
    """size/1000: a document of that many bytes."""
    exchange.answer(body=b"x" * int(exchange.arguments[0]))


@behaviour
def bare(exchange: Exchange) -> None:
    """No headers at all, the end of the connection is the end of the document."""
    exchange.send(b"HTTP/1.1 200\r\n\r\n" + DOCUMENT)
    leave()


@behaviour
def chatty(exchange: Exchange) -> None:
    """A hint with headers of its own, then the document."""
    exchange.send(b"HTTP/1.1 103 Early Hints\r\nETag: wrong\r\nLink: </x>\r\n\r\n")
    ok(exchange)


@behaviour
def slow(exchange: Exchange) -> None:
    """slow/0.2: a document after that many seconds."""
    exchange.stop.wait(float(exchange.arguments[0]))
    ok(exchange)


@behaviour
def status(exchange: Exchange) -> None:
    """status/403: that status, with a page of HTML."""
    exchange.answer(int(exchange.arguments[0]), body=b"<html>secret words</html>")


@behaviour
def endless_status(exchange: Exchange) -> None:
    """endless-status/404: that status, with a page that never ends."""
    exchange.send(f"HTTP/1.1 {exchange.arguments[0]} No\r\n\r\n".encode())
    while True:
        exchange.send(b"<p>" * 10_000)


@behaviour
def flaky(exchange: Exchange) -> None:
    """flaky/503/2: that status twice, then a document."""
    number, times = exchange.arguments[:2]
    if exchange.turn <= int(times):
        exchange.answer(int(number))
    else:
        ok(exchange)


@behaviour
def busy(exchange: Exchange) -> None:
    """busy/429/1: "come back in a second" once, then a document."""
    number, after = exchange.arguments[:2]
    if exchange.turn == 1:
        exchange.answer(int(number), f"Retry-After: {after.replace('_', ' ')}")
    else:
        ok(exchange)


@behaviour
def locked(exchange: Exchange) -> None:
    """locked/Negotiate: a 401 for whoever asks, with that challenge."""
    challenges = [f"WWW-Authenticate: {name}" for name in exchange.arguments]
    exchange.answer(401, *challenges, body=b"<html>no</html>")


@behaviour
def digest(exchange: Exchange) -> None:
    """digest/MD5: a document for "me" with the password "s3cret", by HTTP Digest."""
    algorithm = exchange.arguments[0]
    given = exchange.headers.get("authorization", "")
    said = dict(re.findall(r'(\w+)="?([^",]*)', given))

    def hashed(*parts: str) -> str:
        name = algorithm.replace("-", "").lower()
        return hashlib.new(name, ":".join(parts).encode()).hexdigest()

    if given.startswith("Digest "):
        secret = hashed("me", "here", "s3cret")
        what = hashed(exchange.method, exchange.target)
        parts = (said[key] for key in ("nonce", "nc", "cnonce", "qop"))
        if said["response"] == hashed(secret, *parts, what):
            ok(exchange)
            return
    challenge = f'Digest realm="here", nonce="n1", qop="auth", algorithm={algorithm}'
    exchange.answer(401, f"WWW-Authenticate: {challenge}", body=b"<html>no</html>")


@behaviour
def to(exchange: Exchange) -> None:
    """to?http://elsewhere/ or to/307?http://elsewhere/: a redirect."""
    number = int((exchange.arguments or ["302"])[0])
    exchange.answer(number, f"Location: {exchange.query}", body=b"<html>moved</html>")


@behaviour
def connect(exchange: Exchange) -> None:
    """What a proxy does that wants a login."""
    exchange.answer(407)


@behaviour
def nowhere(exchange: Exchange) -> None:
    """A redirect that forgets to say where to."""
    exchange.answer(302)


@behaviour
def stairs(exchange: Exchange) -> None:
    """stairs/3: three redirects, then a document."""
    left = int(exchange.arguments[0])
    exchange.answer(302, f"Location: /stairs/{left - 1}") if left else ok(exchange)


@behaviour
def circle(exchange: Exchange) -> None:
    """circle/0 and circle/1 redirect to each other."""
    exchange.answer(301, f"Location: {1 - int(exchange.arguments[0])}")


@behaviour
def reset(exchange: Exchange) -> None:
    """The connection is reset in the middle of the document."""
    exchange.answer(body=DOCUMENT[:100], missing=5000)
    linger = struct.pack("ii", 1, 0)
    exchange.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    exchange.socket.close()
    leave()


@behaviour
def short(exchange: Exchange) -> None:
    """The document ends before its Content-Length."""
    exchange.answer(body=DOCUMENT, missing=50)
    leave()


@behaviour
def short_chunks(exchange: Exchange) -> None:
    """A chunked document without its last chunk."""
    exchange.send(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<a>hi\r\n"
    )
    leave()


@behaviour
def drip(exchange: Exchange) -> None:
    """A byte every fifth of a second; drip/1: every second."""
    pause = float(exchange.arguments[0]) if exchange.arguments else 0.2
    exchange.answer(missing=1000)
    while not exchange.stop.wait(pause):
        exchange.send(b"x")


@behaviour
def hang(exchange: Exchange) -> None:
    """No answer, ever."""
    exchange.stop.wait()


@behaviour
def trickle(exchange: Exchange) -> None:
    """A document that is never idle and never ends."""
    exchange.answer(missing=900_000)
    while not exchange.stop.wait(0.05):
        exchange.send(b"x" * 100)


@behaviour
def endless(exchange: Exchange) -> None:
    """A document without length or end, as fast as it goes."""
    exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
    for number in itertools.count():
        exchange.send(b"<record>%020d</record>" % number * 1000)


@behaviour
def bomb(exchange: Exchange) -> None:
    """50 MB of zeros in 50 KB of gzip."""
    exchange.answer(
        200, "Content-Encoding: gzip", body=gzip.compress(bytes(50_000_000))
    )


def _raw_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw": ("deflate", _raw_deflate),
    "two-parts": (
        "gzip",
        lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:]),
    ),
    "plain": ("gzip", bytes),
    "cut": ("gzip", lambda data: gzip.compress(data)[:-500]),
    "charset": ("utf-8", bytes),
    "br": ("br", bytes),
    "twice": ("gzip, gzip", bytes),
}


@behaviour
def packed(exchange: Exchange) -> None:
    """packed/gzip: the document compressed in one of the ways above."""
    coding, pack = PACKERS[exchange.arguments[0]]
    exchange.answer(200, f"Content-Encoding: {coding}", body=pack(DOCUMENT))


@behaviour
def empty(exchange: Exchange) -> None:
    """The connection is closed without a word."""
    leave()


@behaviour
def gibberish(exchange: Exchange) -> None:
    """An answer that is not HTTP."""
    exchange.send(b"\x00\x01 220 ready\r\n\r\n")
    leave()


@behaviour
def odd_status(exchange: Exchange) -> None:
    """odd-status?HTTP/1.1 2OO: a status line of one's own."""
    exchange.send(exchange.query.replace("+", " ").encode() + b"\r\n\r\n<a/>")
    leave()


@behaviour
def headers(exchange: Exchange) -> None:
    """headers/400000: one header of that size."""
    exchange.answer(200, "X-Big: " + "y" * int(exchange.arguments[0]), body=DOCUMENT)


@behaviour
def round_and_round(exchange: Exchange) -> None:
    """A redirect to a second address, which redirects back."""
    back, _, here = exchange.target.partition("?")
    exchange.answer(302, f"Location: {back if here else back + '?again'}")


def like(target: str) -> Behaviour:
    """Behave as the path `target` does, whatever was asked for."""
    parts = urlsplit(target)
    name, *arguments = parts.path.split("/")

    def behave(exchange: Exchange) -> None:
        exchange.name, exchange.arguments = name, arguments
        exchange.query = parts.query
        BEHAVIOURS[name](exchange)

    return behave


def sends(body: bytes, *headers: str) -> Behaviour:
    """Answer with that document, 304 to who has it."""
    etag = f'"{zlib.crc32(body)}"'

    def answer(exchange: Exchange) -> None:
        if exchange.headers.get("if-none-match") == etag:
            exchange.answer(304)
        else:
            exchange.answer(200, f"ETag: {etag}", *headers, body=body)

    return answer


@behaviour
def echo(exchange: Exchange) -> None:
    """A page whose title quotes the Authorization header."""
    title = exchange.headers.get("authorization", "nothing")
    page = f"<html><title>{title}</title><body>Hello</body></html>"
    exchange.answer(200, "Content-Type: text/html", body=page.encode())
