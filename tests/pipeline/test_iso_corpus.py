"""Real records. The corpus lies beside the checkout; without it nothing is run."""

import csv

import pytest
from lxml import etree

from harvests.pipeline import iso
from harvests.pipeline.errors import ReadError
from harvests.pipeline.publishing import publish
from harvests.pipeline.reading.namespaces import GML_LEGACY, PREFIXES
from harvests.pipeline.validators import validate
from tests.pipeline.records import CORPUS, files

UNREADABLE = [
    "ckanext-spatial/error_bad_xml.xml",
    "gsa-datagov-harvester/decode_error.xml",
    "gsa-datagov-harvester/to_be_filtered_by_datetime.xml",
    "ncar-acom/FTIR_time_series_of_tropospheric_and_stratospheric_gases.xml",
]
# What the manifest's note calls a document, and what we call it.
KINDS = {
    "dcat-rdf": ["a DCAT/RDF document"],
    "dublincore": ["a Dublin Core csw:Record"],
    "fgdc": ["an FGDC CSDGM record"],
    "inport": ["an InPort metadata file"],
    "iso19115-3": ["an ISO 19115-3 record"],
    "jinja-template": ["a template"],
    "ncml-or-catalog": ["an NcML file"],
    "not-a-record": ["an ISO codelist", "a WMS capabilities document"],
    "truncated": ["before <urlset> (line 2) is closed"],
    "wfs-caps": ["a WFS capabilities document"],
}


def others() -> list[tuple[str, str]]:
    manifest = CORPUS / "MANIFEST.tsv"
    if not manifest.exists():
        return []
    with manifest.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    return [
        (row["path"], row["note"]) for row in rows if row["path"].startswith("other/")
    ]


@pytest.mark.parametrize("folder", files("iso"))
def test_every_iso_record_is_read_but_four(folder):
    read, unreadable = [], []
    for path in sorted(folder.glob("*/*")):
        try:
            read.append(iso.read(path.read_bytes()).metadata)
        except ReadError:
            unreadable.append(path.relative_to(folder).as_posix())

    assert unreadable == UNREADABLE
    assert len(read) == 257
    assert sum(bool(metadata.title) for metadata in read) == 256
    assert sum(bool(metadata.identifier) for metadata in read) == 252
    assert sum(bool(metadata.date_stamp) for metadata in read) == 256


@pytest.mark.parametrize(("path", "note"), others())
def test_what_is_no_iso_record_is_named(path, note):
    with pytest.raises(ReadError) as caught:
        iso.read((CORPUS / path).read_bytes())

    assert any(kind in str(caught.value) for kind in KINDS[note])


@pytest.mark.parametrize("path", files("csw/*/*ById*"))
def test_a_csw_answer_with_an_iso_record_is_an_envelope(path):
    with pytest.raises(ReadError):
        iso.read(path.read_bytes())


@pytest.mark.parametrize("folder", files("iso/*"), ids=lambda path: path.name)
def test_published_records_are_whole_and_stay_as_they_are(folder):
    for path in folder.iterdir():
        if path.relative_to(folder.parent).as_posix() in UNREADABLE:
            continue
        document = iso.read(path.read_bytes())
        published = publish(document)
        again = iso.read(published)

        assert etree.fromstring(published).tag == document.root.tag
        assert publish(again) == published
        assert again.metadata.title == document.metadata.title


@pytest.mark.parametrize("folder", files("iso/*"), ids=lambda path: path.name)
def test_every_finding_has_a_line_and_a_path_that_leads_to_it(folder):
    for path in folder.iterdir():
        if path.relative_to(folder.parent).as_posix() in UNREADABLE:
            continue
        document = iso.read(path.read_bytes())
        for finding in validate(document):
            assert finding.line
            if finding.xpath:
                assert lines_at(document, finding.xpath) == [finding.line]


def lines_at(document: iso.Document, xpath: str) -> list[int]:
    usual = {prefix: uri for uri, prefix in PREFIXES.items() if uri != GML_LEGACY}
    found = document.root.getroottree().xpath(xpath, namespaces=usual)
    return [element.sourceline for element in found]
