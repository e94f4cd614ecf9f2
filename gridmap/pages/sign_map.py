"""The map of a sign: true to scale on paper, with bar, numeric scale, north and a pin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from gridmap.layers.cards import Card
from gridmap.layers.drawing import Drawing, Frame, Shape, drawing, in_metres
from gridmap.pages.sign_paper import INK, POINT, SOFT, WHITE, Paper

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
OWN = (240, 243, 249)


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


def draw_map(
    paper: Paper, card: Card, box: tuple[float, float, float, float], *, now: datetime
) -> int:
    """Draw the map of a card into a box (x, y, width, height) and return its scale."""
    x, y, width, height = box
    focus = _focus(card)
    scale = _scale(focus, width * paper.grown, height * paper.grown)
    sheet = Sheet(x, y, width, height, scale, paper.grown)
    frame = _frame(focus, sheet)
    pin = in_metres(card.city, card.shape).representative_point()
    letter = sheet.metres(LETTER * POINT)
    shown = drawing(card.city, frame, letter, now=now, pin=pin if card.kind == "building" else None)
    with paper.rect_clip(*(side * paper.grown for side in box)):
        paper.set_fill_color(*LAND)
        paper.box(x, y, (width, height))
        _ground(paper, sheet, shown, card)
        _names(paper, sheet, shown)
        _pin(paper, sheet, shown)
        _bar(paper, sheet)
        _north(paper, sheet)
    paper.set_draw_color(*INK)
    paper.set_line_width(0.3 * paper.grown)
    paper.box(x, y, (width, height), "D")
    return scale


def _focus(card: Card) -> BaseGeometry:
    """What must be seen: the cell, and a lane as far as it runs."""
    parts = [card.shape]
    if card.edition is not None and card.kind != "lane":
        parts.append(shapely.from_wkb(bytes(card.edition.geom.wkb)))
    return in_metres(card.city, shapely.GeometryCollection(parts))


def _scale(focus: BaseGeometry, width: float, height: float) -> int:
    west, south, east, north = focus.bounds
    free = 1 - 2 * MARGIN
    least = max((east - west) / (free * width), (north - south) / (free * height)) * 1000
    return next((scale for scale in SCALES if scale >= max(least, LEAST)), SCALES[-1])


def _frame(focus: BaseGeometry, sheet: Sheet) -> Frame:
    west, south, east, north = focus.bounds
    width, height = sheet.metres(sheet.width), sheet.metres(sheet.height)
    return Frame((west + east - width) / 2, (south + north - height) / 2, width, height)


def _ground(paper: Paper, sheet: Sheet, shown: Drawing, card: Card) -> None:
    shapes = shown.shapes
    own = [one for one in shapes.get("cells", []) if one.ident == _cell(card)]
    others = [one for one in shapes.get("cells", []) if one.ident != _cell(card)]
    marked = {"building": "buildings", "lane": "lane lines"}.get(card.kind, "")
    here = [one for one in shapes.get(marked, []) if one.ident == card.ident]
    paper.set_line_width(0.15 * paper.grown)
    _fill(paper, sheet, shown, own, OWN)
    for kind, colour in GROUND.items():
        ground = [one for one in shapes.get("ground", []) if one.name == kind]
        _fill(paper, sheet, shown, ground, colour)
    paper.set_draw_color(205, 200, 188)
    _fill(paper, sheet, shown, [*shapes.get("lanes", []), *shapes.get("streets", [])], STREET, "DF")
    paper.set_draw_color(*HOUSE_EDGE)
    _fill(paper, sheet, shown, shapes.get("buildings", []), HOUSE, "DF")
    if card.kind == "building":
        _fill(paper, sheet, shown, here, INK)
    _lines(paper, sheet, shown, others, 0.25, SOFT)
    _lines(paper, sheet, shown, own, 1.6, WHITE)
    _lines(paper, sheet, shown, own, 0.8, INK)
    if card.kind == "lane":
        _lines(paper, sheet, shown, here, 1.9, INK)


def _cell(card: Card) -> int:
    return card.edition.cell_id if card.edition else 0


def _rings(shape: Shape) -> Iterator[BaseGeometry]:
    for part in shapely.get_parts(shape.geometry):
        if part.geom_type == "Polygon":
            yield part.exterior
        elif part.geom_type == "LineString":
            yield part


def _fill(
    paper: Paper,
    sheet: Sheet,
    shown: Drawing,
    shapes: list[Shape],
    colour: tuple[int, int, int],
    style: str = "F",
) -> None:
    paper.set_fill_color(*colour)
    for shape in shapes:
        for ring in _rings(shape):
            paper.area((sheet.place(x, y, shown.frame) for x, y in ring.coords), style)


def _lines(
    paper: Paper,
    sheet: Sheet,
    shown: Drawing,
    shapes: list[Shape],
    width: float,
    colour: tuple[int, int, int],
) -> None:
    paper.set_draw_color(*colour)
    paper.set_line_width(width * paper.grown)
    for shape in shapes:
        for ring in _rings(shape):
            paper.stroke(sheet.place(x, y, shown.frame) for x, y in ring.coords)


def _names(paper: Paper, sheet: Sheet, shown: Drawing) -> None:
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


def _pin(paper: Paper, sheet: Sheet, shown: Drawing) -> None:
    if shown.pin is None:
        return
    x, y = sheet.place(*shown.pin, shown.frame)
    paper.set_draw_color(*WHITE)
    paper.set_line_width(0.4 * paper.grown)
    paper.set_fill_color(168, 50, 11)
    paper.area([(x, y), (x - 2.3, y - 5.2), (x + 2.3, y - 5.2)], "DF")
    paper.dot(x, y - 5.7, 2.7, "DF")
    paper.set_fill_color(*WHITE)
    paper.dot(x, y - 5.7, 1.1, "F")
    paper.style(LETTER + 1, bold=True)
    paper.haloed(x, y - 9.6, _("您在这里"))


def bar_metres(sheet: Sheet) -> int:
    """Return how many metres the scale bar shows: a round number that is long enough to measure."""
    fitting = [metres for metres in BARS if metres / sheet.metres(1) <= BAR_MM[1]]
    return max(fitting, default=BARS[0])


def _bar(paper: Paper, sheet: Sheet) -> None:
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


def _north(paper: Paper, sheet: Sheet) -> None:
    x, y = sheet.x + sheet.width - 9, sheet.y + 12
    paper.set_fill_color(*WHITE)
    paper.box(x - 6, y - 10, (12, 17))
    paper.style(LETTER + 1, bold=True)
    paper.write_at(x, y - 5, _("北"), "C")
    paper.set_fill_color(*INK)
    paper.area([(x, y - 3.5), (x - 3, y + 5), (x, y + 3), (x + 3, y + 5)], "F")
