"""What a state of a plan amounts to, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from gridmap.layers.bundles import Bundle
from gridmap.layers.fabrics import UnitEdge
from gridmap.layers.plan_states import Labels

Level = UnitEdge.Level


class CellFigures(TypedDict):
    """One cell in numbers; ``pp`` is Polsby and Popper's 4πA/P² (1 for a circle)."""

    no: int
    units: int
    households: int
    residents: int
    incidents: int
    area_m2: float
    parts: int
    pp: float
    on_ways: float | None


def figures_of(labels: Labels, bundle: Bundle, numbers: Iterable[int]) -> list[CellFigures]:
    """Return the figures of these cells; only their own units and borders are looked at.

    ``on_ways`` is the share of the border to other cells that runs along streets and lanes, null
    for a cell without such a border; ``parts`` counts the pieces one can walk between.
    """
    wanted = sorted(set(numbers))
    if not wanted:
        return []
    rows = bundle.arrays
    rank = np.full(max(int(labels.max(initial=0)), wanted[-1]) + 1, -1)
    rank[wanted] = np.arange(len(wanted))
    ranks = rank[labels]
    places = np.flatnonzero(ranks >= 0)
    own = ranks[places]

    def sums(of: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
        return np.bincount(of, weights=values, minlength=len(wanted))

    unit, there, edge = _borders(places, bundle)
    of, length = own[unit], rows["edge_length"][edge]
    inside = ranks[there] == of
    outer = of[~inside], length[~inside]
    along = ~inside & (rows["edge_level"][edge] >= Level.LANE)
    border = sums(own, rows["perimeter"][places]) - sums(of[inside], length[inside])
    inner, on_ways = sums(*outer), sums(of[along], length[along])
    joined = inside & (rows["edge_crossable"][edge] > 0)
    pieces = np.bincount(
        own[_first_of_pieces(places, unit[joined], there[joined])], minlength=len(wanted)
    )
    units = np.bincount(own, minlength=len(wanted))
    counts = {name: sums(own, rows[name][places]) for name in ("households", "residents")}
    counts |= {name: sums(own, rows[name][places]) for name in ("incidents", "area")}
    return [
        {
            "no": no,
            "units": int(units[at]),
            "households": int(counts["households"][at]),
            "residents": int(counts["residents"][at]),
            "incidents": int(counts["incidents"][at]),
            "area_m2": round(float(counts["area"][at]), 1),
            "parts": int(pieces[at]),
            "pp": _roundness(float(counts["area"][at]), float(border[at])),
            "on_ways": round(float(on_ways[at] / inner[at]), 3) if inner[at] > 0 else None,
        }
        for at, no in enumerate(wanted)
    ]


def _roundness(area: float, border: float) -> float:
    return round(4 * np.pi * area / border**2, 3) if border > 0 else 0.0


def _borders(
    places: NDArray[np.intp], bundle: Bundle
) -> tuple[NDArray[np.intp], NDArray[Any], NDArray[Any]]:
    """The borders of these units, seen from them: index in ``places``, neighbour, border."""
    start = bundle.arrays["start"].astype(np.int64)
    begins = start[places]
    many = start[places + 1] - begins
    unit = np.repeat(np.arange(len(places)), many)
    slot = np.arange(len(unit)) + np.repeat(begins - (np.cumsum(many) - many), many)
    return unit, bundle.arrays["neighbour"][slot], bundle.arrays["edge"][slot]


def _first_of_pieces(
    places: NDArray[np.intp], unit: NDArray[np.intp], there: NDArray[Any]
) -> NDArray[np.intp]:
    """The first unit, by index in ``places``, of every piece that these borders hold together.

    Each piece is known by its lowest unit: trees are hung under lower ones until none differ.
    """
    root = np.arange(len(places))
    other = np.searchsorted(places, there)
    while True:
        one, two = root[unit], root[other]
        apart = one != two
        if not apart.any():
            return np.flatnonzero(root == np.arange(len(root)))
        np.minimum.at(root, np.maximum(one, two)[apart], np.minimum(one, two)[apart])
        while not np.array_equal(root, higher := root[root]):
            root = higher
