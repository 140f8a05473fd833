"""ERDDAP: its folder of records is found, read, and named as ERDDAP names it."""

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harvests.pipeline import iso
from harvests.pipeline.detection import detect
from harvests.pipeline.errors import ReadError
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.sources import SOURCES, erddap
from harvests.pipeline.types import Sample
from tests.conftest import CORPUS
from tests.folders import record
from tests.pipeline.folders_site import Answer, Site, running
from tests.pipeline.gathered import POLICY, Gathered, gathered

DATA = Path(__file__).parent.parent / "data" / "erddap"
FOLDER = "/erddap/metadata/iso19115/xml/"
NAMES = ["buoy_41002_iso19115.xml", "glider_iso19115.xml"]
MDB = "http://standards.iso.org/iso/19115/-3/mdb/1.0"
SUCCESSOR = f'<mdb:MD_Metadata xmlns:mdb="{MDB}"/>'


def page(name: str) -> str:
    return (DATA / name).read_text()


@pytest.fixture
def site() -> Iterator[Site]:
    """An ERDDAP 2.23 with two datasets."""
    with running() as site:
        site.answers[FOLDER] = Answer(page("since-1.82.html"))
        for name in NAMES:
            site.answers[FOLDER + name] = Answer(record(name).decode(), "text/xml")
        for name in ("index.html", "info/index.html", "de/info/index.html?page=1"):
            site.answers[f"/erddap/{name}"] = Answer(page("info.html"))
        site.redirect("/erddap", "/erddap/index.html")
        site.redirect("/erddap/", "/erddap/index.html")
        site.redirect("/", "/erddap/index.html")
        yield site


def of(site: Site, path: str = FOLDER) -> Gathered:
    return gathered("ERDDAP-WAF", site.url(path))


@pytest.mark.parametrize(
    ("name", "size"), [("before-1.82.html", None), ("since-1.82.html", 82011)]
)
def test_the_folders_of_all_versions_are_read(site, name, size):
    site.answers[FOLDER] = Answer(page(name))
    found = of(site)
    assert (found.names, found.error) == (NAMES, "")
    first = found.records[0]
    assert first.url == site.url(FOLDER + NAMES[0])
    assert (first.modified, first.size) == (dt.datetime(2017, 7, 12, 3, 11), size)


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/erddap", "/erddap/", "/erddap/index.html", "/erddap/info/index.html"),
        *("/erddap/de/info/index.html?page=1", FOLDER.removesuffix("/")),
    ],
)
def test_the_folder_is_found_from_any_page_of_the_server(site, path):
    site.redirect(FOLDER.removesuffix("/"), FOLDER)
    assert of(site, path).names == NAMES


def test_a_server_that_does_not_answer_is_an_error(site):
    site.answers["/erddap/index.html"] = Answer("", status=503)
    found = of(site, "/erddap/")
    assert found.records == []
    assert "503" in found.error


def test_a_server_without_such_a_folder_is_an_error(site):
    del site.answers[FOLDER]
    found = of(site, "/erddap/")
    assert found.records == []
    assert site.url(FOLDER) in found.error
    assert "404" in found.error


def test_a_redirect_to_another_host_is_not_followed_to_its_records(site):
    with running() as other:
        elsewhere = other.url("/erddap/index.html").replace("127.0.0.1", "localhost")
        site.redirect("/erddap/", elsewhere)
        other.answers["/erddap/index.html"] = Answer(page("info.html"))
        found = of(site, "/erddap/")
    assert found.records == []
    assert f"redirects to {elsewhere}, on another host" in found.error


def test_a_copy_of_the_folder_on_another_server_is_read_too(site):
    site.folder("/copy/", "buoy_iso19115.xml")
    assert of(site, "/copy/").names == ["buoy_iso19115.xml"]


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("a%20b.xml", "a b.xml"),
        ("a.xml?x=1", "a.xml"),
        ("deep/er/a_iso19115.xml", "a_iso19115.xml"),
        ("A.XML", "A.XML.xml"),
        ("..%2f..%2fa.xml", None),
        (".hidden.xml", "hidden-"),
        ("a%3Cb.xml", "a-b-"),
        (f"{'n' * 300}.xml", f"{'n' * 100}-"),
    ],
)
def test_a_name_is_one_plain_part_of_a_path(site, href, name):
    site.folder("/copy/", href)
    names = of(site, "/copy/").names
    if name is None:
        assert names == []
    elif name.endswith(".xml"):
        assert names == [name]
    else:
        assert names[0].startswith(name)
        assert names[0].endswith(".xml")


def test_a_server_of_iso_19115_3_says_so_once(site):
    for name in NAMES:
        site.answers[FOLDER + name] = Answer(SUCCESSOR, "text/xml")
    found = of(site)
    assert found.records == []
    assert found.error.startswith(
        f"{site.url(FOLDER)} offers records in ISO 19115-3, where ISO 19139 was "
        "expected: none was harvested, what is published stays. "
    )
    assert "<useSisISO19115>true</useSisISO19115>" in found.error
    assert "<useSisISO19139>true</useSisISO19139>" in found.error


def test_three_records_of_iso_19115_3_are_enough_to_tell(site):
    names = [f"{number}.xml" for number in range(9)]
    site.folder(FOLDER, *names)
    for name in names:
        site.answers[FOLDER + name] = Answer(SUCCESSOR, "text/xml")
    assert "ISO 19115-3" in of(site).error
    assert site.asked == [FOLDER, *(FOLDER + name for name in names[:3])]


def test_a_server_that_was_just_set_otherwise_yields_both(site):
    site.answers[FOLDER + NAMES[0]] = Answer(SUCCESSOR, "text/xml")
    assert (of(site).names, of(site).error) == (NAMES, "")


def test_a_record_that_cannot_be_had_says_so_itself(site):
    del site.answers[FOLDER + NAMES[0]]
    assert (of(site).names, of(site).error) == (NAMES, "")


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("http://h/erddap/metadata/iso19115/xml/a.xml", SUCCESSOR),
        (
            "http://h/copy/a.xml",
            SUCCESSOR.replace("/>", ">h/erddap/a</mdb:MD_Metadata>"),
        ),
    ],
)
def test_a_record_of_iso_19115_3_says_what_to_set_in_erddap(url, body):
    with pytest.raises(ReadError) as caught:
        iso.read(body.encode(), url=url)
    assert str(caught.value).startswith(
        "This is an ISO 19115-3 record of ERDDAP, not an ISO 19139 record. ERDDAP "
        "writes it since version 2.26 where its setup.xml says <useSisISO19115>true"
    )


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (FOLDER, "it is ERDDAP's folder of ISO 19115 records"),
        ("/erddap/index.html", "whose ISO 19115 records are in a folder"),
        ("/", "whose ISO 19115 records are in a folder"),
    ],
)
def test_any_page_of_erddap_is_recognised(site, path, reason):
    stop = threading.Event()
    with_fetcher = Fetcher(POLICY, stop=stop)
    found = detect(site.url(path), with_fetcher, stop=stop)
    with_fetcher.close()
    assert (found.kind, found.url) == ("ERDDAP-WAF", site.url(FOLDER))
    assert reason in found.reason
    assert found.software == "ERDDAP 2.23"


def sample(name: str, **changes) -> Sample:
    head = (DATA / name).read_bytes()
    url = "https://h/x/ERDDAP/info/index.html"
    return replace(Sample(url, "text/html", "", head), **changes)


def test_a_page_whose_footer_is_far_is_recognised_by_its_title():
    head = sample("info.html").head.replace(b"Version", b"")
    found = erddap.recognise(sample("info.html", head=head))
    assert found.url == "https://h/x/ERDDAP/metadata/iso19115/xml/"
    assert found.software == "ERDDAP"


def test_an_erddap_without_its_usual_folder_has_its_records_at_the_root():
    found = erddap.recognise(sample("info.html", url="https://h/index.html"))
    assert found.url == "https://h/metadata/iso19115/xml/"


def test_other_pages_are_not_taken_for_erddap_s():
    page = sample("info.html", head=b"<title>We run ERDDAP</title>")
    assert erddap.recognise(page) is None
    assert erddap.recognise(sample("info.html", root="{x}MD_Metadata")) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h/erddap/tabledap/a.html?b", ["https://h" + FOLDER]),
        ("https://h/gliders/erddap", ["https://h/gliders" + FOLDER]),
        ("https://h/", ["https://h" + FOLDER]),
        ("https://h/a/b.html", ["https://h" + FOLDER, "https://h/a" + FOLDER]),
    ],
)
def test_erddap_is_looked_for_at_its_usual_places(url, expected):
    assert list(SOURCES["ERDDAP-WAF"].guesses(url)) == expected


PAGES = sorted((CORPUS / "listings" / "erddap").glob("reconstructed-*.html"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_folders_of_the_corpus_are_read(site, path):
    site.answers[FOLDER] = Answer(path.read_text())
    datasets = ("cwwcNDBCMet", "erdGlobecBottle", "erdMH1chlamday", "pmelTaoDySst")
    assert of(site).names == [f"{dataset}_iso19115.xml" for dataset in datasets]
