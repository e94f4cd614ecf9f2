"""What a proposal changes and why, and why some of it is not as asked for."""

from __future__ import annotations

import numpy as np

from gridmap.geo.fabric.model import Ints
from gridmap.geo.partition.graph import Graph
from gridmap.geo.partition.measure import apart, metrics
from gridmap.geo.partition.pins import Bundles
from gridmap.geo.partition.wish import Finding, Move, Wish

NOBODY = -1


def matched(bundles: Bundles, label: Ints, next_free: int) -> Ints:
    """Give a plan from scratch the numbers of the cells it resembles.

    Each number goes to the cell with most of the households it has now; pinned cells come first.
    What resembles nothing gets numbers from ``next_free`` on.
    """
    count = int(label.max()) + 1
    name = np.full(count, NOBODY)
    held = bundles.pinned != NOBODY
    name[label[held]] = bundles.pinned[held]
    known = bundles.now != NOBODY
    width = max(next_free, 1)
    keys, row = np.unique(label[known] * width + bundles.now[known], return_inverse=True)
    common = np.bincount(row, bundles.graph.households[known] + 1e-6, len(keys))
    taken = set(name.tolist())
    for place in np.lexsort((keys, -common)).tolist():
        cell, old = divmod(int(keys[place]), width)
        if name[cell] == NOBODY and old not in taken:
            name[cell] = old
            taken.add(old)
    fresh = np.flatnonzero(name == NOBODY)
    name[fresh] = next_free + np.arange(len(fresh))
    return np.asarray(name[label])


def findings_of(graph: Graph, labels: Ints, wish: Wish) -> list[Finding]:
    """Say which cells are out of the band, and name the building where one alone is why."""
    least, most = wish.band
    found = []
    towers = np.flatnonzero(graph.households > most)
    for tower in towers.tolist():
        cell = int(labels[tower])
        found.append(Finding("unit_over_band", (tower,), (cell,), int(graph.households[tower])))
    excused = set(labels[towers].tolist()) | wish.locked
    figures = metrics(graph, labels, wish.target)
    for cell, households in zip(figures.cells.tolist(), figures.households.tolist(), strict=True):
        if cell not in excused and households and not least <= households <= most:
            found.append(Finding("out_of_band", (), (cell,), households))
    return found


def moves(graph: Graph, now: Ints, labels: Ints, band: tuple[int, int]) -> tuple[Move, ...]:
    """Group the units that change cell by where they come from and go to, and say why."""
    changed = np.flatnonzero(now != labels)
    if not len(changed):
        return ()
    figures = metrics(graph, now)
    held = dict(zip(figures.cells.tolist(), figures.households.tolist(), strict=True))
    away = set(np.flatnonzero(apart(graph, now)).tolist())
    pairs = np.stack([now[changed], labels[changed]])
    found = []
    for old, new in np.unique(pairs, axis=1).T.tolist():
        units = changed[(now[changed] == old) & (labels[changed] == new)]
        if old != NOBODY and away.issuperset(units.tolist()):
            why = "apart"
        else:
            why = _why(old, held.get(old, 0), held.get(new, 0), band)
        total = int(graph.households[units].sum())
        found.append(Move(old, new, tuple(units.tolist()), total, why))
    return tuple(found)


def _why(old: int, leaving: int, joined: int, band: tuple[int, int]) -> str:
    least, most = band
    if old == NOBODY:
        return "unassigned"
    if leaving > most:
        return "from_over_band"
    if joined < least:
        return "to_under_band"
    return "passing_on"
