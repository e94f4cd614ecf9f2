"""The map of a sign: true to scale on paper, with bar, numeric scale, north and a pin."""

from __future__ import annotations

from datetime import datetime

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from gridmap.layers.cards import Card
from gridmap.layers.drawing import Drawing, drawing, in_metres
from gridmap.layers.paper import INK, POINT, SOFT, WHITE, Paper
from gridmap.layers.paper_map import (
    GROUND,
    HOUSE,
    HOUSE_EDGE,
    LAND,
    LETTER,
    STREET,
    Sheet,
    bar,
    fill,
    frame_for,
    lines,
    names,
    north,
    scale_for,
)

OWN = (240, 243, 249)


def draw_map(
    paper: Paper, card: Card, box: tuple[float, float, float, float], *, now: datetime
) -> int:
    """Draw the map of a card into a box (x, y, width, height) and return its scale."""
    x, y, width, height = box
    focus = _focus(card)
    scale = scale_for(focus, width * paper.grown, height * paper.grown)
    sheet = Sheet(x, y, width, height, scale, paper.grown)
    frame = frame_for(focus, sheet)
    pin = in_metres(card.city, card.shape).representative_point()
    letter = sheet.metres(LETTER * POINT)
    shown = drawing(card.city, frame, letter, now=now, pin=pin if card.kind == "building" else None)
    with paper.rect_clip(*(side * paper.grown for side in box)):
        paper.set_fill_color(*LAND)
        paper.box(x, y, (width, height))
        _ground(paper, sheet, shown, card)
        names(paper, sheet, shown)
        _pin(paper, sheet, shown)
        bar(paper, sheet)
        north(paper, sheet)
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


def _ground(paper: Paper, sheet: Sheet, shown: Drawing, card: Card) -> None:
    shapes = shown.shapes
    own = [one for one in shapes.get("cells", []) if one.ident == _cell(card)]
    others = [one for one in shapes.get("cells", []) if one.ident != _cell(card)]
    marked = {"building": "buildings", "lane": "lane lines"}.get(card.kind, "")
    here = [one for one in shapes.get(marked, []) if one.ident == card.ident]
    paper.set_line_width(0.15 * paper.grown)
    fill(paper, sheet, shown, own, OWN)
    for kind, colour in GROUND.items():
        ground = [one for one in shapes.get("ground", []) if one.name == kind]
        fill(paper, sheet, shown, ground, colour)
    paper.set_draw_color(205, 200, 188)
    fill(paper, sheet, shown, [*shapes.get("lanes", []), *shapes.get("streets", [])], STREET, "DF")
    paper.set_draw_color(*HOUSE_EDGE)
    fill(paper, sheet, shown, shapes.get("buildings", []), HOUSE, "DF")
    if card.kind == "building":
        fill(paper, sheet, shown, here, INK)
    lines(paper, sheet, shown, others, 0.25, SOFT)
    lines(paper, sheet, shown, own, 1.6, WHITE)
    lines(paper, sheet, shown, own, 0.8, INK)
    if card.kind == "lane":
        lines(paper, sheet, shown, here, 1.9, INK)


def _cell(card: Card) -> int:
    return card.edition.cell_id if card.edition else 0


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
