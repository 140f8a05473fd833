import pytest

from harvests.pipeline.validators import links
from tests.pipeline.records import WAVES, buoy, changed, found_in, line_of, waves

URL = "https://ocean.example/buoy17.csv"


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "HTTP://ocean.example",
        "ftp://ocean.example/x",
        "doi:10.5065/1",
        "urn:x-ogc:1",
        "https://ocean.example/b%C3%BC?a=[1]&amp;b=ü#c",
    ],
)
def test_a_url_is_fine(url):
    assert found_in(buoy((URL, url)), links.validate) == []


@pytest.mark.parametrize(
    "url",
    [
        "ocean.example/x",
        "www.ocean.example",
        "/data/x",
        "https://ocean.example/a b",
        "http://",
        "https:///x",
        "http:x",
        "see the office",
    ],
)
def test_what_no_browser_can_open_is_a_warning(url):
    line = line_of(URL) - 1

    assert found_in(buoy((URL, url)), links.validate) == [
        ("link-malformed", "warning", line)
    ]


def test_only_the_malformed_link_is_found():
    good = "https://ocean.example/dap/waves"

    findings = found_in(waves((good, "dap/waves")), links.validate)

    assert findings == [("link-malformed", "warning", line_of(good, WAVES) - 1)]


def test_a_service_without_address_is_a_warning():
    body = changed(WAVES, ("gmd:URL>", "gmd:NoURL>"), ("https://", ""))
    for address in ("dap/waves", "wms?request=GetCapabilities", "wms?request=GetMap"):
        body = body.replace(f"ocean.example/{address}".encode(), b"")

    assert [rule for rule, _, _ in found_in(body, links.validate)] == [
        "service-link-missing",
        "service-link-missing",
    ]


def test_a_data_set_without_link_is_fine():
    assert found_in(buoy((URL, "")), links.validate) == []
