"""Figures of cells, beside the same sums done one unit after the other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.layers.bundles import Bundle, adjacency
from gridmap.layers.plan_figures import CellFigures, figures_of

SIDE = 5
UNITS = SIDE * SIDE


def chessboard() -> Bundle:
    """25 squares of 10 m; a lane between the second and third row, a wall after the third."""
    number = np.arange(UNITS)
    right = [(n, n + 1) for n in number.tolist() if n % SIDE < SIDE - 1]
    above = [(n, n + SIDE) for n in number.tolist() if n < UNITS - SIDE]
    pairs = np.array(sorted([*right, *above]))
    lane = (pairs[:, 0] // SIDE == 1) & (pairs[:, 1] // SIDE == 2)
    wall = (pairs[:, 0] // SIDE == 2) & (pairs[:, 1] // SIDE == 3)
    return Bundle(
        tuple(f"L{n}" for n in range(UNITS)),
        {
            "households": number * 3,
            "residents": number * 7,
            "incidents": number % 3,
            "area": np.full(UNITS, 100.0),
            "perimeter": np.full(UNITS, 40.0),
            "edge_a": pairs[:, 0],
            "edge_b": pairs[:, 1],
            "edge_length": np.full(len(pairs), 10.0),
            "edge_level": np.where(lane, 2, np.where(wall, 1, 0)),
            "edge_crossable": ~wall,
            **adjacency(UNITS, pairs[:, 0], pairs[:, 1]),
        },
    )


BOARD = chessboard()


def plainly(labels: list[int], no: int) -> CellFigures:
    """The figures of one cell, slowly."""
    rows = BOARD.arrays
    own = [n for n in range(UNITS) if labels[n] == no]
    border, inner, along, links = 40.0 * len(own), 0.0, 0.0, []
    for at, (a, b) in enumerate(zip(rows["edge_a"], rows["edge_b"], strict=True)):
        held = (labels[a] == no) + (labels[b] == no)
        border -= 20.0 if held == 2 else 0.0
        inner += 10.0 if held == 1 else 0.0
        along += 10.0 if held == 1 and rows["edge_level"][at] >= 2 else 0.0
        if held == 2 and rows["edge_crossable"][at]:
            links.append((a, b))
    pieces = {n: n for n in own}
    for _ in own:
        for a, b in links:
            pieces[a] = pieces[b] = min(pieces[a], pieces[b])
    area = 100.0 * len(own)
    return {
        "no": no,
        "units": len(own),
        "households": sum(3 * n for n in own),
        "residents": sum(7 * n for n in own),
        "incidents": sum(n % 3 for n in own),
        "area_m2": area,
        "parts": len(set(pieces.values())),
        "pp": round(4 * math.pi * area / border**2, 3) if border else 0.0,
        "on_ways": round(along / inner, 3) if inner else None,
    }


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=UNITS, max_size=UNITS))
def test_any_division_is_summed_as_by_hand(labels: list[int]) -> None:
    found = figures_of(np.array(labels, np.int16), BOARD, range(6))
    assert found == [plainly(labels, no) for no in range(6)]


def test_only_the_cells_asked_for_are_told() -> None:
    labels = np.array([1] * 10 + [2] * 15, np.int16)
    assert [row["no"] for row in figures_of(labels, BOARD, [2, 2])] == [2]
    assert figures_of(labels, BOARD, []) == []


@pytest.mark.parametrize(("rows", "parts"), [((0, 1), 1), ((0, 2), 2), ((2, 3), 2)])
def test_a_wall_and_a_gap_part_a_cell(rows: tuple[int, int], parts: int) -> None:
    labels = np.ones(UNITS, np.int16)
    for row in rows:
        labels[row * SIDE : row * SIDE + SIDE] = 2
    assert figures_of(labels, BOARD, [2])[0]["parts"] == parts
