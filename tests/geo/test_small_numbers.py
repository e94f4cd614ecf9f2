"""The small-number guard, attacked with linear algebra and with bounds."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.geo.small_numbers import hidden, sums
from tests.attack import determined

Tree = Mapping[str, str | None]

# A city of two districts; the first has three cells, the second two.
TOWN: Tree = {
    "city": None, "d1": "city", "d2": "city",
    "a": "d1", "b": "d1", "c": "d1", "x": "d2", "y": "d2",
}  # fmt: skip


def shown(parents: Tree, values: Mapping[str, int], least: int) -> dict[str, int | None]:
    away = hidden(parents, values, least)
    return {node: None if node in away else n for node, n in sums(parents, values).items()}


def test_what_is_large_is_shown() -> None:
    assert hidden(TOWN, {"a": 10, "b": 11, "c": 12, "x": 13, "y": 14}, 10) == set()


def test_a_small_figure_takes_the_smallest_sibling_with_it() -> None:
    assert hidden(TOWN, {"a": 3, "b": 20, "c": 12, "x": 13, "y": 14}, 10) == {"a", "c"}


def test_a_nought_is_shown_and_hides_nothing() -> None:
    values = {"a": 3, "b": 20, "c": 0, "x": 13, "y": 14}
    assert shown(TOWN, values, 10)["c"] == 0
    assert hidden(TOWN, values, 10) == {"a", "b"}


def test_two_small_ones_that_together_are_small_take_a_third() -> None:
    assert hidden(TOWN, {"a": 3, "b": 4, "c": 30, "x": 13, "y": 14}, 10) == {"a", "b", "c"}


def test_where_no_sibling_is_left_the_sum_goes_and_a_part_of_the_next_sum_with_it() -> None:
    # Only a counts anything: d1 would give it away, and the city would give d1 away.
    assert hidden(TOWN, {"a": 3, "x": 13, "y": 14}, 10) == {"a", "d1", "d2", "x"}


def test_a_whole_that_is_small_is_hidden_with_all_it_holds() -> None:
    assert hidden(TOWN, {"a": 3, "x": 2}, 10) == {"a", "x", "d1", "d2", "city"}


def test_the_same_figures_always_hide_the_same() -> None:
    values = {"a": 3, "b": 20, "c": 20, "x": 13, "y": 14}
    assert hidden(TOWN, values, 10) == {"a", "b"}  # b and c are equal: the first


@st.composite
def towns(draw: st.DrawFn) -> tuple[Tree, dict[str, int]]:
    """A hierarchy of up to four levels, and figures that are often small."""
    parents: dict[str, str | None] = {"0": None}
    level = ["0"]
    for _ in range(draw(st.integers(1, 3))):
        below = []
        for node in level:
            for n in range(draw(st.integers(0, 4))):
                child = f"{node}.{n}"
                parents[child] = node
                below.append(child)
        level = below
    inner = set(parents.values())
    figure = st.one_of(st.integers(0, 3), st.integers(0, 40))
    return parents, {node: draw(figure) for node in parents if node not in inner}


@settings(max_examples=300, deadline=None)
@given(towns(), st.integers(2, 12))
def test_every_hidden_leaf_may_be_one_and_may_be_the_least_that_is_shown(
    town: tuple[Tree, dict[str, int]], least: int
) -> None:
    parents, values = town
    table = shown(parents, values, least)
    every = sums(parents, values)
    assert all(n is None or n == every[node] for node, n in table.items())
    assert all(table[node] is None for node, n in every.items() if 0 < n < least)
    bounds = determined(parents, table)
    for node, (low, high) in bounds.items():
        if node in values:
            assert low <= 1
            assert high is None or high >= least
        assert high is None or high - low >= least - 1


@pytest.mark.parametrize("seed", range(3))
def test_hiding_the_small_ones_alone_is_seen_through(seed: int) -> None:
    """The positive control: the same attack on a table without complementary suppression."""
    values = {"a": 3 + seed, "b": 20, "c": 12, "x": 13, "y": 14}
    naive = {node: n if n >= 10 else None for node, n in sums(TOWN, values).items()}
    assert determined(TOWN, naive)["a"] == (3 + seed, 3 + seed)
