"""A real web server whose folders a test makes up."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple


class Answer(NamedTuple):
    body: str
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    location: str = ""


class Site(ThreadingHTTPServer):
    """Answers with what `answers` holds for a path, else with 404."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []

    def url(self, path: str = "/waf/") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def folder(self, path: str, *names: str) -> None:
        rows = "".join(f'<li><a href="{name}">{name}</a>\n' for name in names)
        page = f'<title>Index of {path}</title><li><a href="../">up</a>{rows}'
        self.answers[path] = Answer(page)

    def redirect(self, path: str, location: str) -> None:
        self.answers[path] = Answer("", status=302, location=location)


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        answer = self.server.answers.get(self.path, Answer("none", status=404))
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing: pytest shows what fails."""


@contextmanager
def running() -> Iterator[Site]:
    with Site() as site:
        thread = Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            site.shutdown()
            thread.join()
