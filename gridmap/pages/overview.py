"""The map beside the desk's list: the cases of the page as signs on a drawing, each a link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import shapely
from django.utils import timezone
from shapely import MultiPoint
from shapely.geometry.base import BaseGeometry

from gridmap.layers.drawing import KINDS, drawing, framed, in_metres
from gridmap.layers.incidents import Light
from gridmap.layers.territory import City
from gridmap.pages.picture import AREAS, UNITS, Name, name_of, path

TALL, WIDE, LEAST = 0.8, 1.8, 500.0  # width over height, metres
AROUND = 60  # metres
LETTER = 18
FAR = 2_000.0  # metres: beyond, houses and lanes are not drawn
FEW = ("ground", "streets", "street lines", "cells")
SIGNS = {Light.OK: "ok", Light.SOON: "soon", Light.LATE: "late", Light.PARKED: "parked",
         Light.NONE: "ended"}  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """One case on the map."""

    x: int
    y: int
    sign: str
    number: str
    title: str


@dataclass(frozen=True)
class Overview:
    """What the template draws."""

    width: int
    height: int
    paths: list[tuple[str, str]]
    names: list[Name]
    marks: list[Mark]


def _ratio(focus: BaseGeometry) -> float:
    """Return the picture's form: that of the ground it shows, so that none of it is empty."""
    west, south, east, north = (float(side) for side in focus.bounds)
    return min(WIDE, max(TALL, (east - west) / (north - south)))


def overview(city: City, cases: Iterable[Any]) -> Overview | None:
    """Return the map of these cases; None where there are none."""
    shown = list(cases)
    if not shown:
        return None
    places = MultiPoint([(case.place.x, case.place.y) for case in shown])
    metres = in_metres(city, places)
    focus = metres.buffer(AROUND)
    ratio = _ratio(focus)
    frame = framed(focus, ratio, LEAST)
    kinds = KINDS if frame.width < FAR else FEW
    letter = LETTER * frame.width / UNITS
    found = drawing(city, frame, letter, now=timezone.now(), kinds=kinds)
    ground = found.shapes.get("ground", [])
    layers = [(kind, [shape for shape in ground if shape.name == kind]) for kind in AREAS]
    layers += [
        ("way", [*found.shapes.get("streets", []), *found.shapes.get("lanes", [])]),
        ("house", found.shapes.get("buildings", [])),
        ("cell", found.shapes.get("cells", [])),
    ]
    scale = UNITS / frame.width
    marks = [
        Mark(
            round((x - frame.west) * scale),
            round((frame.south + frame.height - y) * scale),
            SIGNS[Light(case.light)],
            case.number,
            case.title,
        )
        for case, (x, y) in zip(shown, shapely.get_coordinates(metres), strict=True)
    ]
    return Overview(
        width=UNITS,
        height=round(UNITS / ratio),
        paths=[(name, drawn) for name, shapes in layers if (drawn := path(frame, shapes))],
        names=[name_of(found.frame, label) for label in found.labels],
        marks=list(reversed(marks)),  # the most urgent is drawn last, above the others
    )
