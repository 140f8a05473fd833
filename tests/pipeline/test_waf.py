"""Gathering from folders on a real web server."""

import datetime as dt
import hashlib
from collections.abc import Iterator

import pytest

from harvests.pipeline.errors import GatherError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.sources import SOURCES
from harvests.pipeline.types import FetchPolicy, GatherLimits, Page, Plan, RemoteRecord
from tests.pipeline.folders_site import Answer, Site, running

POLICY = FetchPolicy(allow_networks=("127.0.0.0/8",), retries=0)


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


class Watched(Fetcher):
    """A Fetcher that remembers its pages."""

    def __init__(self) -> None:
        super().__init__(POLICY)
        self.pages: list[Page] = []

    def page(self, url: str) -> Page:
        self.pages.append(super().page(url))
        return self.pages[-1]


def gathered(
    url: str, limits: GatherLimits | None = None
) -> tuple[list[RemoteRecord], str]:
    """Return what was gathered, and the error's sentence; every page is closed."""
    fetcher, records, sentence = Watched(), [], ""
    try:
        for record in SOURCES["WAF"].gather(
            Plan("WAF", url, limits or GatherLimits()), fetcher
        ):
            records.append(record)  # noqa: PERF402 - keep those before an error
    except GatherError as error:
        sentence = str(error)
        assert error.url == url
    assert all(page.file.closed for page in fetcher.pages)
    fetcher.close()
    return records, sentence


def paths(records: list[RemoteRecord]) -> list[str]:
    return ["/" + record.url.split("/", 3)[3] for record in records]


def test_a_folder_yields_its_records_and_those_of_its_subfolders(site: Site) -> None:
    site.folder("/waf/", "b/", "1.xml", "a/")
    site.folder("/waf/a/", "2.xml", "c/")
    site.folder("/waf/b/", "3.xml")
    site.folder("/waf/a/c/", "4.xml")
    records, error = gathered(site.url())
    assert paths(records) == [
        *("/waf/1.xml", "/waf/b/3.xml", "/waf/a/2.xml", "/waf/a/c/4.xml")
    ]
    assert error == ""


@pytest.mark.parametrize("href", ["1.xml", "1%20a.xml", "two words.xml", "é.xml"])
def test_a_record_has_the_name_that_the_predecessor_gave_it(
    site: Site, href: str
) -> None:
    """The digest of the address as published, blanks and all."""
    row = f'<li><a href="{href}">1</a> 2025-10-02 11:47  39'
    site.answers["/waf/"] = Answer(row)
    records, _ = gathered(site.url())
    url = site.url("/waf/") + href
    name = hashlib.sha1(url.encode()).hexdigest() + ".xml"
    assert records == [RemoteRecord(url, name, dt.datetime(2025, 10, 2, 11, 47), 39)]


def test_a_source_may_be_given_without_its_slash(site: Site) -> None:
    site.redirect("/waf", "/waf/")
    site.folder("/waf/", "1.xml", "a/")
    site.folder("/waf/a/", "2.xml")
    records, error = gathered(site.url("/waf"))
    assert (paths(records), error) == (["/waf/1.xml", "/waf/a/2.xml"], "")


def test_a_source_may_be_given_by_its_index_page(site: Site) -> None:
    site.folder("/waf/index.html", "1.xml", "a/b/", "a/b/c/")
    site.folder("/waf/a/b/", "2.xml")
    records, error = gathered(site.url("/waf/index.html"))
    assert paths(records) == ["/waf/1.xml", "/waf/a/b/2.xml"]
    assert "first " + site.url("/waf/a/b/c/") in error


def test_a_folder_is_read_once_however_it_is_linked(site: Site) -> None:
    site.folder("/waf/", "a/", "/waf/a/", "a/b/", "1.xml")
    site.folder("/waf/a/", "b/", "/waf/", "/waf/a/", "2.xml")
    site.folder("/waf/a/b/", "../", "3.xml")
    records, error = gathered(site.url())
    assert site.asked == ["/waf/", "/waf/a/", "/waf/a/b/"]
    assert (len(records), error) == (3, "")


def test_a_bucket_is_read_page_by_page(site: Site) -> None:
    page = "<ListBucketResult>{}<Contents><Key>{}.xml</Key></Contents>{}{}"
    prefix = "<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>"
    cut = "<IsTruncated>true</IsTruncated>"
    answers = {
        "/waf/": page.format(cut, 1, prefix, "</ListBucketResult>"),
        "/waf/?marker=1.xml": page.format("", 2, "", "</ListBucketResult>"),
        "/waf/?prefix=a%2F": page.format("", "a/3", "", "</ListBucketResult>"),
    }
    site.answers = {path: Answer(text, "text/xml") for path, text in answers.items()}
    records, error = gathered(site.url(), GatherLimits(depth=1))
    assert sorted(paths(records)) == ["/waf/1.xml", "/waf/2.xml", "/waf/a/3.xml"]
    assert error == ""


def test_another_host_is_never_asked(site: Site) -> None:
    with running() as other:
        other.folder("/waf/", "2.xml")
        site.folder("/waf/", other.url(), other.url("/waf/2.xml"), "1.xml")
        records, error = gathered(site.url())
    assert (paths(records), error) == (["/waf/1.xml"], "")
    assert other.asked == []


def test_a_folder_that_holds_itself_ends_at_the_depth(site: Site) -> None:
    for depth in range(5):
        site.folder("/waf/" + "a/" * depth, "a/", "1.xml")
    records, error = gathered(site.url())
    assert len(records) == 3
    assert error == (
        f"1 folder was not read, first {site.url('/waf/a/a/a/')}, because it is more "
        f"than 2 levels below {site.url()}: raise the source's depth."
    )
