"""Step three of reading a stranger's file: no shape gets further that is not sound.

A valid type, two finite dimensions, inside the world, not too many vertices, valid in the OGC
sense. The order matters: what costs little is asked first, and nothing repairs, unites or measures
a shape before it is known to be valid (201 vertices cost 19 s of make_valid).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[Any]  # of shapely geometries or None
Transform = Callable[[NDArray[np.float64]], NDArray[np.float64]]

REASON = re.compile(r"^(?P<why>[^\[]*)\[(?P<x>[-\d.e+]+) (?P<y>[-\d.e+]+)\]")
POINT, LINE, POLYGON, MANY = 1, 2, 3, 3  # WKB: a type's collection has its number plus MANY
FARTHEST = 1e9  # in any unit of any system


class Form(StrEnum):
    """What a layer is made of."""

    POINT = "point"
    LINE = "line"
    AREA = "area"
    WAY = "way"  # a line, or the area it covers
    NONE = "none"  # rows without a shape


ALLOWED = {
    Form.POINT: {POINT, POINT + MANY},
    Form.LINE: {LINE, LINE + MANY},
    Form.AREA: {POLYGON, POLYGON + MANY},
    Form.NONE: set(),
    Form.WAY: {LINE, LINE + MANY, POLYGON, POLYGON + MANY},
}


@dataclass(frozen=True)
class Caps:
    """How many vertices one shape and one file may have; raised only for files vouched for."""

    shape: int = 5_000
    file: int = 2_000_000


@dataclass(frozen=True)
class Problem:
    """Why a row is refused, and where.

    Attributes:
        row: number of the row as its maker counts.
        code: the reason, a word of its own.
        detail: what else is known, JSON types only.
        lng: longitude of the fault, degrees.
        lat: latitude of the fault, degrees.
    """

    row: int
    code: str
    detail: dict[str, object] = field(default_factory=dict)
    lng: float | None = None
    lat: float | None = None


def measure(wkb: bytes) -> tuple[int, int]:
    """Return type and number of vertices of a WKB, having walked through all of it.

    A parser that recurses is not let near it before: 200,000 nested collections killed GEOS.

    Raises:
        ValueError: it is broken, three-dimensional, a collection, or nested as no shape is.
    """
    try:
        kind, vertices, end = _walk(wkb, 0, None)
    except (struct.error, IndexError) as error:
        raise ValueError("broken") from error
    if end != len(wkb):
        raise ValueError("broken")
    return kind, vertices


def _walk(wkb: bytes, place: int, wanted: int | None) -> tuple[int, int, int]:
    """Type, vertices and end of the shape that begins at ``place``."""
    order = "<" if wkb[place] == 1 else ">"
    (kind,) = struct.unpack_from(f"{order}I", wkb, place + 1)
    place += 5
    if kind not in range(1, 7) or wanted not in (None, kind):
        raise ValueError("collection" if kind == 7 else "broken")  # noqa: PLR2004 - WKB's number
    if kind == POINT:
        return kind, 1, place + 16
    (count,) = struct.unpack_from(f"{order}I", wkb, place)
    place += 4
    if kind == LINE:
        return kind, count, _past(wkb, place + 16 * count)
    vertices = 0
    for _ in range(count):
        if kind == POLYGON:
            (ring,) = struct.unpack_from(f"{order}I", wkb, place)
            vertices, place = vertices + ring, _past(wkb, place + 4 + 16 * ring)
        else:
            _, inner, place = _walk(wkb, place, kind - MANY)
            vertices += inner
    return kind, vertices, place


def _past(wkb: bytes, place: int) -> int:
    if place > len(wkb):
        raise ValueError("broken")
    return place


def sound(
    shapes: Sequence[bytes | None],
    numbers: NDArray[np.int64],
    form: Form,
    transform: Transform,
    caps: Caps,
) -> tuple[Shapes, list[Problem]]:
    """Return the shapes as EPSG:4326 geometries, None where refused, and why.

    Args:
        shapes: WKB of each row, as read.
        numbers: number of each row.
        form: what they must be. Lines and areas come back as collections of them, points single.
        transform: from the coordinates of the file to longitude and latitude.
        caps: how many vertices are allowed.
    """
    problems: list[Problem] = []
    kept: list[bytes | None] = []
    total = 0
    for wkb, number in zip(shapes, numbers.tolist(), strict=True):
        code, detail, vertices = _first_look(wkb, form, caps)
        total += vertices
        if not code and total > caps.file:
            code, detail = "too_many_vertices", {"vertices": total, "most": caps.file}
        if code:
            problems.append(Problem(number, code, detail))
        kept.append(None if code else wkb)
    geoms = np.asarray(shapely.from_wkb(np.array(kept, dtype=object), on_invalid="ignore"))
    lost = [row for row, wkb in enumerate(kept) if wkb is not None and geoms[row] is None]
    problems += [Problem(int(numbers[row]), "broken_geometry") for row in lost]
    geoms, found = _placed(geoms, numbers, transform)
    problems += found
    geoms, found = _valid(geoms, numbers)
    problems += found
    geoms, found = _promoted(geoms, numbers)
    return geoms, sorted(problems + found, key=lambda problem: problem.row)


def _first_look(wkb: bytes | None, form: Form, caps: Caps) -> tuple[str, dict[str, object], int]:
    """Code and detail of what is wrong with a WKB ("" if nothing), and its number of vertices."""
    if wkb is None:
        return "no_geometry", {}, 0
    try:
        kind, vertices = measure(wkb)
    except ValueError as error:
        return ("wrong_type" if str(error) == "collection" else "broken_geometry"), {}, 0
    if kind not in ALLOWED[form]:
        return "wrong_type", {"wanted": str(form), "got": kind}, 0
    if vertices > caps.shape:
        return "too_many_vertices", {"vertices": vertices, "most": caps.shape}, 0
    return "", {}, vertices


def _drop(geoms: Shapes, bad: NDArray[np.bool_]) -> Shapes:
    left = geoms.copy()
    left[bad] = None
    return left


def _placed(
    geoms: Shapes, numbers: NDArray[np.int64], transform: Transform
) -> tuple[Shapes, list[Problem]]:
    """Bring coordinates into EPSG:4326; refuse what is empty, not finite, or outside the world."""
    empty = np.asarray(shapely.is_empty(geoms) & ~shapely.is_missing(geoms))
    xy, owner = shapely.get_coordinates(geoms, return_index=True)
    strange = np.zeros(len(geoms), dtype=bool)
    strange[owner[~(np.abs(xy) < FARTHEST).all(axis=1)]] = True
    problems = [Problem(number, "no_geometry") for number in numbers[empty].tolist()]
    problems += [Problem(number, "not_finite") for number in numbers[strange].tolist()]
    geoms = _drop(geoms, empty | strange)
    xy, owner = shapely.get_coordinates(geoms, return_index=True)
    moved = transform(xy)
    with np.errstate(invalid="ignore"):
        outside = np.asarray(~(np.abs(moved) <= (180.0, 90.0)).all(axis=1))
    beyond = np.zeros(len(geoms), dtype=bool)
    beyond[owner[outside]] = True
    first = {int(row): place for place, row in reversed(list(enumerate(owner))) if outside[place]}
    for row, place in sorted(first.items()):
        x, y = (float(value) for value in moved[place])
        problems.append(
            Problem(int(numbers[row]), "outside_world", {"x": f"{x:.6g}", "y": f"{y:.6g}"})
        )
    if moved is not xy:
        moved = np.where(outside[:, None], 0.0, moved)
        geoms = np.asarray(shapely.set_coordinates(geoms.copy(), moved))
    return _drop(geoms, beyond), problems


def _valid(geoms: Shapes, numbers: NDArray[np.int64]) -> tuple[Shapes, list[Problem]]:
    bad = np.asarray(~shapely.is_valid(geoms) & ~shapely.is_missing(geoms))
    problems = []
    for place in np.flatnonzero(bad).tolist():
        said = str(shapely.is_valid_reason(geoms[place]))
        found = REASON.match(said)
        lng, lat = (float(found["x"]), float(found["y"])) if found else (None, None)
        why = {"reason": found["why"] if found else said}
        problems.append(Problem(int(numbers[place]), "invalid_geometry", dict(why), lng, lat))
    return _drop(geoms, bad), problems


def _promoted(geoms: Shapes, numbers: NDArray[np.int64]) -> tuple[Shapes, list[Problem]]:
    """Lines and areas become collections of one, a collection of one point becomes a point."""
    kinds = shapely.get_type_id(geoms)
    out = geoms.copy()
    problems = []
    for single, gather in ((1, shapely.multilinestrings), (3, shapely.multipolygons)):
        where = np.flatnonzero(kinds == single)
        if len(where):
            out[where] = gather(geoms[where], indices=np.arange(len(where)))
    for place in np.flatnonzero(kinds == 4).tolist():  # noqa: PLR2004 - GEOS' number of MultiPoint
        parts = shapely.get_parts(geoms[place])
        out[place] = parts[0] if len(parts) == 1 else None
        if len(parts) != 1:
            problems.append(Problem(int(numbers[place]), "wrong_type", {"points": len(parts)}))
    return out, problems
