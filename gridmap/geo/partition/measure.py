"""What a plan is like, cell by cell, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.geo.fabric.model import Edges, Flags, Floats, Ints
from gridmap.geo.partition.graph import Graph, on_a_line

CIRCLE = 4 * np.pi
NOBODY = -1


@dataclass(frozen=True, eq=False)
class Metrics:
    """Figures of every cell, in ascending order of its number; unassigned units are left out.

    Attributes:
        cells: numbers.
        units: how many each has.
        households: of each.
        area_m2: of each.
        perimeter_m: of each.
        parts: pieces that hang together by crossable borders; 1 is whole.
        polsby_popper: roundness, 1 for a circle.
        street_share: share of its border with other cells that runs along something one sees on
            the ground, 1 where it borders on none.
        deviation: share by which its households differ from the target.
    """

    cells: Ints
    units: Ints
    households: Ints
    area_m2: Floats
    perimeter_m: Floats
    parts: Ints
    polsby_popper: Floats
    street_share: Floats
    deviation: Floats


def metrics(graph: Graph, labels: Ints, target: int = 400) -> Metrics:
    """Measure every cell of a plan.

    Args:
        graph: the units.
        labels: number of the cell of each unit, -1 for none.
        target: households of a good cell.
    """
    kept = labels != NOBODY
    cells, place = np.unique(labels[kept], return_inverse=True)
    count = len(cells)
    at = np.full(len(graph), NOBODY)
    at[kept] = place
    edges = graph.edges()
    one, two = at[edges.a], at[edges.b]
    inner = (one == two) & (one != NOBODY)
    around = np.bincount(place, graph.perimeter_m[kept], count).astype(np.float64)
    around -= 2 * np.bincount(one[inner], edges.length_m[inner], count)
    area = np.bincount(place, graph.area_m2[kept], count).astype(np.float64)
    households = np.bincount(place, graph.households[kept], count).astype(np.int64)
    return Metrics(
        cells=cells,
        units=np.bincount(place, minlength=count),
        households=households,
        area_m2=area,
        perimeter_m=around,
        parts=_parts(graph, labels, at, count),
        polsby_popper=CIRCLE * area / np.maximum(around, 1e-9) ** 2,
        street_share=_street_shares(edges, one, two, count),
        deviation=households / target - 1,
    )


def _parts(graph: Graph, labels: Ints, at: Ints, count: int) -> Ints:
    part = graph.parts(labels)
    kept = at != NOBODY
    pairs = np.unique(np.stack([at[kept], part[kept]]), axis=1)
    return np.bincount(pairs[0], minlength=count)


def _street_shares(edges: Edges, one: Ints, two: Ints, count: int) -> Floats:
    cut = (one != two) & (one != NOBODY) & (two != NOBODY)
    ends = np.concatenate([one[cut], two[cut]])
    length = np.tile(edges.length_m[cut], 2)
    seen = np.tile(on_a_line(edges.level[cut]), 2)
    whole = np.bincount(ends, length, count)
    along = np.bincount(ends, length * seen, count)
    return np.where(whole > 0, along / np.maximum(whole, 1e-9), 1.0)


def street_share(graph: Graph, labels: Ints) -> float:
    """Return the share of all borders between cells that runs along something on the ground."""
    edges = graph.edges()
    cut = labels[edges.a] != labels[edges.b]
    whole = float(edges.length_m[cut].sum())
    return float(edges.length_m[cut & on_a_line(edges.level)].sum()) / whole if whole else 1.0


@dataclass(frozen=True)
class CellFault:
    """Why a plan cannot be published as it is.

    Attributes:
        code: ``unassigned``, ``apart``, ``over_band``, ``under_band``, ``unit_over_band`` (over the
            band for the sake of one building; nothing mends it but splitting the building).
        cell: number of the cell, -1 for unassigned units.
        units: places of the units it is about: the smaller parts, the unassigned, the building.
        households: of the cell, or of the units.
    """

    code: str
    cell: int
    units: tuple[int, ...]
    households: int


def faults(graph: Graph, labels: Ints, band: tuple[int, int] = (300, 500)) -> list[CellFault]:
    """Return what is wrong with a plan, by cell.

    Cells without any household (hills, water, squares) are no basic cells; the band is not theirs.
    """
    found = []
    loose = np.flatnonzero(labels == NOBODY)
    if len(loose):
        total = int(graph.households[loose].sum())
        found.append(CellFault("unassigned", NOBODY, tuple(loose.tolist()), total))
    figures = metrics(graph, labels)
    astray = apart(graph, labels)
    for row, cell in enumerate(figures.cells.tolist()):
        households = int(figures.households[row])
        if figures.parts[row] > 1:
            away = tuple(np.flatnonzero(astray & (labels == cell)).tolist())
            found.append(CellFault("apart", cell, away, int(graph.households[list(away)].sum())))
        if 0 < households < band[0]:
            found.append(CellFault("under_band", cell, (), households))
        if households > band[1]:
            found.append(_over(graph, labels, cell, band[1]))
    return found


def _over(graph: Graph, labels: Ints, cell: int, most: int) -> CellFault:
    units = np.flatnonzero(labels == cell)
    towers = units[graph.households[units] > most]
    total = int(graph.households[units].sum())
    alone = len(towers) == 1 and total == graph.households[towers[0]]
    return CellFault(
        "unit_over_band" if alone else "over_band", cell, tuple(towers.tolist()), total
    )


def apart(graph: Graph, labels: Ints) -> Flags:
    """Which units lie outside the main part of their cell, the one with most households."""
    part = graph.parts(labels)
    weight = np.bincount(part, graph.households + 1e-6)
    of = np.empty(len(weight), dtype=np.int64)
    of[part] = labels
    order = np.lexsort((-np.arange(len(of)), weight, of))
    last = np.ones(len(order), dtype=bool)
    last[:-1] = of[order][:-1] != of[order][1:]
    main = np.zeros(len(weight), dtype=bool)
    main[order[last]] = True
    return np.asarray(~main[part] & (labels != NOBODY))
