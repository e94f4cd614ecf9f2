"""Regions: the units of two or three cells, shared out anew along a random tree."""

from __future__ import annotations

from gridmap.geo.partition.kernel import Cells, Desk, Net, Room, cost_of
from gridmap.geo.partition.speed import fast
from gridmap.geo.partition.trees import NONE, add_up, gather, grow, judge_pair, load, mark

BETTER = 1e-9
LARGEST = 3_000  # units of a region that is shared out anew; larger ones take too long
NOBODY = -9  # no cell has this number
Trio = tuple[int, int, int]


@fast
def count_cells(net: Net, cells: Cells) -> None:
    """Add up every cell from its units."""
    for cell in range(len(cells.households)):
        cells.households[cell] = cells.area[cell] = cells.perimeter[cell] = 0.0
        cells.count[cell] = 0
    for unit in range(len(cells.label)):
        cell = cells.label[unit]
        cells.households[cell] += net.households[unit]
        cells.area[cell] += net.area[unit]
        cells.perimeter[cell] += net.perimeter[unit]
        cells.count[cell] += 1
        for border in range(net.start[unit], net.start[unit + 1]):
            if cells.label[net.near[border]] == cell:
                cells.perimeter[cell] -= net.length[border]


@fast
def take(desk: Desk, start: int, wanted: Trio) -> int:
    """Collect the units of up to three cells that hang together with one; return how many."""
    net, cells, room, _ = desk
    room.units[0] = start
    room.place[start] = 0
    found, read = 1, 0
    while read < found:
        unit = room.units[read]
        read += 1
        for border in range(net.start[unit], net.start[unit + 1]):
            there = net.near[border]
            if room.place[there] >= 0 or net.together[border] < 0:
                continue
            cell = cells.label[there]
            if cell == wanted[0] or cell == wanted[1] or cell == wanted[2]:
                room.place[there] = found
                room.units[found] = there
                found += 1
    return found


@fast
def leave(room: Room, count: int) -> None:
    """Forget a region."""
    for place in range(count):
        room.place[room.units[place]] = -1


@fast
def move(net: Net, cells: Cells, unit: int, new: int) -> None:
    """Move one unit to another cell and the sums with it."""
    old = cells.label[unit]
    if new == old:
        return
    to_old, to_new = 0.0, 0.0
    for border in range(net.start[unit], net.start[unit + 1]):
        cell = cells.label[net.near[border]]
        if cell == old:
            to_old += net.length[border]
        elif cell == new:
            to_new += net.length[border]
    cells.label[unit] = new
    cells.households[old] -= net.households[unit]
    cells.households[new] += net.households[unit]
    cells.area[old] -= net.area[unit]
    cells.area[new] += net.area[unit]
    cells.perimeter[old] += 2 * to_old - net.perimeter[unit]
    cells.perimeter[new] += net.perimeter[unit] - 2 * to_new
    cells.count[old] -= 1
    cells.count[new] += 1


@fast
def borders_now(desk: Desk, count: int, edges: int) -> float:
    """What the region costs as it is, besides its cells: their borders, and who left home."""
    net, cells, room, aim = desk
    cost, away = 0.0, 0.0
    for edge in range(edges):
        one, two = room.units[room.one[edge]], room.units[room.two[edge]]
        if cells.label[one] != cells.label[two]:
            cost += room.dear[edge]
    for place in range(count):
        unit = room.units[place]
        if cells.label[unit] != cells.home[unit]:
            away += net.households[unit]
    return aim.line * cost + aim.stay * away / aim.target


@fast
def best_cut(desk: Desk, region: tuple[int, int], trees: int, a: int, b: int) -> float:
    """Try some trees for a pair; leave the best labels in ``best`` and return their cost.

    ``region`` is how many units and borders were gathered.
    """
    room, aim = desk.room, desk.aim
    count, edges = region
    best = NONE
    for _ in range(trees):
        grow(room, count, edges)
        load(desk, count, a, b)
        add_up(room, count, edges)
        top, as_a = 0, 0
        for place in range(1, count):
            cost, first = judge_pair(room.sums, place, aim, best)
            if cost < best:
                best, top, as_a = cost, place, first
        if top > 0:
            mark(room, count, top)
            for place in range(count):
                room.best[place] = a if room.side[place] == as_a else b
    return best


@fast
def settle(desk: Desk, count: int) -> None:
    """Give the region's units the cells that stand in ``best``, and move the sums along."""
    room, cells = desk.room, desk.cells
    for place in range(count):
        unit, new = room.units[place], room.best[place]
        if cells.label[unit] != new:
            move(desk.net, cells, unit, new)


@fast
def resplit(desk: Desk, unit: int, a: int, b: int, trees: int) -> bool:
    """Share two neighbours out anew where that is better; say whether it was.

    Args:
        desk: everything.
        unit: one of theirs, beside the other cell.
        a: one cell.
        b: the other.
        trees: how many to try.
    """
    cells, room, aim = desk.cells, desk.room, desk.aim
    count = take(desk, unit, (a, b, b))
    better = False
    if count == cells.count[a] + cells.count[b] and count <= LARGEST:
        edges = gather(desk, count)
        before = cost_of(cells, a, aim) + cost_of(cells, b, aim) + borders_now(desk, count, edges)
        better = best_cut(desk, (count, edges), trees, a, b) < before - BETTER
        if better:
            settle(desk, count)
    leave(room, count)
    return better
