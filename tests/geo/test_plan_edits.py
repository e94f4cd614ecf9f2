"""The planner's own edits, the faults of a plan and their repairs; whatever is done, units tile."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from gridmap.errors import BadValue
from gridmap.geo.fabric.model import Ints
from gridmap.geo.partition import (
    Graph,
    Mode,
    Wish,
    faults,
    merge,
    propose,
    renumber,
    repair,
    split,
    split_by_line,
)
from tests.geo.board import bands, board, graph

FABRIC = board(16, 4, {21: 130, 40: 0})
ONE = Graph.of(FABRIC)


def test_a_cell_splits_into_the_units_chosen_and_the_rest() -> None:
    out = split(graph(8, 4), bands(8, 4, 4), 0, [0, 1, 8, 9])
    assert out[[0, 1, 8, 9]].tolist() == [2, 2, 2, 2]
    assert (out == 0).sum() == 12


def test_units_cut_off_by_a_split_go_along() -> None:
    one = graph(4, 4)
    out = split(one, np.zeros(16, dtype=np.int64), 0, [1, 4, 5])  # the corner 0 is cut off
    assert np.flatnonzero(out == 1).tolist() == [0, 1, 4, 5]


@pytest.mark.parametrize(
    ("cell", "units", "said"),
    [
        (0, [], "不全在"),
        (0, [7], "不全在"),
        (9, [0], "没有网格 9"),
        (0, [*range(4), *range(8, 12), *range(16, 20), *range(24, 28)], "全部"),
    ],
    ids=["none", "of another cell", "no such cell", "all"],
)
def test_a_split_that_makes_no_sense_is_refused(cell: int, units: list[int], said: str) -> None:
    with pytest.raises(BadValue, match=said):
        split(graph(8, 4), bands(8, 4, 4), cell, units)


@pytest.mark.parametrize(
    ("line", "new"),
    [
        (LineString([(41, 0), (41, 80)]), {0, 1}),
        (LineString([(41, 80), (41, 0)]), {2, 3}),
        (LineString([(44, 30), (36, 50)]), {0, 1, 2}),
    ],
    ids=["northward", "southward", "short and slanting"],
)
def test_a_line_splits_a_cell_along_unit_edges_and_the_left_side_is_new(
    line: LineString, new: set[int]
) -> None:
    out = split_by_line(board(8, 4), bands(8, 4, 4), 0, line)
    columns = {int(place) % 8 for place in np.flatnonzero(out == 2)}
    assert columns == new


def test_a_line_beside_a_cell_splits_nothing() -> None:
    with pytest.raises(BadValue, match="两边"):
        split_by_line(board(8, 4), bands(8, 4, 4), 0, LineString([(150, 0), (150, 80)]))


def test_neighbours_merge_into_the_one_named_first() -> None:
    out = merge(graph(8, 4), bands(8, 4, 2), [2, 1])
    assert sorted(set(out.tolist())) == [0, 2, 3]
    assert (out == 2).sum() == 16


@pytest.mark.parametrize("cells", [[1], [1, 1], [0, 2], [0, 9]])
def test_what_does_not_touch_does_not_merge(cells: list[int]) -> None:
    with pytest.raises(BadValue):
        merge(graph(8, 4), bands(8, 4, 2), cells)


def test_cells_are_numbered_west_to_east_row_by_row_from_the_north() -> None:
    quarters = np.array([(place % 8 // 4) * 7 + (place // 32) * 3 for place in range(64)])
    out = renumber(board(8, 8), quarters)
    assert out[[56, 63, 0, 7]].tolist() == [1, 2, 3, 4]
    loose = quarters.copy()
    loose[0] = -1
    assert renumber(board(8, 8), loose)[0] == -1


def test_every_fault_is_told_with_its_cell_and_units() -> None:
    labels = bands(16, 4, 2)
    labels[0], labels[15], labels[3] = 7, -1, 0
    found = {(fault.code, fault.cell): fault.units for fault in faults(ONE, labels)}
    assert found["unassigned", -1] == (15,)
    assert found["apart", 7] == (0,)
    assert faults(ONE, np.zeros(64, dtype=np.int64))[0].code == "over_band"
    assert faults(ONE, np.arange(64))[0].code == "under_band"


def test_every_fault_is_offered_a_repair_that_mends_it() -> None:
    labels = bands(16, 4, 2)
    labels[0], labels[15], labels[3] = 7, -1, 0
    for _ in range(20):
        left = faults(ONE, labels)
        if not left:
            break
        offered = repair(ONE, labels, left[0], Wish())
        assert offered.labels is not None
        assert offered.units
        labels = offered.labels
    assert faults(ONE, labels) == []


def test_a_repair_touches_only_the_cells_around() -> None:
    one = graph(16, 4, {21: 130, 5: 180})
    labels = bands(16, 4, 2)
    (fault,) = faults(one, labels)
    offered = repair(one, labels, fault, Wish())
    assert offered.labels is not None
    assert faults(one, offered.labels) == []
    assert {int(labels[unit]) for unit in offered.units} <= {1, 2, 3}


def test_nothing_is_offered_where_one_building_alone_is_too_large() -> None:
    one = graph(2, 1, {0: 900, 1: 400})
    (fault,) = faults(one, np.array([0, 1]))
    assert fault.code == "unit_over_band"
    assert repair(one, np.array([0, 1]), fault, Wish()).labels is None


def step(labels: Ints, kind: int, number: int) -> Ints:
    """One edit of a planner, chosen by two numbers; refusals leave the plan as it is."""
    cells = np.unique(labels)
    cell = int(cells[number % len(cells)])
    members = np.flatnonzero(labels == cell)
    try:
        if kind == 0:
            out = labels.copy()
            out[number % len(labels)] = cell
            return out
        if kind == 1:
            return split(ONE, labels, cell, members[: 1 + number % len(members)].tolist())
        if kind == 2:
            return merge(ONE, labels, [cell, int(cells[(number + 1) % len(cells)])])
        if kind == 3:
            return renumber(FABRIC, labels)
        locked = frozenset(cells[: number % len(cells)].tolist())
        return propose(ONE, Wish(mode=Mode.MINIMAL_CHANGE, locked=locked), labels).labels
    except BadValue:
        return labels


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 999)), max_size=12))
def test_after_any_edits_the_cells_still_tile_the_community(edits: list[tuple[int, int]]) -> None:
    labels = bands(16, 4, 2)
    for kind, number in edits:
        labels = step(labels, kind, number)
        assert len(labels) == len(FABRIC)
        assert (labels >= 0).all()
    cells = [shapely.coverage_union_all(FABRIC.shapes[labels == one]) for one in np.unique(labels)]
    assert shapely.coverage_is_valid(cells, gap_width=0.05)
    area = float(shapely.area(FABRIC.outline))
    assert float(shapely.area(cells).sum()) == pytest.approx(area, rel=1e-6)
    houses = shapely.buffer(FABRIC.shapes, -2)
    held = shapely.STRtree(cells).query(houses, predicate="within")
    assert sorted(held[0].tolist()) == list(range(len(FABRIC)))
