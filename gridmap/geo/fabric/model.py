"""The words of a fabric: units, edges, and what went into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[Any]  # of shapely geometries, metres
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

GRID = 0.01  # metres; every coordinate of a fabric is a whole number of centimetres
TOUCH = 0.5  # metres; units that share less touch in a point and are no neighbours


class Kind(IntEnum):
    """What a unit stands for."""

    BUILDING = 0
    OPEN = 1
    WATER = 2
    GIVEN = 3  # came as a unit, as census blocks do


class Level(IntEnum):
    """What runs along the border of two units, the weakest line first."""

    INNER = 0  # nothing: the middle between two buildings
    BARRIER = 1  # wall, rail or the edge of water
    LANE = 2
    STREET = 3
    ARTERIAL = 4


@dataclass(frozen=True, eq=False)
class Buildings:
    """The buildings of one community.

    Attributes:
        codes: code of each within the community.
        shapes: polygons, metres, valid.
        households: of each.
        residents: of each.
    """

    codes: Sequence[str]
    shapes: Shapes
    households: Ints
    residents: Ints

    @classmethod
    def bare(cls, codes: Sequence[str], shapes: Sequence[Any]) -> Buildings:
        """Return buildings of which nothing is counted."""
        none = np.zeros(len(codes), dtype=np.int64)
        drawn = np.empty(len(codes), dtype=object)
        drawn[:] = list(shapes)
        return cls(codes, drawn, none, none)


@dataclass(frozen=True, eq=False)
class Ways:
    """Streets and lanes by their middle lines, and lines that cut the ground without being a way.

    Attributes:
        lines: lines, metres; what lies outside the community is cut off.
        levels: `Level.LANE` or higher, of each; `Level.INNER` of one that is no way, as a border of
            cells in force: units end there, but nothing runs along it and it opens no barrier.
    """

    lines: Shapes = field(default_factory=lambda: np.empty(0, dtype=object))
    levels: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Barriers:
    """What people do not cross.

    Attributes:
        lines: walls, fences and rails, metres.
        water: rivers and lakes, polygons.
        gates: points where a barrier may be crossed besides where a way crosses it.
    """

    lines: Shapes = field(default_factory=lambda: np.empty(0, dtype=object))
    water: Shapes = field(default_factory=lambda: np.empty(0, dtype=object))
    gates: Shapes = field(default_factory=lambda: np.empty(0, dtype=object))


@dataclass(frozen=True)
class Remark:
    """What a rule decided while a fabric was made; for the planner to read, no fault.

    Attributes:
        code: the rule's own word: ``overlap``, ``absorbed``, ``outside``, ``cut``, ``split``.
        buildings: codes of the buildings it is about.
        area_m2: how much ground.
        place: a point there, metres.
    """

    code: str
    buildings: tuple[str, ...]
    area_m2: float
    place: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Edges:
    """Which units are neighbours; one row a pair, ``a < b``, in ascending order.

    Attributes:
        a: place of one unit in the fabric's arrays.
        b: place of the other.
        length_m: metres of border they share.
        level: what runs along most of it, a `Level`.
        crossable: whether a cell may hold both because of this border.
    """

    a: Ints
    b: Ints
    length_m: Floats
    level: Ints
    crossable: Flags

    def __len__(self) -> int:
        return len(self.a)


@dataclass(frozen=True, eq=False)
class Fabric:
    """Units that tile one community, as arrays of one length.

    Attributes:
        outline: the community, metres.
        uids: lasting name of each unit: ``B`` and the building's code, ``L`` and the place of open
            land, or what was given.
        shapes: polygons, metres, on a grid of one centimetre; a given unit may have several parts.
        kinds: a `Kind` each.
        blocks: number of the block each lies in; a block is ground that no way or barrier cuts.
        buildings: code of the building, None for open land.
        households: of each.
        residents: of each.
        edges: who is whose neighbour.
        remarks: what was decided while it was made.
    """

    outline: Any
    uids: tuple[str, ...]
    shapes: Shapes
    kinds: Ints
    blocks: Ints
    buildings: tuple[str | None, ...]
    households: Ints
    residents: Ints
    edges: Edges
    remarks: tuple[Remark, ...] = ()

    def __len__(self) -> int:
        return len(self.uids)

    @cached_property
    def area_m2(self) -> Floats:
        """Square metres of each unit."""
        return np.asarray(shapely.area(self.shapes))

    @cached_property
    def perimeter_m(self) -> Floats:
        """Metres around each unit, holes included."""
        return np.asarray(shapely.length(self.shapes))

    @cached_property
    def place_of(self) -> dict[str, int]:
        """Place in the arrays by uid."""
        return {uid: place for place, uid in enumerate(self.uids)}

    def block_shapes(self) -> Shapes:
        """Return the ground of each block, by its number."""
        count = int(self.blocks.max()) + 1 if len(self) else 0
        members = [self.shapes[self.blocks == block] for block in range(count)]
        out = np.empty(count, dtype=object)
        out[:] = [shapely.coverage_union_all(shapes) for shapes in members]
        return out


def gathered(shapes: Sequence[Any]) -> Shapes:
    """Return shapes as an array of objects, also where there is none."""
    out = np.empty(len(shapes), dtype=object)
    out[:] = list(shapes)
    return out
