"""Which links of a page are its records and folders, and under what URL."""

import pytest

from harvests.pipeline.sources.listing_links import joined
from tests.pipeline.listings import ROOT, entries, urls


def links(*hrefs: str) -> str:
    return "\n".join(f'<li><a href="{href}">{href}</a>' for href in hrefs)


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("rec.xml", "rec.xml"),
        ("./rec.xml", "rec.xml"),
        ("/waf/rec.xml", "rec.xml"),
        ("//h/waf/rec.xml", "rec.xml"),
        ("http://h/waf/rec.xml", "rec.xml"),
        ("http://H:80/waf/rec.xml", "http://H:80/waf/rec.xml"),
        ("https://h/waf/rec.xml", "https://h/waf/rec.xml"),
        (" rec.xml\n", "rec.xml"),
        ("REC.XML", "REC.XML"),
        ("rec.Xml", "rec.Xml"),
        ("a&amp;b.xml", "a&b.xml"),
        ("rec&#x2e;xml", "rec.xml"),
        ("two words.xml", "two%20words.xml"),
        ("two%20words.xml", "two%20words.xml"),
        ("été.xml", "%C3%A9t%C3%A9.xml"),
        ("%e9t%e9.xml", "%e9t%e9.xml"),
        ("100%.xml", "100%25.xml"),
        ("a+b,c=(d)'!.xml", "a+b,c=(d)'!.xml"),
        (".hidden.xml", ".hidden.xml"),
        ("a..b.xml", "a..b.xml"),
        ("a%3Fb%23c.xml", "a%3Fb%23c.xml"),
        ("rec.xml#top", "rec.xml"),
        ("rec.xml;jsessionid=1A2B", "rec.xml"),
        ("rec.xml?download=1", "rec.xml?download=1"),
        ("sub/", "sub/"),
        ("sub/;jsessionid=1A2B", "sub/"),
        ("parent.xml", "parent.xml"),
        ("deep/er/rec.xml", "deep/er/rec.xml"),
        ("deep//rec.xml", "deep/rec.xml"),
        ("data.xml/", "data.xml/"),
        ("/thredds/iso/a.nc?dataset=a&amp;b=c", "/thredds/iso/a.nc?dataset=a&b=c"),
    ],
)
def test_a_link_below_the_page_is_found(href: str, expected: str) -> None:
    if "://" not in expected:
        expected = "http://h" + expected if expected[0] == "/" else ROOT + expected
    assert urls(links(href)) == [expected]


@pytest.mark.parametrize(
    "href",
    [
        *("", "#top", "#a.xml", "?C=M;O=A", "?C=N&amp;O=D", "?sort=a.xml"),
        *(".", "..", "./", "../", "/", "/waf/", "/waf", "/waf/../", "../waf/"),
        *("../other/", "../other/rec.xml", "/other/rec.xml", "/waffle/rec.xml"),
        *("sub/?C=M", "get.php?file=rec.xml", "index.html?x=/rec.xml"),
        *("javascript:go('rec.xml')", "mailto:a@b.xml", "data:text/xml,a.xml"),
        *("ftp://h/waf/rec.xml", "file:///waf/rec.xml"),
        *(
            "http://elsewhere.org/waf/rec.xml",
            "//elsewhere.org/waf/",
            "http://h:81/waf/",
        ),
        *("http://h.elsewhere.org/waf/rec.xml", "http://user@elsewhere.org/waf/a.xml"),
        *("%2e%2e/rec.xml", "a/%2e%2E/rec.xml", "..%2frec.xml", "..%5crec.xml"),
        *("sub\\rec.xml", "http://h/waf//rec.xml", "%2frec.xml", "rec%00.xml"),
        *("http://[h/rec.xml", "http://h:port/waf/rec.xml", "http:///rec.xml"),
        *("rec.xml.gz", "rec.html", "xml", "schema.xsd", "rec.xml.bak", "README"),
        *("http://elsewhere.org/thredds/iso/a.nc", "name:with-colon.xml"),
    ],
)
def test_any_other_link_is_ignored(href: str) -> None:
    assert urls(links(href)) == []


def test_an_anchor_without_an_address_is_ignored() -> None:
    assert urls("<a name=top>rec.xml</a> <a>rec.xml</a>") == []


@pytest.mark.parametrize("text", ["Parent Directory", "my parent.xml", "grandparents"])
def test_the_word_parent_in_the_text_changes_nothing(text: str) -> None:
    assert urls(f'<a href="rec.xml">{text}</a>') == [ROOT + "rec.xml"]


def test_an_icon_and_a_text_are_one_entry() -> None:
    page = '<tr><td><a href=rec.xml><img src=x></a><td><a href="rec.xml">rec</a>'
    assert urls(page) == [ROOT + "rec.xml"]


def test_viewing_and_downloading_are_one_entry() -> None:
    page = "<li><a href=rec.xml>rec</a> <a href=rec.xml?download=1>get</a>"
    assert urls(page) == [ROOT + "rec.xml"]


def test_records_that_differ_in_their_query_are_two() -> None:
    found = urls(links("get.xml?id=1", "get.xml?id=2"))
    assert found == [ROOT + "get.xml?id=1", ROOT + "get.xml?id=2"]


def test_one_file_in_two_spellings_is_one_entry() -> None:
    assert len(entries(links("%c3%a9.xml", "%C3%A9.xml", "é.xml"))) == 1


def test_a_base_element_moves_the_links() -> None:
    page = '<base href="/waf/2025/"><base href="/waf/x/"><a href="rec.xml">rec</a>'
    assert urls(page) == [ROOT + "2025/rec.xml"]


def test_a_base_element_cannot_move_them_out() -> None:
    assert (
        urls('<base href="http://elsewhere.org/waf/"><a href="rec.xml">rec</a>') == []
    )
    assert urls('<base href="http://[h/"><a href="rec.xml">rec</a>') == [
        ROOT + "rec.xml"
    ]


def test_a_page_outside_of_the_scope_has_no_entries() -> None:
    page = links("rec.xml", "/waf/rec.xml")
    assert urls(page, "http://h/else/", scope=ROOT) == []
    assert urls(page, "http://elsewhere.org/waf/", scope=ROOT) == []
    assert urls('["a.xml"]', "http://h/else/", scope=ROOT) == []


def test_an_index_page_lists_its_folder() -> None:
    page = links("rec.xml", "/waf/sub/", "/other/rec.xml")
    found = urls(page, ROOT + "index.html")
    assert found == [ROOT + "rec.xml", ROOT + "sub/"]


def test_a_folder_without_its_slash_leaves_out_the_navigation() -> None:
    page = links("/about/", "/waf/", "/waf/sub/", "/waf/a.xml", "waf/b.xml", "c.xml")
    found = urls(page, "http://h/waf")
    names = ["waf/sub/", "waf/a.xml", "waf/b.xml", "c.xml"]
    assert found == [f"http://h/{name}" for name in names]


def test_a_host_without_a_path_lists_its_root() -> None:
    assert urls(links("rec.xml", "/"), "http://h") == ["http://h/rec.xml"]


def test_half_a_letter_in_a_name_is_no_error() -> None:
    body = r'["\ud800.xml", "a.xml", {"name": "b.xml", "url": "\udfff.xml"}]'
    found = urls(body, content_type="application/json")
    assert ROOT + "a.xml" in found
    assert all(url.encode() for url in found)
    assert not any(url.endswith("b.xml") for url in found)


@pytest.mark.parametrize("login", ["bob:secret@", "bob@", "a@b:c@", "@"])
def test_a_login_in_a_link_is_left_out(login: str) -> None:
    assert urls(links(f"http://{login}h/waf/rec.xml")) == [f"{ROOT}rec.xml"]
    based = f'<base href="http://{login}h/waf/">'
    assert urls(based + links("rec.xml", "sub/")) == [f"{ROOT}rec.xml", f"{ROOT}sub/"]


def test_the_login_in_the_address_of_the_source_itself_stays() -> None:
    assert joined("http://me:pw@h/waf/", "a.xml") == "http://me:pw@h/waf/a.xml"
    assert joined("http://me:pw@h/waf/", "http://x:y@h/a.xml") == "http://h/a.xml"
