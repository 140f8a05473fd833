"""Include and exclude patterns: which records of a source are wanted."""

import pytest

from harvests.pipeline.errors import GatherError
from harvests.pipeline.selecting import Sieve, is_wanted
from harvests.pipeline.sources.file_names import by_address
from harvests.pipeline.types import RemoteRecord, Selection
from tests.folders import add_records
from tests.pipeline.test_runner import run  # noqa: F401 - a fixture


@pytest.mark.parametrize(
    ("patterns", "wanted"),
    [
        pytest.param({}, True, id="nothing-asked"),
        pytest.param({"include": ("*.xml",)}, True, id="name"),
        pytest.param({"include": ("*.XML",)}, False, id="case-counts"),
        pytest.param({"include": ("sst*", "wind*")}, True, id="one-of-several"),
        pytest.param({"exclude": ("*draft*",)}, True, id="not-excluded"),
        pytest.param({"exclude": ("wind [0-9]*",)}, False, id="name-is-decoded"),
        pytest.param({"exclude": ("*/old/*",)}, False, id="slash-means-whole-url"),
        pytest.param({"include": ("http://x/waf/*",)}, True, id="whole-url"),
        pytest.param({"exclude": ("old",)}, True, id="a-folder-is-no-name"),
        pytest.param({"include": ("*",), "exclude": ("wind*",)}, False, id="both"),
    ],
)
def test_patterns(patterns, wanted):
    url = "http://x/waf/old/wind%2010m.xml?v=1"
    record = RemoteRecord(url, by_address(url))
    assert is_wanted(record, Selection(**patterns)) is wanted


@pytest.mark.parametrize("pattern", ["7*", "7e6d1218*", "[0-9a-f]*"])
def test_a_pattern_does_not_look_at_the_digest_that_is_the_files_name(pattern):
    url = "http://x/waf/wind.xml"
    record = RemoteRecord(url, by_address(url))
    assert record.name.startswith("7e6d1218")
    assert not is_wanted(record, Selection(include=(pattern,)))
    assert is_wanted(record, Selection(exclude=(pattern,)))


@pytest.mark.parametrize(
    ("url", "name", "matching", "other"),
    [
        ("http://x/csw?request=GetRecordById&id=abc", "abc.xml", "a*", "c*"),
        ("http://x/erddap/sst_iso19115.xml", "sst_iso19115.xml", "sst_iso19115", "x*"),
        ("http://x/erddap/sst_iso19115.xml", "sst_iso19115.xml", "*.xml", "*.json"),
    ],
    ids=["identifier", "without-ending", "with-ending"],
)
def test_a_pattern_is_for_the_name_that_people_know(url, name, matching, other):
    record = RemoteRecord(url, name)
    assert is_wanted(record, Selection(include=(matching,), exclude=(other,)))


def test_only_the_wanted_records_are_harvested(site, run):  # noqa: F811
    path, url = site
    add_records(path, 12)
    assert run(url, selection=Selection(include=("r000*",))) == {"added": 10}
    assert run.progress[-1].discovered == 10


def test_what_is_excluded_later_goes_as_if_it_were_not_listed(site, run):  # noqa: F811
    path, url = site
    add_records(path, 12)
    run(url)
    counts = run(url, selection=Selection(exclude=("r001*",)))
    assert counts == {"unchanged": 10, "removed": 2}


def test_patterns_that_let_nothing_through_remove_nothing(site, run):  # noqa: F811
    path, url = site
    add_records(path, 3)
    run(url)
    with pytest.raises(GatherError, match="lists 3 records, but the source's patterns"):
        run(url, selection=Selection(include=("*.json",)))
    assert len(run.folder.names()) == 3


def test_an_address_too_long_for_a_database_is_a_problem_of_its_own():
    url = "http://x/" + "a" * 5000 + ".xml"
    sieve = Sieve(Selection())
    first, again = (next(sieve.wanted([RemoteRecord(url, "a.xml")])) for _ in "12")
    assert first == again
    assert len(first.url) < 300
    assert "an address of 5,013 characters; at most 2,000" in first.problem
