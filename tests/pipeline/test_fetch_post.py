"""Posted questions: through redirects, again after a failure, without conditions."""

from collections.abc import Iterator

import pytest

from harvests.pipeline.types import Access, Request, Response
from tests import misbehaving
from tests.behaviours import DOCUMENT, ETAG, MODIFIED
from tests.pipeline.fetching import fetcher, finish

QUESTION = b"<GetRecords/>"
POST, GET = ("POST", QUESTION), ("GET", b"")


@pytest.fixture
def site() -> Iterator[misbehaving.Server]:
    with misbehaving.server() as running:
        yield running


def asked(site: misbehaving.Server) -> list[tuple[str, bytes]]:
    return [(exchange.method, exchange.body) for exchange in site.seen]


def post(site: misbehaving.Server, path: str) -> None:
    with fetcher().page(site.url(path), data=QUESTION).file as file:
        assert file.read() == DOCUMENT


def test_a_question_is_posted_as_xml(site: misbehaving.Server) -> None:
    post(site, "csw")
    assert asked(site) == [POST]
    assert site.seen[0].headers["content-type"] == "application/xml"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_question_is_posted_again_where_it_redirects(
    site: misbehaving.Server, status: int
) -> None:
    post(site, f"to/{status}?/csw")
    assert asked(site) == [POST, POST]


def test_another_address_for_the_answer_is_only_got(site: misbehaving.Server) -> None:
    post(site, "to/303?/to/307?/csw")
    assert asked(site) == [POST, GET, GET]
    assert "content-type" not in site.seen[1].headers


def test_another_try_posts_anew(site: misbehaving.Server) -> None:
    post(site, "to/303?/flaky/503/1")
    assert asked(site) == [POST, GET] * 2


@pytest.mark.parametrize("path", ["flaky/503/1", "busy/429/0"])
def test_a_question_is_tried_again(site: misbehaving.Server, path: str) -> None:
    post(site, path)
    assert asked(site) == [POST, POST]


def test_a_handle_posts_and_gets_in_turns(site: misbehaving.Server) -> None:
    requests = [Request(site.url(f"{n}"), data=QUESTION * (n % 2)) for n in range(4)]
    with fetcher(connections_per_host=1).batch() as batch:
        for request in requests:
            batch.add(request)
            finish(batch)
    assert asked(site) == [GET, POST, GET, POST]
    assert site.connections == 1


def test_a_question_has_no_conditions(site: misbehaving.Server) -> None:
    request = Request(site.url("a"), etag=ETAG, last_modified=MODIFIED, data=QUESTION)
    with fetcher().batch() as batch:
        batch.add(request)
        answer = finish(batch)[request.url]
    assert isinstance(answer, Response) and answer.body == DOCUMENT
    assert "if-none-match" not in site.seen[0].headers
    assert "if-modified-since" not in site.seen[0].headers


def test_an_unasked_unchanged_is_no_answer_to_a_question(
    site: misbehaving.Server,
) -> None:
    request = Request(site.url("status/304"), etag=ETAG, data=QUESTION)
    with fetcher().batch() as batch:
        batch.add(request)
        assert "it says 'unchanged'" in str(finish(batch)[request.url])


def test_a_question_takes_the_login_along(site: misbehaving.Server) -> None:
    access = Access(url=site.url(""), token="t")
    fetcher(access=access).page(site.url("csw"), data=QUESTION).file.close()
    assert site.seen[0].headers["authorization"] == "Bearer t"
    assert asked(site) == [POST]
