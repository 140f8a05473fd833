"""Catalogue services that page for ever, change their mind or answer something else."""

import itertools
import time
from collections.abc import Iterator

import pytest

from harvests import jobs
from harvests.models import HarvestJob, HarvestSource
from tests import misbehaving
from tests.bad_input.conftest import failures, reason
from tests.bad_input.documents import BOMBS, SIGN_IN
from tests.csw_server import Answer, Ask, Odd, Server, exception, results, serving
from tests.folders import record

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("little_memory"),
]

REFUSAL = exception("The index is locked")
ENTITY = b'<!ENTITY a SYSTEM "%s">'
KEPT = "Nothing was removed; if it stays so, tell the provider."
NO_CATALOGUE = (
    "{url}?service=CSW&request=GetCapabilities&version=2.0.2 did not answer with the "
    "capabilities of a catalogue service (CSW): %s. Check the address."
)
REPEATS = (
    "{url} repeats the same page, whichever page it is asked for: it ignores "
    "startPosition. Nothing was removed; tell the provider."
)
CHANGING = (
    "{url} says that it has {total} records, but gave %s, and which are missing cannot "
    f"be told: it changed while it was read, twice.%s {KEPT}"
)
EMPTY = (
    "{url} lists no record: an empty listing removes nothing. Check the URL, or ask "
    "the provider."
)


def bare(name: str) -> bytes:
    """A record as it stands in a page."""
    return record(name).partition(b"?>")[2].strip()


@pytest.fixture
def catalogue() -> Iterator[Server]:
    """25 records, 10 a page."""
    with serving({f"r{n:02}": bare(f"r{n:02}") for n in range(25)}, most=10) as server:
        yield server


@pytest.fixture
def source(catalogue, source_of) -> HarvestSource:
    """The catalogue, harvested once."""
    source = source_of(catalogue.url, harvest_type="CSW")
    assert jobs.run_now(source).added == 25
    return source


def answering(request: str, answer: bytes, *, after: int = 0) -> Odd:
    """Give that answer to such requests, if for pages past position `after`."""

    def odd(ask: Ask, _server: Server) -> Answer:
        return answer if ask.request == request and ask.start > after else None

    return odd


def repeating(**facts: object) -> Odd:
    """Send the first page, whichever page is asked for."""

    def odd(ask: Ask, server: Server) -> Answer:
        if ask.request != "GetRecords":
            return None
        ask.values["startposition"] = "1"
        return server.honest(ask, **facts)

    return odd


def totalling(*totals: int) -> Odd:
    """Tell another total with every page."""
    told = itertools.cycle(totals)

    def odd(ask: Ask, server: Server) -> Answer:
        is_page = ask.request == "GetRecords"
        return server.honest(ask, total=next(told)) if is_page else None

    return odd


def growing(ask: Ask, server: Server) -> Answer:
    """Have ten records more with every page, none of which ever comes."""
    if ask.request != "GetRecords":
        return None
    return server.honest(ask, total=25 + 10 * len(server.asks))


def stops_at(position: int, why: str) -> str:
    return f"{{url}} stopped giving records at position {position}: {why}. {KEPT}"


HTML = "it sent a web page (HTML) where XML was due"
TOO_LARGE = "it is larger than 8,000,000 bytes, our limit; "
TOO_LARGE += "ask the provider to split it"
LOCKED = "The index is locked (NoApplicableCode)"
TROUBLE: dict[str, tuple[Odd, int, str]] = {  # what it does, unchanged, the sentence
    "repeats its page": (repeating(), 10, REPEATS),
    "repeats it without a total": (repeating(total=None, next=11), 10, REPEATS),
    "repeats it with a growing total": (
        repeating(total=9_999_999, next=11),
        10,
        REPEATS,
    ),
    "promises ever more": (
        growing,
        25,
        CHANGING
        % (25, " The first page that failed: it sent no record at position 26."),
    ),
    "changes its total": (
        totalling(25, 11, 25, 8),
        20,
        CHANGING % (20, ""),
    ),
    "says 200 and no": (
        answering("GetCapabilities", REFUSAL),
        0,
        NO_CATALOGUE % LOCKED,
    ),
    "says 200 and no to a page": (
        answering("GetRecords", REFUSAL),
        0,
        stops_at(1, LOCKED),
    ),
    "says 200 and no to the second page": (
        answering("GetRecords", REFUSAL, after=10),
        10,
        stops_at(11, LOCKED),
    ),
    "is a web page": (answering("GetCapabilities", SIGN_IN), 0, NO_CATALOGUE % HTML),
    "sends a web page": (
        answering("GetRecords", SIGN_IN, after=10),
        10,
        stops_at(11, HTML),
    ),
    "is empty": (
        answering("GetCapabilities", b""),
        0,
        NO_CATALOGUE % "it sent an empty answer",
    ),
    "sends nothing": (
        answering("GetRecords", b"", after=10),
        10,
        stops_at(11, "it sent an empty answer"),
    ),
    "sends a page without end": (
        answering("GetRecords", b"<a>" + b" " * 9_000_000, after=10),
        10,
        stops_at(11, TOO_LARGE),
    ),
    "has lost all": (
        answering("GetRecords", results([], total=0, next=0)),
        0,
        EMPTY,
    ),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_catalogue_that_misbehaves_costs_nothing(
    trouble, source, catalogue, kept, rows, counts
):
    odd, unchanged, sentence = TROUBLE[trouble]
    before = kept(), rows()
    catalogue.odd = odd
    catalogue.asks.clear()
    started = time.monotonic()
    job = jobs.run_now(source)
    assert time.monotonic() - started < 20 and len(catalogue.asks) < 60
    said = reason(job)
    total = said.partition("has ")[2].partition(" ")[0]
    assert said == sentence.format(url=catalogue.url, total=total)
    assert counts(job) == ({"unchanged": unchanged} if unchanged else {})
    assert (kept(), rows()) == before


def test_a_catalogue_of_new_records_without_end_is_cut(
    source, catalogue, kept, counts, settings
):
    def inventing(ask: Ask, _server: Server) -> Answer:
        if ask.request != "GetRecords":
            return None
        names = (f"new{ask.start + n}" for n in range(ask.size))
        return results([bare(n) for n in names], total=10**9, next=ask.start + ask.size)

    settings.MAX_RECORDS = 100
    before = kept()
    catalogue.odd = inventing
    job = jobs.run_now(source)
    assert reason(job) == (
        f"{catalogue.url} has more than 100 records, the most that a harvest takes; "
        "the rest was left out: split the source by a filter."
    )
    assert counts(job) == {"added": 100}
    assert before.items() <= kept().items()


def with_doctype(entities: bytes, reference: bytes) -> Odd:
    """Spoil record r05 by an entity wherever it comes, in a page or alone."""

    def odd(ask: Ask, server: Server) -> Answer:
        if ask.request == "GetCapabilities" or ask.is_brief:
            return None
        answer = server.honest(ask)
        if b"Dataset r05" not in answer:
            return None
        _, _, rest = answer.rpartition(b"?>")
        doctype = b"<!DOCTYPE csw:GetRecordsResponse [%s]>" % entities
        return doctype + rest.replace(b"Dataset r05", reference)

    return odd


def said_of_r05(job: HarvestJob) -> str:
    [(url, message)] = failures(job).items()
    assert "request=GetRecordById&id=r05&" in url
    return message


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_in_a_page_costs_its_record_only(
    bomb, source, catalogue, kept, rows, counts
):
    before = kept(), rows()
    catalogue.odd = with_doctype(*BOMBS[bomb])
    job = jobs.run_now(source)
    assert counts(job) == {"unchanged": 24, "failed": 1}
    said = said_of_r05(job)
    assert said.startswith(
        f"{catalogue.url} lists the record r05, but does not give it: it sent XML that "
        "is not well-formed ("
    )
    assert said.endswith(
        "): its entities grow too much; write what they say. Tell the provider."
    )
    assert (kept(), rows()) == before


def test_a_page_loads_nothing_from_elsewhere(source, catalogue, kept, counts):
    before = kept()
    with misbehaving.server() as other:
        for url in ("file:///etc/passwd", other.url("stolen")):
            catalogue.odd = with_doctype(ENTITY % url.encode(), b"&a;")
            job = jobs.run_now(source)
            assert said_of_r05(job) == (
                "The document is not well-formed XML (line 14, column 42): &a; is "
                "unknown in XML; write the character; correct it at the source."
            )
            assert (job.unchanged, kept()) == (24, before)
        assert other.seen == []


def test_a_page_that_one_record_breaks_costs_its_record_only(
    source, catalogue, kept, counts
):
    """It answers an exception, with status 200, to whoever asks for r05."""

    def refusing(ask: Ask, server: Server) -> Answer:
        is_full = ask.request != "GetCapabilities" and not ask.is_brief
        return REFUSAL if is_full and b"Dataset r05" in server.honest(ask) else None

    before = kept()
    catalogue.records["r06"] = record("r06", title="Changed").partition(b"?>")[2]
    catalogue.odd = refusing
    job = jobs.run_now(source)
    assert counts(job) == {"unchanged": 23, "changed": 1, "failed": 1}
    assert said_of_r05(job) == (
        f"{catalogue.url} lists the record r05, but does not give it: The index is "
        "locked (NoApplicableCode). Tell the provider."
    )
    assert kept()["r05.xml"] == before["r05.xml"]
    assert b"Changed" in kept()["r06.xml"][0]
