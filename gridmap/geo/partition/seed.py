"""A first plan: the ground is halved along a random tree, and each half again, down to cells."""

from __future__ import annotations

import numpy as np

from gridmap.geo.fabric.model import Ints
from gridmap.geo.partition.kernel import Desk
from gridmap.geo.partition.regions import NOBODY, leave
from gridmap.geo.partition.speed import Row, back, fast, row
from gridmap.geo.partition.trees import NONE, add_up, gather, grow, judge_many, load, mark

TRIES = ((4_000, 2), (400, 3), (60, 5), (0, 8))  # above so many units: so many trees
PATIENCE = 12  # rounds of trees before a region is given up as it is


@fast
def halve(desk: Desk, units: Row, cells: int, trees: int) -> int:
    """Cut a region along the best place of some trees; ``best`` is 1 in one part.

    Returns:
        How many of the cells the part with 1 is for; 0 if no tree could be cut.
    """
    room = desk.room
    count = len(units)
    for place in range(count):
        room.units[place] = units[place]
        room.place[units[place]] = place
    edges = gather(desk, count)
    best, part = NONE, 0
    for _ in range(trees):
        grow(room, count, edges)
        load(desk, count, NOBODY, NOBODY)
        add_up(room, count, edges)
        top = 0
        for place in range(1, count):
            cost, many = judge_many(room.sums, place, cells, desk.aim)
            if cost < best:
                best, top, part = cost, place, many
        if top > 0:
            mark(room, count, top)
            for place in range(count):
                room.best[place] = room.side[place]
    leave(room, count)
    return part


def plant(desk: Desk, units: Ints, cells: int) -> Ints:
    """Share connected units out among so many cells, numbered from 0.

    Returns fewer cells where pins or lumps of households leave no way to cut.
    """
    label = np.zeros(len(units), dtype=np.int64)
    waiting, named = [(np.arange(len(units)), cells)], 0
    while waiting:
        places, many = waiting.pop()
        part = _halved(desk, row(units[places]), many) if many > 1 else 0
        if part:
            side = back(desk.room.best[: len(places)]) == 1
            waiting += [(places[~side], many - part), (places[side], part)]
        else:
            label[places] = named
            named += 1
    return label


def _halved(desk: Desk, units: Row, cells: int) -> int:
    trees = next(some for above, some in TRIES if len(units) > above)
    for _ in range(PATIENCE):
        part = halve(desk, units, cells, trees)
        if part:
            return int(part)
    return 0
