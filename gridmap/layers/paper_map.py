"""A map on paper, true to scale: what signs and drawings share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from gridmap.layers.drawing import Drawing, Frame, Shape
from gridmap.layers.paper import INK, POINT, WHITE, Paper

# 1 : n. Whatever is shown, it is shown in one of these.
SCALES = (
    500, 750, 1000, 1250, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 7500, 10_000, 12_500, 15_000,
    20_000, 25_000, 30_000, 40_000, 50_000, 75_000, 100_000, 150_000, 200_000, 500_000, 1_000_000,
)  # fmt: skip
BARS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)  # metres
BAR_MM = (24, 55)  # how long the bar may be on A4
LETTER = 9.0  # points
MARGIN = 0.06  # of the map that stays free around what must be seen
LEAST = 500  # a single house is not shown larger
GROUND = {"water": (214, 230, 240), "green": (228, 238, 221)}
LAND, STREET, HOUSE, HOUSE_EDGE = (250, 249, 246), (255, 255, 255), (226, 222, 212), (178, 172, 158)


@dataclass(frozen=True)
class Sheet:
    """Where the map stands on the paper, in millimetres of A4, and its scale."""

    x: float
    y: float
    width: float
    height: float
    scale: int  # 1 : scale, on the paper that is printed
    grown: float

    def metres(self, millimetres: float) -> float:
        """Return how many metres of ground so many millimetres of A4 show."""
        return millimetres * self.grown * self.scale / 1000

    def place(self, x: float, y: float, frame: Frame) -> tuple[float, float]:
        """Return where a place of the frame stands, in millimetres of A4."""
        unit = self.metres(1)
        return self.x + x / unit, self.y + (frame.height - y) / unit


def scale_for(focus: BaseGeometry, width: float, height: float) -> int:
    """Return the scale in which a shape in metres fits into so many millimetres, with air."""
    west, south, east, north = focus.bounds
    free = 1 - 2 * MARGIN
    least = max((east - west) / (free * width), (north - south) / (free * height)) * 1000
    return next((scale for scale in SCALES if scale >= max(least, LEAST)), SCALES[-1])


def frame_for(focus: BaseGeometry, sheet: Sheet) -> Frame:
    """Return what a sheet shows when a shape stands in its middle."""
    west, south, east, north = focus.bounds
    width, height = sheet.metres(sheet.width), sheet.metres(sheet.height)
    return Frame((west + east - width) / 2, (south + north - height) / 2, width, height)


def rings(shape: Shape) -> Iterator[BaseGeometry]:
    """Yield every line of a shape: of areas the outer ones."""
    for part in shapely.get_parts(shape.geometry):
        if part.geom_type == "Polygon":
            yield part.exterior
        elif part.geom_type == "LineString":
            yield part


def fill(
    paper: Paper,
    sheet: Sheet,
    shown: Drawing,
    shapes: list[Shape],
    colour: tuple[int, int, int],
    style: str = "F",
) -> None:
    """Fill the areas of shapes."""
    paper.set_fill_color(*colour)
    for shape in shapes:
        for ring in rings(shape):
            paper.area((sheet.place(x, y, shown.frame) for x, y in ring.coords), style)


def lines(
    paper: Paper,
    sheet: Sheet,
    shown: Drawing,
    shapes: list[Shape],
    width: float,
    colour: tuple[int, int, int],
) -> None:
    """Draw the lines of shapes."""
    paper.set_draw_color(*colour)
    paper.set_line_width(width * paper.grown)
    for shape in shapes:
        for ring in rings(shape):
            paper.stroke(sheet.place(x, y, shown.frame) for x, y in ring.coords)


def names(paper: Paper, sheet: Sheet, shown: Drawing) -> None:
    """Write the names of streets and lanes along them."""
    letter = LETTER * POINT
    for label in shown.labels:
        paper.style(LETTER)
        x, y = sheet.place(label.x, label.y, shown.frame)
        if not label.stacked:
            with paper.turned(label.angle, x, y):
                paper.haloed(x, y + 0.36 * letter, label.name)
            continue
        top = y - 0.5 * 1.12 * letter * (len(label.name) - 1)
        for row, sign in enumerate(label.name):
            paper.haloed(x, top + row * 1.12 * letter + 0.36 * letter, sign)


def bar_metres(sheet: Sheet) -> int:
    """Return how many metres the scale bar shows: a round number that is long enough to measure."""
    fitting = [metres for metres in BARS if metres / sheet.metres(1) <= BAR_MM[1]]
    return max(fitting, default=BARS[0])


def bar(paper: Paper, sheet: Sheet) -> None:
    """Draw the scale bar at the bottom left."""
    metres = bar_metres(sheet)
    length = metres / sheet.metres(1)
    x, y = sheet.x + 4, sheet.y + sheet.height - 5
    paper.style(LETTER)
    label = _("%(n)s 米") % {"n": metres}
    paper.set_fill_color(*WHITE)
    paper.box(x - 2, y - 5, (length + paper.width(label) + 6, 8))
    paper.set_fill_color(*INK)
    for left, top, size in (
        (x, y, (length, 0.5)),
        (x, y - 1.5, (0.35, 2.0)),
        (x + length - 0.35, y - 1.5, (0.35, 2.0)),
    ):
        paper.box(left, top, size)
    paper.write_at(x + length + 2, y + 0.6, label)


def north(paper: Paper, sheet: Sheet) -> None:
    """Draw the arrow to the north at the top right."""
    x, y = sheet.x + sheet.width - 9, sheet.y + 12
    paper.set_fill_color(*WHITE)
    paper.box(x - 6, y - 10, (12, 17))
    paper.style(LETTER + 1, bold=True)
    paper.write_at(x, y - 5, _("北"), "C")
    paper.set_fill_color(*INK)
    paper.area([(x, y - 3.5), (x - 3, y + 5), (x, y + 3), (x + 3, y + 5)], "F")
