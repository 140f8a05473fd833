"""Files that the predecessor wrote, compared with what a source publishes."""

import hashlib

from lxml import etree

from harvests.pipeline import adoption, iso
from harvests.pipeline.store import Store
from tests.folders import record

BOX = """<gmd:extent><gmd:EX_Extent><gmd:geographicElement>
<gmd:EX_GeographicBoundingBox>
<gmd:westBoundLongitude><gco:Decimal>{}</gco:Decimal></gmd:westBoundLongitude>
<gmd:eastBoundLongitude><gco:Decimal>{}</gco:Decimal></gmd:eastBoundLongitude>
<gmd:southBoundLatitude><gco:Decimal>{}</gco:Decimal></gmd:southBoundLatitude>
<gmd:northBoundLatitude><gco:Decimal>{}</gco:Decimal></gmd:northBoundLatitude>
</gmd:EX_GeographicBoundingBox></gmd:geographicElement></gmd:EX_Extent></gmd:extent>
</gmd:MD_DataIdentification>"""


def at(*edges: str) -> bytes:
    end = b"</gmd:MD_DataIdentification>"
    return record("a").replace(end, BOX.format(*edges).encode())


def is_still(data: bytes, held: bytes, **known: str) -> bool:
    return adoption.is_still(iso.read(data), held, **known)


def test_a_point_that_was_widened_is_the_same_point():
    point = at("-70.123", "-70.123", "42", "42.0")
    assert is_still(point, at("-70.12301", "-70.12299", "41.99999", "42.00001"))
    assert not is_still(point, at("-70.12401", "-70.12399", "41.99999", "42.00001"))


def test_what_is_no_point_must_be_the_same_to_the_digit():
    line = at("-70", "-60", "42", "42")
    assert is_still(line, line)
    assert not is_still(line, at("-70.00001", "-59.99999", "41.99999", "42.00001"))
    assert not is_still(at("x", "1", "2", "3"), at("y", "1", "2", "3"))


def test_xml_written_anew_is_the_same_and_the_document_stays_as_it_was():
    document = iso.read(at("5", "5", "5", "5"))
    before = etree.tostring(document.root)
    assert adoption.is_still(document, before)
    assert etree.tostring(document.root) == before


def test_bytes_are_known_by_their_digest_and_rubbish_is_not_the_same():
    digest = hashlib.md5(b"anything").hexdigest()
    assert is_still(record("a"), b"anything", digest=digest)
    assert not is_still(record("a"), b"anything")


def test_a_staged_file_may_keep_its_date(tmp_path):
    folder = Store(tmp_path).folder("IOOS")
    stored = folder.stage("a.xml", b"<a/>", written=1_600_000_000_123_456_789)
    folder.commit()
    assert folder.mtime("a.xml") == stored.mtime == 1_600_000_000_123_456_789
