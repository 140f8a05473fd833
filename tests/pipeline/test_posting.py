"""One message posted to one address: guarded, not redirected, not tried again."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetching import addresses
from harvests.pipeline.fetching.posting import Posted, post
from tests import misbehaving
from tests.pipeline.fetching import POLICY

BODY = b'{"type": "source.failing"}'


@pytest.fixture
def site() -> Iterator[misbehaving.Server]:
    with misbehaving.server() as running:
        yield running


def send(url: str, **changes: object) -> Posted:
    return post(url, BODY, {"X-Key": "1"}, replace(POLICY, **changes))


def refusal(url: str, **changes: object) -> str:
    with pytest.raises(FetchError) as caught:
        send(url, **changes)
    return str(caught.value)


def test_a_message_is_posted_with_its_headers(site: misbehaving.Server) -> None:
    assert send(site.url("hook")) == Posted(200, "")
    [exchange] = site.seen
    assert (exchange.method, exchange.body) == ("POST", BODY)
    assert exchange.headers["x-key"] == "1"
    assert exchange.headers["user-agent"] == POLICY.user_agent


def test_every_status_is_an_answer(site: misbehaving.Server) -> None:
    for status in (204, 401, 410, 429, 500):
        assert send(site.url(f"status/{status}")).status == status
    assert len(site.seen) == 5


def test_a_redirect_is_not_followed(site: misbehaving.Server) -> None:
    assert send(site.url("to/307?/other")) == Posted(307, site.url("other"))
    assert site.targets() == ["/to/307?/other"]


def test_an_answer_without_end_is_cut(site: misbehaving.Server) -> None:
    assert send(site.url("endless")).status == 200


def test_who_does_not_answer_is_left(site: misbehaving.Server) -> None:
    started = time.monotonic()
    assert "not complete after 0.3 seconds" in refusal(
        site.url("hang"), total_timeout=0.3
    )
    assert time.monotonic() - started < 2
    with misbehaving.closed_port() as port:
        assert "refused the connection" in refusal(f"http://127.0.0.1:{port}/")


def test_private_addresses_are_not_dialled(
    site: misbehaving.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for host in ("127.0.0.1", "localhost", "0x7f000001"):
        url = site.url("hook", host)
        assert "add it to ALLOW_PRIVATE_NETWORKS" in refusal(url, allow_networks=())
    # A name that passes the first look: what it leads to is judged when it is dialled
    monkeypatch.setattr(addresses.Guard, "refuses_host", lambda *_: "")
    told = refusal(site.url("hook", "localhost"), allow_networks=())
    assert "a loopback address (host localhost)" in told
    assert site.connections == 0


def test_what_is_no_web_address_is_refused() -> None:
    assert "only http and https" in refusal("ftp://example.org/")
    assert "malformed" in refusal("http://[::1/")


def test_a_name_that_nobody_has() -> None:
    assert "is unknown; check the address" in refusal("http://hook.invalid/")
