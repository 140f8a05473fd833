"""Certificates are checked, and what is wrong with one is said."""

import ssl
from pathlib import Path

import pytest

from harvests.pipeline.fetching.tls import trust
from tests import misbehaving
from tests.behaviours import DOCUMENT
from tests.certificates import Authority
from tests.pipeline.fetching import fetch, refusal

LATER, LONG_AGO = "20991231235959Z", "210101000000Z"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    return authority


def complaint(context: ssl.SSLContext) -> str:
    with misbehaving.server(context) as site:
        error = str(refusal(site.url("a.xml"), retries=3))
        assert site.seen == []
    assert "tried" not in error
    return error


def test_a_certificate_of_an_authority_we_trust_is_fine(trusted: Authority) -> None:
    with misbehaving.server(trusted.sign("good", "127.0.0.1", until=LATER)) as site:
        assert fetch(site.url("a.xml")).body == DOCUMENT


def test_an_old_certificate_is_refused(trusted: Authority) -> None:
    context = trusted.sign("old", "127.0.0.1", until=LONG_AGO)
    assert "certificate of 127.0.0.1 is out of date; tell" in complaint(context)


def test_a_certificate_for_another_host_is_refused(trusted: Authority) -> None:
    context = trusted.sign("other", "192.0.2.7", until=LATER)
    assert "certificate of 127.0.0.1 is for another host" in complaint(context)


def test_a_self_signed_certificate_is_refused(trusted: Authority) -> None:
    context = trusted.self_sign("own", "127.0.0.1")
    assert "is signed by nobody that we trust (self-signed)" in complaint(context)


def test_a_certificate_of_an_unknown_authority_is_refused(authority: Authority) -> None:
    context = authority.sign("unknown", "127.0.0.1", until=LATER)
    assert "is signed by an authority that we do not know" in complaint(context)


def test_a_broken_handshake_is_told_and_tried_again() -> None:
    nothing_to_show = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with misbehaving.server(nothing_to_show) as site:
        error = str(refusal(site.url("a.xml"), retries=1))
    assert "127.0.0.1 broke off the TLS handshake (" in error
    assert error.endswith("(tried 2 times)")


def test_a_bundle_that_cannot_be_read_is_told(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("nonsense")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    with misbehaving.server(authority.sign("fine", "127.0.0.1", until=LATER)) as site:
        error = refusal(site.url("a.xml"))
    assert "our own list of certificate authorities cannot be read" in str(error)


def test_there_is_always_a_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    assert Path(trust()).name == "cacert.pem"
