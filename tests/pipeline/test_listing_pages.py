"""Pages of every sort: their form, their text encoding, their length."""

import gc
from collections.abc import Callable, Iterator
from io import RawIOBase
from pathlib import Path

import pytest

from harvests.pipeline.errors import GatherError
from harvests.pipeline.sources.listing import read_listing
from harvests.pipeline.types import Page
from tests.pipeline.listings import ROOT, entries, listing, urls

RECORD = '<?xml version="1.0"?>\n<!-- ours --><gmd:MD_Metadata xmlns:gmd="g"/>'


@pytest.mark.parametrize(
    ("body", "content_type", "description"),
    [
        (RECORD, "text/xml", "text/xml, an XML document <MD_Metadata>"),
        (RECORD, "text/html", "text/html, an XML document <MD_Metadata>"),
        ("<feed/>", "application/atom+xml", "application/atom+xml, an XML document"),
        ("\x89PNG\r\n", "image/png", "image/png"),
        ("Dear all,\nsee rec.xml for it.", "text/plain", "text/plain"),
        ("one\ntwo", "text/plain", "text/plain"),
        ('{"files": []}', "application/json", "application/json"),
        ("", "", "without a content type"),
    ],
)
def test_what_is_no_listing_has_no_entries(
    body: str, content_type: str, description: str
) -> None:
    page = listing(body, content_type=content_type)
    assert list(page) == []
    assert not page.is_listing
    assert page.description.startswith(description)


@pytest.mark.parametrize("body", ["", " ", "Nothing here", "<p>Nothing</p>", "\0"])
def test_a_page_without_links_has_no_entries(body: str) -> None:
    page = listing(body)
    assert list(page) == []
    assert page.is_listing
    assert not page.has_entries


def test_a_page_is_described_by_its_title() -> None:
    page = listing("<title>Sign\n in &amp; go</title><input type=PASSWORD name=p>")
    assert list(page) == []
    assert page.description == "text/html, title 'Sign in & go'"
    assert page.asks_password


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (
            '<?xml version="1.0"?><html><body><a href="a.xml"/></body></html>',
            "text/xml",
        ),
        ('<a href="a.xml">a</a>', ""),
        ('<html><a href="a.xml">a</a></html>', "text/plain"),
        ('["a.xml"]', "text/plain"),
        ('\ufeff ["a.xml"]', "application/json"),
        ("<list><file>a.xml</file></list>", "text/plain"),
    ],
    ids=["XHTML", "no type", "HTML as text", "JSON as text", "a mark", "XML as text"],
)
def test_the_form_of_a_page_is_seen_in_its_first_bytes(
    body: str, content_type: str
) -> None:
    assert urls(body, content_type=content_type) == [ROOT + "a.xml"]


@pytest.mark.parametrize(
    ("page", "charset"),
    [
        ('<a href="é.xml">'.encode(), "; charset=utf-8"),
        ('<a href="é.xml">'.encode(), "; charset=us-ascii"),
        ('<a href="é.xml">'.encode(), ""),
        ('<a href="é.xml">'.encode("latin-1"), "; charset=ISO-8859-1"),
        ('<a href="é.xml">'.encode("latin-1"), ""),
        ('<meta charset="latin1"><a href="é.xml">'.encode("latin-1"), ""),
        ('<meta charset="x"><a href="é.xml">'.encode(), "; charset=%s"),
        ('<a href="é.xml">'.encode(), "; charset=base64"),
        ('<a href="é.xml">'.encode("utf-16"), ""),
        ('<a href="é.xml">'.encode("utf-8-sig"), "; charset=latin1"),
    ],
)
def test_a_name_is_read_in_the_encoding_of_its_page(page: bytes, charset: str) -> None:
    assert urls(page, content_type="text/html" + charset) == [ROOT + "%C3%A9.xml"]


def test_one_odd_byte_does_not_lose_a_page() -> None:
    page = b'<li><a href="a.xml">caf\xe9</a><li><a href="b.xml">b\x81</a>'
    assert urls(page) == [ROOT + "a.xml", ROOT + "b.xml"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('["a.xml", "b.x', "application/json"),
        ('[{"name": "a.xml"}, oops]', "application/json"),
        ("[" * 5000, "application/json"),
        ('["a.xml", "' + "x" * 1_100_000, "application/json"),
        ("<list><file>a.xml</file>", "text/xml"),
        ("<list><file>a.xml</list>", "text/xml"),
        ("<list><file>&who;</file></list>", "text/xml"),
    ],
    ids=["cut", "odd", "deep", "long", "cut XML", "odd XML", "entity"],
)
def test_a_listing_that_breaks_off_is_an_error(body: str, content_type: str) -> None:
    with pytest.raises(GatherError, match=r"^The listing http://h/waf/ is .*\.$"):
        entries(body, content_type=content_type)


def test_what_follows_a_json_listing_is_passed_over() -> None:
    body = '["a.xml"]' + " " * 200_000 + '"b.xml"'
    assert urls(body, content_type="application/json") == [ROOT + "a.xml"]


def test_odd_items_of_a_json_listing_are_left_out() -> None:
    items = '[1, null, [], {}, "", "..", "/", "a/../b.xml", {"name": 7}, "//", "a.xml"'
    items += ', "b.nc", {"name": "..", "type": "directory"}'
    items += ', {"name": "b.xml", "url": "../b.xml"}, {"name": "c.xml", "size": "9"}]'
    assert urls(items, content_type="application/json") == [
        ROOT + "a.xml",
        ROOT + "c.xml",
    ]


def test_odd_names_of_an_xml_listing_are_left_out() -> None:
    names = ("../a.xml", "/a.xml", "", "a.nc")
    items = "".join(f"<file size='x' mtime='y'>{name}</file>" for name in names)
    assert urls(f"<list>{items}<directory>..</directory></list>") == []


BUCKET = """<ListBucketResult><IsTruncated>true</IsTruncated>{}
<Contents><Key>a.xml</Key></Contents></ListBucketResult>"""


@pytest.mark.parametrize(
    ("mark", "query"),
    [
        (
            "<NextContinuationToken>x=</NextContinuationToken>",
            "continuation-token=x%3D",
        ),
        ("<NextMarker>k</NextMarker>", "marker=k"),
        ("", "marker=a.xml"),
    ],
)
def test_a_bucket_leads_to_its_next_page(mark: str, query: str) -> None:
    page = ROOT + "?prefix=p&marker=before"
    found = entries(BUCKET.format(mark), page, content_type="text/xml")
    assert [entry.url for entry in found] == [
        ROOT + "a.xml",
        f"{ROOT}?prefix=p&{query}",
    ]
    assert [entry.is_folder for entry in found] == [False, True]


class Endless(RawIOBase):
    """A page that is made while it is read, so that it takes no memory itself."""

    def __init__(self, rows: Iterator[bytes]) -> None:
        self._rows = rows

    def read(self, size: int = -1) -> bytes:
        page = b""
        for row in self._rows:
            page += row
            if len(page) > size - 500:
                break
        return page


def nginx(number: int) -> str:
    return (
        f'<a href="rec{number}.xml">rec{number}.xml</a>     02-Oct-2025 11:47    39\n'
    )


def table(number: int) -> str:
    return (
        '<tr><td><img src="/i/text.gif" alt="[TXT]"></td><td>'
        f'<a href="r{number}.xml">r</a></td><td>2025-10-02 11:47</td><td>39</td></tr>'
    )


def heap(number: int) -> str:
    return f'<a href="rec{number}.xml">rec</a> '


def resident() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


@pytest.mark.no_cover  # traced, it takes thrice as long
@pytest.mark.parametrize("row", [nginx, table, heap])
def test_a_long_page_needs_no_memory(row: Callable[[int], str]) -> None:
    rows = (row(number).encode() for number in range(30_000))
    head = iter([b"<title>t</title><pre>" if row is nginx else b"<title>t</title>"])
    file = Endless(part for parts in (head, rows) for part in parts)
    before, most, found, dated = resident(), 0.0, 0, 0
    for entry in read_listing(Page(ROOT, "text/html", file), scope=ROOT):  # type: ignore[arg-type]
        found += 1
        dated += entry.modified is not None and entry.size == 39
        if found % 10_000 == 0:
            most = max(most, resident() - before)
    assert found == 30_000
    assert dated == (0 if row is heap else 30_000)
    assert most < 3


@pytest.mark.no_cover
def test_a_long_text_before_the_links_is_passed_over() -> None:
    page = "<p>word</p>\n" * 200_000 + "<li><a href=a.xml>a</a>"
    assert urls(page) == [ROOT + "a.xml"]


@pytest.mark.no_cover
def test_a_long_script_hides_its_links() -> None:
    rows = "\n".join(f"<li><a href=r{n}.xml>r</a>" for n in range(40_000))
    more = "\n".join(f"<li><a href=s{n}.xml>s</a>" for n in range(9_000))
    found = urls(f"{rows}<script>{more}</script><!--{more}-->\n<li><a href=x/>x</a>")
    assert len(found) == 40_001
    assert found[-1] == ROOT + "x/"
