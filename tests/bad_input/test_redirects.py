"""Redirects to where nobody should follow, and to where one may."""

import pytest

from harvests import jobs
from tests import misbehaving
from tests.bad_input.conftest import failures, reason
from tests.bad_input.provider import BAD, LISTING, XML, redirect
from tests.behaviours import sends
from tests.folders import record

pytestmark = pytest.mark.django_db

PRIVATE = {
    "10.0.0.1": "a private address",
    "192.168.1.1": "a private address",
    "127.0.0.2": "a loopback address",
    "169.254.169.254": "the metadata address of a cloud",
    "[::1]": "a loopback address",
}


@pytest.fixture(autouse=True)
def strict(settings) -> None:
    settings.ALLOW_PRIVATE_NETWORKS = ("127.0.0.1/32",)


def refusal(url: str, target: str, host: str) -> str:
    bare = host.strip("[]")
    return (
        f"Could not fetch {url} (redirected to {target}): refused to connect to {bare}"
        f", {PRIVATE[host]} (host {bare}): add it to ALLOW_PRIVATE_NETWORKS if it is "
        "yours."
    )


@pytest.mark.parametrize("host", PRIVATE)
def test_a_listing_never_leads_to_a_private_address(
    host, harvested, provider, kept, rows
):
    before = kept(), rows()
    target = f"http://{host}:{provider.server.port}/secret/"
    provider.spoil(LISTING, redirect(target))
    job = jobs.run_now(harvested)
    sentence = refusal(provider.url, target, host)
    assert reason(job) == sentence
    assert (kept(), rows()) == before
    assert "/secret/" not in provider.server.targets()


@pytest.mark.parametrize("host", PRIVATE)
def test_a_record_never_leads_to_a_private_address(
    host, harvested, provider, kept, counts
):
    before = kept()
    target = f"http://{host}:{provider.server.port}/secret.xml"
    provider.spoil(BAD, redirect(target))
    job = jobs.run_now(harvested)
    url = provider.url_of("b")
    assert failures(job) == {url: refusal(url, target, host)}
    assert (counts(job), kept()) == ({"unchanged": 5, "failed": 1}, before)
    assert "/secret.xml" not in provider.server.targets()


def test_a_listing_on_another_host_is_not_read_but_told(
    harvested, provider, kept, rows
):
    """Its records would all be new ones, beside those that are stored."""
    before = kept(), rows()
    elsewhere = provider.server.url("new/", host="localhost")
    provider.server.at["/new/"] = provider.server.at[LISTING]
    provider.spoil(LISTING, redirect(elsewhere))
    job = jobs.run_now(harvested)
    assert reason(job) == (
        f"{provider.url} redirects to {elsewhere}, on another host: nothing was read. "
        "If the records have moved there, give the source that address."
    )
    assert (kept(), rows()) == before


def test_a_record_may_lie_on_another_host(harvested, provider, kept, rows):
    """Many a server keeps its files elsewhere; the record stays the one it was."""
    name = rows()[provider.url_of("b")][0]
    moved = record("b", title="Moved", date="2026-01-01")
    provider.server.at["/files/b.xml"] = sends(moved, XML)
    elsewhere = provider.server.url("files/b.xml", host="localhost")
    provider.spoil(BAD, redirect(elsewhere))
    job = jobs.run_now(harvested)
    assert (job.status, job.changed, job.failed) == ("finished", 1, 0)
    assert b"Moved" in kept()[name][0]


def test_a_record_on_another_host_that_fails_names_both(harvested, provider, counts):
    with misbehaving.server() as other:
        target = other.url("status/404")
        provider.spoil(BAD, redirect(target))
        job = jobs.run_now(harvested)
    url = provider.url_of("b")
    assert failures(job) == {
        url: f"Could not fetch {url} (redirected to {target}): the server answered 404 "
        "Not Found: the document is gone or the link is wrong; tell the provider."
    }


def test_a_folder_that_leads_to_another_host_keeps_its_records(provider, source, kept):
    provider.add_folder("sub/", "z")
    assert jobs.run_now(source).added == 7
    before = kept()
    elsewhere = provider.server.url("sub/", host="localhost")
    provider.server.at["/sub/"] = provider.server.at["/waf/sub/"]
    provider.spoil("/waf/sub/", redirect(elsewhere))
    job = jobs.run_now(source)
    assert reason(job) == (
        f"1 folder was not read: {provider.url}sub/ redirects to {elsewhere}, which "
        "is not below it."
    )
    assert (job.unchanged, kept()) == (6, before)
