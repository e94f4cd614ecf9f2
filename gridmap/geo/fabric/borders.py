"""Who borders on whom: the edges of a coverage, what runs along them, and where one may cross."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.ops import linemerge

from gridmap.geo.fabric.model import (
    GRID,
    TOUCH,
    Barriers,
    Edges,
    Flags,
    Floats,
    Ints,
    Level,
    Shapes,
    Ways,
)

ALONG = 2.0  # metres; a border this near to a line runs along it (a dead end splits no block)
GATE = 1.0  # metres; a gate this near to a border opens it


@dataclass(frozen=True, eq=False)
class Borders:
    """Straight pieces of border, each shared by two shapes ``a < b``.

    Attributes:
        a: one shape.
        b: the other.
        ends: (n, 4) coordinates of the piece.
    """

    a: Ints
    b: Ints
    ends: Floats

    def lengths(self) -> Floats:
        """Metres of each piece."""
        x, y = self.ends[:, 0] - self.ends[:, 2], self.ends[:, 1] - self.ends[:, 3]
        return np.asarray(np.hypot(x, y))

    def middles(self) -> Shapes:
        """The point half way along each piece."""
        return np.asarray(
            shapely.points(
                (self.ends[:, 0] + self.ends[:, 2]) / 2, (self.ends[:, 1] + self.ends[:, 3]) / 2
            )
        )


def borders_of(shapes: Shapes, grid: float = GRID) -> Borders:
    """Return what the polygons of a coverage share, piece by piece.

    Args:
        shapes: polygons or multipolygons with the same vertices on both sides of a border.
        grid: coordinates are compared as whole numbers of this.
    """
    rings, owner = shapely.get_rings(shapely.get_parts(shapes), return_index=True)
    part_of = shapely.get_parts(shapes, return_index=True)[1]
    places, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[:-1] == ring[1:]
    shape = part_of[owner[ring[:-1][same]]]
    keys = np.round(places / grid).astype(np.int64)
    one, two = keys[:-1][same], keys[1:][same]
    turned = (one[:, 0] > two[:, 0]) | ((one[:, 0] == two[:, 0]) & (one[:, 1] > two[:, 1]))
    pieces = np.where(turned[:, None], np.hstack([two, one]), np.hstack([one, two]))
    order = np.lexsort((shape, *pieces.T[::-1]))
    pieces, shape = pieces[order], shape[order]
    both = (pieces[:-1] == pieces[1:]).all(axis=1) & (shape[:-1] != shape[1:])
    return Borders(shape[:-1][both], shape[1:][both], pieces[:-1][both] * grid)


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines that borders may run along.

    Attributes:
        shapes: the lines.
        levels: a `Level` each.
        gates: points where a barrier opens.
    """

    shapes: Shapes
    levels: Ints
    gates: Shapes

    @classmethod
    def of(cls, ways: Ways, barriers: Barriers) -> Lines:
        """Gather ways, walls, and the edges of water; a way that crosses a barrier is a gate."""
        edges = shapely.boundary(barriers.water) if len(barriers.water) else barriers.water
        fences = np.concatenate([barriers.lines, edges])
        shapes = np.concatenate([ways.lines, fences])
        levels = np.concatenate([ways.levels, np.full(len(fences), int(Level.BARRIER))])
        crossings = _crossings(ways.lines[ways.levels > Level.INNER], fences)
        gates = np.concatenate([np.asarray(shapely.get_parts(barriers.gates)), crossings])
        return cls(shapes, levels.astype(np.int64), gates)


def _crossings(ways: Shapes, fences: Shapes) -> Shapes:
    """The points where a way goes through a barrier; one that ends at it goes not through."""
    if not len(ways) or not len(fences):
        return np.empty(0, dtype=object)
    merged = np.asarray(shapely.get_parts(linemerge(shapely.get_parts(ways).tolist())))
    ends = Counter(_key(place) for line in merged for place in (line.coords[0], line.coords[-1]))
    way, fence = shapely.STRtree(fences).query(merged, predicate="intersects")
    met = shapely.get_parts(shapely.intersection(merged[way], fences[fence]))
    points = np.unique(shapely.get_coordinates(met[shapely.get_type_id(met) == 0]), axis=0)
    through = [place for place in points.tolist() if ends[_key(place)] != 1]
    return np.asarray(shapely.points(through)) if through else np.empty(0, dtype=object)


def _key(place: Sequence[float]) -> tuple[int, int]:
    return round(place[0] * 10), round(place[1] * 10)


def edges_of(borders: Borders, lines: Lines, shortest: float = TOUCH) -> Edges:
    """Sum borders by pair and say what runs along them.

    Args:
        borders: pieces of border.
        lines: what they may run along.
        shortest: metres two units must share to be neighbours.
    """
    count = int(borders.b.max()) + 1 if len(borders.b) else 1
    pairs, row = np.unique(borders.a * count + borders.b, return_inverse=True)
    lengths, levels = borders.lengths(), _levels(borders, lines)
    by_level = np.zeros((len(pairs), len(Level)))
    np.add.at(by_level, (row, levels), lengths)
    level = by_level.argmax(axis=1)
    opened = np.zeros(len(pairs), dtype=bool)
    opened[row[_near(borders, lines.gates)]] = True
    total = by_level.sum(axis=1)
    kept = total >= shortest
    return Edges(
        a=(pairs // count)[kept],
        b=(pairs % count)[kept],
        length_m=total[kept],
        level=level[kept],
        crossable=((level != Level.BARRIER) | opened)[kept],
    )


def _levels(borders: Borders, lines: Lines) -> Ints:
    """The level of each piece: that of the nearest line, the higher one of two as near."""
    levels = np.zeros(len(borders.a), dtype=np.int64)
    real = lines.levels > Level.INNER
    if real.any() and len(levels):
        piece, line = shapely.STRtree(lines.shapes[real]).query_nearest(
            borders.middles(), max_distance=ALONG
        )
        np.maximum.at(levels, piece, lines.levels[real][line])
    return levels


def _near(borders: Borders, gates: Shapes) -> Ints:
    """The pieces of border at which a gate stands."""
    if not len(gates) or not len(borders.a):
        return np.empty(0, dtype=np.int64)
    pieces = shapely.linestrings(borders.ends.reshape(-1, 2, 2))
    _, piece = shapely.STRtree(pieces).query(gates, predicate="dwithin", distance=GATE)
    return np.unique(piece)


def parts_of(count: int, a: Ints, b: Ints) -> Ints:
    """Return which connected part each of ``count`` things belongs to, numbered from 0.

    Numbers follow the first member, so that the same edges give the same numbers.
    """
    root = np.arange(count)
    while True:
        before = root.copy()
        np.minimum.at(root, a, before[b])
        np.minimum.at(root, b, before[a])
        root = root[root]
        if (root == before).all():
            break
    return np.asarray(np.unique(root, return_inverse=True)[1])


def next_door(edges: Edges, first: Flags, piece: Ints, owner: Ints) -> tuple[Ints, Ints]:
    """Return for each piece without an owner the owner next to it with most border.

    Args:
        edges: between shapes.
        first: which edges come before longer ones.
        piece: of each shape.
        owner: of each shape, -1 where it has none.

    Returns:
        The pieces that have such a neighbour, and whose that is.
    """
    here, there = np.concatenate([edges.a, edges.b]), np.concatenate([edges.b, edges.a])
    fit = (owner[here] < 0) & (owner[there] >= 0)
    width = int(owner.max()) + 1
    pairs, row = np.unique(piece[here[fit]] * width + owner[there[fit]], return_inverse=True)
    length = np.bincount(row, np.tile(edges.length_m, 2)[fit], len(pairs))
    close = np.bincount(row, np.tile(first, 2)[fit], len(pairs)) > 0
    order = np.lexsort((pairs, -length, ~close, pairs // width))
    pieces, place = np.unique(pairs[order] // width, return_index=True)
    return pieces, pairs[order][place] % width
