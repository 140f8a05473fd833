"""A CKAN that replays what a real one answered (`tests.ckan.record`), by a script.

with standing_in() as ckan:
    ckan.says(harvest_source_show="source-new", harvest_job_create="job")
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

ANSWERS: Final[dict[str, dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "data" / "ckan" / "answers.json").read_text()
)
HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer no CKAN gave; `after` so many seconds."""

    status: int = 200
    type: str = "application/json;charset=utf-8"
    body: str = ""
    after: float = 0
    location: str = ""


class StandIn:
    """What it says to each action, what it was asked, and by which token."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[str] = []
        self.tokens: set[str] = set()
        self._script: dict[str, list[Answer]] = {}

    def says(self, **answers: str | Answer | list[str | Answer]) -> None:
        """Set what it says to actions: one thing always, or one after the other.

        The last of a list it says again and again.
        """
        for action, given in answers.items():
            listed = given if isinstance(given, list) else [given]
            self._script[action] = [recorded(answer) for answer in listed]

    def answer_to(self, action: str) -> Answer:
        script = self._script.get(action) or [recorded("no-action")]
        return script.pop(0) if len(script) > 1 else script[0]

    def count(self, action: str) -> int:
        return self.asked.count(action)


def recorded(answer: str | Answer) -> Answer:
    if isinstance(answer, Answer):
        return answer
    kept = ANSWERS[answer]
    return Answer(kept["status"], kept["type"], kept["body"])


def changed(name: str, **changes: Any) -> Answer:
    """Return a recorded answer whose result has other values."""
    kept = ANSWERS[name]
    body = json.loads(kept["body"])
    body["result"].update(changes)
    return Answer(kept["status"], kept["type"], json.dumps(body))


def result_of(name: str) -> Any:
    """Return what a recorded answer gives."""
    return json.loads(ANSWERS[name]["body"])["result"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ckan: StandIn

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        action = self.path.rpartition("/")[2]
        self.ckan.asked.append(action)
        self.ckan.tokens.add(self.headers.get("Authorization", ""))
        answer = self.ckan.answer_to(action)
        time.sleep(answer.after)
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        self.send_header("Content-Length", str(len(body)))
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """Serve on a port of its own."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.ckan = StandIn(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield handler.ckan
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
