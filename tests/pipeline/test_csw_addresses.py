"""Addresses and file names: cleaned, chosen, and the same in every run."""

from urllib.parse import parse_qs, urlsplit

import pytest

from harvests.pipeline.sources.csw_names import file_name
from harvests.pipeline.sources.csw_urls import (
    asking,
    capabilities_url,
    cleaned,
    endpoint,
    guesses,
    record_url,
    same_host,
)


@pytest.mark.parametrize(
    ("pasted", "clean"),
    [
        ("http://x/csw", "http://x/csw"),
        (" http://x/csw?service=CSW&request=GetCapabilities \n", "http://x/csw"),
        ("http://x/csw?SERVICE=CSW&REQUEST=GetCapabilities&", "http://x/csw"),
        ("http://x/csw?", "http://x/csw"),
        ("http://x/csw#top", "http://x/csw"),
        ("http://x/cgi?map=/a%20b.map&version=2.0.2", "http://x/cgi?map=/a%20b.map"),
        ("http://x/c?id=7&lang=fr", "http://x/c?id=7&lang=fr"),
        ("http://x/c?request=GetRecordById&id=7&lang=fr", "http://x/c?lang=fr"),
        ("http://x/c?token", "http://x/c?token"),
    ],
)
def test_what_is_asked_is_taken_out_of_an_address(pasted, clean):
    assert cleaned(pasted) == clean


def test_what_is_asked_joins_the_query_that_is_there():
    assert asking("http://x/c?map=m", (("a", "é&"),)) == "http://x/c?map=m&a=%C3%A9%26"
    assert capabilities_url("http://x/c?service=CSW") == (
        "http://x/c?service=CSW&request=GetCapabilities&version=2.0.2"
    )


def test_a_record_is_known_by_its_own_address():
    assert record_url("http://x/csw", "a/b c&é?") == (
        "http://x/csw?service=CSW&version=2.0.2&request=GetRecordById"
        "&id=a%2Fb%20c%26%C3%A9%3F&elementSetName=full"
        "&outputSchema=http://www.isotc211.org/2005/gmd"
    )
    query = urlsplit(record_url("http://x/csw?map=m", "a+b")).query
    assert parse_qs(query)["id"] == ["a+b"]


@pytest.mark.parametrize(
    ("given", "named", "taken"),
    [
        ("http://x/csw", "", "http://x/csw"),
        ("http://x/csw", "http://x/srv/csw?", "http://x/srv/csw"),
        ("http://x/csw", "http://X:80/srv/csw", "http://x/srv/csw"),
        ("https://x/csw", "http://x/srv/csw?a=b", "https://x/srv/csw?a=b"),
        ("https://x:8443/csw", "http://x:8443/srv", "https://x:8443/srv"),
        ("http://x/csw", "https://x/srv/csw", "https://x/srv/csw"),
        ("http://x/csw", "https://x:443/srv/csw", "https://x:443/srv/csw"),
    ],
)
def test_the_address_named_on_the_same_host_is_taken(given, named, taken):
    assert endpoint(given, named) == (taken, "")


@pytest.mark.parametrize(
    "named",
    [
        *("http://y/csw", "http://x:8080/csw", "http://x.internal/csw", "/csw"),
        *("//y/csw", "ftp://x/csw", "http://x:port/csw", "http://[::1]/csw"),
        *("not an address", "http://[::1/csw"),
    ],
)
def test_another_address_is_not_taken_but_told(named):
    assert endpoint("http://x/csw", named) == ("http://x/csw", named)


def test_hosts_are_compared_with_their_ports():
    assert same_host("http://x", "https://x/y")
    assert same_host("http://[::1]:81/a", "http://[::1]:81/b")
    assert not same_host("http://[::1]:81/a", "http://[::1]:82/b")
    assert not same_host("http://x:81", "http://x")


def test_the_usual_places_are_guessed():
    found = guesses("http://x/geonetwork/home?service=WMS&a=b")
    assert len(found) == len(set(found))
    assert found[0].startswith("http://x/geonetwork/home?a=b&service=CSW&request=")
    for place in ("csw", "geonetwork/srv/eng/csw", "geoportal/csw"):
        assert capabilities_url(f"http://x/{place}") in found
    assert capabilities_url("http://x/geonetwork/srv/eng/csw") in found


@pytest.mark.parametrize(
    "identifier",
    [
        *("a", "a/b", "urn:uuid:1-2", "{4C69}", "a b", "10.5072/x.y", "Méthode"),
        *("a" * 251, "org.maracoos:avhrr.sst", "a~b(c)"),
    ],
)
def test_an_ordinary_name_is_the_predecessor_s(identifier):
    assert file_name(identifier) == identifier.replace("/", "_") + ".xml"


@pytest.mark.parametrize(
    "identifier",
    [
        *("../../x", "/a/b", "C:\\x", "..", ".", "", "_a", ".hidden", " a", "a\x00b"),
        *("a?b", "a#b", "a%2fb", "a\nb", "index", "my-index-1", "é" * 200, "x" * 300),
        *("\\\\host\\share", "a\udcffb", "\x85", "日本語?", "index" * 60),
    ],
)
def test_an_unfit_name_is_made_safe_unique_and_the_same_each_time(identifier):
    name = file_name(identifier)
    assert name == file_name(identifier)
    assert name != file_name(identifier + "?")
    assert name.endswith(".xml")
    assert len(name.encode()) <= 255
    assert not set(name) & set('/\\?#%\x00\n:*"<>|')
    assert name[0] not in "._ "
    assert "index" not in name


def test_an_unfit_name_stays_readable():
    assert file_name("../../sst/daily").startswith("sst-daily-")
    assert file_name("10.5072/" + "z" * 300).startswith("10.5072-zzzz")
