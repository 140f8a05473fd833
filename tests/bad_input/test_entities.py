"""Records and listings that want to read our files or to call somebody."""

from collections.abc import Iterator

import pytest

from harvests import jobs
from tests import misbehaving
from tests.bad_input.conftest import failures, reason
from tests.bad_input.documents import (
    DECLARATION,
    REST,
    TRAP,
    document,
    listing_with_entities,
    with_entities,
)
from tests.bad_input.provider import BAD, LISTING
from tests.bad_input.table import DOCTYPE, XML_DOCTYPE

pytestmark = pytest.mark.django_db

EXTERNAL = {
    "a file": b'<!ENTITY a SYSTEM "file:///etc/passwd">',
    "an address": b'<!ENTITY a SYSTEM "%s">',
    "a parameter": b'<!ENTITY %% a SYSTEM "%s"> %%a;',
}


@pytest.fixture
def called() -> Iterator[misbehaving.Server]:
    """A server that nobody is to call."""
    with misbehaving.server() as running:
        yield running
        assert running.seen == []


@pytest.fixture(params=EXTERNAL.values(), ids=EXTERNAL.keys())
def entity(request, called) -> bytes:
    url = called.url("stolen").encode()
    return request.param % url if b"%s" in request.param else request.param


def test_a_record_loads_nothing(entity, harvested, provider, kept):
    before = kept()
    provider.spoil(BAD, with_entities(entity, b"&a;"))
    job = jobs.run_now(harvested)
    assert failures(job) == {provider.url_of("b"): DOCTYPE}
    assert (job.unchanged, kept()) == (5, before)


@pytest.mark.parametrize("trap", [b"", TRAP], ids=["plain", "in disguise"])
def test_a_listing_loads_nothing(trap, entity, harvested, provider, kept):
    before = kept()
    provider.spoil(LISTING, listing_with_entities(trap + entity, b"&a;"))
    job = jobs.run_now(harvested)
    assert reason(job) == XML_DOCTYPE.format(url=provider.url)
    assert kept() == before


def test_a_record_loads_no_document_type(called, harvested, provider, kept):
    before = kept()
    name = b'?><!DOCTYPE gmd:MD_Metadata SYSTEM "%s">' % called.url("x.dtd").encode()
    provider.spoil(BAD, document(DECLARATION + name + REST))
    job = jobs.run_now(harvested)
    assert failures(job) == {provider.url_of("b"): DOCTYPE}
    assert kept() == before


def test_a_record_includes_nothing(called, harvested, provider, kept, rows):
    """XInclude is an element like any other: it stands where none may."""
    include = (
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" '
        f'href="{called.url("stolen")}"/>'
    )
    provider.spoil(
        BAD,
        document(
            DECLARATION + b"?>" + REST.replace(b"Of Dataset b.", include.encode())
        ),
    )
    job = jobs.run_now(harvested)
    assert (job.status, job.changed, job.with_errors) == ("finished", 1, 1)
    name = rows()[provider.url_of("b")][0]
    assert include.encode() in kept()[name][0]
