import pytest
from lxml import etree

from harvests.pipeline import iso
from harvests.pipeline.types import Box, Contact, Link, Metadata, Service
from tests.pipeline.records import BUOY, WAVES, buoy, waves

GMD = 'xmlns:gmd="http://www.isotc211.org/2005/gmd"'
PERIOD = (
    "<gml:beginPosition>2020-01-01</gml:beginPosition>",
    "<gml:endPosition>2023-12-31T23:00:00Z</gml:endPosition>",
)


def metadata_of(*changes: tuple[str, str]) -> Metadata:
    return iso.read(buoy(*changes)).metadata


def test_a_data_set_tells_all_of_its_metadata():
    assert iso.read(BUOY).metadata == Metadata(
        root="MD_Metadata",
        identifier="org.example.buoy-17",
        title="Buoy 17, sea surface temperature",
        abstract="Hourly temperature one metre below the surface, at 10 °C and more.",
        date_stamp="2024-05-17",
        boxes=(Box(west=-70.5, east=-70.25, south=42.0, north=42.5),),
        time_start="2020-01-01",
        time_end="2023-12-31T23:00:00Z",
        keywords=("temperature", "buoy"),
        contacts=(
            Contact(
                name="Ana Lima",
                organization="Example Ocean Centre",
                email="ana@ocean.example",
                role="pointOfContact",
            ),
        ),
        links=(
            Link(
                url="https://ocean.example/buoy17.csv",
                name="CSV",
                protocol="https",
                description="All measurements",
            ),
        ),
    )


def test_a_service_record_tells_every_service_and_every_url():
    metadata = iso.read(WAVES).metadata

    assert metadata.root == "MI_Metadata"
    assert metadata.title == "Wave model of the North Atlantic"
    assert metadata.date_stamp == "2024-05-17T10:30:00Z"
    assert metadata.services == (
        Service("OPeNDAP", "https://ocean.example/dap/waves"),
        Service("WMS", "https://ocean.example/wms?request=GetCapabilities"),
        Service("WMS", "https://ocean.example/wms?request=GetMap"),
    )


def test_an_operation_without_address_is_no_service():
    url = "<gmd:URL>https://ocean.example/dap/waves</gmd:URL>"

    services = iso.read(waves((url, "<gmd:URL/>"))).metadata.services

    assert [service.service_type for service in services] == ["WMS", "WMS"]


@pytest.mark.parametrize(
    ("declaration", "prefix"),
    [
        pytest.param('xmlns="http://www.isotc211.org/2005/gmd"', "", id="default"),
        pytest.param('xmlns:iso="http://www.isotc211.org/2005/gmd"', "iso:", id="iso"),
    ],
)
def test_any_prefix_reads_the_same(declaration, prefix):
    body = buoy((GMD, declaration), ("<gmd:", f"<{prefix}"), ("</gmd:", f"</{prefix}"))

    assert iso.read(body).metadata == iso.read(BUOY).metadata


def test_comments_and_instructions_lose_nothing():
    body = buoy(
        ("<gmd:MD_Metadata", "<!-- first --><?sheet x?>\n<gmd:MD_Metadata"),
        ("<gmd:MD_DataIdentification>", "<!-- x --><gmd:MD_DataIdentification>"),
        ("<gmd:title>", "<gmd:title><!-- x -->"),
        ("Buoy 17, sea", "Buoy <!-- the new one -->17<![CDATA[, ]]>sea"),
        ("<gco:Decimal>-70.5", "<!-- x --><gco:Decimal>-70<!-- x -->.5"),
    )

    assert iso.read(body).metadata == iso.read(BUOY).metadata


@pytest.mark.parametrize(
    "title",
    [
        pytest.param(
            '<gmx:Anchor xlink:href="https://x.example">Bouée</gmx:Anchor>', id="anchor"
        ),
        pytest.param(
            "<gco:CharacterString/><gmd:PT_FreeText><gmd:textGroup>"
            "<gmd:LocalisedCharacterString> Bouée </gmd:LocalisedCharacterString>"
            "</gmd:textGroup></gmd:PT_FreeText>",
            id="translation",
        ),
    ],
)
def test_a_title_may_be_an_anchor_or_a_translation(title):
    old = "<gco:CharacterString>Buoy 17, sea surface temperature</gco:CharacterString>"

    assert metadata_of((old, title)).title == "Bouée"


def test_the_first_identification_with_a_title_gives_the_title():
    empty = (
        "<gmd:identificationInfo><gmd:MD_DataIdentification/></gmd:identificationInfo>"
    )

    metadata = metadata_of(
        ("<gmd:identificationInfo>", f"{empty}<gmd:identificationInfo>")
    )

    assert metadata.title == "Buoy 17, sea surface temperature"
    assert metadata.abstract.startswith("Hourly")


def test_boxes_that_are_not_numeric_are_left_out():
    assert metadata_of((">-70.5<", ">west<")).boxes == ()
    assert metadata_of((">-70.5<", ">1e999<")).boxes == ()
    assert metadata_of(("<gco:Decimal>-70.5</gco:Decimal>", "")).boxes == ()


def test_every_box_is_told():
    end = "</gmd:EX_GeographicBoundingBox>\n          </gmd:geographicElement>"
    start = BUOY.index(b"          <gmd:geographicElement>")
    box = BUOY[start : BUOY.index(end.encode()) + len(end)].decode()

    metadata = metadata_of((box, box + box.replace("-70.5", "+1.5e1")))

    assert [one.west for one in metadata.boxes] == [-70.5, 15.0]


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        pytest.param(
            "<gml:begin><gml:TimeInstant><gml:timePosition>2001</gml:timePosition>"
            "</gml:TimeInstant></gml:begin>",
            "<gml:end/>",
            ("2001", ""),
            id="instants",
        ),
        pytest.param(
            "<gml:beginPosition>2001</gml:beginPosition>",
            '<gml:endPosition indeterminatePosition="now"/>',
            ("2001", "now"),
            id="until-now",
        ),
        pytest.param(
            '<gml:beginPosition indeterminatePosition="unknown"/>',
            "",
            ("", ""),
            id="unknown",
        ),
    ],
)
def test_a_period_is_read_in_all_its_forms(begin, end, expected):
    metadata = metadata_of((PERIOD[0], begin), (PERIOD[1], end))

    assert (metadata.time_start, metadata.time_end) == expected


def test_an_instant_starts_and_ends_at_once():
    period = BUOY[BUOY.index(b"<gml:TimePeriod") : BUOY.index(b"</gml:TimePeriod>")]
    instant = "<gml:TimeInstant><gml:timePosition>2001-02</gml:timePosition>"

    metadata = metadata_of(
        (period.decode() + "</gml:TimePeriod>", f"{instant}</gml:TimeInstant>")
    )

    assert (metadata.time_start, metadata.time_end) == ("2001-02", "2001-02")


def test_legacy_gml_is_read_too():
    document = iso.read(buoy(("opengis.net/gml/3.2", "opengis.net/gml")))

    assert document.has_legacy_gml
    assert document.metadata.time_start == "2020-01-01"
    assert b'"http://www.opengis.net/gml"' in document.text


def test_a_name_that_ends_like_legacy_gml_is_not_taken_for_it():
    body = buoy(("https://ocean.example/buoy17.csv", 'https://ocean.example/gml"'))

    assert not iso.read(body).has_legacy_gml


def test_contacts_are_told_once():
    start, end = BUOY.index(b"<gmd:contact>"), BUOY.index(b"<gmd:dateStamp>")
    contact = BUOY[start:end].decode()
    role = contact[contact.index("<gmd:CI_RoleCode") : contact.index("</gmd:role>")]
    point = contact.replace("gmd:contact>", "gmd:pointOfContact>")
    nobody = "<gmd:contact><gmd:CI_ResponsibleParty/></gmd:contact>"

    contacts = metadata_of(
        (contact, contact + contact + contact.replace(role, "") + nobody),
        ("<gmd:descriptiveKeywords>", f"{point}<gmd:descriptiveKeywords>"),
    ).contacts

    assert [one.role for one in contacts] == ["pointOfContact", ""]


def test_a_link_without_address_is_left_out():
    url = "<gmd:URL>https://ocean.example/buoy17.csv</gmd:URL>"

    assert metadata_of((url, "")).links == ()


def test_a_record_without_anything_is_read():
    empty = f"<gmd:MD_Metadata {GMD}/>".encode()

    assert iso.read(empty).metadata == Metadata()


def test_the_text_is_the_document_without_declared_encoding():
    document = iso.read(BUOY)

    assert document.text == BUOY.replace(b' encoding="UTF-8"', b"")
    assert etree.fromstring(document.text).tag == document.root.tag
    assert document.findings == ()
