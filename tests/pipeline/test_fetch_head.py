"""The beginning of a page, of which the rest never comes or is not wanted."""

from collections.abc import Iterator

import pytest

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetch import HEAD
from tests import misbehaving
from tests.behaviours import DOCUMENT
from tests.misbehaving import Server
from tests.pipeline.fetching import fetcher


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with misbehaving.server() as running:
        yield running


@pytest.mark.parametrize("path", ["endless", "size/2000000"])
def test_a_page_is_cut_when_its_head_has_come(server: Server, path: str) -> None:
    with fetcher().head(server.url(path)).file as file:
        assert HEAD <= len(file.read()) < 1_000_000


def test_a_short_page_comes_whole(server: Server) -> None:
    door = fetcher()
    for path in ("ok", "packed/gzip"):
        with door.head(server.url(path)).file as file:
            assert file.read() == DOCUMENT
    door.close()


def test_connections_serve_again_after_a_cut(server: Server) -> None:
    door = fetcher()
    door.head(server.url("endless")).file.close()
    with door.head(server.url("ok")).file as file:
        assert file.read() == DOCUMENT
    with door.page(server.url("size/300000")).file as file:
        assert len(file.read()) == 300_000
    door.close()


@pytest.mark.parametrize("path", ["status/404", "short", "packed/cut", "packed/plain"])
def test_a_page_that_fails_before_its_head_has_come_fails(
    server: Server, path: str
) -> None:
    with pytest.raises(FetchError):
        fetcher().head(server.url(path))
