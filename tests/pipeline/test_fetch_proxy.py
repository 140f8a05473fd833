"""The proxy of a source: used for all it asks for, guarded, named when it fails."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.fetching.proxy import check_proxy
from harvests.pipeline.types import Access
from tests import misbehaving, proxies
from tests.behaviours import DOCUMENT
from tests.certificates import Authority
from tests.pipeline.fetching import fetch_all, fetcher

FAR = "http://far.example/a.xml"
LATER = "20991231235959Z"


@pytest.fixture
def site() -> Iterator[misbehaving.Server]:
    """A server, and a proxy too: it answers for any host."""
    with misbehaving.server() as running:
        yield running


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment says of proxies does not hold for this source."""
    monkeypatch.setenv("http_proxy", "http://no-such-proxy.invalid:1")
    monkeypatch.setenv("https_proxy", "http://no-such-proxy.invalid:1")
    monkeypatch.setenv("no_proxy", "far.example,127.0.0.1")


def through(
    port: int, scheme: str = "http", login: str = "", **changes: object
) -> Fetcher:
    proxy = f"{scheme}://{login}127.0.0.1:{port}"
    access = Access(url="http://far.example/", token="t0ken", proxy=proxy)
    return fetcher(**{"access": access, "retries": 0} | changes)


def body(door: Fetcher, url: str = FAR) -> bytes:
    answer = fetch_all(door, [url])[url]
    assert not isinstance(answer, FetchError), answer
    return answer.body


def refusal(door: Fetcher, url: str = FAR) -> str:
    answer = fetch_all(door, [url])[url]
    assert isinstance(answer, FetchError), answer
    assert "s3cret" not in f"{answer} {answer.url} {door.stats}"
    return str(answer)


def test_a_source_is_asked_through_its_proxy(site: misbehaving.Server) -> None:
    door = through(site.port, login="me:s3cret%40@")
    assert body(door) == DOCUMENT
    door.page("http://other.example/").file.close()
    assert site.targets() == [FAR, "http://other.example/"]
    login = "Basic " + base64.b64encode(b"me:s3cret@").decode()
    assert [e.headers["proxy-authorization"] for e in site.seen] == [login] * 2
    assert [e.headers.get("authorization") for e in site.seen] == ["Bearer t0ken", None]


@pytest.mark.parametrize("login", ["", "me:s3cret@"], ids=["open", "login"])
@pytest.mark.parametrize("scheme", ["socks5", "SOCKS5h"])
def test_socks_looks_up_the_names(
    site: misbehaving.Server, login: str, scheme: str
) -> None:
    with proxies.socks(site.port) as proxy:
        proxy.login = login.rstrip("@")
        assert body(through(proxy.port, scheme, login)) == DOCUMENT
    assert (proxy.seen, site.targets()) == (["far.example"], ["/a.xml"])


def test_a_tunnel_sees_neither_login_nor_headers(tmp_path: Path) -> None:
    certificate = Authority(tmp_path).self_sign("far", "far.example")
    with misbehaving.server(certificate) as site, proxies.tunnel(site.port) as proxy:
        proxy.login = "me:s3cret"
        url, place = "https://far.example/", f"http://me:s3cret@127.0.0.1:{proxy.port}"
        access = Access(url=url, token="t0ken", proxy=place, verify_tls=False)
        assert body(fetcher(access=access), url) == DOCUMENT
    assert site.seen[0].headers["authorization"] == "Bearer t0ken"
    assert proxy.seen[0].startswith("CONNECT far.example:443 ")
    assert "t0ken" not in proxy.seen[0]


def test_a_private_proxy_is_refused(site: misbehaving.Server) -> None:
    error = refusal(through(site.port, allow_networks=(), retries=3))
    assert error.startswith(
        f"Could not fetch {FAR}: could not reach the source's proxy "
        f"127.0.0.1:{site.port}: refused to connect to 127.0.0.1, a loopback address"
    )
    assert (site.connections, "tried" in error) == (0, False)


def test_the_environments_proxy_is_no_excuse(
    site: misbehaving.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{site.port}")
    assert "refused to connect" in refusal(through(site.port, allow_networks=()))


@pytest.mark.parametrize("host", ["10.1.2.3", "localhost.", "2130706434", "[::1]"])
def test_a_proxy_is_not_asked_for_a_private_address(
    site: misbehaving.Server, host: str
) -> None:
    door = through(site.port, allow_networks=("127.0.0.1/32",))
    target = f"http://{host}/".replace("localhost.", "10.0.0.1")
    assert "refused to connect to" in refusal(door, target)
    assert "refused to connect to" in refusal(door, f"http://far.example/to?{target}")
    assert len(site.seen) == 1


LOGIN = "the proxy wants a login: check the proxy of the source"


def test_a_proxy_that_wants_a_login_is_told(site: misbehaving.Server) -> None:
    door = through(site.port, login="me:s3cret@")
    assert LOGIN in refusal(door, "http://far.example/status/407")
    assert refusal(door, "https://far.example/").endswith(LOGIN)


@pytest.mark.parametrize("login", ["", "me:s3cret@"], ids=["none", "wrong"])
def test_a_proxy_with_another_login_is_told(
    site: misbehaving.Server, login: str
) -> None:
    with proxies.socks(site.port) as proxy:
        proxy.login = "you:there"
        error = refusal(through(proxy.port, "socks5", login))
    assert f"the source's proxy 127.0.0.1:{proxy.port} would not connect us to" in error


@pytest.mark.parametrize("kind", ["tunnel", "socks"])
def test_a_proxy_that_does_not_get_there_is_told(
    site: misbehaving.Server, kind: str
) -> None:
    with getattr(proxies, kind)(site.port) as proxy:
        proxy.status = 502
        door = through(proxy.port, "http" if kind == "tunnel" else "socks5")
        error = refusal(door, "https://far.example/")
    said = f"the source's proxy 127.0.0.1:{proxy.port} would not connect us to far.exa"
    assert said in error and ("(it answered 502)" in error) is (kind == "tunnel")


def test_a_proxy_that_is_not_there_is_told() -> None:
    with misbehaving.closed_port() as port:
        error = refusal(through(port, login="me:s3cret@", retries=1))
    assert f"could not reach the source's proxy 127.0.0.1:{port} (" in error
    assert error.endswith("(tried 2 times)")
    access = Access(url=FAR, proxy="http://me:s3cret@no-such-proxy.invalid:8080")
    error = refusal(fetcher(access=access, retries=0))
    assert "could not reach the source's proxy no-such-proxy.invalid:8080 (" in error


def test_a_proxy_that_does_not_accept_is_told() -> None:
    with misbehaving.deaf_port() as port:
        error = refusal(through(port))
    assert f"could not reach the source's proxy 127.0.0.1:{port} (or far.ex" in error


def test_what_the_server_does_is_not_the_proxys_fault(site: misbehaving.Server) -> None:
    error = refusal(through(site.port), "http://far.example/empty")
    assert "far.example closed the connection without an answer" in error


def test_the_proxys_own_certificate_is_verified(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate = authority.sign("proxy", "127.0.0.1", until=LATER)
    pem = authority.bundle.read_text()
    with misbehaving.server(certificate) as site:
        proxy = f"https://127.0.0.1:{site.port}"
        access = Access(url=FAR, proxy=proxy, verify_tls=False)
        error = refusal(fetcher(access=access, retries=0))
        known = Access(url=FAR, proxy=proxy, ca_certificates=pem)
        assert body(fetcher(access=known)) == DOCUMENT
    assert f"could not reach the source's proxy 127.0.0.1:{site.port} (" in error


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("", True),
        ("http://x.org:8080", True),
        ("socks5://me:p%40ss@[::1]:1080/", True),
        ("HTTPS://x.org:443", True),
        ("http://x.org", False),
        ("x.org:8080", False),
        ("socks4://x.org:1080", False),
        ("http://x.org:0", False),
        ("http://x.org:65536", False),
        ("http://x.org:80/path", False),
        ("http://x.org:80\r\nX: y", False),
        ("http://mé:x@x.org:80", False),
        ("http://a[b:x@x.org:80", False),
    ],
)
def test_a_proxy_is_checked(url: str, good: bool) -> None:
    sentence = check_proxy(url)
    assert (sentence == "") is good
    assert good or sentence.startswith("a proxy is written http://, https:// or socks5")
