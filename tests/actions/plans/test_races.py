"""Many at once: every write counts, and of twenty who publish exactly one does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from gridmap.actions import plans, publications
from gridmap.actions.plans import Wish
from gridmap.errors import WrongState
from gridmap.layers.bundles import bundle_of
from gridmap.layers.plans import Plan, PlanOp
from gridmap.layers.postings import Role
from gridmap.layers.publications import Publication
from gridmap.layers.scope import Scope
from gridmap.layers.territory import CellEdition
from tests import quilt
from tests import town as toy

WRITERS, RACES, PUBLISHERS = 8, 100, 20
Result = TypeVar("Result")


@pytest.fixture
def ground(many_lines: None) -> Plan:
    """A draft of community A, committed, its band wide enough for the toy town."""
    toy.build()
    quilt.lay("A")
    plan = plans.open_draft(by=planner("gu"), community=toy.community("A").pk, title="稿")
    Plan.objects.filter(pk=plan.pk).update(lowest=1, highest=500)
    plan.refresh_from_db()
    return plan


def planner(name: str) -> Scope:
    return toy.eyes(name, role=Role.PLANNER)


def race(works: list[Callable[[], Result]]) -> list[Result]:
    """Begin all of it at one moment, each in a thread and a connection of its own."""
    start = Barrier(len(works))

    def apart(work: Callable[[], Result]) -> Result:
        try:
            start.wait(120)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(apart, works))


def test_eight_writers_race_a_hundred_times_and_no_write_is_lost(ground: Plan) -> None:
    uids = bundle_of(ground.fabric_id).uids
    writers = [planner(f"writer {n}") for n in range(WRITERS)]

    def writing(by: Scope, mine: int) -> Callable[[], list[str]]:
        def work() -> list[str]:
            told = []
            for turn in range(RACES):
                wish = Wish(id=uuid4(), kind="paint", units=(uids[mine],), to=1 + turn % 2)
                done = plans.apply_ops(by=by, plan=ground.pk, base_seq=ground.head_seq, ops=[wish])
                if not done.conflicts:
                    told.append(str(wish.id))
            return told

        return work

    told = race([writing(by, n % len(uids)) for n, by in enumerate(writers)])
    kept = {str(op.client_id): op.seq for op in PlanOp.objects.filter(plan=ground)}
    acknowledged = [one for each in told for one in each]
    assert len(acknowledged) == len(set(acknowledged)) > 0
    ground.refresh_from_db()
    assert sorted(kept.values()) == list(range(1, ground.head_seq + 1)), "numbers without a gap"
    # What changed nothing needs no entry; whatever is written was acknowledged to somebody.
    assert set(kept) <= set(acknowledged)
    assert len(kept) > RACES


def test_of_twenty_who_publish_at_once_one_does_and_the_others_are_told_who(ground: Plan) -> None:
    he = planner("he")
    wish = Wish(id=uuid4(), kind="paint", units=("La1c",), to=2)
    plans.apply_ops(by=he, plan=ground.pk, base_seq=0, ops=[wish])
    leaders = [toy.eyes(f"ma{n}", role=Role.LEADER) for n in range(PUBLISHERS)]
    publications.submit(by=he, plan=ground.pk, expect_seq=1)
    publications.approve(by=leaders[0], plan=ground.pk, expect_seq=1)
    day = timezone.localdate() + timedelta(days=2)

    def publishing(by: Scope) -> Callable[[], Publication | WrongState]:
        def work() -> Publication | WrongState:
            try:
                return publications.publish(by=by, plan=ground.pk, expect_seq=1, effective_from=day)
            except WrongState as refusal:
                return refusal

        return work

    before = CellEdition.objects.count()
    found = race([publishing(by) for by in leaders])
    (made,) = [one for one in found if isinstance(one, Publication)]
    refused = [one for one in found if isinstance(one, WrongState)]
    assert len(refused) == PUBLISHERS - 1
    winner = made.by
    assert winner is not None
    assert {one.detail.get("who") for one in refused} == {winner.get_username()}
    assert Publication.objects.count() == 1
    changed = CellEdition.objects.filter(valid__startswith__gt=timezone.now())
    assert CellEdition.objects.count() == before + changed.count()
