"""Drafts: what one planner does, what two do to one another, and the way back."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User

from gridmap.actions import plans
from gridmap.actions.plans import Outcome, Wish
from gridmap.errors import BadValue, NotYours, OutOfScope, WrongState
from gridmap.layers import plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.city_settings import CitySetting
from gridmap.layers.plans import Plan, PlanOp
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import quilt
from tests import town as toy


@pytest.fixture
def li(town: City) -> Scope:
    """Another one."""
    return toy.eyes("li", role=Role.PLANNER)


@pytest.fixture
def draft(gu: Scope) -> Plan:
    """A draft of community A as it is: cell 1 is A-1, cell 2 is A-2."""
    quilt.lay("A")
    return plans.open_draft(by=gu, community=toy.community("A").pk, title="甲社区调整")


def do(by: Scope, plan: Plan, kind: str, base: int | None = None, **values: object) -> Outcome:
    """One operation, by default by somebody who has seen everything."""
    seen = Plan.objects.get(pk=plan.pk).head_seq if base is None else base
    wish = Wish(id=uuid4(), kind=kind, **values)  # type: ignore[arg-type]
    return plans.apply_ops(by=by, plan=plan.pk, base_seq=seen, ops=[wish])


def labels(plan: Plan, seq: int | None = None) -> dict[str, int]:
    """Cell of each unit that is not where it began."""
    plan = Plan.objects.get(pk=plan.pk)
    state = plan_states.head_of(plan) if seq is None else plan_states.state_at(plan, seq)
    names = bundle_of(plan.fabric_id).uids
    began = {uid: n for n in (1, 2) for uid in quilt.cell_units("A", n)}
    return {
        uid: int(label)
        for uid, label in zip(names, state.labels, strict=True)
        if label != began[uid]
    }


def test_a_draft_begins_with_the_band_of_its_city(gu: Scope, town: City) -> None:
    quilt.lay("A")
    CitySetting.objects.create(city=town, name="cell_households", value="90-210", valid=toy.ALWAYS)
    plan = plans.open_draft(by=gu, community=toy.community("A").pk, title="稿")
    assert (plan.lowest, plan.highest) == (90, 210)


def test_a_draft_begins_with_the_division_in_force(draft: Plan) -> None:
    assert labels(draft) == {}
    assert labels(draft, 0) == {}
    assert [(cell.no, cell.code) for cell in draft.cells.all()] == [
        (1, "350404001001001"),
        (2, "350404001001002"),
    ]


def test_painting_moves_units_with_their_households(draft: Plan, gu: Scope) -> None:
    done = do(gu, draft, "paint", units=("La1c", "BB1"), to=2)
    assert labels(draft) == {"La1c": 2, "BB1": 2}
    assert done.seq == 1
    assert [(cell["no"], cell["units"], cell["households"]) for cell in done.cells] == [
        (1, 4, 0),
        (2, 8, 300),
    ]
    # 4 · 35 · 50 m of A-1 are left: 7,000 m²; without c it hangs together by a, b, d … not f.
    one = done.cells[0]
    assert one["area_m2"] == pytest.approx(35 * 50 * 3 + 30 * 50)
    assert one["parts"] == 2


def test_a_split_makes_a_cell_and_a_merge_ends_it(draft: Plan, gu: Scope) -> None:
    made = do(gu, draft, "split", units=("La1a", "La1d"), fields={"name": "新网格"})
    (number,) = made.made.values()
    assert number == 3
    assert labels(draft) == {"La1a": 3, "La1d": 3}
    merged = do(gu, draft, "merge", cells=(3,), to=1)
    assert labels(draft) == {}
    assert merged.gone == [3]
    again = do(gu, draft, "split", units=("La1a",))
    assert list(again.made.values()) == [4]  # a number means one cell for ever


def test_an_operation_may_name_a_cell_by_the_operation_that_made_it(draft: Plan, gu: Scope) -> None:
    made = uuid4()
    batch = [
        Wish(id=made, kind="split", units=("La1a",)),
        Wish(id=uuid4(), kind="paint", units=("La1d",), to=made),
    ]
    plans.apply_ops(by=gu, plan=draft.pk, base_seq=0, ops=batch)
    assert labels(draft) == {"La1a": 3, "La1d": 3}


def test_a_retry_changes_nothing_and_is_answered_alike(draft: Plan, gu: Scope) -> None:
    wish = Wish(id=uuid4(), kind="split", units=("La1a",))
    first = plans.apply_ops(by=gu, plan=draft.pk, base_seq=0, ops=[wish])
    second = plans.apply_ops(by=gu, plan=draft.pk, base_seq=0, ops=[wish])
    assert (first.applied, first.made, first.seq) == (second.applied, second.made, second.seq)
    assert PlanOp.objects.filter(plan=draft).count() == 1
    other = Wish(id=wish.id, kind="split", units=("La1b",))
    with pytest.raises(WrongState):
        plans.apply_ops(by=gu, plan=draft.pk, base_seq=1, ops=[other])


def test_two_planners_conflict_on_the_same_unit_only(draft: Plan, gu: Scope, li: Scope) -> None:
    do(gu, draft, "paint", base=0, units=("La1c", "La1f"), to=2)
    theirs = do(li, draft, "split", base=0, units=("La1f", "La1a", "La1d"))
    (conflict,) = theirs.conflicts
    assert (conflict["unit"], conflict["why"], conflict["author"]) == ("La1f", "changed", "gu")
    assert (conflict["base"], conflict["theirs"], conflict["yours"]) == (1, 2, 3)
    assert theirs.auto_merged == 2
    assert [op["seq"] for op in theirs.rebased] == [1]
    assert labels(draft) == {"La1c": 2, "La1f": 2, "La1a": 3, "La1d": 3}


def test_the_same_wish_of_two_planners_is_no_conflict(draft: Plan, gu: Scope, li: Scope) -> None:
    do(gu, draft, "paint", base=0, units=("La1c",), to=2)
    theirs = do(li, draft, "paint", base=0, units=("La1c",), to=2)
    assert theirs.conflicts == []
    assert theirs.seq == 1


def test_ones_own_later_operation_is_no_conflict(draft: Plan, gu: Scope) -> None:
    do(gu, draft, "paint", base=0, units=("La1c",), to=2)
    assert do(gu, draft, "paint", base=0, units=("La1c",), to=0).conflicts == []
    assert labels(draft) == {"La1c": 0}


@pytest.mark.parametrize("guard", ["locked", "pinned", "reserved"])
def test_what_is_kept_is_left_and_the_rest_is_done(
    draft: Plan, gu: Scope, li: Scope, guard: str
) -> None:
    if guard == "locked":
        do(gu, draft, "edit", cells=(2,), fields={"locked": True})
    elif guard == "pinned":
        do(gu, draft, "pin", units=("La2a",))
    else:
        plans.reserve_cells(by=gu, plan=draft.pk, cells=[2])
    done = do(li, draft, "split", units=("La1a", "La2a"))
    assert [(c["unit"], c["why"]) for c in done.conflicts] == [("La2a", guard)]
    assert labels(draft) == {"La1a": 3}


def test_a_reservation_ends_and_is_for_others_only(draft: Plan, gu: Scope, li: Scope) -> None:
    plans.reserve_cells(by=gu, plan=draft.pk, cells=[2])
    with pytest.raises(WrongState, match="gu"):
        plans.reserve_cells(by=li, plan=draft.pk, cells=[1, 2])
    assert do(gu, draft, "paint", units=("La2a",), to=1).conflicts == []
    draft.reservations.update(until="2026-01-01T00:00Z")
    assert do(li, draft, "paint", units=("La2b",), to=1).conflicts == []


def test_undo_goes_back_to_the_start_and_redo_forward_again(draft: Plan, gu: Scope) -> None:
    do(gu, draft, "paint", units=("La1c",), to=2)
    do(gu, draft, "split", units=("La1a", "La1c"))
    do(gu, draft, "merge", cells=(2,), to=1)
    do(gu, draft, "edit", cells=(1,), fields={"name": "甲"})
    end = labels(draft)
    for _ in range(4):
        assert plans.undo(by=gu, plan=draft.pk, client_id=uuid4()).conflicts == []
    assert labels(draft) == {}
    assert plan_states.head_of(draft).cells == plan_states.state_at(draft, 0).cells
    with pytest.raises(WrongState):
        plans.undo(by=gu, plan=draft.pk, client_id=uuid4())
    for _ in range(4):
        assert plans.redo(by=gu, plan=draft.pk, client_id=uuid4()).conflicts == []
    assert labels(draft) == end
    assert plan_states.head_of(draft).cells[1]["name"] == "甲"
    with pytest.raises(WrongState):
        plans.redo(by=gu, plan=draft.pk, client_id=uuid4())


def test_everybody_undoes_their_own(draft: Plan, gu: Scope, li: Scope) -> None:
    do(gu, draft, "paint", units=("La1c", "La1f"), to=2)
    do(li, draft, "paint", units=("La1a",), to=2)
    do(li, draft, "paint", units=("La1f",), to=0)
    done = plans.undo(by=gu, plan=draft.pk, client_id=uuid4())
    assert labels(draft) == {"La1a": 2, "La1f": 0}  # what li built on is left, and told
    assert [conflict["unit"] for conflict in done.conflicts] == ["La1f"]


def test_an_undo_sent_twice_undoes_once(draft: Plan, gu: Scope) -> None:
    do(gu, draft, "paint", units=("La1c",), to=2)
    do(gu, draft, "paint", units=("La1f",), to=2)
    same: UUID = uuid4()
    plans.undo(by=gu, plan=draft.pk, client_id=same)
    plans.undo(by=gu, plan=draft.pk, client_id=same)
    assert labels(draft) == {"La1c": 2}


def test_every_state_can_be_read_and_restored(draft: Plan, gu: Scope) -> None:
    do(gu, draft, "paint", units=("La1c",), to=2)
    do(gu, draft, "split", units=("La1a",))
    assert labels(draft, 1) == {"La1c": 2}
    plans.restore(by=gu, plan=draft.pk, seq=0, client_id=uuid4())
    assert labels(draft) == {}
    plans.undo(by=gu, plan=draft.pk, client_id=uuid4())
    assert labels(draft) == {"La1c": 2, "La1a": 3}


def test_a_fork_goes_its_own_way_from_any_state(draft: Plan, gu: Scope) -> None:
    do(gu, draft, "paint", units=("La1c",), to=2)
    do(gu, draft, "split", units=("La1a",))
    late = plans.fork(by=gu, plan=draft.pk, seq=None, title="另一稿")
    early = plans.fork(by=gu, plan=draft.pk, seq=1, title="第三稿")
    assert labels(late) == {"La1c": 2, "La1a": 3}
    assert labels(early) == labels(early, 0) == {"La1c": 2}
    do(gu, early, "paint", units=("La1d",), to=2)
    assert labels(early, 0) == {"La1c": 2}
    assert "La1d" not in labels(draft)
    assert not late.snapshots.exists()


def test_who_may_not_plan_finds_no_draft(draft: Plan) -> None:
    cadre, far = toy.eyes("cadre", "A"), toy.eyes("far", "B", role=Role.PLANNER)
    for somebody in (cadre, far):
        with pytest.raises(OutOfScope):
            do(somebody, draft, "paint", units=("La1c",), to=2)
        assert not Plan.objects.within(somebody).exists()
    leader = toy.eyes("leader", role=Role.LEADER)  # reads and decides, but does not draw
    assert Plan.objects.within(leader).get() == draft
    with pytest.raises(NotYours):
        do(leader, draft, "paint", units=("La1c",), to=2)


def test_a_batch_with_a_slip_is_done_not_at_all(draft: Plan, gu: Scope) -> None:
    good = Wish(id=uuid4(), kind="paint", units=("La1c",), to=2)
    slips = (
        Wish(id=uuid4(), kind="paint", units=("Nowhere",), to=2),
        Wish(id=uuid4(), kind="paint", units=("La1c",), to=9),
        Wish(id=uuid4(), kind="dance"),
        Wish(id=uuid4(), kind="edit", cells=(1,), fields={"code": "1"}),
    )
    for slip in slips:
        with pytest.raises(BadValue):
            plans.apply_ops(by=gu, plan=draft.pk, base_seq=0, ops=[good, slip])
    assert labels(draft) == {}


def test_comments_are_pinned_and_settled(draft: Plan, gu: Scope) -> None:
    said = plans.comment(
        by=gu, plan=draft.pk, remark=plans.Remark("这里有大门", place=toy.at(50, 50), unit="BB1")
    )
    plans.settle_comment(by=gu, plan=draft.pk, comment=said.pk)
    said.refresh_from_db()
    assert said.settled_by == User.objects.get(username="gu")
    with pytest.raises(BadValue):
        plans.comment(by=gu, plan=draft.pk, remark=plans.Remark("x", unit="Nowhere"))


def test_new_cells_are_numbered_from_the_west_after_all_that_ever_were(
    draft: Plan, gu: Scope
) -> None:
    do(gu, draft, "split", units=("La2c",))  # 3, in the east
    do(gu, draft, "split", units=("La1a",))  # 4, in the west
    do(gu, draft, "renumber")
    code = {cell.no: cell.code[-3:] for cell in draft.cells.all()}
    assert code == {1: "001", 2: "002", 3: "004", 4: "003"}
    uids = {cell.no: cell.uid for cell in draft.cells.all()}
    done = do(gu, draft, "renumber")
    assert done.seq == 3, "what is numbered already is no operation"
    plans.undo(by=gu, plan=draft.pk, client_id=uuid4())
    assert {cell.no: cell.code[-3:] for cell in draft.cells.all()} == {
        1: "001",
        2: "002",
        3: "",
        4: "",
    }
    assert {cell.no: cell.uid for cell in draft.cells.all()} == uids
