"""Drafts that need units first: asked of the worker, or carried over from older units."""

from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest
import shapely

from gridmap.actions import plans, proposals
from gridmap.actions.beginnings import _begin, ask_draft, carry_draft
from gridmap.actions.plans import Wish
from gridmap.errors import BadValue, NotYours, OutOfScope, WrongState
from gridmap.layers import carrying, fabric_store, plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.fabric_store import Edges, Origin, Units
from gridmap.layers.fabrics import Fabric
from gridmap.layers.jobs import Job
from gridmap.layers.places import Building, Lane, Stretch
from gridmap.layers.plan_faults import faults_of
from gridmap.layers.plan_states import State
from gridmap.layers.plans import Plan
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from tests import quilt
from tests import town as toy


def test_the_worker_finds_the_units_and_opens_the_draft(gu: Scope) -> None:
    job = ask_draft(by=gu, community=toy.community("A").pk, title=" 甲社区调整 ")
    assert not Fabric.objects.exists()
    with pytest.raises(WrongState):
        ask_draft(by=gu, community=toy.community("A").pk, title="再来一次")
    _begin(job=job.pk)
    job.refresh_from_db()
    made = Plan.objects.get()
    assert (job.state, job.done, job.result) == (Job.State.DONE, 1.0, {"plan": made.pk})
    assert (made.title, made.owner_id, made.fabric.current) == ("甲社区调整", gu.user_id, True)
    _begin(job=job.pk)  # taken up once more by another worker: nothing happens
    assert Plan.objects.count() == 1


def test_a_draft_that_nobody_wants_any_more_is_not_opened(gu: Scope) -> None:
    job = ask_draft(by=gu, community=toy.community("A").pk, title="稿")
    proposals.cancel_proposal(by=gu, job=job.pk)
    _begin(job=job.pk)
    assert not Plan.objects.exists()
    second = ask_draft(by=gu, community=toy.community("A").pk, title="稿")
    Job.objects.filter(pk=second.pk).update(cancel=True)  # while the worker is at it
    _begin(job=second.pk)
    second.refresh_from_db()
    assert (second.state, Plan.objects.count()) == (Job.State.CANCELLED, 0)


def test_what_cannot_be_tiled_is_told(gu: Scope) -> None:
    job = ask_draft(by=gu, community=toy.community("A").pk, title="稿")
    Job.objects.filter(pk=job.pk).update(asked={"title": ""})
    _begin(job=job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["refused"]) == (Job.State.FAILED, "BadValue")


def test_only_who_plans_there_asks_for_a_draft(gu: Scope) -> None:
    here = toy.community("A").pk
    with pytest.raises(NotYours):
        ask_draft(by=toy.eyes("ma", role=Role.LEADER), community=here, title="稿")
    with pytest.raises(OutOfScope):
        ask_draft(by=gu, community=0, title="稿")
    with pytest.raises(BadValue):
        ask_draft(by=gu, community=here, title=" ")


def halves(lineage: list[tuple[str, str, float]]) -> Fabric:
    """A newer fabric of community A: two halves of 100 m, called W and E, with this lineage."""
    east, north = toy.ORIGIN
    shapes = shapely.box(
        east + np.array([0, 100]), north + np.zeros(2), east + np.array([100, 200]),
        north + np.full(2, 100),
    )  # fmt: skip
    homes = [Building.objects.get(code=code).pk for code in ("B1", "B2")]
    units = Units(
        uids=["W", "E"], shapes=shapes, kinds=["building"] * 2, blocks=np.zeros(2, int),
        buildings=homes, households=np.array([100, 200]), residents=np.array([250, 500]),
        incidents=np.zeros(2, int),
    )  # fmt: skip
    edges = Edges(np.array([0]), np.array([1]), np.array([100.0]), np.array([2]), np.ones(1, bool))
    return fabric_store.keep(toy.community("A"), units, edges, Origin("halves", None, lineage))


def from_quilt() -> list[tuple[str, str, float]]:
    """Every unit of A-1 lies in W, of A-2 in E; one of them half in each, one nowhere any more."""
    rows = [(uid, "W", 1.0) for uid in quilt.cell_units("A", 1) if uid != "La1c"]
    rows += [(uid, "E", 1.0) for uid in quilt.cell_units("A", 2) if uid != "La2f"]
    return [*rows, ("La1c", "W", 0.5), ("La1c", "E", 0.5)]


def test_a_draft_is_carried_to_newer_units_by_their_lineage(gu: Scope) -> None:
    quilt.lay("A")
    old = plans.open_draft(by=gu, community=toy.community("A").pk, title="旧稿")
    every = quilt.cell_units("A", 1)
    ops = [
        Wish(id=uuid4(), kind="split", units=every),
        Wish(id=uuid4(), kind="pin", units=("BB2",)),
    ]
    plans.apply_ops(by=gu, plan=old.pk, base_seq=0, ops=ops)
    fabric = halves(from_quilt())
    made = carry_draft(by=gu, plan=old.pk, title="新稿")
    assert (made.fabric, made.carried_from, made.owner_id) == (fabric, old, gu.user_id)
    state = plan_states.head_of(made)
    cells = {no: cell["cell"] for no, cell in state.cells.items()}
    west, east = (cells[int(no)] for no in state.labels)
    assert west is None  # the cell that the old draft made
    assert east == toy.cell("A", 2).pk
    assert made.match["counts"] == {
        "matched": 0, "followed": 2, "cut": 1, "new": 0, "gone": 1, "unpinned": 1,
    }  # fmt: skip
    assert (made.match["cut"], made.match["gone"]) == (["E"], ["La2f"])
    # It begins with what is in force, and is one step that can be taken back.
    start = plan_states.state_at(made, 0)
    assert {cell["cell"] for cell in start.cells.values()} == {
        toy.cell("A", 1).pk, toy.cell("A", 2).pk
    }  # fmt: skip
    plans.undo(by=gu, plan=made.pk, client_id=uuid4())
    assert plan_states.head_of(made).labels.tolist() == start.labels.tolist()


def test_units_from_nowhere_belong_to_no_cell_and_say_so(gu: Scope) -> None:
    quilt.lay("A")
    old = plans.open_draft(by=gu, community=toy.community("A").pk, title="旧稿")
    halves([row for row in from_quilt() if row[1] == "W"])
    made = carry_draft(by=gu, plan=old.pk, title="新稿")
    assert made.match["new"] == ["E"]
    state = plan_states.head_of(made)
    assert state.labels.tolist()[1] == 0
    faults = faults_of(made, state, bundle_of(made.fabric_id))
    assert [fault["units"] for fault in faults if fault["code"] == "unassigned"] == [["E"]]


def test_a_draft_on_the_newest_units_is_not_carried(gu: Scope) -> None:
    quilt.lay("A")
    draft = plans.open_draft(by=gu, community=toy.community("A").pk, title="稿")
    with pytest.raises(WrongState):
        carry_draft(by=gu, plan=draft.pk, title="新稿")
    halves(from_quilt())
    with pytest.raises(NotYours):
        carry_draft(by=toy.eyes("ma", role=Role.LEADER), plan=draft.pk, title="新稿")


def test_lineage_is_followed_through_every_fabric_in_between(gu: Scope) -> None:
    first = quilt.lay("A")
    halves(from_quilt())
    swapped = halves([("W", "E", 1.0), ("E", "W", 1.0)])
    state = State(np.array([1 if "1" in uid[:3] else 2 for uid in bundle_of(first.pk).uids],
                           np.int16), {}, set())  # fmt: skip
    state.labels[bundle_of(first.pk).places["BB1"]] = 1
    state.labels[bundle_of(first.pk).places["BB2"]] = 2
    found, match = carrying.carried(state, first, swapped)
    assert found.labels.tolist() == [2, 1]
    assert match.gone == ["La2f"]


def test_a_lane_that_would_newly_lie_in_two_cells_is_remarked(gu: Scope) -> None:
    quilt.lay("B")
    plan = plans.open_draft(by=gu, community=toy.community("B").pk, title="稿")
    lane = "石坎巷"

    def remarked() -> list[str]:
        plan.refresh_from_db()
        found = faults_of(plan, plan_states.head_of(plan), bundle_of(plan.fabric_id))
        return [fault["lane"] for fault in found if fault["code"] == "lane_cut"]

    assert remarked() == []
    # A second stretch of the lane, all of which lies in B-1.

    way = Lane.objects.get(name=lane)
    Stretch.objects.create(
        city=toy.city(), code="L2-2", lane=way, centreline=toy.line((200, 50), (300, 50)),
        anchor=toy.at(210, 40), interval_days=3,
    )  # fmt: skip
    Stretch.objects.filter(code="L2-1").update(anchor=toy.at(290, 40))
    assert remarked() == []
    wish = Wish(id=uuid4(), kind="paint", units=("Lb1c",), to=2)
    plans.apply_ops(by=gu, plan=plan.pk, base_seq=0, ops=[wish])
    assert remarked() == [lane]
