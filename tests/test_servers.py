"""One folder is the same source whichever real server lists it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.folders import record
from tests.pipeline.gathered import Run, gathered
from tests.servers import SERVERS, SHOW_HIDDEN, serving

DIFFICULT = (
    *("two words.xml", "Öresund.xml", "100%.xml", "50%25.xml", "wind & waves.xml"),
    *("UPPER.XML", "plus+.xml", "semi;colon.xml", "quote's.xml", "a=b,c(1)[2]~.xml"),
    *("what?.xml", "number#1.xml", "<tag>.xml", 'said "so".xml', f"{'long' * 30}.xml"),
    *("sub/deep folder/inner.xml", "sub/Ünter/100%.xml", "sub/plain.xml"),
)
PLAIN = tuple(f"r{number:02}.xml" for number in range(60 - len(DIFFICULT)))
RECORDS = {*DIFFICULT, *PLAIN}
HIDDEN = ".hidden.xml"
OTHERS = ("readme.txt", "data.nc", "xml", "sub/notes.html", "empty/data.nc")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The folder; readable for all, because Apache gives up being root."""
    with tempfile.TemporaryDirectory(prefix="servers-") as name:
        path = Path(name)
        path.chmod(0o755)
        for number, file in enumerate((*RECORDS, HIDDEN, *OTHERS)):
            (path / file).parent.mkdir(parents=True, exist_ok=True)
            (path / file).write_bytes(record(f"id-{number}"))
        yield path


@pytest.fixture(scope="module", params=SERVERS)
def server(request, folder, tmp_path_factory) -> Iterator[tuple[str, str]]:
    """(name, URL) of each server in turn."""
    work = tmp_path_factory.mktemp("server")
    with serving(request.param, folder, work) as url:
        yield request.param, url


def expected(name: str) -> set[str]:
    return RECORDS | {HIDDEN} if name in SHOW_HIDDEN else RECORDS


def test_every_server_yields_the_same_records(server):
    name, url = server
    found = gathered("WAF", url)
    paths = [unquote(record.url.removeprefix(url)) for record in found.records]
    assert found.error == ""
    assert set(paths) == expected(name)
    assert len(paths) == len(set(paths))


def test_every_server_s_records_are_harvested_whole(server, tmp_path):
    name, url = server
    run = Run("WAF", url, tmp_path / "waf")
    assert run() == {"added": len(expected(name))}, run.outcomes
    stored = {run.folder.read(file) for file in run.folder.names()}
    assert len(stored) == len(expected(name))
    assert run() == {"unchanged": len(expected(name))}
