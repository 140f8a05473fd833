"""Listings that break off, lead round in circles or say what is not so."""

import time

import pytest

from harvests import jobs
from tests.bad_input.conftest import reason
from tests.bad_input.documents import (
    BOMBS,
    HALF_LISTING,
    TRAP,
    listing_with_entities,
    web_page,
)
from tests.bad_input.provider import HTML, LISTING, listing
from tests.bad_input.table import NO_LISTING, XML_DOCTYPE
from tests.behaviours import sends

pytestmark = pytest.mark.django_db

MANY = 30_000
RECORDS = [f"{name}.xml" for name in "abcefg"]


def test_half_a_listing_is_told_and_removes_nothing(harvested, provider, kept, counts):
    before = kept()
    provider.spoil(LISTING, web_page(HALF_LISTING))
    job = jobs.run_now(harvested)
    assert reason(job) == (
        f"The listing {provider.url} is HTML that breaks off before its end; ask its "
        "server's staff."
    )
    assert (counts(job), kept()) == ({"unchanged": 2}, before)


WRONG = ["utf-16", "utf-32", "ascii", "no-such-charset", "utf-7", "idna", "zlib"]


@pytest.mark.parametrize("charset", WRONG)
def test_a_listing_whose_charset_is_not_so_is_read_all_the_same(
    charset, harvested, provider, counts
):
    page = listing("données.html", *RECORDS)
    provider.spoil(LISTING, sends(page, HTML.replace("utf-8", charset)))
    job = jobs.run_now(harvested)
    assert (job.status, counts(job)) == ("finished", {"unchanged": 6})


def test_a_listing_whose_charset_hides_its_links_is_told(harvested, provider, kept):
    """Read as UTF-16, as the server wants it, it is Chinese without a tag."""
    before = kept()
    page = listing(*RECORDS)
    even = page + b" " * (len(page) % 2)
    provider.spoil(LISTING, sends(even, HTML.replace("utf-8", "utf-16-le")))
    job = jobs.run_now(harvested)
    assert (
        reason(job) == f"{provider.url} answered with a page (text/html) {NO_LISTING}"
    )
    assert kept() == before


ITSELF = ("./", "", "?C=M;O=A", "#top", "/waf/", "../waf/", "/waf/#{0}", "?page={0}",
          "%2e/", "/%77af/", "/waf/;jsessionid={0}", "http://127.0.0.1:{1}/waf/",
          "//127.0.0.1:{1}/waf/")  # fmt: skip


def test_thirty_thousand_links_to_itself_lead_nowhere(
    harvested, provider, little_memory, counts
):
    port = provider.server.port
    links = [ITSELF[n % len(ITSELF)].format(n, port) for n in range(MANY)]
    provider.spoil(LISTING, web_page(listing(*links, *RECORDS)))
    provider.server.seen.clear()
    started = time.process_time()
    job = jobs.run_now(harvested)
    assert time.process_time() - started < 30
    assert (job.status, counts(job)) == ("finished", {"unchanged": 6})
    assert len(provider.server.seen) == 7


def test_thirty_thousand_links_to_a_record_are_one(harvested, provider, counts):
    provider.spoil(LISTING, web_page(listing(*["a.xml"] * MANY, *RECORDS)))
    provider.server.seen.clear()
    job = jobs.run_now(harvested)
    assert (job.status, counts(job)) == ("finished", {"unchanged": 6})
    assert len(provider.server.seen) == 7


def test_thirty_thousand_folders_are_cut_and_told(
    harvested, provider, settings, kept, little_memory
):
    """Every one shows the same page again."""
    before = kept()
    settings.MAX_LISTING_PAGES = 2
    trap = web_page(listing(*[f"/waf/{number}/" for number in range(MANY)], *RECORDS))
    provider.spoil(LISTING, trap)
    provider.server.at["/waf/0/"] = trap
    started = time.process_time()
    job = jobs.run_now(harvested)
    assert time.process_time() - started < 30
    assert reason(job) == (
        f"29,999 folders were not read, first {provider.url}3/, because a harvest "
        "reads at most 2 pages: split the source."
    )
    assert kept() == before


def test_a_folder_that_holds_itself_is_cut_by_the_depth(harvested, provider, kept):
    before = kept()
    for depth in range(9):
        provider.server.at[f"/waf/{'again/' * depth}"] = web_page(
            listing("again/", *RECORDS * (depth == 0))
        )
    job = jobs.run_now(harvested)
    assert reason(job) == (
        f"1 folder was not read, first {provider.url}again/again/again/, because it is "
        f"more than 2 levels below {provider.url}: raise the source's depth."
    )
    assert kept() == before


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("trap", [b"", TRAP], ids=["plain", "in disguise"])
def test_a_listing_with_entities_is_refused(
    trap, bomb, harvested, provider, kept, little_memory
):
    before = kept()
    entities, reference = BOMBS[bomb]
    provider.spoil(LISTING, listing_with_entities(trap + entities, reference))
    job = jobs.run_now(harvested)
    assert reason(job) == XML_DOCTYPE.format(url=provider.url)
    assert kept() == before
