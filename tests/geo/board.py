"""A toy community for plans: a board of 20 m squares, counted from the south-west.

Every unit holds 50 households unless a test says otherwise; a street runs along every fourth line
of squares, so that blocks are 80 m square and hold 800 households: two cells of 400.
"""

from collections.abc import Mapping

import numpy as np
import shapely

from gridmap.geo.fabric import Edges, Fabric, Level
from gridmap.geo.fabric.model import Flags, Ints, gathered
from gridmap.geo.partition import Graph

SIDE = 20.0
BLOCK = 4
HOUSEHOLDS = 50


def board(
    columns: int, rows: int, other: Mapping[int, int] | None = None, walls: Flags | None = None
) -> Fabric:
    """A board; ``other`` gives households by place, ``walls`` the edges nobody crosses."""
    places = [(column, row) for row in range(rows) for column in range(columns)]
    shapes = [shapely.box(x * SIDE, y * SIDE, (x + 1) * SIDE, (y + 1) * SIDE) for x, y in places]
    households = np.full(len(places), HOUSEHOLDS)
    for place, count in (other or {}).items():
        households[place] = count
    edges = _edges(columns, rows)
    if walls is not None:
        level = np.where(walls, int(Level.BARRIER), edges.level)
        edges = Edges(edges.a, edges.b, edges.length_m, level, ~walls)
    return Fabric(
        outline=shapely.box(0, 0, columns * SIDE, rows * SIDE),
        uids=tuple(f"B{number:05}" for number in range(len(places))),
        shapes=gathered(shapes),
        kinds=np.zeros(len(places), dtype=np.int64),
        blocks=np.array([x // BLOCK + 1000 * (y // BLOCK) for x, y in places]),
        buildings=tuple(f"{number:05}" for number in range(len(places))),
        households=households,
        residents=households * 3,
        edges=edges,
    )


def _edges(columns: int, rows: int) -> Edges:
    found = []
    for row in range(rows):
        for column in range(columns):
            here = row * columns + column
            if column + 1 < columns:
                street = (column + 1) % BLOCK == 0
                found.append((here, here + 1, Level.STREET if street else Level.INNER))
            if row + 1 < rows:
                street = (row + 1) % BLOCK == 0
                found.append((here, here + columns, Level.STREET if street else Level.INNER))
    a, b, level = (np.array(column, dtype=np.int64) for column in zip(*sorted(found), strict=True))
    return Edges(a, b, np.full(len(a), SIDE), level, np.ones(len(a), dtype=bool))


def graph(columns: int, rows: int, other: Mapping[int, int] | None = None) -> Graph:
    return Graph.of(board(columns, rows, other))


def wall_between(columns: int, rows: int, column: int) -> Flags:
    """A wall along the whole board, east of a column of squares."""
    edges = _edges(columns, rows)
    return np.asarray((edges.a % columns == column) & (edges.b == edges.a + 1))


def bands(columns: int, rows: int, width: int) -> Ints:
    """A plan of upright bands, so many squares wide."""
    return np.array([place % columns // width for place in range(columns * rows)])
