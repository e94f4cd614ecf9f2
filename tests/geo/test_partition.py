"""Proposals: whole cells in the band, what is locked and pinned kept, what cannot be told."""

from collections.abc import Callable

import numpy as np
import pytest

from gridmap.errors import BadValue
from gridmap.geo.fabric.model import Ints
from gridmap.geo.partition import (
    CancelledError,
    Graph,
    Mode,
    Step,
    Watch,
    Wish,
    faults,
    metrics,
    propose,
    street_share,
    warm,
)
from tests.geo.board import bands, board, graph, wall_between


def sound(one: Graph, labels: Ints) -> bool:
    """Every unit in a cell, every cell whole and in the band."""
    return faults(one, labels) == []


def test_a_fresh_plan_has_whole_cells_in_the_band_along_streets() -> None:
    one = graph(16, 8)  # 6,400 households
    plan = propose(one, Wish())
    figures = metrics(one, plan.labels)
    assert sound(one, plan.labels)
    assert len(figures.cells) == 16
    assert abs(figures.deviation).max() <= 0.1
    assert figures.polsby_popper.mean() > 0.6
    assert street_share(one, plan.labels) > 0.5
    assert plan.findings == ()
    assert plan.moved == ()


def test_the_figures_of_a_cell_are_those_worked_out_by_hand() -> None:
    one = graph(8, 4)
    figures = metrics(one, bands(8, 4, 2), target=400)
    assert figures.cells.tolist() == [0, 1, 2, 3]
    assert figures.households.tolist() == [400] * 4
    assert figures.area_m2.tolist() == [3200.0] * 4
    assert figures.perimeter_m.tolist() == [240.0] * 4
    assert figures.parts.tolist() == [1] * 4
    assert figures.polsby_popper == pytest.approx(4 * np.pi * 3200 / 240**2)
    # Three borders of 80 m, the middle one along the street.
    assert figures.street_share.tolist() == [0.0, 0.5, 0.5, 0.0]
    assert street_share(one, bands(8, 4, 2)) == pytest.approx(1 / 3)
    assert figures.deviation.tolist() == [0.0] * 4


def test_the_same_seed_gives_the_same_plan_and_another_may_not() -> None:
    one = graph(8, 6, {5: 180, 40: 0, 27: 240})
    first, again = propose(one, Wish(seed=3)), propose(one, Wish(seed=3))
    assert (first.labels == again.labels).all()
    assert any((propose(one, Wish(seed=seed)).labels != first.labels).any() for seed in (4, 5))


def test_more_effort_makes_no_plan_worse() -> None:
    one = graph(8, 6, {5: 180, 40: 0, 27: 240})
    quick, long = propose(one, Wish()), propose(one, Wish(effort=1))
    assert sound(one, long.labels)
    assert len(long.history) > len(quick.history)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_locked_cells_keep_exactly_the_units_they_have(seed: int) -> None:
    one = graph(16, 8)
    now = propose(one, Wish()).labels
    locked = frozenset(np.unique(now)[:3].tolist())
    plan = propose(one, Wish(locked=locked, seed=seed), now)
    for cell in locked:
        assert ((plan.labels == cell) == (now == cell)).all()
    assert len(np.unique(plan.labels)) == len(np.unique(now))


@pytest.mark.parametrize("mode", list(Mode))
def test_pinned_units_stay_in_their_cell(mode: Mode) -> None:
    one = graph(16, 4)
    now = bands(16, 4, 2)  # eight cells of 400
    pins = frozenset({0, 49, 7, 30})
    plan = propose(one, Wish(mode=mode, pins=pins, seed=9), now)
    assert sound(one, plan.labels)
    assert all(plan.labels[unit] == now[unit] for unit in pins)


def test_pins_of_one_cell_that_do_not_hang_together_are_told() -> None:
    one = graph(16, 4)
    now = bands(16, 4, 2)
    now[0], now[15] = 7, 0  # two corners change places
    plan = propose(one, Wish(mode=Mode.MINIMAL_CHANGE, pins=frozenset({1, 15})), now)
    assert next((one.code, one.cells, one.units) for one in plan.findings) == (
        "pins_apart",
        (0,),
        (15,),
    )


def test_no_cell_reaches_across_a_wall() -> None:
    fabric = board(16, 4, walls=wall_between(16, 4, 6))
    one = Graph.of(fabric)
    plan = propose(one, Wish())
    assert sound(one, plan.labels)
    left = {int(label) for place, label in enumerate(plan.labels) if place % 16 <= 6}
    right = {int(label) for place, label in enumerate(plan.labels) if place % 16 > 6}
    assert left & right == set()


def test_a_tower_larger_than_the_band_gets_a_cell_to_itself_and_is_named() -> None:
    one = graph(8, 8, {27: 900})
    plan = propose(one, Wish())
    found = [(one.code, one.units, one.households) for one in plan.findings]
    assert found == [("unit_over_band", (27,), 900)]
    alone = metrics(one, plan.labels)
    assert ((alone.households >= 300) & (alone.households <= 500)).sum() == len(alone.cells) - 1
    assert {fault.code for fault in faults(one, plan.labels)} <= {"unit_over_band", "over_band"}


def test_an_island_with_too_few_households_for_a_cell_is_told() -> None:
    one = Graph.of(board(9, 4, walls=wall_between(9, 4, 7)))  # 200 households east of the wall
    plan = propose(one, Wish())
    assert ("part_under_band", 200) in [(one.code, one.households) for one in plan.findings]
    assert metrics(one, plan.labels).parts.tolist() == [1] * 5


def test_a_part_no_number_of_cells_fits_is_told() -> None:
    one = graph(4, 3)  # 600 households: two cells of 300 would do, with a band of 350 none
    assert [one.code for one in propose(one, Wish(band=(300, 500))).findings] == []
    found = propose(graph(4, 3, {0: 30}), Wish(band=(350, 450))).findings
    assert "no_number_fits" in [one.code for one in found]


@pytest.mark.parametrize("households", [0, 50])
def test_a_single_unit_is_a_single_cell(households: int) -> None:
    one = graph(1, 2, {0: households, 1: 0}).only(np.array([0]))
    plan = propose(one, Wish())
    assert plan.labels.tolist() == [0]


def test_a_community_without_households_is_one_cell() -> None:
    one = graph(4, 4, dict.fromkeys(range(16), 0))
    assert set(propose(one, Wish()).labels.tolist()) == {0}
    assert faults(one, propose(one, Wish()).labels) == []


def test_a_plan_that_is_good_is_left_as_it_is() -> None:
    one = graph(16, 4)
    now = bands(16, 4, 2)
    plan = propose(one, Wish(mode=Mode.MINIMAL_CHANGE), now)
    assert (plan.labels == now).all()
    assert plan.moved == ()


def test_after_growth_few_move_and_each_move_says_why() -> None:
    one = graph(16, 4, {5: 180, 21: 130})  # the third band now holds 610
    now = bands(16, 4, 2)
    before = [(fault.code, fault.cell) for fault in faults(one, now)]
    assert before == [("over_band", 2)]
    plan = propose(one, Wish(mode=Mode.MINIMAL_CHANGE), now)
    assert sound(one, plan.labels)
    moved = sum(move.households for move in plan.moved)
    assert 110 <= moved <= 220  # 110 are too many
    assert {move.why for move in plan.moved} <= {"from_over_band", "passing_on"}
    for move in plan.moved:
        assert all(plan.labels[unit] == move.to_cell for unit in move.units)
        assert all(now[unit] == move.from_cell for unit in move.units)


def test_units_without_a_cell_and_parts_that_lie_apart_are_taken_in() -> None:
    one = graph(16, 4)
    now = bands(16, 4, 2)
    now[0] = -1
    now[12] = 0
    plan = propose(one, Wish(mode=Mode.MINIMAL_CHANGE), now)
    assert sound(one, plan.labels)
    assert {"unassigned", "apart"} <= {move.why for move in plan.moved}


def test_where_the_band_needs_another_cell_one_is_made() -> None:
    one = graph(8, 4)  # 1,600 households in two cells
    plan = propose(one, Wish(mode=Mode.MINIMAL_CHANGE), bands(8, 4, 4))
    assert sound(one, plan.labels)
    assert {0, 1} < set(plan.labels.tolist())


def test_a_fresh_plan_keeps_the_numbers_of_the_cells_it_resembles() -> None:
    one = graph(16, 4)
    now = bands(16, 4, 2) + 10
    plan = propose(one, Wish(), now)
    kept = (plan.labels == now).sum()
    assert set(plan.labels.tolist()) <= set(range(10, 30))
    assert kept > 0
    assert {move.why for move in plan.moved} <= {"passing_on"}


def test_warming_up_changes_nothing() -> None:
    warm()
    one = graph(8, 4)
    before = propose(one, Wish()).labels
    warm()
    assert (propose(one, Wish()).labels == before).all()


def test_progress_is_told_and_a_proposal_can_be_cancelled() -> None:
    one = graph(16, 8)
    steps: list[Step] = []
    plan = propose(one, Wish(), watch=Watch(progress=steps.append))
    assert tuple(steps) == plan.history
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    with pytest.raises(CancelledError):
        propose(one, Wish(), watch=Watch(cancelled=lambda: True))


@pytest.mark.parametrize(
    ("wish", "now"),
    [
        (Wish(target=200), None),
        (Wish(band=(500, 300)), None),
        (Wish(mode=Mode.MINIMAL_CHANGE), None),
        (Wish(locked=frozenset({1})), None),
        (Wish(pins=frozenset({1})), None),
        (Wish(pins=frozenset({99})), lambda: bands(8, 4, 2)),
        (Wish(), lambda: bands(4, 4, 2)),
    ],
    ids=["target", "band", "change of nothing", "lock", "pin", "no such unit", "other fabric"],
)
def test_a_wish_that_makes_no_sense_is_refused(wish: Wish, now: Callable[[], Ints] | None) -> None:
    with pytest.raises(BadValue):
        propose(graph(8, 4), wish, now() if now else None)
