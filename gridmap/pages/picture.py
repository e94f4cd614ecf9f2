"""A small map as SVG: paths of whole numbers, names as text, which the template escapes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.layers.cards import Card
from gridmap.layers.drawing import Drawing, Frame, Shape, drawing, framed, in_metres

RATIO = 2.0  # width over height
UNITS = 780  # of the picture's width: half a pixel of a phone
LETTER = 24  # units
LEAST = 280.0  # metres: a house is seen with its lane
AREAS = ("water", "green", "square", "school_ground")


@dataclass(frozen=True)
class Name:
    """A name as the template writes it."""

    letters: list[str]  # one, or one for each line when it is stacked
    turn: str
    rise: float


@dataclass(frozen=True)
class Picture:
    """What the template of the picture is given."""

    width: int
    height: int
    paths: list[tuple[str, str]]  # class of the style sheet, path
    names: list[Name]
    pin: tuple[int, int] | None


def picture(card: Card, *, now: Any) -> Picture:
    """Return the picture of a card: its cell, streets, lanes and houses, and a pin."""
    focus = in_metres(card.city, card.shape)
    frame = framed(focus, RATIO, LEAST)
    pin = None if card.kind in {"cell", "lane"} else focus.representative_point()
    letter = LETTER * frame.width / UNITS
    return _drawn(drawing(card.city, frame, letter, now=now, pin=pin), card)


def _drawn(found: Drawing, card: Card) -> Picture:
    cell = card.edition.cell_id if card.edition else 0
    shapes = found.shapes
    own = [shape for shape in shapes.get("cells", []) if shape.ident == cell]
    others = [shape for shape in shapes.get("cells", []) if shape.ident != cell]
    here = {"building": "buildings", "lane": "lane lines"}.get(card.kind, "")
    marked = [shape for shape in shapes.get(here, []) if shape.ident == card.ident]
    layers: list[tuple[str, Iterable[Shape]]] = [("own", own)]
    layers += [
        (kind, [shape for shape in shapes.get("ground", []) if shape.name == kind])
        for kind in AREAS
    ]
    layers += [
        ("way", [*shapes.get("streets", []), *shapes.get("lanes", [])]),
        ("house", shapes.get("buildings", [])),
        ("cell", others),
        ("halo", own),
        ("edge", own),
        (f"here-{card.kind}", marked),
    ]
    paths = [(name, path(found.frame, drawn)) for name, drawn in layers]
    return Picture(
        width=UNITS,
        height=round(UNITS / RATIO),
        paths=[(name, drawn) for name, drawn in paths if drawn],
        names=[name_of(found.frame, label) for label in found.labels],
        pin=None if found.pin is None else _units(found.frame, *found.pin),
    )


def name_of(frame: Frame, label: Any) -> Name:
    x, y = _units(frame, label.x, label.y)
    letters = list(label.name) if label.stacked else [label.name]
    turn = f"translate({x} {y})" + (f" rotate({-label.angle:.0f})" if label.angle else "")
    return Name(letters, turn, 0.36 - 0.56 * (len(letters) - 1))


def _units(frame: Frame, x: float, y: float) -> tuple[int, int]:
    scale = UNITS / frame.width
    return round(x * scale), round((frame.height - y) * scale)


def path(frame: Frame, shapes: Iterable[Shape], units: int = UNITS) -> str:
    """Return shapes as one path, each place as its distance from the one before.

    Args:
        frame: what is shown.
        shapes: in metres from its south-west corner.
        units: of the picture's width.
    """
    scale = units / frame.width
    return "".join(
        piece
        for shape in shapes
        for ring, closed in _rings(shape.geometry)
        if (piece := _piece(frame, ring, scale, closed=closed))
    )


def _rings(geometry: BaseGeometry) -> Iterator[tuple[BaseGeometry, bool]]:
    for part in shapely.get_parts(geometry):
        if part.is_empty:  # cut to a frame in which it does not lie
            continue
        if part.geom_type == "Polygon":
            yield part.exterior, True
            for hole in part.interiors:
                yield hole, True
        elif part.geom_type == "LineString":
            yield part, False


def _piece(frame: Frame, ring: BaseGeometry, scale: float, *, closed: bool) -> str:
    places = shapely.get_coordinates(ring) * scale
    places[:, 1] = frame.height * scale - places[:, 1]
    whole = np.rint(places).astype(int)
    moved = np.any(np.diff(whole, axis=0) != 0, axis=1)
    whole = whole[np.concatenate([[True], moved])]
    if closed:
        whole = whole[:-1]
    if len(whole) < (3 if closed else 2):
        return ""
    first, steps = whole[0], np.diff(whole, axis=0)
    words = " ".join(f"{x} {y}" if y >= 0 else f"{x}{y}" for x, y in steps.tolist())
    return f"M{first[0]} {first[1]}l{words}" + ("z" if closed else "")
