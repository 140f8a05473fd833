"""Certificates that a source brings along, and one that it wants unverified."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harvests.pipeline.errors import FetchError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.fetching.tls import check_certificates
from harvests.pipeline.types import Access, Request, Response
from tests import misbehaving
from tests.certificates import Authority
from tests.pipeline.fetching import fetch_all, fetcher, finish

LATER = "20991231235959Z"
UNKNOWN = "is signed by an authority that we do not know"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def pem(authority: Authority) -> str:
    return f"# Behörde\n{authority.bundle.read_text()}\r\n"


@pytest.fixture(scope="module")
def site(authority: Authority) -> Iterator[misbehaving.Server]:
    certificate = authority.sign("good", "127.0.0.1", until=LATER)
    with misbehaving.server(certificate) as running:
        yield running


def entering(url: str, **access: object) -> Fetcher:
    return fetcher(access=Access(url=url, **access), connections_per_host=1, retries=0)


def ask(door: Fetcher, url: str) -> Response | FetchError:
    return fetch_all(door, [url])[url]


def test_an_authority_of_the_sources_is_trusted(
    site: misbehaving.Server, pem: str
) -> None:
    url = site.url("a.xml")
    assert isinstance(ask(entering(url, ca_certificates=pem), url), Response)
    assert UNKNOWN in str(ask(fetcher(), url))


def test_the_usual_authorities_are_trusted_beside_it(
    site: misbehaving.Server,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual, url = Authority(tmp_path), site.url("a.xml")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    door = entering(url, ca_certificates=usual.bundle.read_text())
    assert isinstance(ask(door, url), Response)


def test_the_sources_own_certificate_will_do(tmp_path: Path) -> None:
    certificate = Authority(tmp_path).self_sign("own", "localhost")
    pem = (tmp_path / "own.pem").read_text()
    with misbehaving.server(certificate) as site:
        url = site.url("a.xml", "localhost")
        assert isinstance(ask(entering(url, ca_certificates=pem), url), Response)


def test_only_the_sources_host_goes_unverified(
    site: misbehaving.Server, authority: Authority
) -> None:
    own, foreign = site.url("a.xml"), site.url("a.xml", "localhost")
    door = entering(own, verify_tls=False)
    with door.batch() as batch:
        for url in (own, foreign, own, foreign):
            batch.add(Request(url))
            answer = finish(batch)[url]
            assert isinstance(answer, Response) is (url == own), answer
    assert "certificate of localhost" in str(ask(door, site.url(f"to?{foreign}")))


def test_an_unverified_host_may_have_another_name(tmp_path: Path) -> None:
    certificate = Authority(tmp_path).self_sign("odd", "odd.example")
    with misbehaving.server(certificate) as site:
        door = entering(f"http://127.0.0.1:{site.port}/", verify_tls=False)
        assert isinstance(ask(door, site.url("a.xml")), Response)


BROKEN = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "there is no PEM certificate"),
        ("-----BEGIN CERTIFICATE-----\nMIIB", "there is no PEM certificate"),
        (BROKEN.format("MIIB"), "certificate number 1 cannot be read"),
        (BROKEN.format("!"), "certificate number 1 cannot be read"),
        (BROKEN.format("é"), "certificate number 1 cannot be read"),
        (BROKEN.format(""), "certificate number 1 cannot be read"),
        ("-----BEGIN RSA PRIVATE KEY-----\ns3cret", "a private key is among the"),
    ],
)
def test_certificates_that_cannot_be_read_are_refused(text: str, words: str) -> None:
    assert words in check_certificates(text)
    with pytest.raises(FetchError, match="access settings of https://x.org/") as caught:
        entering("https://x.org/", ca_certificates=text)
    assert words in str(caught.value) and "s3cret" not in str(caught.value)


def test_good_certificates_are_fine(pem: str) -> None:
    assert check_certificates("") == check_certificates(" \n") == ""
    assert check_certificates(pem * 2) == ""
    assert "certificate number 2" in check_certificates(pem + BROKEN.format("MIIB"))
