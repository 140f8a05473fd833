"""Boxes as providers write them, on the globe."""

import math

import pytest

from harvests import maps
from harvests.maps import Area


def box(west: object, south: object, east: object, north: object) -> dict[str, object]:
    return {"west": west, "south": south, "east": east, "north": north}


@pytest.mark.parametrize(
    ("given", "area"),
    [
        (box(-70, 40, -60, 45), Area(-70, -45, 10, 5)),
        (box(170, -10, -170, 10), Area(170, -10, 20, 20)),
        (box(200, 0, 210, 5), Area(-160, -5, 10, 5)),
        (box(0, -90, 360, 90), Area(-180, -90, 360, 180)),
        (box(-180, -90, 180, 90), Area(-180, -90, 360, 180)),
        (box(5, 49, 5, 47), Area(5, -49, 0, 2)),
        (box(5, 80, 6, 120), Area(5, -90, 1, 10)),
        (box("5", "1", "6", "2"), Area(5, -2, 1, 1)),
    ],
    ids=[
        *("plain", "antimeridian", "0 to 360", "globe 360", "globe 180", "swapped"),
        *("over the pole", "text"),
    ],
)
def test_a_box_has_an_area(given, area):
    assert maps.area_of(given) == area


@pytest.mark.parametrize(
    "given",
    [
        box("<b>", 0, 1, 1),
        box(None, 0, 1, 1),
        box(math.nan, 0, 1, 1),
        box(math.inf, 0, 1, 1),
        box(9.9e36, 0, 1, 1),
        {"west": 1},
        {},
    ],
    ids=str,
)
def test_what_is_no_box_is_on_no_map(given):
    assert maps.area_of(given) is None
    assert maps.frames_of([given]) == ()
    assert maps.words_of(given)


def test_a_box_is_shown_close_up_with_lines_that_have_names():
    close, world = maps.frames_of([box(-70, 40, -60, 45)])
    assert close.view_box == "-77 -48.5 24 12"
    assert close.meridians[0] == (-75, "75° W")
    assert [x for x, _ in close.meridians] == [-75, -70, -65, -60, -55]
    assert close.parallels == ((-45, "45° N"), (-40, "40° N"))
    assert world.view_box == "-180 -90 360 180"
    assert close.points == []
    assert world.points == []


def test_across_the_antimeridian_the_close_up_is_one_and_the_world_has_two_parts():
    close, world = maps.frames_of([box(170, -10, -170, 10)])
    assert close.window == Area(148, -16, 64, 32)
    assert [name for _, name in close.meridians][1:4] == ["170° E", "180°", "170° W"]
    assert {area.x for area in world.areas} == {170, -190}


def test_boxes_on_both_sides_of_the_antimeridian_are_close_together():
    close, world = maps.frames_of([box(-179, 0, -170, 1), box(165, 0, 170, 1)])
    assert (close.areas[0].x, close.areas[1].x) == (181, 165)
    assert {area.x for area in world.areas} >= {-179, 165}


def test_a_point_is_a_dot():
    close, world = maps.frames_of([box(5, 50, 5, 50)])
    assert close.points == world.points == [(5, -50)]
    assert close.dot < world.dot


def test_what_spans_half_the_globe_has_no_close_up():
    assert len(maps.frames_of([box(-170, -80, 170, 80)])) == 1
    assert len(maps.frames_of([box(-120, 0, -110, 1), box(10, 0, 90, 1)])) == 1


def test_at_the_pole_the_window_stays_on_the_globe():
    close, _ = maps.frames_of([box(-10, 85, 10, 90)])
    assert close.window.y == -90


def test_of_thousands_of_boxes_the_first_are_drawn():
    close, _ = maps.frames_of(box(n / 1000, 0, n / 1000, 1) for n in range(5_000))
    assert len(close.areas) == maps.MOST


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (box(-70.25, -4, 0, 45.125), "70.25° W to 0°, 4° S to 45.125° N"),
        (box(200, 0, 210, 5), "200° E to 210° E, 0° to 5° N"),
        (box("<b>", 0, 1, 1), "<b> / 1 / 0 / 1"),
    ],
    ids=["plain", "0 to 360", "no numbers"],
)
def test_a_box_is_said_in_words(given, words):
    assert maps.words_of(given) == words
