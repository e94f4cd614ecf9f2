"""Random spanning trees of a region, and the best place to cut one.

Every branch of a tree is connected and so is the rest, so a cut never breaks a cell. What each
branch holds is added up once from the leaves; every cut of the tree is then judged in a few steps.
"""

from __future__ import annotations

from gridmap.geo.partition.kernel import ROUND, SUMS, Aim, Desk, Room, off, roll
from gridmap.geo.partition.speed import Row, fast, ranked

HOUSEHOLDS, AREA, PERIMETER, INNER, INNER_COST, DEGREE, DEGREE_COST = range(7)
COUNT, HOME_A, HOME_B, PIN_A, PIN_B = range(7, 12)
NONE = 1e18
SPAN = 0.25  # of the cells, at least, on each side of a cut
EVEN = 0.02  # deviation of a side with several cells that costs nothing extra


@fast
def gather(desk: Desk, count: int) -> int:
    """List the borders inside the region of the first ``count`` units; return how many."""
    net, cells, room, aim = desk
    found = 0
    for here in range(count):
        unit = room.units[here]
        for border in range(net.start[unit], net.start[unit + 1]):
            there = room.place[net.near[border]]
            if there > here:
                room.one[found] = here
                room.two[found] = there
                room.long[found] = net.length[border]
                room.dear[found] = net.cost[border]
                same = cells.label[unit] == cells.label[net.near[border]]
                room.bond[found] = net.together[border] * (aim.keep if same else 1.0)
                found += 1
    return found


@fast
def _top(root: Row, place: int) -> int:
    while root[place] != place:
        root[place] = root[root[place]]
        place = root[place]
    return place


@fast
def grow(room: Room, count: int, edges: int) -> None:
    """Draw a random tree that rather joins what no line parts, and root it at place 0."""
    for edge in range(edges):
        dice = roll(room.dice)
        room.key[edge] = dice * room.bond[edge] if room.bond[edge] > 0 else -1.0
    for place in range(count):
        room.root[place] = place
        room.first[place] = -1
    taken = 0
    for edge in ranked(room.key, edges):
        if taken == 2 * (count - 1) or room.key[edge] < 0:
            break
        one, two = _top(room.root, room.one[edge]), _top(room.root, room.two[edge])
        if one != two:
            room.root[one] = two
            _link(room, taken, room.one[edge], room.two[edge])
            _link(room, taken + 1, room.two[edge], room.one[edge])
            taken += 2
    _walk(room, count)


@fast
def _link(room: Room, link: int, here: int, there: int) -> None:
    room.far[link] = there
    room.after[link] = room.first[here]
    room.first[here] = link


@fast
def _walk(room: Room, count: int) -> None:
    """Order the tree from the root outward."""
    room.order[0] = 0
    room.parent[0] = -1
    room.depth[0] = 0
    found = 1
    for step in range(count):
        here = room.order[step]
        link = room.first[here]
        while link >= 0:
            there = room.far[link]
            if there != room.parent[here]:
                room.parent[there] = here
                room.depth[there] = room.depth[here] + 1
                room.order[found] = there
                found += 1
            link = room.after[link]


@fast
def load(desk: Desk, count: int, a: int, b: int) -> None:
    """Put down what each unit of the region counts for, before borders."""
    net, cells, room, _ = desk
    for place in range(count):
        unit = room.units[place]
        households = net.households[unit]
        room.sums[place * SUMS + HOUSEHOLDS] = households
        room.sums[place * SUMS + AREA] = net.area[unit]
        room.sums[place * SUMS + PERIMETER] = net.perimeter[unit]
        room.sums[place * SUMS + COUNT] = 1.0
        room.sums[place * SUMS + HOME_A] = households if cells.home[unit] == a else 0.0
        room.sums[place * SUMS + HOME_B] = households if cells.home[unit] == b else 0.0
        room.sums[place * SUMS + PIN_A] = 1.0 if net.pin[unit] >= 0 and net.pin[unit] == a else 0.0
        room.sums[place * SUMS + PIN_B] = 1.0 if net.pin[unit] >= 0 and net.pin[unit] != a else 0.0
        for inner in range(INNER, DEGREE_COST + 1):
            room.sums[place * SUMS + inner] = 0.0


@fast
def add_up(room: Room, count: int, edges: int) -> None:
    """Add everything up along the tree: afterwards each place holds what its branch does."""
    for edge in range(edges):
        one, two = room.one[edge], room.two[edge]
        long, dear = room.long[edge], room.dear[edge]
        room.sums[one * SUMS + DEGREE] += long
        room.sums[two * SUMS + DEGREE] += long
        room.sums[one * SUMS + DEGREE_COST] += dear
        room.sums[two * SUMS + DEGREE_COST] += dear
        while one != two:  # up to where the two branches part
            if room.depth[one] < room.depth[two]:
                two = room.parent[two]
            else:
                one = room.parent[one]
        room.sums[one * SUMS + INNER] += long
        room.sums[one * SUMS + INNER_COST] += dear
    for step in range(count - 1, 0, -1):
        here = room.order[step]
        above = room.parent[here]
        for kind in range(SUMS):
            room.sums[above * SUMS + kind] += room.sums[here * SUMS + kind]


@fast
def sides(sums: Row, place: int) -> tuple[float, float, float]:
    """Perimeter of a branch, of the rest, and what the cut between them costs."""
    cut = sums[place * SUMS + DEGREE] - 2 * sums[place * SUMS + INNER]
    cost = sums[place * SUMS + DEGREE_COST] - 2 * sums[place * SUMS + INNER_COST]
    branch = sums[place * SUMS + PERIMETER] - 2 * sums[place * SUMS + INNER]
    whole = sums[PERIMETER] - 2 * sums[INNER]
    return branch, whole - branch + 2 * cut, cost


@fast
def judge_pair(sums: Row, place: int, aim: Aim, limit: float) -> tuple[float, int]:
    """Cost of a branch as one cell and the rest as another, and whether the branch is cell a.

    Where it cannot come below ``limit`` that is all that is said.
    """
    here = place * SUMS
    households, area = sums[here + HOUSEHOLDS], sums[here + AREA]
    total = off(households, aim) + off(sums[HOUSEHOLDS] - households, aim)
    if total - 2 * aim.round > limit:
        return NONE, 0
    branch, rest, cost = sides(sums, place)
    total += aim.line * cost - aim.round * ROUND * area / (branch * branch)
    total -= aim.round * ROUND * (sums[AREA] - area) / (rest * rest)
    at_home = sums[here + HOME_A] + sums[HOME_B] - sums[here + HOME_B]
    swapped = sums[here + HOME_B] + sums[HOME_A] - sums[here + HOME_A]
    pinned_a = sums[here + PIN_A] + sums[PIN_B] - sums[here + PIN_B]
    pins = sums[PIN_A] + sums[PIN_B]
    as_a = pinned_a == pins and (pins > 0 or at_home >= swapped)
    if not as_a and pinned_a > 0:
        return NONE, 0
    stays = at_home if as_a else swapped
    return total + aim.stay * (sums[HOUSEHOLDS] - stays) / aim.target, 1 if as_a else 0


@fast
def judge_many(sums: Row, place: int, cells: int, aim: Aim) -> tuple[float, int]:
    """Cost of a branch as several of so many cells, and how many; 0 where it cannot be."""
    households, whole = sums[place * SUMS + HOUSEHOLDS], sums[HOUSEHOLDS]
    mean = max(whole / cells, 1e-9)
    many = int(households / mean + 0.5)
    least = min(max(int(SPAN * cells), 1), cells // 2)
    many = min(max(many, least), cells - least)
    rest = cells - many
    pins, all_pins = sums[place * SUMS + PIN_B], sums[PIN_B]
    if sums[place * SUMS + COUNT] < many or sums[COUNT] - sums[place * SUMS + COUNT] < rest:
        return NONE, 0
    if pins > many or all_pins - pins > rest:
        return NONE, 0
    branch, other, cost = sides(sums, place)
    total = aim.line * cost + _uneven(households, many, mean, aim)
    total += _uneven(whole - households, rest, mean, aim)
    total -= aim.round * (ROUND * sums[place * SUMS + AREA] / (branch * branch))
    total -= aim.round * (ROUND * (sums[AREA] - sums[place * SUMS + AREA]) / (other * other))
    return total, many


@fast
def _uneven(households: float, cells: int, mean: float, aim: Aim) -> float:
    if cells == 1:
        return off(households, aim)
    away = abs(households / (cells * mean) - 1)
    return cells * (2 * away * away + aim.dear * max(0.0, away - EVEN))


@fast
def mark(room: Room, count: int, place: int) -> None:
    """Set ``side`` to 1 in a branch and to 0 elsewhere."""
    for step in range(count):
        here = room.order[step]
        above = room.parent[here]
        inside = here == place or (above >= 0 and room.side[above] == 1)
        room.side[here] = 1 if inside else 0
