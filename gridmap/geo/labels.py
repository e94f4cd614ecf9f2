"""Where names stand on a small map: along their line, upright, and never on one another.

Everything is in metres on the ground, x to the east and y to the north; angles are in degrees,
counter-clockwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from shapely import LineString, Polygon, affinity
from shapely.geometry.base import BaseGeometry

STEEP = 65  # from here a name is stacked, letter under letter, as on Chinese paper maps (ui.md 7)
BEND = 30  # a line that turns more than this under its name carries none there
ALONG = (0.5, 0.32, 0.68, 0.2, 0.8)  # where on its line a name is tried
LEADING = 1.12  # of a letter's size: how far the next one stands
LATIN = 0.58  # width of a Latin letter beside its height


@dataclass(frozen=True)
class Label:
    """A name and where its middle stands."""

    name: str
    x: float
    y: float
    angle: float
    stacked: bool


def length_of(name: str, size: float) -> float:
    """Return how long a name is when it is written in letters so high."""
    return sum(size * LEADING * (LATIN if sign.isascii() else 1) for sign in name)


def placed(
    lines: Iterable[tuple[str, BaseGeometry]],
    size: float,
    frame: Polygon,
    taken: Iterable[Polygon] = (),
) -> list[Label]:
    """Return the names that find a place, in the order given.

    Args:
        lines: name and centreline, the most important first; a name twice is written once.
        size: height of a letter.
        frame: what is shown; no name leaves it.
        taken: ground on which no name may stand.
    """
    found: list[Label] = []
    full, names = list(taken), set[str]()
    for name, shape in lines:
        spot = None if name in names else _spot(name, _longest(shape), size, (frame, full))
        if spot is not None:
            label, box = spot
            found.append(label)
            full.append(box)
            names.add(name)
    return found


def _longest(shape: BaseGeometry) -> LineString:
    merged = shapely.line_merge(shape)
    parts = [part for part in shapely.get_parts(merged) if isinstance(part, LineString)]
    return max(parts, key=lambda part: float(part.length), default=LineString())


def _spot(
    name: str, line: LineString, size: float, ground: tuple[Polygon, list[Polygon]]
) -> tuple[Label, Polygon] | None:
    length = length_of(name, size)
    if not name or line.length < length:
        return None
    for share in ALONG:
        middle = share * line.length
        label = _upright(name, line, middle, length)
        if label is None:
            continue
        box = _box(label, length, size)
        if ground[0].covers(box) and not any(box.intersects(other) for other in ground[1]):
            return label, box
    return None


def _upright(name: str, line: LineString, middle: float, length: float) -> Label | None:
    if not length / 2 <= middle <= line.length - length / 2:
        return None
    start, at, end = (line.interpolate(middle + side * length / 2) for side in (-1, 0, 1))
    before = math.atan2(at.y - start.y, at.x - start.x)
    after = math.atan2(end.y - at.y, end.x - at.x)
    if abs(math.remainder(after - before, math.tau)) > math.radians(BEND):
        return None
    angle = math.degrees(math.atan2(end.y - start.y, end.x - start.x))
    angle -= 180 * round(angle / 180)  # never upside down
    stacked = abs(angle) > STEEP and not name.isascii()
    return Label(name, at.x, at.y, 0.0 if stacked else angle, stacked)


def _box(label: Label, length: float, size: float) -> Polygon:
    wide, high = (size, length) if label.stacked else (length, size)
    wide, high = wide * 1.1, high * 1.1
    flat = shapely.box(
        label.x - wide / 2, label.y - high / 2, label.x + wide / 2, label.y + high / 2
    )
    turned: Polygon = affinity.rotate(flat, label.angle, origin=(label.x, label.y))
    return turned
