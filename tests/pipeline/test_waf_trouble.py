"""Gathering where something is amiss: all that can be had comes, then one error."""

from collections.abc import Iterator

import pytest

from harvests.pipeline.types import GatherLimits
from tests.pipeline.folders_site import Answer, Site, running
from tests.pipeline.test_waf import gathered, paths

RECORD = '<?xml version="1.0"?><gmd:MD_Metadata xmlns:gmd="g"/>'


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


@pytest.mark.parametrize("status", [401, 403, 404, 410, 500, 503])
def test_a_source_that_fails_is_an_error_with_its_reason(
    site: Site, status: int
) -> None:
    site.answers["/waf/"] = Answer('<a href="1.xml">1</a>', status=status)
    records, error = gathered(site.url())
    assert records == []
    assert str(status) in error
    assert site.url() in error


@pytest.mark.parametrize(
    ("answer", "description"),
    [
        (Answer("<title>Sign in</title><a href=/>Home</a>"), "title 'Sign in'"),
        (Answer("<p>Back soon</p>"), "(text/html)"),
        (Answer('<title>Index of /waf/</title><a href="../">../</a>'), "Index of"),
        (Answer(RECORD, "text/xml"), "an XML document <MD_Metadata>"),
        (Answer("x", "image/png"), "(image/png)"),
        (Answer("", "text/xml"), "(text/xml, an empty page)"),
    ],
    ids=["sign-in", "maintenance", "empty folder", "a record", "an image", "nothing"],
)
def test_a_source_that_lists_nothing_is_an_error(
    site: Site, answer: Answer, description: str
) -> None:
    site.answers["/waf/"] = answer
    records, error = gathered(site.url())
    assert records == []
    assert error.startswith(f"{site.url()} answered with a page (")
    assert description in error
    assert "lists no XML record or folder" in error


def test_folders_without_any_record_are_an_error(site: Site) -> None:
    site.folder("/waf/", "a/")
    site.folder("/waf/a/")
    _, error = gathered(site.url())
    assert error == f"{site.url()} and its folders list no XML record."


def test_a_folder_that_fails_does_not_hide_the_others(site: Site) -> None:
    site.folder("/waf/", "gone/", "a/", "1.xml")
    site.folder("/waf/a/", "2.xml")
    records, error = gathered(site.url())
    assert paths(records) == ["/waf/1.xml", "/waf/a/2.xml"]
    assert error.startswith("1 folder was not read: ")
    assert site.url("/waf/gone/") in error
    assert "404" in error


def test_many_folders_that_fail_are_counted(site: Site) -> None:
    site.folder("/waf/", "1.xml", *(f"gone{number}/" for number in range(5)))
    records, error = gathered(site.url())
    assert len(records) == 1
    assert error.startswith("5 folders were not read: ")
    assert error.endswith("; and 2 more.")
    assert [f"gone{number}/" in error for number in range(5)] == [True] * 3 + [
        False
    ] * 2


@pytest.mark.parametrize(
    ("answer", "description"),
    [
        (Answer(RECORD, "text/xml"), "an XML document"),
        (Answer("x", "image/png"), "image/png"),
        (Answer("<title>Sign in</title><input type=password>"), "title 'Sign in'"),
        (Answer('["2.xml"', "application/json"), "breaks off"),
    ],
    ids=["a record", "an image", "sign-in", "half a listing"],
)
def test_a_folder_in_whose_place_another_page_comes_has_failed(
    site: Site, answer: Answer, description: str
) -> None:
    site.folder("/waf/", "a/", "1.xml")
    site.answers["/waf/a/"] = answer
    records, error = gathered(site.url())
    assert "/waf/1.xml" in paths(records)
    assert error.startswith("1 folder was not read: ")
    assert description in error


def test_an_empty_folder_is_no_error(site: Site) -> None:
    site.folder("/waf/", "a/", "1.xml")
    site.folder("/waf/a/")
    assert gathered(site.url())[1] == ""


def test_half_a_listing_of_the_source_yields_its_records_and_an_error(
    site: Site,
) -> None:
    site.answers["/waf/"] = Answer('["1.xml", "a", "2.x', "application/json")
    site.answers["/waf/a/"] = Answer('["2.xml"]', "application/json")
    records, error = gathered(site.url())
    assert paths(records) == ["/waf/1.xml", "/waf/a/2.xml"]
    assert "breaks off" in error


def test_a_source_that_is_no_data_at_all_says_so(site: Site) -> None:
    site.answers["/waf/"] = Answer("[oops", "application/json")
    assert "is JSON that breaks off or is not valid" in gathered(site.url())[1]


def test_a_redirect_out_of_the_source_is_an_error(site: Site) -> None:
    site.folder("/waf/", "a/", "b/", "1.xml")
    site.folder("/other/", "2.xml")
    site.redirect("/waf/a/", "/other/")
    site.redirect("/waf/b/", "/waf/")
    records, error = gathered(site.url())
    assert paths(records) == ["/waf/1.xml"]
    for name, target in (("a", "/other/"), ("b", "/waf/")):
        sentence = f"{site.url(f'/waf/{name}/')} redirects to {site.url(target)}"
        assert sentence in error


@pytest.mark.parametrize("names", [("new/", "x/"), ("x/", "new/"), ("new/",)])
def test_a_redirect_to_another_folder_is_followed_once(
    site: Site, names: tuple[str, ...]
) -> None:
    site.folder("/waf/", "1.xml", *names)
    site.redirect("/waf/new/", "/waf/x/")
    site.folder("/waf/x/", "2.xml")
    records, error = gathered(site.url())
    assert (paths(records), error) == (["/waf/1.xml", "/waf/x/2.xml"], "")


def test_a_folder_may_be_its_index_page_or_lose_its_slash(site: Site) -> None:
    site.folder("/waf/", "a/", "b/")
    site.redirect("/waf/a/", "/waf/a/index.html")
    site.folder("/waf/a/index.html", "1.xml")
    site.redirect("/waf/b/", "/waf/b")
    site.folder("/waf/b", "/waf/b/2.xml")
    records, error = gathered(site.url())
    assert (paths(records), error) == (["/waf/a/1.xml", "/waf/b/2.xml"], "")


@pytest.mark.parametrize("depth", [0, 1])
def test_folders_below_the_depth_are_told(site: Site, depth: int) -> None:
    site.folder("/waf/", "1.xml", "a/")
    site.folder("/waf/a/", "2.xml", "b/", "c/", "d/")
    records, error = gathered(site.url(), GatherLimits(depth=depth))
    assert len(records) == depth + 1
    told = {0: "1 folder was", 1: "3 folders were"}[depth]
    first = site.url({0: "/waf/a/", 1: "/waf/a/b/"}[depth])
    assert error.startswith(f"{told} not read, first {first}")
    assert "raise the source's depth" in error


def test_pages_above_the_limit_are_told(site: Site) -> None:
    site.folder("/waf/", "1.xml", *(f"a{number}/" for number in range(9)))
    site.folder("/waf/a0/", "2.xml")
    records, error = gathered(site.url(), GatherLimits(pages=2))
    assert len(records) == 2
    assert error.startswith(f"8 folders were not read, first {site.url('/waf/a')}")
    assert "at most 2 pages" in error


def test_records_above_the_limit_are_told(site: Site) -> None:
    site.folder("/waf/", "a/", "1.xml", "2.xml", "3.xml")
    records, error = gathered(site.url(), GatherLimits(records=2))
    assert paths(records) == ["/waf/1.xml", "/waf/2.xml"]
    assert "more than 2 records" in error
    assert site.asked == ["/waf/"]


def test_as_many_records_as_the_limit_are_no_error(site: Site) -> None:
    site.folder("/waf/", "1.xml", "2.xml")
    assert gathered(site.url(), GatherLimits(records=2))[1] == ""
