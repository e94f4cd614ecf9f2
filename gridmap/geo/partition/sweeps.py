"""The passes that make a plan better: pairs and triples of cells, and single units.

A pass takes only what improves, so a plan never gets worse and every cell stays in one piece.
"""

from __future__ import annotations

from gridmap.geo.partition.kernel import Aim, Cells, Desk, cost_of, worth
from gridmap.geo.partition.regions import BETTER, leave, move, resplit, take
from gridmap.geo.partition.speed import Row, fast
from gridmap.geo.partition.triples import retriple, third

TREES_OF_TRIPLE = 3
BAD_ONLY = 1_000_000


@fast
def sweep(desk: Desk, pairs: tuple[Row, Row, Row], trees: int, triples: int, since: int) -> int:
    """Visit pairs of neighbours in the order given; return how many visits made it better.

    Args:
        desk: everything.
        pairs: cell, cell, and a unit of the first beside the second, of each pair.
        trees: how many to try for a pair.
        triples: how often to try each pair with a third cell; below 0, only pairs that are bad.
        since: pairs that did not change since this turn of the clock and are good are passed over;
            with `BAD_ONLY` all good ones are.
    """
    cells, aim = desk.cells, desk.aim
    clock, done = (since + 1 if since < BAD_ONLY else 0), 0
    for pair in range(len(pairs[0])):
        a, b, unit = pairs[0][pair], pairs[1][pair], pairs[2][pair]
        if cells.label[unit] != a and cells.label[unit] != b:
            continue
        bad = is_bad(cells, a, aim) or is_bad(cells, b, aim)
        if not bad and cells.changed[a] < since and cells.changed[b] < since:
            continue
        if resplit(desk, unit, a, b, trees):
            done += 1
            cells.changed[a] = cells.changed[b] = clock
        if triples > 0 or is_bad(cells, a, aim) or is_bad(cells, b, aim):
            done += _mend(desk, unit, (a, b), abs(triples), clock)
    return done


@fast
def _mend(desk: Desk, unit: int, pair: tuple[int, int], triples: int, clock: int) -> int:
    """Try a pair together with a third cell."""
    cells = desk.cells
    a, b = pair
    done = 0
    for _ in range(triples):
        c = third(desk, unit, a, b)
        if c >= 0 and retriple(desk, unit, (a, b, c), TREES_OF_TRIPLE):
            done += 1
            cells.changed[a] = cells.changed[b] = cells.changed[c] = clock
    return done


@fast
def is_bad(cells: Cells, cell: int, aim: Aim) -> bool:
    """Whether a cell is further off than it should be."""
    households = cells.households[cell]
    away = abs(households - aim.target) > aim.good * aim.target and aim.dear > 0
    return bool(away or households > aim.most or households < aim.least)


@fast
def _gain(desk: Desk, unit: int, new: int) -> float:
    """What moving a unit to another cell would change; negative is better."""
    net, cells, _, aim = desk
    old = cells.label[unit]
    long_old, long_new, dear = 0.0, 0.0, 0.0
    for border in range(net.start[unit], net.start[unit + 1]):
        cell = cells.label[net.near[border]]
        if cell == old:
            long_old += net.length[border]
            dear += net.cost[border]
        elif cell == new:
            long_new += net.length[border]
            dear -= net.cost[border]
    households, area, around = net.households[unit], net.area[unit], net.perimeter[unit]
    after = worth(
        cells.households[old] - households,
        cells.area[old] - area,
        cells.perimeter[old] - around + 2 * long_old,
        aim,
    ) + worth(
        cells.households[new] + households,
        cells.area[new] + area,
        cells.perimeter[new] + around - 2 * long_new,
        aim,
    )
    left = (cells.home[unit] == old) - (cells.home[unit] == new)
    after += aim.line * dear + aim.stay * households * left / aim.target
    return float(after - cost_of(cells, old, aim) - cost_of(cells, new, aim))


@fast
def stays_whole(desk: Desk, unit: int) -> bool:
    """Whether a cell hangs together without one of its units."""
    net, cells, room, _ = desk
    cell = cells.label[unit]
    wanted, first = 0, -1
    for border in range(net.start[unit], net.start[unit + 1]):
        there = net.near[border]
        if cells.label[there] == cell and net.together[border] >= 0:
            wanted += room.place[there] == -1
            room.place[there] = 0
            first = there
    for border in range(net.start[unit], net.start[unit + 1]):
        room.place[net.near[border]] = -1
    if wanted <= 1:
        return wanted == 1
    room.place[unit] = 0
    count = take(desk, first, (cell, cell, cell))
    leave(room, count)
    room.place[unit] = -1
    return bool(count == cells.count[cell] - 1)


@fast
def flips(desk: Desk, gentle: int) -> int:
    """Move single units over a border where that is better; return how many.

    Where ``gentle`` is 1, only out of cells outside the band, and units that left home already.
    """
    net, cells, _, _ = desk
    done = 0
    for unit in range(len(cells.label)):
        old = cells.label[unit]
        if cells.count[old] <= 1 or net.pin[unit] >= 0:
            continue
        if gentle == 1 and cells.home[unit] == old and not is_bad(cells, old, desk.aim):
            continue
        best, to = -BETTER, -1
        for border in range(net.start[unit], net.start[unit + 1]):
            new = cells.label[net.near[border]]
            if new not in (old, to) and net.together[border] >= 0:
                gain = _gain(desk, unit, new)
                if gain < best:
                    best, to = gain, new
        if to >= 0 and stays_whole(desk, unit):
            move(net, cells, unit, to)
            done += 1
    return done
