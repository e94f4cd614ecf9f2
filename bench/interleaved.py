"""Two planners at once on one draft of 50,176 units: 10,000 operations, and how many are lost.

Each operation is a request of its own, as the editor sends it. An operation counts as lost when it
was acknowledged and its units had not the label asked for at that step of the log. Beside it
the naive way (read the labels, change some, write them all), which must lose some.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import uuid4

from django.db import connection

from bench.plans import CELLS_OF_PLAN, _table, drawn
from gridmap.actions import plans
from gridmap.actions.plans import Wish
from gridmap.layers import plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.plan_states import State
from gridmap.layers.plans import Plan, PlanHead, PlanOp
from gridmap.layers.scope import Scope

OPS, UNITS, NAIVE = 5_000, 10, 200  # operations of each of the two; units of one


@dataclass
class Told:
    """What a planner was told of one operation, and how long it took in milliseconds."""

    seq: int  # the newest step when it was answered
    places: list[int]  # of the units of which it was acknowledged
    label: int  # that they are to have
    refused: int
    took: float


def measure() -> None:
    """Print what became of ten thousand operations."""
    plan, planners = drawn("interleaved")
    began = time.perf_counter()
    told = _at_once(
        *(_painter(plan, by, seed) for seed, by in enumerate(planners, start=1)),
    )
    took = time.perf_counter() - began
    plan.refresh_from_db()
    log = list(PlanOp.objects.filter(plan=plan).order_by("seq"))
    lost, state = _replayed(plan, log, told)
    refused = sum(one.refused for one in told)
    print(f"{len(told):,} operations of two planners in {took:.0f} s: {lost} lost")
    print(f"{refused:,} of {len(told) * UNITS:,} units were the other's meanwhile, each one told")
    same = state.labels.tolist() == plan_states.head_of(plan).labels.tolist()
    whole = [op.seq for op in log] == list(range(1, plan.head_seq + 1))
    print(f"replaying the log gives the newest state: {same}; no number is missing: {whole}")
    _table("an operation, two planners at once", [one.took for one in told])
    print(f"beside: the naive write loses {_naive(plan)} of {2 * NAIVE}")


def _replayed(plan: Plan, log: list[PlanOp], told: list[Told]) -> tuple[int, State]:
    """How many operations had no effect at the step at which they were acknowledged."""
    waiting = sorted(told, key=lambda one: -one.seq)
    state, lost = plan_states.state_at(plan, 0), 0
    for op in log:
        state.take(op)
        while waiting and waiting[-1].seq <= op.seq:
            one = waiting.pop()
            lost += int((state.labels[one.places] != one.label).any())
    return lost + len(waiting), state


def _painter(plan: Plan, by: Scope, seed: int) -> Callable[[], list[Told]]:
    """Somebody who paints ten units in a row, again and again, and notes what is acknowledged."""
    dice, bundle = random.Random(seed), bundle_of(plan.fabric_id)

    def work() -> list[Told]:
        seen, told = plan.head_seq, []
        for _ in range(OPS):
            first = dice.randrange(len(bundle) - UNITS)
            units = tuple(f"U{first + n:05d}" for n in range(UNITS))
            label = 3 + dice.randrange(CELLS_OF_PLAN)
            wish = Wish(id=uuid4(), kind="paint", units=units, to=label)
            began = time.perf_counter()
            done = plans.apply_ops(by=by, plan=plan.pk, base_seq=seen, ops=[wish])
            took = (time.perf_counter() - began) * 1000
            seen = done.seq
            refused = {conflict["unit"] for conflict in done.conflicts}
            kept = [bundle.places[unit] for unit in units if unit not in refused]
            told.append(Told(done.seq, kept, label, len(refused), took))
        return told

    return work


def _naive(plan: Plan) -> int:
    """How many of the naive writes of two writers are gone at the end."""
    before = plan_states.head_of(plan).labels.copy()

    def writer(first: int) -> Callable[[], list[Told]]:
        def work() -> list[Told]:
            for number in range(NAIVE):
                head = PlanHead.objects.get(plan=plan)
                labels = plan_states.unpack(head.labels)
                labels[first + number] += 1
                PlanHead.objects.filter(plan=plan).update(labels=plan_states.pack(labels))
            return []

        return work

    _at_once(writer(0), writer(NAIVE))
    return 2 * NAIVE - int((plan_states.head_of(plan).labels != before).sum())


def _at_once(*works: Callable[[], list[Told]]) -> list[Told]:
    def apart(work: Callable[[], list[Told]]) -> list[Told]:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [row for told in pool.map(apart, works) for row in told]
