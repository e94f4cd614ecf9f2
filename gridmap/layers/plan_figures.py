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
    """Return the figures of these cells.

    ``on_ways`` is the share of the border to other cells that runs along streets and lanes, null
    for a cell without such a border; ``parts`` counts the pieces one can walk between.
    """
    wanted = sorted(set(numbers))
    size = max([int(labels.max(initial=0)), *wanted]) + 1
    rows = bundle.arrays

    def sums(values: NDArray[Any]) -> NDArray[Any]:
        return np.bincount(labels, weights=values, minlength=size)

    left, right = labels[rows["edge_a"]], labels[rows["edge_b"]]
    length = rows["edge_length"]
    inside = left == right
    border = sums(rows["perimeter"]) - 2 * np.bincount(
        left[inside], weights=length[inside], minlength=size
    )
    inner, on_ways = (
        np.bincount(left[chosen], weights=length[chosen], minlength=size)
        + np.bincount(right[chosen], weights=length[chosen], minlength=size)
        for chosen in (~inside, ~inside & (rows["edge_level"] >= Level.LANE))
    )
    units = np.bincount(labels, minlength=size)
    sum_of = {name: sums(rows[name]) for name in ("households", "residents", "incidents", "area")}
    return [
        {
            "no": no,
            "units": int(units[no]),
            "households": int(sum_of["households"][no]),
            "residents": int(sum_of["residents"][no]),
            "incidents": int(sum_of["incidents"][no]),
            "area_m2": round(float(sum_of["area"][no]), 1),
            "parts": parts(np.flatnonzero(labels == no), bundle),
            "pp": _roundness(float(sum_of["area"][no]), float(border[no])),
            "on_ways": round(float(on_ways[no] / inner[no]), 3) if inner[no] > 0 else None,
        }
        for no in wanted
    ]


def _roundness(area: float, border: float) -> float:
    return round(4 * np.pi * area / border**2, 3) if border > 0 else 0.0


def parts(places: NDArray[np.intp], bundle: Bundle) -> int:
    """Count the pieces into which these units fall when only crossable borders join."""
    rows = bundle.arrays
    start, neighbour, edge = rows["start"], rows["neighbour"], rows["edge"]
    crossable = rows["edge_crossable"]
    left = set(places.tolist())
    found = 0
    while left:
        found += 1
        walk = [left.pop()]
        while walk:
            here = walk.pop()
            span = slice(int(start[here]), int(start[here + 1]))
            for there, border in zip(neighbour[span].tolist(), edge[span].tolist(), strict=True):
                if there in left and crossable[border]:
                    left.discard(there)
                    walk.append(there)
    return found
