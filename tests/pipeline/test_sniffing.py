"""The beginning of a page: its root, the software that made it, what it is."""

import io

import pytest

from harvests.pipeline.sniffing import (
    HEAD,
    described,
    is_listing,
    printable,
    root_of,
    sample_of,
    software_of,
)
from harvests.pipeline.types import Page, Sample

BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY x SYSTEM "file:///etc/passwd">]><lolz n="1">&c;&x;</lolz>"""


def sample(head: bytes, content_type: str = "text/html; charset=utf-8") -> Sample:
    return Sample("http://h/", content_type, "", head, root_of(head))


@pytest.mark.parametrize(
    ("head", "root"),
    [
        pytest.param(b"<a xmlns='urn:x'><b>", "{urn:x}a", id="namespace"),
        pytest.param(b"\xef\xbb\xbf\n <?xml version='1.0'?><r/>", "r", id="mark"),
        pytest.param(b"\n<?xml version='1.0'?><r/>", "r", id="blank-first"),
        pytest.param("<é/>".encode("utf-16"), "é", id="utf-16"),
        pytest.param(b"<r>&undefined;<b></r>", "r", id="broken-later"),
        pytest.param(BOMB, "lolz", id="bomb"),
        pytest.param(b"<html><body>", "", id="html"),
        pytest.param(b"<!DOCTYPE html><HTML><p>", "", id="html-with-doctype"),
        pytest.param(
            b'<!DOCTYPE html SYSTEM "x"><html xmlns="http://www.w3.org/1999/xhtml">',
            "",
            id="xhtml",
        ),
        pytest.param(b"<r b=c>", "", id="broken-at-once"),
        pytest.param(b"<r", "", id="too-short"),
        pytest.param(b"[]", "", id="json"),
        pytest.param(b"", "", id="empty"),
        pytest.param(b"\x00\xff\xfe", "", id="binary"),
    ],
)
def test_the_root_is_found_without_expanding_anything(head, root):
    assert root_of(head) == root


def test_a_sample_is_the_start_of_a_page_which_is_rewound():
    page = Page("http://h/", "text/xml", io.BytesIO(b"<r>" + b"x" * HEAD), "nginx")
    found = sample_of(page)
    assert (found.root, found.server, len(found.head)) == ("r", "nginx", HEAD)
    assert page.file.tell() == 0


def test_styles_and_scripts_are_left_out_before_the_page_is_cut():
    icons = b"<STYLE>" + b"x" * HEAD + b"</style>" + b"<script>a</script>" * 2
    page = Page("http://h/", "", io.BytesIO(icons + b"<p>here<script>rest"))
    assert sample_of(page).head == b"<p>here<script>rest"


@pytest.mark.parametrize(
    ("head", "software"),
    [
        (b"<address>Apache/2.4.57 (Debian)</address>", "Apache 2.4.57"),
        (b'<a href="?C=N;O=D">Name</a>', "Apache"),
        (b'<a href="?C=N&amp;O=A">Name</a>', "nginx"),
        (b'<title>Directory: /waf/</title><a href="?C=N;O=D">', "Jetty"),
        (b"<title>Directory Listing For [/waf/]</title>", "Apache Tomcat"),
        (b"<title>Directory Listing For [&#47;waf&#47;]</title>", "Apache Tomcat"),
        (b"<title>Directory listing for /waf/</title>", "Python http.server"),
        (b"<TITLE>Directory listing for /waf/</TITLE>", "Python http.server"),
        (b"<title>Index of /</title></head>\n<body><h1>Index of /</h1><hr>", "nginx"),
        (b'<div class="foot">lighttpd/1.4.69</div>', "lighttpd 1.4.69"),
        (b"ERDDAP, Version 2.23", "ERDDAP 2.23"),
        (b"THREDDS Data Server [Version 5.4]", "THREDDS Data Server 5.4"),
        (b"<title>My GeoNetwork catalogue</title>", "GeoNetwork"),
        (b'<meta name="generator" content="WordPress 6">', "WordPress 6"),
        (b"<title>Index of x</title>", ""),
        (b"<p>nothing", ""),
    ],
)
def test_software_is_known_by_its_signs(head, software):
    assert software_of(sample(head)) == software


def test_a_listing_has_the_signs_of_a_server_or_is_data():
    assert is_listing(sample(b"<title>Index of /waf</title>"))
    assert is_listing(sample(b' [{"name": "x"}]', "application/json"))
    assert is_listing(sample(b"<ListBucketResult/>", "text/xml"))
    assert not is_listing(sample(b"<title>Our institute</title>"))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (sample(b"<title>\n Sign\x1b[2J in</title>"), "a page titled “Sign [2J in”"),
        (sample(b"<x:a xmlns:x='u'/>", "text/xml"), "an XML document <{u}a> (text/xml"),
        (sample(b"words", ""), "a page (no content type)"),
        (sample(b" "), "an empty page (text/html)"),
    ],
)
def test_a_page_is_described_for_people(found, words):
    assert words in described(found)


def test_what_goes_on_a_terminal_is_one_line_without_controls():
    assert printable("a\x1b[31m\n b\u202e ") == "a [31m b"
