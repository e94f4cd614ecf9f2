"""The map of a joint task: the duty areas, rulings near by, and the grounds to choose from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import shapely
from django.utils import timezone
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from gridmap.layers.authority import by_area, near
from gridmap.layers.drawing import KINDS, Frame, Shape, drawing, framed
from gridmap.layers.grounds import metres
from gridmap.layers.incidents import Incident
from gridmap.layers.rulings import JointTask, Ruling
from gridmap.layers.scope import Scope
from gridmap.pages.picture import AREAS, UNITS, Name, name_of, path

RATIO, AROUND = 1.25, 130.0  # metres to each side of the place
LETTER = 20
SIDES = ("one", "two", "three", "four")


@dataclass(frozen=True)
class Side:
    """One duty area on the map."""

    look: str
    name: str
    department: str


@dataclass(frozen=True)
class Drawn:
    """What the template draws."""

    width: int
    height: int
    paths: list[tuple[str, str]]
    names: list[Name]
    grounds: list[tuple[str, str]]
    pin: tuple[int, int]
    sides: list[Side] = field(default_factory=list)


def frame_of(case: Incident) -> Frame:
    """Return what the map of a case shows: the same for whoever draws on it and who reads that."""
    return framed(metres(case.city, case.place).buffer(AROUND), RATIO, 2 * AROUND)


def corners(case: Incident, said: str) -> list[tuple[float, float]]:
    """Return places of the picture (``x,y x,y …``) in metres.

    Raises:
        ValueError: they are no numbers.
    """
    frame = frame_of(case)
    scale = UNITS / frame.width
    found = []
    for word in said.split()[:400]:
        x, _comma, y = word.partition(",")
        at = (float(x), float(y))
        if not all(-UNITS <= number <= 2 * UNITS for number in at):
            raise ValueError(word)
        found.append((frame.west + at[0] / scale, frame.south + frame.height - at[1] / scale))
    return found


def dispute_map(scope: Scope, task: JointTask, grounds: dict[str, BaseGeometry]) -> Drawn:
    """Return the map of a joint task."""
    case = task.incident
    frame = frame_of(case)
    found = drawing(case.city, frame, LETTER * frame.width / UNITS, now=timezone.now(), kinds=KINDS)
    sides = near(case.city_id, case.place) or list(task.communities.all())
    areas = [
        (f"side {look}", _placed(frame, metres(case.city, side.geom)))
        for look, side in zip(SIDES, sides, strict=False)
    ]
    ground = found.shapes.get("ground", [])
    layers: list[tuple[str, list[Shape]]] = [
        (kind, [shape for shape in ground if shape.name == kind]) for kind in AREAS
    ]
    layers += [(name, [shape]) for name, shape in areas]
    layers += [
        ("way", [*found.shapes.get("streets", []), *found.shapes.get("lanes", [])]),
        ("house", found.shapes.get("buildings", [])),
        ("cell", found.shapes.get("cells", [])),
        *((f"{name} line", [shape]) for name, shape in areas),
        ("ruled", [_placed(frame, metres(case.city, row.geom)) for row in _rulings(scope, case)]),
    ]
    place = metres(case.city, case.place)
    x, y = shapely.get_coordinates(place)[0]
    scale = UNITS / frame.width
    return Drawn(
        width=UNITS,
        height=round(UNITS / RATIO),
        paths=[(name, line) for name, shapes in layers if (line := path(frame, shapes))],
        names=[name_of(found.frame, label) for label in found.labels],
        grounds=[(name, path(frame, [_placed(frame, shape)])) for name, shape in grounds.items()],
        pin=(round((x - frame.west) * scale), round((frame.south + frame.height - y) * scale)),
        sides=_told(case, sides),
    )


def _told(case: Incident, sides: list[Any]) -> list[Side]:
    now = timezone.now()
    whose = [by_area(case.category, side, now).department for side in sides]
    return [
        Side(look, side.name, department.name if department else "")
        for look, side, department in zip(SIDES, sides, whose, strict=False)
    ]


def _rulings(scope: Scope, case: Incident) -> list[Ruling]:
    known = Ruling.objects.within(scope).filter(category=case.category_id, city=case.city_id)
    return list(known.as_of(timezone.now()))


def _placed(frame: Frame, shape: BaseGeometry) -> Shape:
    """A shape in metres, measured from the corner of the frame and cut to it."""
    moved = affinity.translate(shape, -frame.west, -frame.south)
    return Shape(0, "", moved.intersection(frame.polygon().buffer(2)))
