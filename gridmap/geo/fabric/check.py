"""What is wrong with a fabric, and what became of the units of an older one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from gridmap.geo.fabric.given import CLOSE, GAP, is_area
from gridmap.geo.fabric.model import GRID, Buildings, Fabric, Ints, Kind

ON_GRID = 1e-6  # metres
INSIDE = 2 * GRID  # metres by which rounding may move a wall
CRUMB = 1e-4  # a smaller share of a unit is rounding, no descent
HEIR = 0.5  # share of old open land that makes new open land the same


@dataclass(frozen=True)
class Fault:
    """Why units are no fabric.

    Attributes:
        code: ``not_a_polygon``, ``same_uid``, ``off_grid``, ``gap_or_overlap``, ``not_tiled``,
            ``building_cut``, ``building_without_unit``.
        uids: of the units it is about.
        place: a point there, metres; None where it is about the whole.
    """

    code: str
    uids: tuple[str, ...]
    place: tuple[float, float] | None = None


def faults(fabric: Fabric, buildings: Buildings | None = None) -> list[Fault]:
    """Return everything that keeps units from being a fabric; empty for a good one.

    Args:
        fabric: the units.
        buildings: what stands there, to see that none is cut. Ground that two buildings claim, or
            that lies outside, counts for neither; a building that another splits is remarked.
    """
    found = _shape_faults(fabric)
    if found:
        return found  # nothing below can be measured on broken shapes
    edges = shapely.coverage_invalid_edges(fabric.shapes, gap_width=GAP)
    found = [
        Fault("gap_or_overlap", (fabric.uids[one],), _place(edges[one]))
        for one in np.flatnonzero(~shapely.is_empty(edges)).tolist()
    ]
    whole = shapely.union_all(fabric.shapes)
    twice = float(fabric.area_m2.sum()) - float(shapely.area(whole))
    # A line that ends at the outline bends it by up to a centimetre: no wider strip may be missing.
    missing = shapely.buffer(shapely.symmetric_difference(whole, fabric.outline), -GRID)
    if twice > CLOSE * shapely.area(fabric.outline) or not shapely.is_empty(missing):
        found.append(Fault("not_tiled", ()))
    return found + ([] if buildings is None else _building_faults(fabric, buildings))


def _shape_faults(fabric: Fabric) -> list[Fault]:
    whole = shapely.get_num_geometries(fabric.shapes) == 1
    polygon = is_area(fabric.shapes) & (whole | (fabric.kinds == Kind.GIVEN))
    polygon &= shapely.is_valid(fabric.shapes)
    found = [
        Fault("not_a_polygon", (fabric.uids[one],)) for one in np.flatnonzero(~polygon).tolist()
    ]
    if len(fabric.place_of) != len(fabric):
        found.append(Fault("same_uid", ()))
    places, owner = shapely.get_coordinates(fabric.shapes, return_index=True)
    off = (np.abs(places - np.round(places / GRID) * GRID) > ON_GRID).any(axis=1)
    found += [Fault("off_grid", (fabric.uids[one],)) for one in np.unique(owner[off]).tolist()]
    return found


def _building_faults(fabric: Fabric, buildings: Buildings) -> list[Fault]:
    absorbed = {r.buildings[0] for r in fabric.remarks if r.code in {"absorbed", "outside"}}
    split = {r.buildings[0] for r in fabric.remarks if r.code == "split"}
    found = []
    rivals = shapely.STRtree(buildings.shapes)
    for code, shape in zip(buildings.codes, buildings.shapes, strict=True):
        place = fabric.place_of.get(f"B{code}")
        if place is None and code not in absorbed:
            found.append(Fault("building_without_unit", (f"B{code}",), _place(shape)))
        if place is None or code in split:
            continue
        own = shapely.intersection(shape, fabric.outline)
        near = buildings.shapes[rivals.query(shape, predicate="intersects")]
        own = shapely.difference(own, shapely.union_all([one for one in near if one is not shape]))
        beyond = shapely.difference(own, fabric.shapes[place])
        if not shapely.is_empty(shapely.buffer(beyond, -INSIDE)):
            found.append(Fault("building_cut", (f"B{code}",), _place(beyond)))
    return found


def _place(shape: Any) -> tuple[float, float]:
    point = shapely.point_on_surface(shape)
    return round(float(point.x), 2), round(float(point.y), 2)


def lineage(old: Fabric, new: Fabric) -> list[tuple[str, str, float]]:
    """Return which old unit's ground lies in which new unit.

    Returns:
        Old uid, new uid, and the share of the old unit's ground that lies there, ordered by uid.
        Shares of one old unit add up to 1 as far as its ground still belongs to the community.
    """
    one, two = shapely.STRtree(new.shapes).query(old.shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(old.shapes[one], new.shapes[two]))
    share = common / old.area_m2[one]
    kept = share > CRUMB
    rows = zip(one[kept].tolist(), two[kept].tolist(), share[kept].tolist(), strict=True)
    return sorted((old.uids[a], new.uids[b], round(part, 6)) for a, b, part in rows)


def renamed(old: Fabric, new: Fabric) -> Fabric:
    """Return the new fabric with the uids of the old one for open land that is still there.

    Buildings keep theirs by their code. Open land is the same where most of the old lies in the
    new and most of the new in the old; its name came from a place that may have moved a little.
    """
    names = list(new.uids)
    free = set(old.uids) - set(names)
    open_new = {uid for uid, kind in zip(new.uids, new.kinds.tolist(), strict=True) if kind}
    for uid, heir, share in sorted(lineage(old, new), key=lambda row: -row[2]):
        if uid in free and heir in open_new and share > HEIR:
            back = share * old.area_m2[old.place_of[uid]] / new.area_m2[new.place_of[heir]]
            if back > HEIR:
                names[new.place_of[heir]] = uid
                free.discard(uid)
                open_new.discard(heir)
    return _ordered(replace(new, uids=tuple(names)))


def _ordered(fabric: Fabric) -> Fabric:
    """The same units in the order of their uids."""
    order = np.argsort(np.asarray(fabric.uids), kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    edges = fabric.edges
    one, two = rank[edges.a], rank[edges.b]
    a, b = np.minimum(one, two), np.maximum(one, two)
    row = np.lexsort((b, a))
    arrays = (edges.length_m[row], edges.level[row], edges.crossable[row])
    return replace(
        fabric,
        uids=tuple(fabric.uids[one] for one in order.tolist()),
        shapes=fabric.shapes[order],
        kinds=fabric.kinds[order],
        blocks=fabric.blocks[order],
        buildings=tuple(fabric.buildings[one] for one in order.tolist()),
        households=fabric.households[order],
        residents=fabric.residents[order],
        edges=type(edges)(a[row], b[row], *arrays),
    )


def inherited(old: Fabric, new: Fabric, labels: Ints) -> Ints:
    """Carry labels over to a newer fabric.

    A unit of the same uid keeps its label; another takes that of the old unit most of its own
    ground was. Ground that belonged to no old unit gets -1.

    Args:
        old: the fabric the labels were given in.
        new: the fabric they are wanted for.
        labels: label of each old unit.
    """
    out = np.full(len(new), -1, dtype=np.int64)
    best = np.zeros(len(new))
    for uid, heir, share in lineage(old, new):
        from_, to = old.place_of[uid], new.place_of[heir]
        ground = np.inf if uid == heir else share * old.area_m2[from_]
        if ground > best[to]:
            best[to], out[to] = ground, labels[from_]
    return out
