import pytest

from harvests.pipeline import iso
from harvests.pipeline.validators import extent
from tests.pipeline.records import BUOY, buoy, found_in, line_of

BOX = line_of("<gmd:EX_GeographicBoundingBox>")


def found(*changes):
    return found_in(buoy(*changes), extent.validate)


def test_a_box_on_the_globe_is_fine():
    assert found() == []


def test_a_box_across_the_antimeridian_is_fine():
    assert found((">-70.5<", ">170<")) == []


def test_an_edge_without_number_is_an_error():
    change = ("<gco:Decimal>-70.5</gco:Decimal>", "")

    assert found(change) == [("bbox-not-numeric", "error", BOX + 1)]


def test_a_missing_edge_is_an_error():
    tag = "gmd:westBoundLongitude>"

    assert found((tag, "gmd:leftEdge>")) == [("bbox-not-numeric", "error", BOX)]


@pytest.mark.parametrize("text", ["west", "70°W", "NaN", "INF", "1_0", "-70,5", "٣"])
def test_a_text_in_place_of_a_number_is_an_error(text):
    (finding,) = extent.validate(iso.read(buoy((">-70.5<", f">{text}<"))))

    assert (finding.rule, finding.line) == ("bbox-not-numeric", BOX + 1)
    assert f'gmd:westBoundLongitude says "{text}"' in finding.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(">-70.5<", ">-180.1<", id="west"),
        pytest.param(">-70.25<", ">361<", id="east"),
        pytest.param(">42<", ">-91<", id="south"),
        pytest.param(">42.5<", ">90.001<", id="north"),
    ],
)
def test_an_edge_off_the_globe_is_an_error(old, new):
    assert found((old, new)) == [("bbox-out-of-range", "error", line_of(old) - 1)]


@pytest.mark.parametrize("longitude", [">360<", ">180<", ">-180<"])
def test_longitudes_from_0_to_360_are_fine(longitude):
    assert found((">-70.25<", longitude)) == []


def test_a_south_edge_north_of_the_north_edge_is_an_error():
    assert found((">42<", ">43<")) == [("bbox-swapped", "error", BOX)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((">-70.25<", ">-70.5<"), id="no-width"),
        pytest.param((">42.5<", ">42.0<"), id="no-height"),
    ],
)
def test_a_box_without_area_is_a_warning(change):
    assert found(change) == [("bbox-zero-area", "warning", BOX)]


def test_findings_end_at_two_hundred():
    start = BUOY.index(b"          <gmd:geographicElement>")
    box = BUOY[start : BUOY.index(b"          <gmd:temporalElement>")].decode()

    rules = [rule for rule, _, _ in found((box, box * 300), (">-70.25<", ">-70.5<"))]

    assert rules == ["bbox-zero-area"] * 200 + ["more-findings"]


def test_a_box_off_the_globe_is_not_said_to_be_widened():
    rules = [rule for rule, _, _ in found((">42<", ">95<"), (">42.5<", ">95<"))]

    assert rules == ["bbox-out-of-range", "bbox-out-of-range"]
