"""A fabric from units that somebody else drew: census blocks, or our own, corrected by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridmap.errors import BadGeometry
from gridmap.geo.fabric.borders import Lines, borders_of, edges_of
from gridmap.geo.fabric.model import (
    GRID,
    TOUCH,
    Edges,
    Fabric,
    Flags,
    Ints,
    Kind,
    Shapes,
    gathered,
)

NO_LINES = Lines(gathered([]), np.empty(0, dtype=np.int64), gathered([]))
GAP = 0.05  # metres; narrower gaps between units are slips of the hand
CLOSE = 1e-6  # of the community's area: what rounding to a centimetre may cost


@dataclass(frozen=True, eq=False)
class Units:
    """Units as they came.

    Attributes:
        uids: lasting names, no two alike.
        shapes: polygons or multipolygons, metres.
        households: of each.
        residents: of each.
        kinds: a `Kind` each; all `Kind.GIVEN` if left out.
        blocks: block of each; each its own if left out.
        buildings: code of the building on each.
    """

    uids: Sequence[str]
    shapes: Shapes
    households: Ints
    residents: Ints
    kinds: Ints | None = None
    blocks: Ints | None = None
    buildings: Sequence[str | None] | None = None


def from_units(
    units: Units, *, lines: Lines = NO_LINES, outline: Any = None, shortest: float = TOUCH
) -> Fabric:
    """Make a fabric of units that were given.

    Args:
        units: with the same vertices on both sides of every border.
        lines: what their borders may run along.
        outline: what they must tile; what they cover together if left out.
        shortest: metres two units must share to be neighbours; 0 where every shared line counts.

    Raises:
        BadGeometry: a shape is no polygon, a name comes twice, or units overlap or leave gaps,
            or do not tile the outline.
    """
    shapes = _sound(units)
    order = np.argsort(np.asarray(units.uids), kind="stable")
    shapes = shapes[order]
    if not shapely.coverage_is_valid(shapes, gap_width=GAP if shortest else 0.0):
        raise _no_coverage(shapes, [units.uids[place] for place in order.tolist()])
    covered = float(shapely.area(shapes).sum())
    if outline is not None and abs(covered - outline.area) > CLOSE * outline.area:
        raise BadGeometry(
            "划分单元没有铺满社区：相差 %(area).1f 平方米", area=round(covered - outline.area, 1)
        )
    edges = edges_of(borders_of(shapes, GRID), lines, shortest)
    count = len(order)
    kinds = np.full(count, int(Kind.GIVEN)) if units.kinds is None else units.kinds[order]
    blocks = np.arange(count) if units.blocks is None else units.blocks[order]
    codes = units.buildings or [None] * count
    return Fabric(
        outline=shapely.coverage_union_all(shapes) if outline is None else outline,
        uids=tuple(units.uids[place] for place in order.tolist()),
        shapes=shapes,
        kinds=kinds,
        blocks=blocks,
        buildings=tuple(codes[place] for place in order.tolist()),
        households=units.households[order],
        residents=units.residents[order],
        edges=edges,
    )


def _sound(units: Units) -> Shapes:
    if not len(units.uids):
        raise BadGeometry("没有任何划分单元")
    if len(set(units.uids)) != len(units.uids):
        twice = next(uid for uid in units.uids if list(units.uids).count(uid) > 1)
        raise BadGeometry("划分单元编号“%(uid)s”出现了不止一次", uid=twice)
    single = gathered([_single(shape) for shape in units.shapes])
    # Point by point, so that both sides of a border move alike.
    shapes = np.asarray(shapely.transform(single, lambda places: np.round(places / GRID) * GRID))
    good = is_area(shapes) & shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    if not good.all():
        bad = units.uids[int(np.flatnonzero(~good)[0])]
        raise BadGeometry("划分单元“%(uid)s”不是一个有效的多边形", uid=bad)
    return shapes


def is_area(shapes: Shapes) -> Flags:
    """Which shapes are polygons, or several: a census block may be, a unit of ours is not."""
    return np.asarray(np.isin(shapely.get_type_id(shapes), (3, 6)))


def _single(shape: Any) -> Any:
    """The polygon in a collection of one."""
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape


def _no_coverage(shapes: Shapes, uids: Sequence[str]) -> BadGeometry:
    edges = shapely.coverage_invalid_edges(shapes, gap_width=GAP)
    bad = np.flatnonzero(~shapely.is_empty(edges))
    place = shapely.point_on_surface(edges[bad[0]]) if len(bad) else shapely.Point(0, 0)
    return BadGeometry(
        "划分单元之间有重叠或缝隙：%(uids)s 等 %(count)d 个",
        uids="、".join(uids[one] for one in bad[:3].tolist()),
        count=len(bad),
        x=round(float(place.x), 2),
        y=round(float(place.y), 2),
    )


def with_edges(fabric: Fabric, changes: dict[tuple[str, str], tuple[int, bool]]) -> Fabric:
    """Return the fabric with level and crossability of some edges as a planner set them.

    Args:
        fabric: any.
        changes: by pair of uids in either order: level, crossable. Pairs that are no neighbours
            are passed over; the geometry decides who is one.
    """
    edges = fabric.edges
    level, crossable = edges.level.copy(), edges.crossable.copy()
    for row, (one, two) in enumerate(zip(edges.a.tolist(), edges.b.tolist(), strict=True)):
        pair = fabric.uids[one], fabric.uids[two]
        found = changes.get(pair) or changes.get(pair[::-1])
        if found is not None:
            level[row], crossable[row] = found
    changed = Edges(edges.a, edges.b, edges.length_m, level, crossable)
    return Fabric(**{**vars_of(fabric), "edges": changed})


def vars_of(fabric: Fabric) -> dict[str, Any]:
    """The fields of a fabric by name, without what was worked out from them."""
    return {name: getattr(fabric, name) for name in fabric.__dataclass_fields__}
