"""Repairs: for each fault of a plan a way to mend it, offered and never done unasked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.geo.fabric.model import Ints
from gridmap.geo.partition.graph import Graph
from gridmap.geo.partition.measure import CellFault, faults
from gridmap.geo.partition.propose import propose
from gridmap.geo.partition.wholeness import made_whole
from gridmap.geo.partition.wish import Mode, Wish

NOBODY = -1


@dataclass(frozen=True, eq=False)
class Repair:
    """A way to mend a fault.

    Attributes:
        fault: what is wrong.
        labels: the plan afterwards; None where nothing we know helps.
        units: places of the units that would change cell.
    """

    fault: CellFault
    labels: Ints | None
    units: tuple[int, ...] = ()


def repair(graph: Graph, labels: Ints, fault: CellFault, wish: Wish) -> Repair:
    """Offer a repair of one fault.

    Units without a cell, and parts that lie apart, go to the neighbour with most border. A cell
    outside the band gives to or takes from those around it, as few households as bring it in; the
    rest of the plan stays. A single building over the band is not mended by moving anything.

    Args:
        graph: the units.
        labels: the plan.
        fault: one of `faults`.
        wish: band, target, locks, pins.
    """
    if fault.code == "unit_over_band":
        return Repair(fault, None)
    if fault.code in {"unassigned", "apart"}:
        loose = labels.copy()
        loose[list(fault.units)] = NOBODY
        return _offered(fault, labels, _filled(graph, labels, loose, fault))
    for reach in (1, 2, 4):
        near = _around(graph, labels, fault.cell, reach)
        others = frozenset(np.unique(labels[labels != NOBODY]).tolist()) - near
        asked = Wish(
            target=wish.target,
            band=wish.band,
            mode=Mode.MINIMAL_CHANGE,
            locked=others | wish.locked,
            pins=wish.pins,
            seed=wish.seed,
        )
        mended = propose(graph, asked, labels).labels
        if not any(one.cell == fault.cell for one in faults(graph, mended, wish.band)):
            return _offered(fault, labels, mended)
    return Repair(fault, None)


def _offered(fault: CellFault, labels: Ints, mended: Ints) -> Repair:
    changed = np.flatnonzero(labels != mended)
    return Repair(fault, mended, tuple(changed.tolist())) if len(changed) else Repair(fault, None)


def _filled(graph: Graph, labels: Ints, loose: Ints, fault: CellFault) -> Ints:
    """Find a cell for the units of this fault and leave every other one as it is."""
    filled = made_whole(graph, loose)
    out = labels.copy()
    out[list(fault.units)] = filled[list(fault.units)]
    return out


def _around(graph: Graph, labels: Ints, cell: int, reach: int) -> frozenset[int]:
    """A cell and those within so many borders of it."""
    edges = graph.edges()
    near = {cell}
    for _ in range(reach):
        inside = np.isin(labels, list(near))
        beside = edges.crossable & (inside[edges.a] != inside[edges.b])
        near |= set(labels[edges.a[beside]].tolist()) | set(labels[edges.b[beside]].tolist())
    return frozenset(near - {NOBODY})
