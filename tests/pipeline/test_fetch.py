"""Tests of fetching against real sockets; see tests/misbehaving.py."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.types import FetchPolicy, Request, Response

POLICY = FetchPolicy(allow_networks=("127.0.0.0/8",), retries=0)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args, **kwargs) -> None:
            super().__init__(*args, directory=str(tmp_path), **kwargs)

        def log_message(self, *args) -> None:
            pass

    (tmp_path / "a.xml").write_bytes(b"<a/>")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_page_is_spooled_to_a_file(site: str) -> None:
    with Fetcher(POLICY).page(site).file as file:
        assert b"a.xml" in file.read()


def test_a_batch_returns_every_request_with_its_answer(site: str) -> None:
    requests = [Request(f"{site}/a.xml"), Request(f"{site}/gone.xml")]
    results = {}
    with Fetcher(POLICY).batch() as batch:
        for request in requests:
            batch.add(request)
        while len(batch):
            results.update(dict(batch.poll(1)))
    answer, error = (results[request] for request in requests)
    assert isinstance(answer, Response) and answer.body == b"<a/>"
    assert isinstance(error, FetchError) and error.status == 404
