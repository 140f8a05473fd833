import pytest
from lxml import etree

from harvests.pipeline import iso
from harvests.pipeline.publishing import publish
from tests.pipeline.records import BUOY, buoy

WEST, EAST, SOUTH, NORTH = ">-70.5<", ">-70.25<", ">42<", ">42.5<"


def published(*changes: tuple[str, str]) -> bytes:
    return publish(iso.read(buoy(*changes)))


def text_of(*changes: tuple[str, str]) -> bytes:
    return iso.read(buoy(*changes)).text


def point(longitude: str, latitude: str) -> list[tuple[str, str]]:
    return [
        *((edge, f">{longitude}<") for edge in (WEST, EAST)),
        *((edge, f">{latitude}<") for edge in (SOUTH, NORTH)),
    ]


def numbers_of(body: bytes) -> list[str]:
    return [
        str(number.text)
        for number in etree.fromstring(body).iter("{*}Decimal")
        if number.text
    ]


def test_a_record_whose_boxes_have_an_area_is_published_as_it_is():
    document = iso.read(BUOY)

    assert publish(document) is document.text


@pytest.mark.parametrize(
    ("longitude", "latitude", "expected"),
    [
        pytest.param("-70.5", "42", "-70.5 -70.49999 42 42.00001", id="point"),
        pytest.param("180", "90", "179.99999 180 89.99999 90", id="corner"),
        pytest.param("-180", "-90", "-180 -179.99999 -90 -89.99999", id="other-corner"),
        pytest.param("360.0", "0", "359.99999 360.0 0 0.00001", id="0-to-360"),
        pytest.param("180.5", "0", "180.5 180.50001 0 0.00001", id="past-180"),
        pytest.param("1e1", "-.5", "1e1 10.00001 -.5 -0.49999", id="notations"),
        pytest.param("179.999995", "1", "179.999985 179.999995 1 1.00001", id="near"),
        pytest.param("400", "91", "400 400 91 91", id="off-the-globe"),
    ],
)
def test_a_point_gets_an_area_on_the_globe(longitude, latitude, expected):
    changes = point(longitude, latitude)

    assert numbers_of(published(*changes)) == expected.split()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([(EAST, ">-70.50<")], "-70.5 -70.49999 42 42.5", id="no-width"),
        pytest.param([(NORTH, ">42.0<")], "-70.5 -70.25 42 42.00001", id="no-height"),
    ],
)
def test_only_the_flat_side_is_widened(changes, expected):
    assert numbers_of(published(*changes)) == expected.split()


def test_all_other_bytes_stay():
    # Blank space, comments, odd quotes and line ends are the provider's.
    odd = [
        ("<gco:Decimal>-70.25", "<gco:Decimal\tx = '>' >\r\n -70.5 \r\n"),
        ("<gmd:title>", "<gmd:title   a='b'  ><!-- & < > --><![CDATA[<&]]>"),
    ]

    before, after = text_of(*odd), published(*odd)

    assert after == before.replace(b"\r\n -70.5 \r\n", b"\r\n -70.49999 \r\n")


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("<![CDATA[-70.5]]>", id="cdata"),
        pytest.param("&#45;70.5", id="reference"),
        pytest.param("-70<!-- x -->.5", id="comment"),
    ],
)
def test_a_number_in_disguise_is_replaced_whole(number):
    assert b"<gco:Decimal>-70.49999</gco:Decimal>" in published((EAST, f">{number}<"))


def test_every_flat_box_is_widened_and_no_other():
    start = BUOY.index(b"<gmd:geographicElement>")
    end = BUOY.index(b"<gmd:temporalElement>")
    box = BUOY[start:end].decode()
    flat = box.replace("-70.25", "-70.5")

    body = published((box, flat + box + flat))

    assert numbers_of(body)[0::4] == ["-70.5", "-70.5", "-70.5"]
    assert numbers_of(body)[1::4] == ["-70.49999", "-70.25", "-70.49999"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([(WEST, ">x<"), (EAST, ">x<")], id="words"),
        pytest.param([("<gco:Decimal>-70.5</gco:Decimal>", "")], id="no-number"),
    ],
)
def test_a_box_that_is_not_numeric_stays(changes):
    flat = [*changes, (NORTH, ">42<")]

    assert published(*flat) == text_of(*flat)


def test_a_box_without_numbers_beside_a_flat_one_stays():
    broken = (
        "<gmd:geographicElement><gmd:EX_GeographicBoundingBox><gmd:westBoundLongitude/>"
        "<gmd:westBoundLongitude><gco:Decimal>1</gco:Decimal></gmd:westBoundLongitude>"
        "</gmd:EX_GeographicBoundingBox></gmd:geographicElement>"
    )
    place = "          <gmd:geographicElement>"

    body = published((place, f"{broken}{place}"), (NORTH, ">42<"))

    assert numbers_of(body) == ["1", "-70.5", "-70.25", "42", "42.00001"]


@pytest.mark.parametrize("changes", [point("-70.5", "42"), point("180", "90")])
def test_publishing_again_changes_nothing(changes):
    once = published(*changes)

    assert once == published(*changes)
    assert publish(iso.read(once)) == once


def test_the_canonical_form_differs_in_the_numbers_alone():
    changes = point("-70.5", "42")
    before = etree.tostring(etree.fromstring(text_of(*changes)), method="c14n")
    after = etree.tostring(etree.fromstring(published(*changes)), method="c14n")

    assert after != before
    assert after.replace(b"-70.49999", b"-70.5").replace(b"42.00001", b"42") == before


def test_a_name_that_expat_does_not_know_costs_only_the_widening():
    # U+0370 is a name character since the fifth edition of XML 1.0.
    name = [("<gmd:title>", "<gmd:title \u0370='x'>"), *point("1", "1")]

    assert published(*name) == text_of(*name)
