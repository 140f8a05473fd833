from concurrent.futures import ThreadPoolExecutor

import pytest
from lxml import etree

from harvests.pipeline import iso
from harvests.pipeline.types import Finding
from harvests.pipeline.validators import schema
from tests.pipeline.records import BUOY, WAVES, buoy, changed, files, line_of, waves

ABSTRACT = (
    "/gmd:MD_Metadata/gmd:identificationInfo/gmd:MD_DataIdentification/gmd:abstract"
)
GMD = 'xmlns:gmd="http://www.isotc211.org/2005/gmd"'


def found(*changes: tuple[str, str]) -> tuple[Finding, ...]:
    return schema.validate(iso.read(buoy(*changes)))


@pytest.mark.parametrize("body", [BUOY, WAVES], ids=["MD", "MI"])
def test_a_tidy_record_is_valid(body):
    assert schema.validate(iso.read(body)) == ()


def test_a_finding_tells_line_path_and_what_is_wrong():
    (finding,) = found(("<gmd:abstract>", "<gmd:abstract><gmd:odd/>"))

    assert finding == Finding(
        rule="xsd",
        severity="error",
        message="gmd:odd is not allowed here; expected gco:CharacterString.",
        line=line_of("<gmd:abstract>"),
        xpath=f"{ABSTRACT}/gmd:odd",
    )


@pytest.mark.parametrize(
    ("declaration", "prefix"),
    [
        pytest.param('xmlns="http://www.isotc211.org/2005/gmd"', "", id="default"),
        pytest.param('xmlns:iso="http://www.isotc211.org/2005/gmd"', "iso:", id="iso"),
    ],
)
def test_paths_have_the_usual_prefixes(declaration, prefix):
    (finding,) = found(
        ("<gmd:descriptiveKeywords>", "<gmd:odd/><gmd:descriptiveKeywords>"),
        (GMD, declaration),
        ("<gmd:", f"<{prefix}"),
        ("</gmd:", f"</{prefix}"),
    )

    assert finding.xpath == ABSTRACT.replace("abstract", "odd")


def test_a_path_counts_its_siblings_and_names_unknown_namespaces():
    findings = found(
        ("<gmd:keyword>\n            <gmx", '<gmd:keyword><x xmlns="urn:x"/><gmx')
    )

    assert findings[0].xpath.endswith(
        "/gmd:MD_Keywords/gmd:keyword[2]/*[local-name()='x']"
    )
    assert findings[0].message.startswith("{urn:x}x is not allowed here; expected ")


def test_a_name_that_libxml2_cuts_short_is_found_at_its_parent():
    name = f"gmd:{'x' * 200}"
    (finding,) = found(("<gmd:abstract>", f"<gmd:abstract><{name}/>"))

    assert finding.message.startswith(f"{name} is not allowed here")
    assert finding.line == line_of("<gmd:abstract>")
    assert finding.xpath == ABSTRACT


def test_a_finding_about_an_attribute_leads_to_its_element():
    (finding,) = found(('gml:id="period"', 'gml:id="17"'))

    assert finding.message == (
        'gml:TimePeriod/@gml:id says "17"; expected an id (it starts with a letter or '
        "_ and is unique)."
    )
    assert finding.xpath.endswith("/gmd:extent/gml:TimePeriod")


def test_one_bad_value_is_one_finding():
    (finding,) = found((">oceans<", ">sea<"))

    assert finding.message.startswith(
        'gmd:MD_TopicCategoryCode says "sea", which is not one of farming, biota, '
    )


def test_legacy_gml_is_one_warning():
    (finding,) = found(("opengis.net/gml/3.2", "opengis.net/gml"))

    assert (finding.rule, finding.severity) == ("gml-legacy", "warning")
    assert finding.line == line_of("<gml:TimePeriod")
    assert finding.xpath.endswith("/gmd:extent/gml:TimePeriod")


def test_legacy_gml_does_not_hide_errors():
    changes = [("opengis.net/gml/3.2", "opengis.net/gml"), (">oceans<", ">sea<")]

    assert [finding.rule for finding in found(*changes)] == ["gml-legacy", "xsd"]


def test_legacy_gml_that_is_declared_but_not_used_is_fine():
    declared = ' xmlns:old="http://www.opengis.net/gml">'

    assert schema.validate(iso.read(waves(('/srv">', f'/srv"{declared}')))) == ()


OGC = '<srv:coupledResource gco:nilReason="unknown"/>'


def in_ogc_order(*changes: tuple[str, str]) -> bytes:
    body = waves((OGC, ""), ("<srv:couplingType>", f"{OGC}\n{OGC}<srv:couplingType>"))
    return changed(body, *changes)


def test_the_order_of_ogc_is_accepted():
    assert schema.validate(iso.read(in_ogc_order())) == ()


def test_the_order_of_ogc_does_not_hide_errors_nor_change_the_tree():
    document = iso.read(in_ogc_order(("</gmi:MI_Metadata>", "<a/></gmi:MI_Metadata>")))
    before = etree.tostring(document.root)

    (finding,) = schema.validate(document)

    assert finding.xpath == "/gmi:MI_Metadata/a"
    assert finding.line == in_ogc_order().count(b"\n")
    assert etree.tostring(document.root) == before


def test_a_third_order_stays_an_error():
    end = "</srv:SV_ServiceIdentification>"
    body = waves((OGC, ""), (end, OGC + end))

    assert {finding.rule for finding in schema.validate(iso.read(body))} == {"xsd"}


def test_findings_end_at_two_hundred():
    odd = '<gmd:keyword a="1"/>' * 250
    findings = found(("<gmd:MD_Keywords>", f"<gmd:MD_Keywords>{odd}"))

    assert len(findings) == 201
    assert findings[-1].rule == "xsd-more"
    assert findings[-1].message.startswith("The record has 50 more schema errors")


def test_lines_beyond_65535_are_right():
    (finding,) = found(
        ("<gmd:abstract>", "\n" * 70_000 + "<gmd:abstract>"), (">oceans<", ">sea<")
    )

    assert finding.line == line_of(">oceans<") + 70_000


def test_threads_do_not_mix_up_their_findings():
    schema.prepare()
    bad = iso.read(buoy((">oceans<", ">sea<")))
    documents = [iso.read(BUOY), bad] * 200

    with ThreadPoolExecutor(4) as threads:
        counts = [len(findings) for findings in threads.map(schema.validate, documents)]

    assert counts == [0, 1] * 200


@pytest.mark.parametrize("folder", files("iso/*"), ids=lambda path: path.name)
def test_lines_with_errors_are_those_that_lxml_gives(folder):
    schema.prepare()
    for path in folder.iterdir():
        try:
            root = etree.fromstring(path.read_bytes())
            document = iso.read(path.read_bytes())
        except (etree.XMLSyntaxError, iso.ReadError):
            continue
        if document.has_legacy_gml or b"coupledResource" in document.text:
            continue
        raw = schema.raw_errors(root)
        ours = {finding.line for finding in schema.validate(document)}
        assert ours == {error.line for error in raw}
