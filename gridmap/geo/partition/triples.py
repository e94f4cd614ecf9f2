"""Three cells shared out anew, where two cannot be made good."""

from __future__ import annotations

from gridmap.geo.partition.kernel import Desk, cost_of, roll
from gridmap.geo.partition.regions import (
    BETTER,
    LARGEST,
    NOBODY,
    Trio,
    best_cut,
    leave,
    move,
    settle,
    take,
)
from gridmap.geo.partition.speed import fast
from gridmap.geo.partition.trees import NONE, add_up, gather, grow, judge_many, load, mark

STEPS = 20  # of the walk that looks for a third cell


@fast
def third(desk: Desk, unit: int, a: int, b: int) -> int:
    """A cell near two others, found by walking about from a unit; -1 if none was met."""
    net, cells, room, _ = desk
    for _ in range(STEPS):
        degree = net.start[unit + 1] - net.start[unit]
        border = net.start[unit] + int(roll(room.dice) * degree)
        if degree == 0 or net.together[border] < 0:
            return -1
        unit = net.near[border]
        cell = cells.label[unit]
        if cell not in (a, b):
            return int(cell)
    return -1


@fast
def _trio_cost(desk: Desk, count: int, trio: Trio) -> float:
    """What three cells cost as they are; their units stand in ``held``."""
    net, cells, room, aim = desk
    cost, away = 0.0, 0.0
    for place in range(count):
        unit = room.held[place]
        own = cells.label[unit]
        if own != cells.home[unit]:
            away += net.households[unit]
        for border in range(net.start[unit], net.start[unit + 1]):
            cell = cells.label[net.near[border]]
            if cell != own and (cell == trio[0] or cell == trio[1] or cell == trio[2]):
                cost += net.cost[border] / 2
    total = aim.line * cost + aim.stay * away / aim.target
    return (
        total
        + cost_of(cells, trio[0], aim)
        + cost_of(cells, trio[1], aim)
        + cost_of(cells, trio[2], aim)
    )


@fast
def _hold(desk: Desk, count: int) -> bool:
    """Keep the region's labels to go back to; say whether a unit of it is pinned."""
    net, cells, room, _ = desk
    pinned = False
    for place in range(count):
        unit = room.units[place]
        room.held[place] = unit
        room.saved[place] = cells.label[unit]
        pinned = pinned or net.pin[unit] >= 0
    return pinned


@fast
def _carve(desk: Desk, count: int) -> bool:
    """Cut a region of three cells into one and two along a random tree; say whether it could be.

    Afterwards ``side`` is 1 in the one cell.
    """
    room = desk.room
    edges = gather(desk, count)
    grow(room, count, edges)
    load(desk, count, NOBODY, NOBODY)
    add_up(room, count, edges)
    best, top, branch = NONE, 0, False
    for place in range(1, count):
        cost, many = judge_many(room.sums, place, 3, desk.aim)
        if cost < best:
            best, top, branch = cost, place, many == 1
    if top > 0:
        mark(room, count, top)
        for place in range(count):
            room.side[place] = room.side[place] if branch else 1 - room.side[place]
    return top > 0


@fast
def _single(desk: Desk, count: int, trio: Trio) -> int:
    """Which of the three the carved one is: the one with most of its households there."""
    net, room = desk.net, desk.room
    most, name = -1.0, trio[0]
    for cell in trio:
        inside = 0.0
        for place in range(count):
            if room.side[place] == 1 and room.saved[place] == cell:
                inside += net.households[room.held[place]] + 1e-6
        if inside > most:
            most, name = inside, cell
    return name


@fast
def _others(trio: Trio, name: int) -> tuple[int, int]:
    if trio[0] == name:
        return trio[1], trio[2]
    if trio[1] == name:
        return trio[0], trio[2]
    return trio[0], trio[1]


@fast
def retriple(desk: Desk, unit: int, trio: Trio, trees: int) -> bool:
    """Share three neighbours out anew where that is better; say whether it was.

    One is set apart by a tree, the rest cut by others; labels are set and taken back if no better.
    """
    net, cells, room, _ = desk
    whole = cells.count[trio[0]] + cells.count[trio[1]] + cells.count[trio[2]]
    count = take(desk, unit, trio)
    fit = count == whole and count <= LARGEST and not _hold(desk, count) and _carve(desk, count)
    leave(room, count)
    if not fit:
        return False
    before = _trio_cost(desk, count, trio)
    name = _single(desk, count, trio)
    b, c = _others(trio, name)
    start = -1
    for place in range(count):
        move(net, cells, room.held[place], name if room.side[place] == 1 else b)
        if room.side[place] == 0:
            start = room.held[place]
    rest = take(desk, start, (b, b, b))
    if best_cut(desk, (rest, gather(desk, rest)), trees, b, c) < NONE:
        settle(desk, rest)
    leave(room, rest)
    if cells.count[c] > 0 and _trio_cost(desk, count, trio) < before - BETTER:
        return True
    for place in range(count):
        move(net, cells, room.held[place], room.saved[place])
    return False
