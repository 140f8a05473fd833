"""A server that moves from http to https, or back."""

import functools
import http.server
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from harvests.embedded import free_port
from harvests.pipeline.comparing import Change
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.file_ledger import FileLedger
from harvests.pipeline.preview import preview
from harvests.pipeline.runner import Tools, harvest
from harvests.pipeline.store import TRASH, Folder
from harvests.pipeline.twins import as_known
from harvests.pipeline.types import Access, Known, Outcome, Plan, RemoteRecord
from tests.certificates import Authority
from tests.folders import add_records
from tests.pipeline.test_runner import POLICY


class Remembered(dict[str, Known]):
    """URLs that are known."""

    def look_up(self, urls):
        return {url: self[url] for url in urls if url in self}

    def all_known(self):
        yield list(self.values())


def remembered(*urls: str) -> Remembered:
    return Remembered({url: Known(url, "name.xml") for url in urls})


@pytest.mark.parametrize(
    ("known", "listed", "url"),
    [
        pytest.param("http://x/a.xml", "https://x/a.xml", "http://x/a.xml", id="up"),
        pytest.param("https://x/a.xml", "http://x/a.xml", "https://x/a.xml", id="down"),
        pytest.param("https://x/a.xml", "https://x/a.xml", "https://x/a.xml", id="as"),
        pytest.param("http://y/a.xml", "https://x/a.xml", "https://x/a.xml", id="new"),
        pytest.param(
            "http://x/iso/a?catalog=http%3A%2F%2Fx%2Fcatalog.html&dataset=a",
            "https://x/iso/a?catalog=https%3A%2F%2Fx%2Fcatalog.html&dataset=a",
            "http://x/iso/a?catalog=http%3A%2F%2Fx%2Fcatalog.html&dataset=a",
            id="thredds",
        ),
    ],
)
def test_a_record_stays_known_by_its_first_url(known, listed, url):
    (record,), _known = as_known([RemoteRecord(listed, "a.xml")], remembered(known))
    assert (record.url, record.place, record.name) == (url, listed, "a.xml")


def test_both_known_are_two_records():
    urls = ["http://x/a.xml", "https://x/a.xml"]
    records = [RemoteRecord(url, "a.xml") for url in urls]
    found, known = as_known(records, remembered(*urls))
    assert [record.url for record in found] == urls == list(known)


@contextmanager
def served(path: Path, port: int, tls: ssl.SSLContext | None) -> Iterator[Plan]:
    """Serve a folder on that port, by http or by https."""
    handler = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(path)
    )
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield Plan("WAF", f"{'https' if tls else 'http'}://127.0.0.1:{port}/")
        server.shutdown()
        thread.join()


class Site:
    """Harvests and previews one source, whatever its URL is."""

    def __init__(self, path: Path, authority: Authority) -> None:
        self.folder = Folder(path, trash=path / TRASH)
        self._pem = authority.bundle.read_text()

    def fetcher(self, plan: Plan) -> Fetcher:
        access = Access(plan.url, ca_certificates=self._pem)
        return Fetcher(replace(POLICY, access=access))

    def harvest(self, plan: Plan) -> dict[str, int]:
        ledger = FileLedger(self.folder.path, "the source")
        tools = Tools(self.fetcher(plan), self.folder, ledger, threading.Event())
        events = list(harvest(plan, tools, cancelled=lambda: False))
        ledger.close()
        return dict(Counter(e.result.value for e in events if isinstance(e, Outcome)))

    def preview(self, plan: Plan) -> dict[Change, int]:
        ledger = FileLedger(self.folder.path, "the source")
        changes = preview(plan, self.fetcher(plan), ledger, self.folder).changes
        ledger.close()
        assert changes is not None
        return dict(changes.counts)


def test_a_move_to_https_and_back_changes_no_name(tmp_path):
    (tmp_path / "ca").mkdir()
    authority = Authority(tmp_path / "ca")
    tls = authority.sign("site", "127.0.0.1", until="350101000000Z")
    add_records(tmp_path / "records", 12)
    site, port = Site(tmp_path / "waf", authority), free_port()
    with served(tmp_path / "records", port, None) as plan:
        assert site.harvest(plan) == {"added": 12}
    names = site.folder.names()
    with served(tmp_path / "records", port, tls) as plan:
        assert set(site.preview(plan)) <= {Change.UNCHANGED, Change.UNCHECKED}
        assert site.harvest(plan) == {"unchanged": 12}
    with served(tmp_path / "records", port, None) as plan:
        assert site.harvest(plan) == {"unchanged": 12}
    assert site.folder.names() == names
