"""Servers that are not there, or are not who they say: nothing stored is lost."""

import functools
import ssl
from collections.abc import Callable, Iterator

import pytest

from harvests import jobs
from tests import misbehaving
from tests.bad_input import provider as providers
from tests.bad_input.conftest import failures, reason
from tests.bad_input.provider import BAD, Provider, redirect
from tests.certificates import Authority

pytestmark = pytest.mark.django_db

LATER, LONG_AGO = "20991231235959Z", "210101000000Z"
CERTIFICATES = {
    "expired": "is out of date",
    "for another host": "is for another host",
    "self-signed": "is signed by nobody that we trust (self-signed)",
    "of an unknown authority": "is signed by an authority that we do not know",
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def certificates(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Callable[[], ssl.SSLContext]]:
    stranger = Authority(tmp_path_factory.mktemp("stranger"))
    sign = functools.partial(authority.sign, until=LATER)
    return {
        "good": lambda: sign("good", "127.0.0.1"),
        "expired": lambda: authority.sign("old", "127.0.0.1", until=LONG_AGO),
        "for another host": lambda: sign("other", "192.0.2.7"),
        "self-signed": lambda: authority.self_sign("own", "127.0.0.1"),
        "of an unknown authority": lambda: stranger.sign(
            "unknown", "127.0.0.1", until=LATER
        ),
    }


@pytest.fixture
def secure(authority, certificates, monkeypatch) -> Iterator[Provider]:
    """A provider behind TLS whom we trust."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    with providers.running(certificates["good"]()) as running:
        yield running


def test_a_name_that_is_gone_is_told(harvested, kept, rows):
    before = kept(), rows()
    harvested.url = "http://gone.invalid/waf/"
    harvested.save()
    job = jobs.run_now(harvested)
    assert reason(job) == (
        "Could not fetch http://gone.invalid/waf/: the name gone.invalid is unknown; "
        "check the address (tried 2 times)."
    )
    assert (kept(), rows()) == before


def test_a_record_that_moved_to_a_name_that_is_gone_is_told(
    harvested, provider, kept, counts
):
    before = kept()
    provider.spoil(BAD, redirect("http://gone.invalid/b.xml"))
    job = jobs.run_now(harvested)
    url = provider.url_of("b")
    assert failures(job)[url] == (
        f"Could not fetch {url} (redirected to http://gone.invalid/b.xml): the name "
        "gone.invalid is unknown; check the address (tried 2 times)."
    )
    assert (counts(job), kept()) == ({"unchanged": 5, "failed": 1}, before)


def test_a_server_that_is_down_is_told(harvested, provider, kept, rows):
    before = kept(), rows()
    provider.server.go_down()
    job = jobs.run_now(harvested)
    assert reason(job) == (
        f"Could not fetch {provider.url}: 127.0.0.1 refused the connection; is the "
        "server up? (tried 3 times)."
    )
    assert (kept(), rows()) == before


def test_a_record_on_a_server_that_is_down_is_told(harvested, provider, kept, counts):
    before = kept()
    with misbehaving.closed_port() as port:
        provider.spoil(BAD, redirect(f"http://127.0.0.1:{port}/b.xml"))
        job = jobs.run_now(harvested)
    url = provider.url_of("b")
    assert failures(job)[url] == (
        f"Could not fetch {url} (redirected to http://127.0.0.1:{port}/b.xml): "
        "127.0.0.1 refused the connection; is the server up? (tried 3 times)."
    )
    assert (counts(job), kept()) == ({"unchanged": 5, "failed": 1}, before)


@pytest.mark.parametrize("wrong", CERTIFICATES)
def test_a_certificate_that_went_wrong_is_told(
    wrong, secure, certificates, source_of, kept
):
    source = source_of(secure.url)
    assert jobs.run_now(source).added == 6
    before = kept()
    secure.server.show(certificates[wrong]())
    job = jobs.run_now(source)
    assert reason(job) == (
        f"Could not fetch {secure.url}: the TLS certificate of 127.0.0.1 "
        f"{CERTIFICATES[wrong]}; tell the provider."
    )
    assert kept() == before


@pytest.mark.parametrize("wrong", CERTIFICATES)
def test_a_record_behind_a_wrong_certificate_is_told(
    wrong, secure, certificates, source_of, kept, counts
):
    source = source_of(secure.url)
    jobs.run_now(source)
    before = kept()
    with misbehaving.server(certificates[wrong]()) as other:
        secure.spoil(BAD, redirect(other.url("b.xml")))
        job = jobs.run_now(source)
    url = secure.url_of("b")
    assert failures(job)[url] == (
        f"Could not fetch {url} (redirected to {other.url('b.xml')}): the TLS "
        f"certificate of 127.0.0.1 {CERTIFICATES[wrong]}; tell the provider."
    )
    assert (counts(job), kept(), other.seen) == (
        {"unchanged": 5, "failed": 1},
        before,
        [],
    )
