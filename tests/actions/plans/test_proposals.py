"""Proposals: asked for, worked out by the worker, laid into the draft as one step."""

from __future__ import annotations

from uuid import uuid4

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from gridmap.actions import plans, proposals
from gridmap.actions.plans import Wish
from gridmap.actions.proposals import Asked
from gridmap.errors import BadValue, NotYours, WrongState
from gridmap.layers import plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.jobs import Job
from gridmap.layers.plans import Plan, PlanOp
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from tests import quilt
from tests import town as toy


@pytest.fixture
def draft(gu: Scope) -> Plan:
    """Community A as one cell of 300 households, where 90 to 210 are wanted; 100 and 200 can be."""
    quilt.lay("A")
    plan = plans.open_draft(by=gu, community=toy.community("A").pk, title="稿")
    Plan.objects.filter(pk=plan.pk).update(lowest=90, highest=210)
    wish = Wish(id=uuid4(), kind="merge", cells=(1,), to=2)
    plans.apply_ops(by=gu, plan=plan.pk, base_seq=0, ops=[wish])
    plan.refresh_from_db()
    return plan


def work(job: Job) -> Job:
    """What the worker does with it."""
    app.tasks["propose"](job=job.pk)
    job.refresh_from_db()
    return job


def test_a_proposal_is_one_operation_that_can_be_undone(draft: Plan, gu: Scope) -> None:
    before = plan_states.head_of(draft)
    job = proposals.ask_proposal(by=gu, plan=draft.pk, asked=Asked(target=150))
    assert ProcrastinateJob.objects.get().args == {"job": job.pk}
    work(job)
    assert (job.state, job.done) == ("done", 1)
    operation = PlanOp.objects.get(plan=draft, kind="propose")
    assert (operation.kind, operation.client_id, operation.seq) == ("propose", job.uid, 2)
    state = plan_states.head_of(draft)
    assert (state.labels > 0).all()
    assert set(state.labels.tolist()) == set(state.cells)
    plans.undo(by=gu, plan=draft.pk, client_id=uuid4())
    assert plan_states.head_of(draft).labels.tolist() == before.labels.tolist()
    assert plan_states.head_of(draft).cells == before.cells


def test_work_done_twice_is_done_once(draft: Plan, gu: Scope) -> None:
    """A worker was killed after the draft was written and before the queue knew."""
    job = proposals.ask_proposal(by=gu, plan=draft.pk, asked=Asked(target=150))
    work(job)
    Job.objects.filter(pk=job.pk).update(state="running", ended_at=None)
    work(job)
    assert PlanOp.objects.filter(plan=draft, kind="propose").count() == 1
    assert job.state == "done"


def test_what_others_did_meanwhile_stays(draft: Plan, gu: Scope) -> None:
    li = toy.eyes("li", role=Role.PLANNER)
    job = proposals.ask_proposal(by=gu, plan=draft.pk, asked=Asked(target=150))
    wish = Wish(id=uuid4(), kind="split", units=("La1a", "BB1"))
    plans.apply_ops(by=li, plan=draft.pk, base_seq=1, ops=[wish])
    work(job)
    state = plan_states.head_of(draft)
    places = bundle_of(draft.fabric_id).places
    assert {int(state.labels[places[uid]]) for uid in ("La1a", "BB1")} == {3}


def test_a_locked_cell_is_left_alone(draft: Plan, gu: Scope) -> None:
    lock = Wish(id=uuid4(), kind="edit", cells=(2,), fields={"locked": True})
    plans.apply_ops(by=gu, plan=draft.pk, base_seq=1, ops=[lock])
    before = plan_states.head_of(draft).labels.tolist()
    work(proposals.ask_proposal(by=gu, plan=draft.pk, asked=Asked(target=150)))
    assert plan_states.head_of(draft).labels.tolist() == before


def test_a_cancelled_proposal_changes_nothing(draft: Plan, gu: Scope) -> None:
    job = proposals.ask_proposal(by=gu, plan=draft.pk, asked=Asked(target=150))
    with pytest.raises(WrongState):
        proposals.ask_proposal(by=gu, plan=draft.pk, asked=Asked(target=150))
    proposals.cancel_proposal(by=gu, job=job.pk)
    assert work(job).state == "cancelled"
    assert not PlanOp.objects.filter(plan=draft, kind="propose").exists()
    with pytest.raises(WrongState):
        proposals.cancel_proposal(by=gu, job=job.pk)


def test_a_draft_frozen_meanwhile_is_not_changed(draft: Plan, gu: Scope) -> None:
    job = proposals.ask_proposal(by=gu, plan=draft.pk, asked=Asked(target=150))
    Plan.objects.filter(pk=draft.pk).update(status="dropped")
    assert work(job).state == "failed"
    assert job.result["refused"] == "WrongState"


@pytest.mark.parametrize(
    "asked",
    [Asked(target=1), Asked(target=150, cells=(9,)), Asked(target=150, mode="magic"),
     Asked(target=150, effort=99)],
    ids=["target", "cells", "mode", "effort"],
)  # fmt: skip
def test_what_cannot_be_asked(draft: Plan, gu: Scope, asked: Asked) -> None:
    with pytest.raises(BadValue):
        proposals.ask_proposal(by=gu, plan=draft.pk, asked=asked)
    leader = toy.eyes("ma", role=Role.LEADER)
    with pytest.raises(NotYours):
        proposals.ask_proposal(by=leader, plan=draft.pk, asked=Asked(target=150))


def test_a_special_cell_stays_as_it_was_drawn(draft: Plan, gu: Scope) -> None:
    units = ("La1a", "La1b")
    plans.apply_ops(
        by=gu,
        plan=draft.pk,
        base_seq=1,
        ops=[Wish(id=uuid4(), kind="split", units=units, fields={"kind": "special"})],
    )
    work(proposals.ask_proposal(by=gu, plan=draft.pk, asked=Asked(target=150)))
    state = plan_states.head_of(draft)
    places = bundle_of(draft.fabric_id).places
    (special,) = (no for no, cell in state.cells.items() if cell["kind"] == "special")
    assert [int(label) for label in state.labels].count(special) == len(units)
    assert {int(state.labels[places[uid]]) for uid in units} == {special}
