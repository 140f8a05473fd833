"""THREDDS: the ISO service's record of each dataset, from catalogues and their kin."""

import datetime as dt
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvests.pipeline.detection import detect
from harvests.pipeline.fetch import Fetcher
from harvests.pipeline.sources import SOURCES, thredds
from harvests.pipeline.types import GatherLimits, RemoteRecord, Sample
from tests.pipeline.folders_site import Answer, Site, running
from tests.pipeline.gathered import LIMITS, POLICY, Gathered, gathered

DATA = Path(__file__).parent.parent / "data" / "thredds"
ROOT = "/thredds/catalog.xml"
BUOYS = "/thredds/buoys/catalog.xml"
NS = "http://www.unidata.ucar.edu/namespaces/thredds/InvCatalog/v1.0"
ISO = '<service name="iso" serviceType="ISO" base="/thredds/iso/"/>'
DATASET = '<dataset serviceName="iso" urlPath="{}.nc"/>'


def catalogue(*inside: str) -> Answer:
    link = 'xmlns:x="http://www.w3.org/1999/xlink"'
    text = f'<catalog xmlns="{NS}" {link}>{"".join(inside)}</catalog>'
    return Answer(text, "application/xml")


def reference(href: str) -> str:
    return f'<catalogRef x:href="{href}"/>'


@pytest.fixture
def site() -> Iterator[Site]:
    """A server with two catalogues and the page of the first."""
    with running() as site:
        for path, name in ((ROOT, "catalog.xml"), (BUOYS, "buoys.xml")):
            text = (DATA / name).read_text()
            site.answers[path] = Answer(text, "application/xml")
        page = (DATA / "catalog.html").read_text()
        for path in ("/thredds/catalog.html", "/thredds/"):
            site.answers[path] = Answer(page)
        yield site


def of(site: Site, path: str = ROOT, limits: GatherLimits = LIMITS) -> Gathered:
    return gathered("THREDDS", site.url(path), limits)


def query(site: Site, path: str, identifier: str) -> str:
    catalog = site.url(path).replace(":", "%3A").replace("/", "%2F")
    return f"?catalog={catalog}&dataset={identifier}"


def test_the_records_are_those_of_the_iso_service_as_the_server_links_them(site):
    found = of(site)
    page, below = "/thredds/catalog.html", "/thredds/buoys/catalog.html"
    assert found.error == ""
    assert found.targets == [
        "/thredds/iso/models/tides.nc" + query(site, page, "models%2Ftides+%7E*"),
        "/thredds/iso/models/waves.nc",
        "/thredds/iso/currents.nc" + query(site, page, "currents"),
        "/thredds/iso/ice.nc" + query(site, page, "ice"),
        "/thredds/iso/buoys/41002.nc.xml" + query(site, below, "buoys%2F41002"),
    ]


def test_a_record_has_the_name_that_a_link_to_it_would_have_in_a_folder(site):
    first = of(site).records[0]
    name = hashlib.sha1(first.url.encode()).hexdigest() + ".xml"
    modified = dt.datetime(2009, 11, 23, 17, 58, 53)
    assert first == RemoteRecord(first.url, name, modified)
    href = first.url.replace("&", "&amp;")
    site.answers["/waf/"] = Answer(f'<a href="{href}">ISO</a>')
    assert gathered("WAF", site.url("/waf/")).records[0].name == name


@pytest.mark.parametrize(
    "path", ["", "/", "/thredds", "/thredds/", "/thredds/catalog.html?dataset=a"]
)
def test_the_catalogue_is_found_from_the_page_that_shows_it(site, path):
    assert len(of(site, path).records) == 5
    assert site.asked == [ROOT, BUOYS]


def test_a_catalogue_that_fails_does_not_hide_the_others(site):
    site.answers[ROOT] = catalogue(ISO, reference("gone.xml"), reference("here.xml"))
    site.answers["/thredds/here.xml"] = catalogue(ISO, DATASET.format("a"))
    found = of(site)
    assert found.targets == ["/thredds/iso/a.nc"]
    assert found.error.startswith("1 catalogue was not read: ")
    assert site.url("/thredds/gone.xml") in found.error
    assert "404" in found.error


def test_a_server_that_fails_is_an_error_with_its_reason(site):
    site.answers[ROOT] = Answer("", status=503)
    found = of(site)
    assert found.records == []
    assert "503" in found.error
    assert site.url(ROOT) in found.error


@pytest.mark.parametrize(
    ("answer", "came"),
    [
        (Answer("<title>Sign in</title>"), "a page titled “Sign in” (text/html)"),
        (Answer("", "text/xml"), "an empty page (text/xml)"),
        (Answer("<feed/>", "text/xml"), "an XML document <feed> (text/xml)"),
        (Answer("<catalog/>", "text/xml"), "an XML document <catalog> (text/xml)"),
        (Answer("PK", ""), "a page (no content type)"),
    ],
    ids=["html", "empty", "other xml", "other catalog", "no xml"],
)
def test_what_is_no_catalogue_is_named_for_what_it_is(site, answer, came):
    site.answers[ROOT] = answer
    found = of(site)
    assert found.records == []
    assert found.error == (
        f"{site.url(ROOT)} should be a THREDDS catalogue (catalog.xml), but {came} "
        "came: give the address of the catalogue, such as "
        "https://host/thredds/catalog.xml."
    )


def test_half_a_catalogue_yields_its_records_and_an_error(site):
    whole = catalogue(ISO, DATASET.format("a"), DATASET.format("b")).body
    half = whole.removesuffix('"iso" urlPath="b.nc"/></catalog>')
    site.answers[ROOT] = Answer(half, "application/xml")
    found = of(site)
    assert found.targets == ["/thredds/iso/a.nc"]
    assert found.error.startswith(f"{site.url(ROOT)} is not well-formed XML (line 1, ")
    assert "what came before that was read" in found.error


@pytest.mark.parametrize(
    "declared", ['<!ENTITY a "{}">', '<!ENTITY a SYSTEM "file:///etc/passwd">']
)
def test_a_catalogue_with_entities_is_refused(site, declared):
    text = catalogue(ISO, '<dataset serviceName="iso" urlPath="&a;"/>').body
    doctype = f"<!DOCTYPE catalog [{declared.format('x' * 1000)}]>"
    site.answers[ROOT] = Answer(doctype + text, "application/xml")
    found = of(site)
    assert found.records == []
    assert "DOCTYPE, which is refused" in found.error


def test_what_stands_before_the_declaration_does_not_matter(site):
    text = "\ufeff\n" + site.answers[ROOT].body
    site.answers[ROOT] = Answer(text, "application/xml")
    assert len(of(site).records) == 5


def test_a_server_without_iso_service_is_told_how_to_enable_it(site):
    dataset = '<dataset serviceName="odap" urlPath="a.nc"/>'
    site.answers[ROOT] = catalogue(dataset, dataset)
    assert of(site).error == (
        f"{site.url(ROOT)} offers no ISO service for its 2 datasets: ask the provider "
        "to enable ncISO in threddsConfig.xml (<NCISO><isoAllow>true</isoAllow>"
        "</NCISO>) and to offer the service in the catalogue."
    )


def test_a_catalogue_without_datasets_is_an_error(site):
    site.answers[ROOT] = catalogue(ISO, '<dataset name="nothing below"/>')
    url = site.url(ROOT)
    assert of(site).error == f"{url} and its catalogues list no dataset."


@pytest.mark.parametrize("base", ["https://elsewhere.org/thredds/iso/", "http://[h/"])
def test_a_service_on_another_host_is_not_asked(site, base):
    service = f'<service name="iso" serviceType="ISO" base="{base}"/>'
    site.answers[ROOT] = catalogue(service, DATASET.format("a"), DATASET.format("b"))
    found = of(site)
    assert found.records == []
    assert found.error.startswith(f"The ISO service of {site.url(ROOT)} is on another")


def test_another_host_is_never_asked_for_a_catalogue(site):
    with running() as other:
        other.answers[ROOT] = site.answers[BUOYS]
        elsewhere = other.url(ROOT).replace("127.0.0.1", "localhost")
        site.answers[ROOT] = catalogue(ISO, DATASET.format("a"), reference("x.xml"))
        site.redirect("/thredds/x.xml", elsewhere)
        found = of(site)
    assert found.targets == ["/thredds/iso/a.nc"]
    assert f"redirects to {elsewhere}, on another host" in found.error


def test_a_catalogue_is_read_once_however_it_is_reached(site):
    names = ("a.xml", "a.xml#here", "/thredds/a.xml", "b.xml", "c.xml")
    site.answers[ROOT] = catalogue(*map(reference, names))
    site.answers["/thredds/a.xml"] = catalogue(ISO, DATASET.format("a"))
    site.redirect("/thredds/b.xml", "/thredds/a.xml")
    site.redirect("/thredds/c.xml", "/thredds/d.xml")
    site.answers["/thredds/d.xml"] = catalogue(ISO, DATASET.format("d"))
    assert of(site).targets == ["/thredds/iso/a.nc", "/thredds/iso/d.nc"]


def endless(site: Site, count: int) -> None:
    """Catalogues that each hold a dataset and refer to the next two."""
    for number in range(count):
        below = (reference(f"/thredds/{2 * number + side}.xml") for side in (1, 2))
        path = f"/thredds/{number}.xml" if number else ROOT
        site.answers[path] = catalogue(ISO, DATASET.format(number), *below)


def test_catalogues_below_the_depth_are_told(site):
    endless(site, 15)
    found = of(site, limits=GatherLimits(depth=1))
    assert len(found.records) == 3
    assert found.error == (
        f"4 catalogues were not read, first {site.url('/thredds/3.xml')}, because it "
        f"is more than 1 level below {site.url(ROOT)}: raise the source's depth."
    )


@pytest.mark.parametrize(("pages", "unread"), [(1, 2), (4, 5)])
def test_catalogues_above_the_limit_are_told(site, pages, unread):
    endless(site, 100)
    found = of(site, limits=GatherLimits(depth=50, pages=pages))
    assert len(found.records) == pages
    assert found.error.startswith(f"{unread} catalogues were not read, first ")
    assert f"at most {pages} page" in found.error


def test_references_above_the_limit_are_not_even_remembered(site):
    many = (reference(f"{number}.xml") for number in range(30))
    site.answers[ROOT] = catalogue(ISO, DATASET.format("a"), *many)
    found = of(site, limits=GatherLimits(pages=1))
    assert found.error.startswith("30 catalogues were not read, first ")


def test_records_above_the_limit_are_told(site):
    found = of(site, limits=GatherLimits(records=2))
    assert len(found.records) == 2
    assert "has more than 2 records" in found.error
    assert site.asked == [ROOT]


@pytest.mark.parametrize("path", [ROOT, "/thredds/catalog.html", "/thredds/", "/"])
def test_a_server_is_recognised(site, path):
    stop = threading.Event()
    fetcher = Fetcher(POLICY, stop=stop)
    found = detect(site.url(path), fetcher, stop=stop)
    fetcher.close()
    assert (found.kind, found.url) == ("THREDDS", site.url(ROOT))
    software = "THREDDS Data Server 4.6.20" if "html" in path else ""
    assert software in found.software


@pytest.mark.parametrize(
    ("path", "head", "root"),
    [
        ("/thredds/catalog.html", b"<title>Our catalogue</title>", ""),
        ("/data.html", b"We run a THREDDS Data Server", ""),
        ("/thredds/a.xml", b"THREDDS Data Server", "{x}MD_Metadata"),
    ],
)
def test_other_pages_are_not_taken_for_a_server_s(path, head, root):
    sample = Sample(f"http://h{path}", "text/html", "", head, root)
    assert thredds.recognise(sample) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://h/", ["/thredds/catalog.xml"]),
        ("http://h/a/b.html", ["/thredds/catalog.xml"]),
        ("http://h/thredds/a/b.html", ["/thredds/a/b.xml", "/thredds/catalog.xml"]),
        ("http://h/x/thredds/", ["/x/thredds/catalog.xml"] * 2),
    ],
)
def test_a_catalogue_is_looked_for_at_its_usual_places(url, expected):
    found = SOURCES["THREDDS"].guesses(url)
    assert list(found) == [f"http://h{path}" for path in expected]


def test_a_login_in_a_catalogue_is_left_out(site):
    base = site.url("/iso/").replace("//", "//bob:secret@")
    service = f'<service name="iso" serviceType="ISO" base="{base}"/>'
    site.answers[ROOT] = catalogue(service, DATASET.format("a"))
    [record] = of(site).records
    assert record.url == site.url("/iso/a.nc")


def test_a_dataset_with_endless_ways_to_it_does_not_fill_memory(site):
    ways = "".join(f'<access serviceName="iso" urlPath="{n}"/>' for n in range(1001))
    site.answers[ROOT] = catalogue(ISO, f"<dataset>{ways}</dataset>")
    found = of(site)
    assert found.records == []
    assert "more than 1,000 <access> elements" in found.error
