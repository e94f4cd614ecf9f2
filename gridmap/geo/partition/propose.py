"""Proposals: a plan from scratch, for a selection, or with as little change as possible."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridmap.errors import BadValue
from gridmap.geo.fabric.model import Edges, Ints
from gridmap.geo.partition.explain import findings_of, matched, moves
from gridmap.geo.partition.graph import Graph
from gridmap.geo.partition.kernel import Aim, Cells, Desk, net_of, room_for
from gridmap.geo.partition.pins import bundled
from gridmap.geo.partition.regions import count_cells
from gridmap.geo.partition.seed import plant
from gridmap.geo.partition.speed import Row, back, row
from gridmap.geo.partition.sweeps import BAD_ONLY, flips, sweep
from gridmap.geo.partition.wholeness import made_whole
from gridmap.geo.partition.wish import (
    CancelledError,
    Finding,
    Mode,
    Proposal,
    Step,
    Watch,
    Wish,
)

GOOD = 0.10  # deviation from the target that a good cell stays within
INWARD = 0.8  # of the band is aimed at, so that its edge is not where cells end up
SOFT = 0.0975  # deviation that costs nothing extra: a little inward too
ROUND = 2.0  # what roundness is worth, beside a border through blocks
ROUNDS = 10  # of minimal change
STUCK = 2  # rounds after which those around a cell outside the band make room for it
ROOMY = 0.85  # of the band, for those that make room
REACH = 2  # borders away
FIRST = 20.0  # what deviation beyond SOFT costs at first, loosely
NOBODY = -1


class Stage(NamedTuple):
    """Passes over all pairs of neighbours, of one kind."""

    dear: float  # what deviation beyond SOFT costs
    rounds: int  # at most
    trees: int  # tried for a pair
    triples: int  # tried with a third cell; below 0, only where a pair does not get good
    bad_only: bool  # pass over pairs that are good


# Shape first and balance loosely, then balance in earnest, then the few that resist.
STAGES = (
    Stage(FIRST, 3, 6, 1, bad_only=False),
    Stage(60.0, 4, 8, 3, bad_only=False),
    Stage(150.0, 12, 12, -12, bad_only=True),
)
REPAIR = Stage(0.0, 3, 30, -4, bad_only=True)


def propose(
    graph: Graph, wish: Wish, current: Ints | None = None, *, watch: Watch | None = None
) -> Proposal:
    """Propose a plan.

    Args:
        graph: the units of one community; a cell never leaves it.
        wish: what is asked for.
        current: number of the cell of each unit now, -1 for none. Needed to lock, to pin, and to
            change little; a fresh proposal keeps the numbers of the cells it resembles.
        watch: who looks on.

    Raises:
        BadValue: the wish contradicts itself or asks for what it did not give.
        CancelledError: the watch said so.
    """
    _sane(graph, wish, current)
    now = np.full(len(graph), NOBODY) if current is None else np.asarray(current, dtype=np.int64)
    free = np.flatnonzero(~np.isin(now, list(wish.locked)) | (now == NOBODY))
    if not len(free):
        return Proposal(now)
    bundles = bundled(graph, free, now, wish)
    work = _Work(bundles.graph, wish, watch or Watch())
    if wish.mode is Mode.MINIMAL_CHANGE:
        label = work.changed_little(made_whole(bundles.graph, bundles.now), bundles.pinned)
    else:
        label = matched(bundles, work.fresh(bundles.pinned), int(now.max()) + 1)
    labels = now.copy()
    labels[free] = label[bundles.group]
    findings = [*bundles.findings, *work.findings, *findings_of(graph, labels, wish)]
    moved = () if current is None else moves(graph, now, labels, wish.band)
    return Proposal(labels, tuple(findings), moved, tuple(work.history))


def warm() -> None:
    """Compile the inner loops and keep what was compiled; nothing where numba is not there."""
    pair = Edges(*(np.array([value]) for value in (0, 1, 1.0, 0, True)))
    two = Graph.joined(pair, np.array([400, 400]), np.ones(2), np.full(2, 4.0))
    plan = propose(two, Wish())
    propose(two, Wish(mode=Mode.MINIMAL_CHANGE), plan.labels)


def _sane(graph: Graph, wish: Wish, current: Ints | None) -> None:
    least, most = wish.band
    if not 0 < least <= wish.target <= most:
        raise BadValue("目标户数应在下限与上限之间：%(least)d–%(most)d", least=least, most=most)
    if current is None and (wish.pins or wish.locked or wish.mode is Mode.MINIMAL_CHANGE):
        raise BadValue("锁定网格、固定单元和最小变动都需要现有方案")
    if current is not None and len(current) != len(graph):
        raise BadValue("方案与划分底图的单元数不符")
    if any(not 0 <= pin < len(graph) for pin in wish.pins):
        raise BadValue("没有这个划分单元")


class _Work:
    """One proposal being worked out."""

    def __init__(self, graph: Graph, wish: Wish, watch: Watch) -> None:
        self.wish, self.watch = wish, watch
        # A building with more households than a cell may hold counts as one full cell: it gets a
        # cell to itself, and what stands around it is shared out as if it were not there.
        towers = graph.households > wish.band[1]
        counted = np.where(towers, wish.target, graph.households)
        self.graph = replace(graph, households=counted)
        self.edges = self.graph.edges()
        self.dice = np.random.default_rng(wish.seed)
        self.findings: list[Finding] = []
        self.history: list[Step] = []

    def fresh(self, pinned: Ints) -> Ints:
        """Make a plan from scratch; cells are numbered from 0.

        Args:
            pinned: for each unit the cell it is pinned to, -1 for none; no cell has two.
        """
        label = np.zeros(len(self.graph), dtype=np.int64)
        desk = self._desk(label, np.where(pinned == NOBODY, NOBODY, 1), self._aim(FIRST))
        part = self.graph.parts()
        named, parts = 0, int(part.max()) + 1
        for one in range(parts):
            units = np.flatnonzero(part == one)
            label[units] = named + plant(desk, units, self._many(units))
            named = int(label[units].max()) + 1
            self._tell(0.3 * (one + 1) / parts, label)
        pins = np.where(pinned == NOBODY, NOBODY, label)
        for number, stage in enumerate(STAGES * (1 + self.wish.effort)):
            desk = self._desk(label, pins, self._aim(stage.dear))
            done = 0.3 + 0.7 * (number + 1) / len(STAGES) / (1 + self.wish.effort)
            label = self._polished(desk, stage, done)
        return label

    def changed_little(self, now: Ints, pinned: Ints) -> Ints:
        """Bring a plan into the band; cells keep their numbers.

        Args:
            now: number of the cell of each unit; every cell hangs together.
            pinned: for each unit the cell it is pinned to, -1 for none.
        """
        label = self._enough(now)
        names, label = np.unique(label, return_inverse=True)
        pins = np.where(pinned == NOBODY, NOBODY, label)
        home = label.copy()
        for turn in range(ROUNDS):
            stuck = turn >= STUCK
            desk = self._desk(label, pins, self._gentle(ROOMY if stuck else 1.0), home)
            near = self._near_bad(label) if stuck else None
            label = self._polished(desk, REPAIR, (turn + 1) / ROUNDS, near)
            if self.history[-1].in_band == len(names):
                break
        return names[label]

    def _many(self, units: Ints) -> int:
        """How many cells a part that hangs together is for."""
        total = int(self.graph.households[units].sum())
        least, most = self.wish.band
        fewest, largest = -(-total // most), total // least
        if total and (largest < 1 or fewest > largest):
            code = "part_under_band" if largest < 1 else "no_number_fits"
            self.findings.append(Finding(code, (), (), total))
        many = min(max(round(total / self.wish.target), fewest), max(largest, 1))
        return min(max(many, 1), len(units))

    def _enough(self, now: Ints) -> Ints:
        """Cut the largest cells in two until the band can be met by moving units at all."""
        label = now.copy()
        part = self.graph.parts()
        for one in range(int(part.max()) + 1):
            units = np.flatnonzero(part == one)
            while True:
                cells, place = np.unique(label[units], return_inverse=True)
                held = np.bincount(place, self.graph.households[units])
                if held.sum() <= len(cells) * self.wish.band[1]:
                    break
                largest = units[place == held.argmax()]
                desk = self._desk(label * 0, label * 0 - 1, self._aim(FIRST))
                halves = plant(desk, largest, 2)
                if not halves.any():
                    break
                label[largest[halves == 1]] = label.max() + 1
        return label

    def _aim(self, dear: float) -> Aim:
        wish = self.wish
        least, most = (wish.target + INWARD * (edge - wish.target) for edge in wish.band)
        return Aim(
            *(float(wish.target), least, most, 2.0, GOOD, SOFT, dear, 60.0, ROUND, 1.0, 0.0, 1.0)
        )

    def _gentle(self, share: float) -> Aim:
        """Only the band counts, or so much of it, and who moves; shape is a tie-break."""
        # Floats like those of the other aim: of other types everything would be compiled twice.
        target = float(self.wish.target)
        least, most = (target + share * (edge - target) for edge in self.wish.band)
        return Aim(target, least, most, 0.0, GOOD, SOFT, 0.0, 60.0, 0.3, 0.3, 2.0, 6.0)

    def _desk(self, label: Ints, pins: Ints, aim: Aim, home: Ints | None = None) -> Desk:
        count = int(label.max()) + 1
        sums = [row(np.zeros(count)) for _ in range(3)]
        numbers = [row(np.zeros(count, dtype=np.int64)) for _ in range(2)]
        of = row(label.copy())
        cells = Cells(of, row(label if home is None else home), *sums, *numbers)
        net = net_of(self.graph, row(pins))
        count_cells(net, cells)
        return Desk(net, cells, room_for(self.graph, int(self.dice.integers(1 << 30))), aim)

    def _polished(
        self, desk: Desk, stage: Stage, done: float, near: NDArray[np.bool_] | None = None
    ) -> Ints:
        """Pass over pairs, or over those of the cells marked, until nothing gets better."""
        if near is None:
            flips(desk, int(stage is REPAIR))
        for turn in range(stage.rounds):
            pairs = self._pairs(back(desk.cells.label), near)
            since = BAD_ONLY if stage.bad_only else turn
            better = sweep(desk, pairs, stage.trees, stage.triples, since)
            if not (self._bad(desk) if stage.bad_only else better):
                break
        if near is None:
            flips(desk, int(stage is REPAIR))
        self._tell(done, back(desk.cells.label))
        return back(desk.cells.label).copy()

    def _bad(self, desk: Desk) -> bool:
        """Whether a cell is further off than it should be."""
        held, aim = back(desk.cells.households), desk.aim
        outside = (held < aim.least) | (held > aim.most)
        return bool(
            (outside | ((abs(held - aim.target) > aim.good * aim.target) & (aim.dear > 0))).any()
        )

    def _near_bad(self, label: Ints) -> NDArray[np.bool_]:
        """Mark the cells outside the band, and those within reach of them."""
        held = np.bincount(label, self.graph.households)
        least, most = self.wish.band
        near = (held < least) | (held > most)
        one, two = label[self.edges.a], label[self.edges.b]
        for _ in range(REACH):
            beside = self.edges.crossable & (near[one] | near[two])
            near[one[beside]] = near[two[beside]] = True
        return near

    def _pairs(self, label: Ints, near: NDArray[np.bool_] | None = None) -> tuple[Row, Row, Row]:
        """Every two cells that border on one another, in an order of the dice."""
        edges = self.edges
        one, two = label[edges.a], label[edges.b]
        cut = edges.crossable & (one != two)
        if near is not None:
            cut &= near[one] & near[two]
        low, high = np.minimum(one, two)[cut], np.maximum(one, two)[cut]
        keys, first = np.unique(low * (int(label.max()) + 1) + high, return_index=True)
        order = self.dice.permutation(len(keys))
        chosen = first[order]
        return row(low[chosen]), row(high[chosen]), row(edges.a[cut][chosen])

    def _tell(self, done: float, label: Ints) -> None:
        held = np.bincount(label, self.graph.households)
        held = held[np.bincount(label) > 0]
        least, most = self.wish.band
        step = Step(
            done=round(min(done, 1.0), 3),
            cells=len(held),
            in_band=int(((held >= least) & (held <= most)).sum()),
            within_tenth=int((abs(held - self.wish.target) <= GOOD * self.wish.target).sum()),
        )
        self.history.append(step)
        self.watch.progress(step)
        if self.watch.cancelled():
            raise CancelledError
