"""The graph of a fabric: units, and the borders between them, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmap.geo.fabric.borders import parts_of
from gridmap.geo.fabric.model import Edges, Fabric, Flags, Floats, Ints, Level

# What a metre of cell border costs and how readily a tree keeps both sides together, by `Level`:
# a border through a block is dear, one along an arterial is free, so cuts fall on streets.
COST = np.array([1.0, 0.05, 0.1, 0.05, 0.0]) / 100
TOGETHER = np.array([2.5, 0.5, 1.0, 0.7, 0.5])


@dataclass(frozen=True, eq=False)
class Graph:
    """Units and borders in compressed rows: those of unit ``i`` are ``start[i]:start[i + 1]``.

    Attributes:
        start: (n + 1) where the borders of each unit begin.
        near: the unit on the other side of each border.
        length_m: metres of it.
        level: what runs along it.
        crossable: whether it holds a cell together.
        households: of each unit.
        area_m2: of each unit.
        perimeter_m: of each unit.
    """

    start: Ints
    near: Ints
    length_m: Floats
    level: Ints
    crossable: Flags
    households: Ints
    area_m2: Floats
    perimeter_m: Floats

    def __len__(self) -> int:
        return len(self.households)

    @classmethod
    def of(cls, fabric: Fabric) -> Graph:
        """Return the graph of a fabric; units keep their places."""
        measures = (fabric.households, fabric.area_m2, fabric.perimeter_m)
        return cls.joined(fabric.edges, *measures)

    @classmethod
    def joined(cls, edges: Edges, households: Ints, area_m2: Floats, perimeter_m: Floats) -> Graph:
        """Return the graph of edges and what is known of the units."""
        here, there = np.concatenate([edges.a, edges.b]), np.concatenate([edges.b, edges.a])
        order = np.lexsort((there, here))
        count = len(households)
        start = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=count))])
        return cls(
            start=start.astype(np.int64),
            near=there[order].astype(np.int64),
            length_m=np.tile(edges.length_m, 2)[order],
            level=np.tile(edges.level, 2)[order],
            crossable=np.tile(edges.crossable, 2)[order],
            households=households.astype(np.int64),
            area_m2=area_m2,
            perimeter_m=perimeter_m,
        )

    def edges(self) -> Edges:
        """Return the borders one row a pair, ``a < b``."""
        here = np.repeat(np.arange(len(self)), np.diff(self.start))
        once = here < self.near
        return Edges(
            here[once],
            self.near[once],
            self.length_m[once],
            self.level[once],
            self.crossable[once],
        )

    def parts(self, labels: Ints | None = None) -> Ints:
        """Number the parts that hang together by crossable borders, within labels if given."""
        edges = self.edges()
        whole = edges.crossable
        if labels is not None:
            whole = whole & (labels[edges.a] == labels[edges.b])
        return parts_of(len(self), edges.a[whole], edges.b[whole])

    def only(self, units: Ints) -> Graph:
        """Return the graph of some units, in the order given."""
        return self.grouped(_groups(len(self), units), len(units))

    def grouped(self, group: Ints, count: int) -> Graph:
        """Return a graph whose units are groups of these; -1 leaves a unit out.

        Args:
            group: number of the group of each unit.
            count: how many groups there are.
        """
        edges = self.edges()
        one, two = group[edges.a], group[edges.b]
        inner = (one == two) & (one >= 0)
        known = group >= 0
        sums = [
            np.bincount(group[known], values[known], count).astype(np.float64)
            for values in (self.households, self.area_m2, self.perimeter_m)
        ]
        sums[2] -= 2 * np.bincount(one[inner], edges.length_m[inner], count)
        kept = (one >= 0) & (two >= 0) & ~inner
        a, b = np.minimum(one, two)[kept], np.maximum(one, two)[kept]
        left = (edges.length_m[kept], edges.level[kept], edges.crossable[kept])
        return Graph.joined(Edges(a, b, *left), sums[0].astype(np.int64), sums[1], sums[2])


def _groups(count: int, units: Ints) -> Ints:
    group = np.full(count, -1, dtype=np.int64)
    group[units] = np.arange(len(units))
    return group


def on_a_line(level: Ints) -> Flags:
    """Which borders run along something one sees on the ground: a way, a wall, the water."""
    return np.asarray(level != Level.INNER)
