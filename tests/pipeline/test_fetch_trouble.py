"""What fetching says when a server misbehaves: one sentence, and never a document."""

from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from harvests.pipeline.errors import FetchError
from tests import misbehaving
from tests.pipeline.fetching import fetch, fetcher, refusal


@pytest.fixture(scope="module")
def site() -> Iterator[misbehaving.Server]:
    with misbehaving.server() as running:
        yield running


STATUSES = {
    204: "204 No Content: it has no content",
    206: "206 Partial Content: it sent a part of the document only",
    304: "304 Not Modified: it says 'unchanged' although we hold no copy",
    302: "302 Found: it redirects, but does not say where to",
    400: "400 Bad Request: we can make nothing of that",
    401: "401 Unauthorized: it needs a login; enter it at the source's access",
    403: "403 Forbidden: ask the provider to allow our User-Agent (CatalogHarvesting)",
    404: "404 Not Found: the document is gone or the link is wrong",
    410: "410 Gone: the document was removed for good",
    429: "429 Too Many Requests: it gets more requests than it likes",
    500: "500 Internal Server Error: the server is in trouble",
    599: "599: the server is in trouble",
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_explained(site: misbehaving.Server, status: int) -> None:
    error = refusal(site.url(f"status/{status}"), retries=0)
    beginning = f"Could not fetch {site.url(f'status/{status}')}: the server answered "
    assert str(error).startswith(beginning + STATUSES[status])
    assert (error.status, error.url) == (status, site.url(f"status/{status}"))
    assert "secret" not in str(error)


SENTENCES = {
    "reset": "the connection to 127.0.0.1 broke (Recv failure: Connection",
    "short": "the answer was cut short (end of response with 50 bytes missing)",
    "short-chunks": "the answer was cut short",
    "drip": "127.0.0.1 sent nothing to speak of for 1 seconds",
    "hang": "127.0.0.1 sent nothing to speak of for 1 seconds",
    "trickle": "it was not complete after 2.5 seconds",
    "endless": "it is larger than 1,000,000 bytes, our limit",
    "size/1000001": "it is larger than 1,000,000 bytes, our limit",
    "bomb": "it is larger than 1,000,000 bytes, our limit",
    "packed/plain": "its content, said to be compressed, is not or is damaged",
    "packed/cut": "its compressed content was cut short",
    "packed/br": "it is compressed with 'br', unasked for",
    "packed/twice": "it is compressed with 'gzip, gzip', unasked for",
    "empty": "127.0.0.1 closed the connection without an answer",
    "gibberish": "127.0.0.1 does not speak HTTP as we know it",
    "odd-status?HTTP/1.1+2OO": "127.0.0.1 does not speak HTTP as we know it",
    "odd-status?HTTP/9.9+200+OK": "127.0.0.1 does not speak HTTP as we know it",
    "headers/400000": "127.0.0.1 sent headers larger than libcurl takes",
    "circle/0": "it redirects in a circle, back to http://127.0.0.1:{port}/circle/0",
    "stairs/9": "it redirects more than 5 times",
    "to?file:///etc/passwd": "it redirects to file:///etc/passwd: only http and https",
}


@pytest.mark.parametrize("path", SENTENCES)
def test_bad_behaviour_is_named(site: misbehaving.Server, path: str) -> None:
    patience = {"idle_timeout": 2} if path == "trickle" else {}  # a busy machine
    error = refusal(site.url(path), retries=0, total_timeout=2.5, **patience)
    sentence = SENTENCES[path].format(port=site.port)
    assert str(error).startswith(f"Could not fetch {site.url(path)}: {sentence}")


def test_an_endless_error_page_is_not_read_to_its_end(site: misbehaving.Server) -> None:
    assert refusal(site.url("endless-status/404")).status == 404


def test_a_redirect_to_a_bad_place_names_both(site: misbehaving.Server) -> None:
    error = refusal(site.url("to?/status/410"))
    redirected = f"to?/status/410 (redirected to {site.url('status/410')}): the server"
    assert redirected in str(error)


def test_a_closed_port_refuses() -> None:
    with misbehaving.closed_port() as port:
        error = refusal(f"http://127.0.0.1:{port}/", retries=1)
    assert "127.0.0.1 refused the connection; is the server up? (tried 2" in str(error)
    assert error.status == 0


def test_a_port_that_does_not_accept_times_out() -> None:
    with misbehaving.deaf_port() as port:
        error = refusal(f"http://127.0.0.1:{port}/", retries=0)
    assert "127.0.0.1 did not accept a connection in 0.4 seconds" in str(error)


def test_an_unreachable_address_is_told_in_libcurls_words() -> None:
    everybody = "255.255.255.255"
    error = refusal(f"http://{everybody}/", retries=0, allow_networks=(everybody,))
    assert f"no connection to {everybody} (" in str(error)


def test_an_unknown_name_is_tried_twice_at_most() -> None:
    error = refusal("http://no-such-host.invalid/a.xml", retries=5)
    assert "the name no-such-host.invalid is unknown; check the address" in str(error)
    assert str(error).endswith("(tried 2 times)")


UNFIT = {
    "ftp://x/a.xml": "only http and https addresses are fetched",
    "a.xml": "only http and https addresses are fetched",
    "": "only http and https addresses are fetched",
    "http:///a.xml": "the address names no host",
    "http://[::1/a": "the address is malformed (Invalid IPv6 URL)",
    "http://x:99999999/": "the address is malformed",
    f"http://{'ä' * 70}.org/": "the address is malformed",
}


@pytest.mark.parametrize("url", UNFIT)
def test_an_unfit_address_is_never_dialled(url: str) -> None:
    assert str(refusal(url)).startswith(f"Could not fetch {url}: {UNFIT[url]}")


@pytest.mark.parametrize("path", ["päth x/a<b>.xml?q=ü#é", "a%20b.xml?x={1}|2"])
def test_an_address_is_encoded_before_it_is_dialled(
    site: misbehaving.Server, path: str
) -> None:
    assert unquote(fetch(site.url(path)).url) == unquote(site.url(path))
    sent = site.seen[-1].target
    assert sent.isascii() and " " not in sent and "%25" not in sent


def test_an_international_host_is_looked_up_by_its_other_name() -> None:
    error = refusal("http://user:pässword@bücher.invalid:8080/ä", retries=0)
    assert "the name xn--bcher-kva.invalid is unknown" in str(error)
    assert "ssword" not in str(error) and "ssword" not in error.url


def test_credentials_are_sent_but_never_shown(site: misbehaving.Server) -> None:
    url = f"http://me:pass@127.0.0.1:{site.port}/to?/status/404"
    error = refusal(url)
    assert site.seen[-1].headers["authorization"].startswith("Basic ")
    assert "pass" not in f"{error} {error.url}"


def test_credentials_stay_with_their_host(site: misbehaving.Server) -> None:
    with misbehaving.server() as other:
        fetch(f"http://me:pass@127.0.0.1:{site.port}/to?{other.url('a.xml')}")
    assert "authorization" in site.seen[-1].headers
    assert "authorization" not in other.seen[0].headers


def test_a_message_is_short_and_printable() -> None:
    error = refusal("ftp://x/\x07" + "y" * 1000)
    assert "ftp://x/?yyy" in str(error) and len(str(error)) < 600


def test_a_listing_has_a_limit_of_its_own(site: misbehaving.Server) -> None:
    fetcher().page(site.url("size/3000000")).file.close()
    with pytest.raises(FetchError, match="larger than 3,000,000 bytes, our limit"):
        fetcher().page(site.url("endless"))


def test_a_listing_that_is_cut_short_is_no_page(site: misbehaving.Server) -> None:
    with pytest.raises(FetchError, match="cut short .* \\(tried 2 times\\)"):
        fetcher().page(site.url("short"))
