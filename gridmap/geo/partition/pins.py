"""Pinned units tied into one piece a cell, so that nothing can take them apart."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from gridmap.geo.fabric.model import Ints
from gridmap.geo.partition.graph import Graph
from gridmap.geo.partition.wish import Finding, Wish

NOBODY = -1


@dataclass(frozen=True, eq=False)
class Bundles:
    """The free units of a plan, those pinned to one cell tied together.

    Attributes:
        graph: of the bundles; most are one unit.
        group: bundle of each free unit, in their order.
        now: cell of each bundle now, -1 for none.
        pinned: the cell each bundle is pinned to, -1 for none; no two bundles have the same.
        findings: what could not be tied.
    """

    graph: Graph
    group: Ints
    now: Ints
    pinned: Ints
    findings: tuple[Finding, ...]


def bundled(graph: Graph, free: Ints, now: Ints, wish: Wish) -> Bundles:
    """Tie the pinned units of each cell together, with the units between them.

    Args:
        graph: all units.
        free: places of those that may move.
        now: cell of each unit.
        wish: names the pins.
    """
    group = np.arange(len(graph))
    findings = []
    pins = np.array(sorted(set(wish.pins) & set(free.tolist())), dtype=np.int64)
    pins = pins[now[pins] != NOBODY]
    for cell in np.unique(now[pins]).tolist():
        wanted = pins[now[pins] == cell].tolist()
        tied = _between(graph, now, wanted)
        if apart := set(wanted) - tied:
            findings.append(Finding("pins_apart", tuple(sorted(apart)), (cell,)))
        group[sorted(tied)] = min(tied)
    _, of = np.unique(group[free], return_inverse=True)
    count = int(of.max()) + 1
    whole = np.full(len(graph), NOBODY)
    whole[free] = of
    cell_now, pinned = np.full(count, NOBODY), np.full(count, NOBODY)
    cell_now[of] = now[free]
    held = free[np.isin(free, pins)]
    pinned[whole[held]] = now[held]
    return Bundles(graph.grouped(whole, count), of, cell_now, pinned, tuple(findings))


def _between(graph: Graph, now: Ints, wanted: list[int]) -> set[int]:
    """The wanted units of a cell and the shortest ways between them and the first, inside it."""
    cell = now[wanted[0]]
    before = {wanted[0]: wanted[0]}
    queue = deque([wanted[0]])
    while queue:
        unit = queue.popleft()
        for border in range(graph.start[unit], graph.start[unit + 1]):
            there = int(graph.near[border])
            if graph.crossable[border] and now[there] == cell and there not in before:
                before[there] = unit
                queue.append(there)
    tied = set()
    for unit in wanted:
        step = unit
        while step in before and step not in tied:
            tied.add(step)
            step = before[step]
    return tied
