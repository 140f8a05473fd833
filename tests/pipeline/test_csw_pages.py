"""One page: streamed, and its records made documents of their own."""

import io
import re
import tempfile
from pathlib import Path

import pytest
from lxml import etree

from harvests.pipeline.sources import csw_xml
from harvests.pipeline.sources.csw_exceptions import PageError, Refused
from harvests.pipeline.sources.csw_pages import RecordPage
from tests.csw_server import GMD, brief, iso, results

XSI = "http://www.w3.org/2001/XMLSchema-instance"


def page(data: bytes) -> RecordPage:
    return RecordPage(io.BytesIO(data))


def test_a_record_is_a_document_without_the_names_of_its_page():
    [found] = page(results([iso("a")], total=1))
    assert found.body == iso("a")


def test_the_names_that_only_the_page_declares_are_kept():
    """In elements, and in the values of xsi:type."""
    record = iso("a").replace(f' xmlns:gmd="{GMD}"'.encode(), b"")
    record = record.replace(b"<gmd:metadataStandardName", b'\\g<0> xsi:type="t:X"')
    record = record.replace(b"\\g<0>", b"<gmd:metadataStandardName")
    data = results([record]).replace(
        b"<csw:GetRecordsResponse",
        f'<csw:GetRecordsResponse xmlns:gmd="{GMD}" xmlns:xsi="{XSI}" '
        'xmlns:t="http://types" xmlns:u="http://unused"'.encode(),
    )
    [found] = page(data)
    root = etree.fromstring(found.body)
    assert (root.nsmap["t"], root.nsmap["gmd"]) == ("http://types", GMD)
    assert b"http://unused" not in found.body
    assert root.tag == f"{{{GMD}}}MD_Metadata"


def test_comments_between_and_in_records_are_no_records():
    record = iso("a").replace(b">a<", b"><!-- id --> a <!-- id --><")
    data = results([b"<!-- one -->", record, b"<?two?>", iso("b"), b"<!-- end -->"])
    assert [found.identifier for found in page(data)] == ["a", "b"]


def test_a_page_may_be_read_again():
    twice = page(results([iso("a"), iso("b")], total=2, next=0))
    assert list(twice) == list(twice)
    assert twice.first().identifier == "a"
    assert (twice.total, twice.next) == (2, 0)


def test_a_record_of_version_3_is_a_page_of_its_own():
    assert [found.body for found in page(iso("a"))] == [iso("a")]


def test_a_page_without_results_has_no_record():
    empty = page(b'<GetRecordsResponse xmlns="http://www.opengis.net/cat/csw/2.0.2"/>')
    assert list(empty) == []
    assert (empty.total, empty.next) == (None, None)


def test_blanks_before_the_declaration_are_forgiven():
    assert len(list(page(b"\r\n  " + results([iso("a")])))) == 1


def test_a_page_that_ends_early_gives_what_came_before():
    data = results([iso("a", "x" * 70_000), iso("b", "y" * 70_000), iso("c")])
    found = []
    with pytest.raises(PageError, match="not well-formed"):
        found += (record.identifier for record in page(data[:-300]))
    assert found == ["a"]


def test_a_record_that_is_not_iso_shows_its_names():
    mdb = (
        b'<m:MD_Metadata xmlns:m="http://standards.iso.org/iso/19115/-3/mdb/2.0">'
        b"<m:metadataIdentifier><m:MD_Identifier><m:code><m:CharacterString>m1"
        b"</m:CharacterString></m:code></m:MD_Identifier></m:metadataIdentifier>"
        b"</m:MD_Metadata>"
    )
    found = list(page(results([brief("b1"), mdb, b"<x/>"])))
    assert [record.identifiers for record in found] == [("b1",), ("m1",), ()]
    assert [record.body for record in found] == [b"", b"", b""]


def test_a_whole_document_larger_than_sense_is_refused(monkeypatch):
    monkeypatch.setattr(csw_xml, "_MOST", 100)
    with pytest.raises(PageError, match="more than 100 bytes"):
        list(page(iso("a")))


def test_a_huge_text_is_refused():
    data = results([iso("a"), iso("b", "x" * 11_000_000)])
    with pytest.raises(PageError, match="larger than 10 MB"):
        list(page(data))


def test_a_page_that_is_none_is_refused():
    with pytest.raises(Refused, match="<Acknowledgement>"):
        page(b'<Acknowledgement xmlns="http://www.opengis.net/cat/csw/2.0.2"/>')


def test_a_long_page_takes_the_memory_of_one_record():
    head, tail = re.split(rb"(?<=\">)(?=</csw:SearchResults)", results([], total=2000))
    before = resident()
    with tempfile.TemporaryFile() as file:
        file.write(head)
        for number in range(2000):
            file.write(iso(f"r{number}", "x" * 30_000))
        file.write(tail)
        most = max(resident() for _found in RecordPage(file))
    assert most - before < 30_000_000


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
