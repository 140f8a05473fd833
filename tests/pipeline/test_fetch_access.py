"""A source's login and headers: sent to its own host, to nobody else, never shown."""

import base64
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.fetching.access import Entrance, check_header
from harvests.pipeline.types import Access, Request, Response
from tests import misbehaving
from tests.behaviours import DOCUMENT
from tests.pipeline.fetching import POLICY, fetch_all, fetcher, finish

SECRET = "s3cret"
BASIC = "Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode()


@pytest.fixture
def site() -> Iterator[misbehaving.Server]:
    with misbehaving.server() as running:
        yield running


@pytest.fixture
def other() -> Iterator[misbehaving.Server]:
    with misbehaving.server() as running:
        yield running


def entering(site: misbehaving.Server, **access: object) -> Fetcher:
    given = {"username": "me", "password": SECRET} | access
    settings = Access(url=site.url("waf/"), **given)
    return fetcher(access=settings, connections_per_host=1)


def sent(site: misbehaving.Server, header: str = "authorization") -> list[str]:
    return [exchange.headers.get(header, "") for exchange in site.seen]


def refused(door: Fetcher, url: str) -> FetchError:
    answer = fetch_all(door, [url])[url]
    assert isinstance(answer, FetchError), answer
    return answer


def test_a_login_is_sent_before_it_is_asked_for(site: misbehaving.Server) -> None:
    door = entering(site)
    assert fetch_all(door, [site.url("a.xml")])[site.url("a.xml")].body == DOCUMENT
    door.page(site.url("waf/")).file.close()
    assert sent(site) == [BASIC, BASIC]


@pytest.mark.parametrize(
    ("access", "header", "value"),
    [
        ({"token": SECRET}, "authorization", f"Bearer {SECRET}"),
        ({"headers": (("X-Key", SECRET),)}, "x-key", SECRET),
        ({"headers": (("authorization", "Odd x"),)}, "authorization", "Odd x"),
        ({"headers": (("Accept", "text/xml"),)}, "accept", "text/xml"),
        ({"headers": (("User-Agent", "Mozilla"),)}, "user-agent", "Mozilla"),
        ({"username": "ü"}, "authorization", "Basic w7w6czNjcmV0"),
        ({"username": "", "password": ""}, "authorization", ""),
    ],
    ids=["token", "header", "own login", "accept", "agent", "umlaut", "none"],
)
def test_each_way_in_is_sent(
    site: misbehaving.Server, access: dict[str, object], header: str, value: str
) -> None:
    fetch_all(entering(site, **access), [site.url("a.xml")])
    assert sent(site, header) == [value]


def test_a_handle_forgets_the_login_for_another_host(
    site: misbehaving.Server, other: misbehaving.Server
) -> None:
    headers = (("X-Key", SECRET), ("Accept", "x/y"))
    urls = [site.url("a"), other.url("b"), site.url("c"), other.url("d")]
    with entering(site, headers=headers).batch() as batch:
        for url in urls:
            batch.add(Request(url, etag='"some"'))
            finish(batch)
    assert (sent(site), sent(other)) == ([BASIC] * 2, [""] * 2)
    assert (sent(site, "x-key"), sent(other, "x-key")) == ([SECRET] * 2, [""] * 2)
    assert not {"x/y", SECRET} & set(other.seen[0].headers.values())


@pytest.mark.parametrize("page", [True, False], ids=["page", "record"])
def test_a_redirect_does_not_take_the_login_along(
    site: misbehaving.Server, other: misbehaving.Server, page: bool
) -> None:
    door, url = entering(site, token=SECRET), site.url(f"to?{other.url('a.xml')}")
    if page:
        door.page(url).file.close()
    else:
        fetch_all(door, [url])
    assert (sent(site), sent(other)) == ([f"Bearer {SECRET}"], [""])


def test_a_name_for_the_same_address_is_another_host(site: misbehaving.Server) -> None:
    fetch_all(entering(site), [site.url("a.xml", "localhost")])
    assert sent(site) == [""]


OWN = {
    "http://x.org/waf/": {
        "http://x.org/a": True,
        "HTTP://X.org:80/a": True,
        "http://you:there@x.org/a": True,
        "https://x.org/a": True,
        "https://x.org:443?a": True,
        "http://x.org:443/a": False,
        "https://x.org:80/a": False,
        "http://x.org:8080/a": False,
        "http://x.org:0/a": False,
        "http://www.x.org/a": False,
        "http://x.org@y.org/a": False,
        "http://y.org/x.org": False,
        "http://x.org./a": False,
    },
    "https://x.org/waf/": {"https://x.org:443/a": True, "http://x.org/a": False},
    "http://x.org:8080/waf/": {"https://x.org/a": False, "https://x.org:8080/": False},
}


@pytest.mark.parametrize(
    ("source", "url"), [(source, url) for source in OWN for url in OWN[source]]
)
def test_scheme_host_and_port_are_the_sources(source: str, url: str) -> None:
    assert Entrance(Access(url=source)).owns(url) is OWN[source][url]


def test_a_login_in_the_address_still_works(site: misbehaving.Server) -> None:
    url = site.url("a.xml", f"me:{SECRET}@127.0.0.1")
    fetch_all(entering(site, username="", password=""), [url])
    fetch_all(entering(site, username="you"), [url])
    yours = "Basic " + base64.b64encode(f"you:{SECRET}".encode()).decode()
    assert sent(site) == [BASIC, yours]


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_digest_login_is_made_where_that_is_all_there_is(
    site: misbehaving.Server, other: misbehaving.Server, algorithm: str
) -> None:
    door, path = entering(site), f"digest/{algorithm}"
    urls = [site.url(path), other.url("b"), site.url(f"{path}/2"), other.url("d")]
    with door.batch() as batch:
        for url in urls:
            batch.add(Request(url))
            assert isinstance(finish(batch)[url], Response)
    assert (sent(other), door.stats.retries) == ([""] * 2, 0)
    with door.page(site.url(path), data=b"<a/>").file as file:
        assert file.read() == DOCUMENT
    assert site.seen[-1].body == b"<a/>"


ADVICE = {
    "locked/Basic": "it refused the login; check user name and password, or the token",
    "locked/Negotiate": "it refused the login; check user name and password",
    "locked/Basic/Digest": "it refused the login; check user name and password",
    "digest/SHA-512": "it refused the login; check user name and password",
}


@pytest.mark.parametrize("path", ADVICE)
def test_a_refused_login_is_told(site: misbehaving.Server, path: str) -> None:
    error = refused(entering(site, password="wr0ng"), site.url(path))
    assert f"the server answered 401 Unauthorized: {ADVICE[path]}" in str(error)
    assert "wr0ng" not in str(error)


def test_a_login_that_another_host_wants_is_told(
    site: misbehaving.Server, other: misbehaving.Server
) -> None:
    error = refused(entering(site), site.url(f"to?{other.url('locked/Basic')}"))
    own = f"the source's is for http://127.0.0.1:{site.port} only"
    assert str(error).endswith(f"it needs a login, and {own}")
    error = refused(fetcher(), other.url("locked/Basic", f"me:{SECRET}@127.0.0.1"))
    assert "it refused the login" in str(error) and SECRET not in str(error)


@pytest.mark.parametrize("path", ["locked/Basic", "empty", "status/500", "digest/MD5"])
def test_no_secret_is_ever_shown(
    site: misbehaving.Server, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    access = Access(
        url=site.url("waf/"), username="me", password="wr0ng", token="t0ken",
        headers=(("X-Key", "h1dden"),),
    )  # fmt: skip
    policy = replace(POLICY, access=access)
    door = Fetcher(policy)
    error = refused(door, site.url(path))
    seen = f"{error!r} {error} {error.url} {door.stats} {door!r} {policy} {caplog.text}"
    assert not [word for word in ("wr0ng", "t0ken", "h1dden", BASIC) if word in seen]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("X-Key", "a b", ""),
        ("Authorization", "Token x", ""),
        ("X Key", "a", "the name of a header"),
        ("X-Key: a", "a", "the name of a header"),
        ("X\r\nKey", "a", "the name of a header"),
        ("", "a", "the name of a header"),
        *[(name, "a", "is for the harvester to set") for name in
          ("Host", "content-length", "Transfer-Encoding", "Connection",
           "ACCEPT-ENCODING", "Proxy-Authorization")],
        *[("X-Key", value, "must be one line of ASCII") for value in
          ("a\r\nCookie: b", "a\nb", "", " ", "a\x00", "é", "a\t")],
    ],
)  # fmt: skip
def test_a_header_is_checked(name: str, value: str, words: str) -> None:
    sentence = check_header(name, value)
    assert words in sentence and bool(words) is bool(sentence)


@pytest.mark.parametrize(
    ("access", "words"),
    [
        ({"url": "ftp://x/"}, "only http and https addresses are fetched"),
        ({"headers": (("X-Key", "s3\ncret"),)}, "the value of the header X-Key must"),
        ({"username": "s3:cret"}, "a user name for HTTP Basic may not hold a colon"),
        ({"password": "s3\ncret"}, "may not hold control characters"),
        ({"token": "s3 cret"}, "the token must be ASCII characters without blanks"),
        ({"proxy": "ftp://me:s3cret@x/"}, "a proxy is written http://, https:// or"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_at_once(
    access: dict[str, object], words: str
) -> None:
    with pytest.raises(FetchError, match="^The access settings of .* cannot be") as got:
        fetcher(access=Access(**{"url": "http://me:s3cret@x/"} | access))
    assert words in str(got.value) and "cret" not in f"{got.value} {got.value.url}"
