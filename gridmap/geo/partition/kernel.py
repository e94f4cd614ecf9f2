"""The inner loops' words: a graph, an aim, cells and scratch room; and what a cell costs.

Everything here and in `trees`, `sweeps` runs compiled when numba is there. The dice are our own, so
that the same seed gives the same plan with and without it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gridmap.geo.partition.graph import COST, TOGETHER, Graph
from gridmap.geo.partition.speed import Row, fast, row

ROUND = 4 * math.pi  # Polsby-Popper of a circle is 1
SUMS = 12  # what is added up along a tree, see `trees.add_up`


class Net(NamedTuple):
    """A graph as the inner loops read it."""

    start: Row
    near: Row
    length: Row
    cost: Row
    together: Row  # negative where a border is not crossable
    households: Row
    area: Row
    perimeter: Row
    pin: Row  # cell a unit must stay in, -1 for none


class Aim(NamedTuple):
    """What a good cell is. Costs are per share of the target, or per cell."""

    target: float  # households
    least: float
    most: float
    even: float  # what the square of the deviation costs
    good: float  # deviation that a good cell stays within
    soft: float  # deviation that costs nothing extra
    dear: float  # what deviation costs beyond that
    dearest: float  # what households outside least and most cost
    round: float  # what roundness is worth
    line: float  # what a border through blocks costs
    stay: float  # what households cost that leave the cell they came from
    keep: float  # how much more readily trees join units of one cell


class Cells(NamedTuple):
    """Who is in which cell, and the cells' sums."""

    label: Row
    home: Row  # the cell each unit came from
    households: Row
    area: Row
    perimeter: Row
    count: Row
    changed: Row  # when each cell changed last


class Room(NamedTuple):
    """Scratch space, for a region of so many units."""

    place: Row  # unit -> its place in the region, -1 outside
    units: Row  # place -> unit
    one: Row  # edges of the region
    two: Row
    long: Row
    dear: Row
    bond: Row
    key: Row
    parent: Row
    depth: Row
    order: Row
    root: Row
    first: Row
    after: Row
    far: Row
    sums: Row  # SUMS for each place
    side: Row
    best: Row
    held: Row
    saved: Row
    dice: Row


class Desk(NamedTuple):
    """All that the inner loops work on."""

    net: Net
    cells: Cells
    room: Room
    aim: Aim


def net_of(graph: Graph, pin: Row) -> Net:
    """Return a graph as the inner loops read it."""
    bond = np.where(graph.crossable, TOGETHER[graph.level], -1.0)
    return Net(
        row(graph.start),
        row(graph.near),
        row(graph.length_m),
        row(graph.length_m * COST[graph.level]),
        row(bond),
        row(graph.households.astype(np.float64)),
        row(graph.area_m2),
        row(graph.perimeter_m),
        pin,
    )


def room_for(graph: Graph, seed: int) -> Room:
    """Return scratch space and seeded dice."""
    units, edges = len(graph) + 1, len(graph.near) // 2 + 1

    def whole(count: int) -> Row:
        return row(np.full(count, -1, dtype=np.int64))

    def real(count: int) -> Row:
        return row(np.zeros(count))

    return Room(
        *(whole(units), whole(units), whole(edges), whole(edges)),
        *(real(edges), real(edges), real(edges), real(edges)),
        *(whole(units), whole(units), whole(units), whole(units)),
        *(whole(units), whole(2 * edges + 2), whole(2 * edges + 2)),
        real(SUMS * units),
        *(whole(units), whole(units), whole(units), whole(units)),
        row(np.array([seed % 2_147_483_646 + 1], dtype=np.int64)),
    )


@fast
def roll(dice: Row) -> float:
    """Return a number in (0, 1): the minimal standard generator of Park and Miller."""
    dice[0] = dice[0] * 48_271 % 2_147_483_647
    return float(dice[0] / 2_147_483_647)


@fast
def off(households: float, aim: Aim) -> float:
    """What a cell with so many households costs."""
    away = abs(households / aim.target - 1)
    beyond = max(0.0, households - aim.most) + max(0.0, aim.least - households)
    return (
        aim.even * away * away
        + aim.dear * max(0.0, away - aim.soft)
        + aim.dearest * beyond / aim.target
    )


@fast
def worth(households: float, area: float, perimeter: float, aim: Aim) -> float:
    """What a cell costs: away from the target, less its roundness."""
    if perimeter <= 0:
        return off(households, aim)
    return off(households, aim) - aim.round * ROUND * area / (perimeter * perimeter)


@fast
def cost_of(cells: Cells, cell: int, aim: Aim) -> float:
    """What a cell costs as it is."""
    return worth(cells.households[cell], cells.area[cell], cells.perimeter[cell], aim)
