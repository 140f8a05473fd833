"""Where on the globe the boxes of a record lie: numbers for a drawing of our own.

Longitude grows to the right, latitude upwards, so y is minus latitude. A box that
crosses the antimeridian goes on beyond 180. What is no box is left out.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MOST = 200  # boxes drawn
SMALLEST = 24  # degrees that a close-up is wide at least: coastlines are coarse
_STEPS = (1, 2, 5, 10, 15, 30)
_LINES = 7


@dataclass(frozen=True, slots=True)
class Area:
    """A box: `x` from -180 to 180, `y` its northern edge."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of the globe with its areas; `points` are areas too small to be seen."""

    window: Area
    areas: tuple[Area, ...]
    meridians: tuple[tuple[float, str], ...] = ()
    parallels: tuple[tuple[float, str], ...] = ()

    @property
    def view_box(self) -> str:
        window = self.window
        return f"{window.x:g} {window.y:g} {window.width:g} {window.height:g}"

    @property
    def points(self) -> list[tuple[float, float]]:
        least = self.window.width / 60
        return [a.middle for a in self.areas if max(a.width, a.height) < least]

    @property
    def letter(self) -> float:
        """The height of the letters that name the lines."""
        return self.window.width / 40

    @property
    def left(self) -> float:
        return self.window.x + self.letter / 3

    @property
    def bottom(self) -> float:
        return self.window.y + self.window.height - self.letter / 3

    @property
    def dot(self) -> float:
        return self.window.width / 90


WORLD = Area(-180, -90, 360, 180)


def area_of(box: Mapping[str, Any]) -> Area | None:
    """Return the area of a box, None where its numbers are none or off the globe."""
    try:
        west, east, south, north = (
            float(box[edge]) for edge in ("west", "east", "south", "north")
        )
    except (KeyError, TypeError, ValueError):
        return None
    edges = (west, east, south, north)
    if not all(map(math.isfinite, edges)) or max(map(abs, edges)) > 360:
        return None
    south, north = (max(-90.0, min(90.0, y)) for y in sorted((south, north)))
    width = east - west if east >= west else east - west + 360
    x = west if width < 360 else -180.0
    return Area((x + 180) % 360 - 180, -north, min(width, 360.0), north - south)


def words_of(box: Mapping[str, Any]) -> str:
    """Return a box in words, its numbers as the record has them."""
    edges = [box.get(edge) for edge in ("west", "east", "south", "north")]
    if not area_of(box):
        return " / ".join(str(edge) for edge in edges)
    west, east, south, north = (float(str(edge)) for edge in edges)
    return (
        f"{_degrees(west, 'EW')} to {_degrees(east, 'EW')}, "
        f"{_degrees(south, 'NS')} to {_degrees(north, 'NS')}"
    )


def frames_of(boxes: Iterable[Mapping[str, Any]]) -> tuple[Frame, ...]:
    """Return a close-up, where the boxes are close together, and the world."""
    found = (area_of(box) for box in boxes)
    areas = tuple(area for area in found if area)[:MOST]
    if not areas:
        return ()
    areas = min(areas, tuple(map(_further, areas)), key=_span)
    window = _around(areas)
    # What goes on beyond 180 comes in again on the left
    again = (Area(a.x - 360, a.y, a.width, a.height) for a in areas)
    world = Frame(WORLD, (*areas, *(a for a in again if a.x + a.width > -180)))
    if window.width > 180:
        return (world,)
    close = Frame(window, areas, _meridians(window), _parallels(window))
    return close, world


def _further(area: Area) -> Area:
    """Count what lies west of Greenwich from 180 on: across the antimeridian."""
    x = area.x + 360 if area.x < 0 else area.x
    return Area(x, area.y, area.width, area.height)


def _span(areas: tuple[Area, ...]) -> float:
    return max(a.x + a.width for a in areas) - min(a.x for a in areas)


def _around(areas: tuple[Area, ...]) -> Area:
    """Return a window, twice as wide as high, with room around the areas."""
    west, east = min(a.x for a in areas), max(a.x + a.width for a in areas)
    top, bottom = min(a.y for a in areas), max(a.y + a.height for a in areas)
    width = max(SMALLEST, (east - west) * 1.6, (bottom - top) * 3.2)
    height = width / 2
    y = max(-90.0, min(90 - height, (top + bottom - height) / 2))
    return Area((west + east - width) / 2, y, width, height)


def _meridians(window: Area) -> tuple[tuple[float, str], ...]:
    marks = _marks(window.x, window.width, window.width)
    return tuple((x, _meridian((x + 180) % 360 - 180)) for x in marks)


def _meridian(longitude: float) -> str:
    return "180°" if abs(longitude) == 180 else _degrees(longitude, "EW")


def _parallels(window: Area) -> tuple[tuple[float, str], ...]:
    marks = _marks(window.y, window.height, window.width)
    return tuple((y, _degrees(-y, "NS")) for y in marks)


def _marks(start: float, length: float, width: float) -> list[float]:
    """Return round numbers of degrees within, not at the very edges."""
    step = next((s for s in _STEPS if width / s <= _LINES), _STEPS[-1])
    first = math.ceil((start + length / 20) / step)
    last = math.floor((start + length * 19 / 20) / step)
    return [float(n * step) for n in range(first, last + 1)]


def _degrees(value: float, names: str) -> str:
    side = names[value < 0] if value else ""
    return f"{abs(value):.7g}° {side}".rstrip()
