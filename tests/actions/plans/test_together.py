"""Two planners at once, ten thousand operations: nothing that was acknowledged is lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import numpy as np
import pytest
import shapely
from django.db import connection

from gridmap.actions import plans
from gridmap.actions.plans import Wish
from gridmap.layers import divisions, plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.people import Person
from gridmap.layers.plan_states import State
from gridmap.layers.plans import Plan, PlanHead, PlanOp
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import quilt
from tests import town as toy

REQUESTS, BATCH = 100, 50  # of each of the two planners: 10,000 operations


@pytest.fixture
def shared(many_lines: None) -> Iterator[tuple[Plan, Scope, Scope]]:
    """A draft, committed, and two planners."""
    toy.build()
    quilt.lay("A")
    gu, li = (toy.eyes(name, role=Role.PLANNER) for name in ("gu", "li"))
    yield plans.open_draft(by=gu, community=toy.community("A").pk, title="稿"), gu, li
    Person.objects.count()  # the connection is still good: nobody left a broken transaction


def at_once(*works: Callable[[], list[tuple[UUID, str, int]]]) -> list[tuple[UUID, str, int]]:
    """Do all of it in threads of their own; everything they were told, together."""

    def apart(work: Callable[[], list[tuple[UUID, str, int]]]) -> list[tuple[UUID, str, int]]:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [row for told in pool.map(apart, works) for row in told]


def painter(plan: Plan, by: Scope, seed: int) -> Callable[[], list[tuple[UUID, str, int]]]:
    """Somebody who paints at random and remembers what was acknowledged."""
    dice, uids = random.Random(seed), bundle_of(plan.fabric_id).uids

    def work() -> list[tuple[UUID, str, int]]:
        seen, told = 0, []
        for _ in range(REQUESTS):
            batch = [
                Wish(id=uuid4(), kind="paint", units=(dice.choice(uids),), to=dice.randrange(3))
                for _ in range(BATCH)
            ]
            done = plans.apply_ops(by=by, plan=plan.pk, base_seq=seen, ops=batch)
            refused = {conflict["op"] for conflict in done.conflicts}
            told += [(w.id, w.units[0], int(str(w.to))) for w in batch if str(w.id) not in refused]
            seen = done.seq
        return told

    return work


def test_ten_thousand_operations_of_two_planners_lose_nothing(
    shared: tuple[Plan, Scope, Scope],
) -> None:
    plan, gu, li = shared
    told = at_once(painter(plan, gu, 1), painter(plan, li, 2))
    plan.refresh_from_db()
    places = bundle_of(plan.fabric_id).places
    log = {op.client_id: op for op in PlanOp.objects.filter(plan=plan)}
    assert len(told) > REQUESTS * BATCH
    assert sorted(op.seq for op in log.values()) == list(range(1, plan.head_seq + 1))
    # What was acknowledged stands in the log, or was so already when it came (and needs no entry).
    written = [row for row in told if row[0] in log]
    for uid, unit, label in written:
        op = log[uid]
        assert (op.units, op.new) == ([places[unit]], [label])
    replayed = plan_states.state_at(plan, 0)
    for op in sorted(log.values(), key=lambda op: op.seq):
        assert replayed.labels[op.units].tolist() == op.old
        replayed.take(op)
    assert replayed.labels.tolist() == plan_states.head_of(plan).labels.tolist()


def test_the_naive_write_loses_some(shared: tuple[Plan, Scope, Scope]) -> None:
    """The control: read the labels, change one, write them all, without a lock."""
    plan, _, _ = shared
    size = len(bundle_of(plan.fabric_id))
    meeting = Barrier(2)  # the first write of both follows the first reading of both

    def writer(mine: range) -> Callable[[], list[tuple[UUID, str, int]]]:
        def work() -> list[tuple[UUID, str, int]]:
            for turn in range(40):
                for place in mine:
                    head = PlanHead.objects.get(plan=plan)
                    labels = plan_states.unpack(head.labels)
                    labels[place] += 1
                    if turn == 0 and place == mine[0]:
                        meeting.wait(30)
                    PlanHead.objects.filter(plan=plan).update(labels=plan_states.pack(labels))
            return []

        return work

    before = plan_states.head_of(plan).labels
    at_once(writer(range(size // 2)), writer(range(size // 2, size)))
    written = int((plan_states.head_of(plan).labels - before).sum())
    assert written < 40 * size  # every unit was raised 40 times, by one writer only


OPS = 1_000


def test_any_thousand_operations_keep_a_tiling_and_undo_to_the_start(town: City) -> None:
    quilt.lay("A")
    by = toy.eyes("gu", role=Role.PLANNER)
    plan = plans.open_draft(by=by, community=toy.community("A").pk, title="稿")
    start = plan_states.head_of(plan)
    dice, uids = random.Random(5), bundle_of(plan.fabric_id).uids
    log = PlanOp.objects.filter(plan=plan)
    while log.count() < OPS:
        state = plan_states.head_of(plan)
        batch = [_any(dice, uids, state) for _ in range(50)]
        plans.apply_ops(by=by, plan=plan.pk, base_seq=0, ops=_possible(batch, state))
    state = plan_states.head_of(plan)
    _tiles(plan, state)
    for _ in range(log.count()):
        assert plans.undo(by=by, plan=plan.pk, client_id=uuid4()).conflicts == []
    end = plan_states.head_of(plan)
    assert end.labels.tolist() == start.labels.tolist()
    assert (end.cells, end.pins) == (start.cells, start.pins)


def _any(dice: random.Random, uids: tuple[str, ...], state: State) -> Wish:
    units = tuple(dice.sample(uids, dice.randint(1, 4)))
    cells = sorted(state.cells)
    kind = dice.choices(("paint", "split", "merge", "edit"), (12, 2, 1, 1))[0]
    return Wish(
        id=uuid4(),
        kind=kind,
        units=units if kind in {"paint", "split"} else (),
        to=dice.choice(cells),
        cells=(dice.choice(cells),) if kind in {"merge", "edit"} else (),
        fields={"name": f"{dice.random()}"} if kind == "edit" else {},
    )


def _possible(batch: list[Wish], state: State) -> list[Wish]:
    """Leave out what names a cell that an operation before it may have ended."""
    found, merged = [], False
    for wish in batch:
        if wish.kind == "merge":
            if merged or wish.to in wish.cells or len(state.cells) < 3:
                continue
            merged = True
            found.append(wish)
            break
        found.append(wish)
    return found


def _tiles(plan: Plan, state: State) -> None:
    """The cells tile what is assigned, no building is crossed, and areas add up."""
    drawn = divisions.pictures(plan.fabric_id, state, plan.community)
    shapes = np.array([picture.geom for picture in drawn])
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes, gap_width=1e-7)
    assert (state.labels > 0).all()
    whole = shapely.from_wkb(bytes(plan.community.geom.wkb))
    assert shapely.area(shapes).sum() == pytest.approx(shapely.area(whole), rel=1e-6)
    for home in plan.community.buildings.all():
        inside = shapely.covers(shapes, shapely.from_wkb(bytes(home.geom.wkb)))
        assert inside.sum() == 1
