"""The guard on real sockets: what is dialled counts, at every step of the way."""

from collections.abc import Iterator

import pycurl
import pytest

from harvests.pipeline.fetching.addresses import Guard
from harvests.pipeline.fetching.bodies import MemoryBody
from harvests.pipeline.fetching.transfers import Transfer
from harvests.pipeline.types import Request, Response
from tests import misbehaving
from tests.behaviours import DOCUMENT
from tests.pipeline.fetching import POLICY, fetch, fetch_all, fetcher, refusal


@pytest.fixture
def site() -> Iterator[misbehaving.Server]:
    with misbehaving.server() as running:
        yield running


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[misbehaving.Server]:
    with misbehaving.server() as running:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{running.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        yield running


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "[::ffff:7f00:1]"])
def test_our_own_machine_is_refused(site: misbehaving.Server, host: str) -> None:
    error = refusal(site.url("a.xml", host), allow_networks=())
    assert "refused to connect to " in str(error)
    assert "a loopback address" in str(error)
    assert "tried" not in str(error)
    assert site.connections == 0


def test_a_name_is_judged_by_where_it_leads(site: misbehaving.Server) -> None:
    body = MemoryBody(1000)
    transfer = Transfer(POLICY, guard=Guard(), body=body, limit=1000, accept="*/*")
    transfer.start(site.url("a.xml", "rebound.test"), Request(""))
    names = [f"rebound.test:{site.port}:127.0.0.1"]
    transfer.curl.setopt(pycurl.RESOLVE, names)
    with pytest.raises(pycurl.error) as caught:
        transfer.curl.perform()
    failure = transfer.end(*caught.value.args)
    transfer.close()
    assert failure is not None and "127.0.0.1, a loopback address" in failure.reason
    assert "(host rebound.test)" in failure.reason
    assert site.connections == 0


def test_an_allowed_address_is_dialled_by_name(site: misbehaving.Server) -> None:
    assert fetch(site.url("a.xml", "localhost")).body == DOCUMENT


def test_a_redirect_to_a_refused_address_is_refused(site: misbehaving.Server) -> None:
    target = site.url("a.xml", "127.0.0.2")
    error = refusal(site.url(f"to?{target}"))
    assert f"(redirected to {target}): refused to connect to 127.0.0.2" in str(error)
    assert len(site.seen) == 1


def test_one_refused_address_does_not_spoil_a_host(site: misbehaving.Server) -> None:
    urls = [site.url("a.xml"), site.url(f"to?{site.url('', '127.0.0.2')}")]
    answers = fetch_all(fetcher(), urls * 30)
    assert isinstance(answers[urls[0]], Response)


def test_a_proxy_from_the_environment_is_used(proxy: misbehaving.Server) -> None:
    answer = fetch("http://example.org/a.xml", allow_networks=())
    assert answer.body == DOCUMENT
    assert proxy.targets() == ["http://example.org/a.xml"]


@pytest.mark.parametrize("host", ["localhost", "10.1.2.3", "2130706433", "[::1]"])
def test_a_proxy_is_not_asked_for_a_private_address(
    proxy: misbehaving.Server, host: str
) -> None:
    error = refusal(f"http://{host}/a.xml", allow_networks=())
    assert "refused to connect to" in str(error)
    assert proxy.seen == []


def test_a_proxy_is_not_asked_for_a_redirect_to_a_private_address(
    proxy: misbehaving.Server,
) -> None:
    error = refusal("http://example.org/to?http://10.1.2.3/", allow_networks=())
    assert "(redirected to http://10.1.2.3/): refused to connect" in str(error)
    assert len(proxy.seen) == 1


def test_a_proxy_that_refuses_to_connect_is_told(proxy: misbehaving.Server) -> None:
    error = refusal("https://example.org/a.xml", allow_networks=(), retries=0)
    assert "(CONNECT tunnel failed, response 407)" in str(error)
    assert error.status == 0


def test_a_proxy_without_a_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://no-such-proxy.invalid:3128")
    error = refusal("http://example.org/a.xml", retries=0)
    assert "the name of our own proxy is unknown" in str(error)
