"""Lines that are no way but where units end: the borders of cells in force; and rounding."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely import LineString

from gridmap.geo.fabric import Barriers, Level, Ways, build, faults
from gridmap.geo.fabric.model import gathered
from tests.geo.quarter import COMMUNITY, RIVER, STREET, counted, edge, house, houses, ways

BORDER = LineString([(0, 30), (200, 30)])  # of two cells, north and south; nothing runs along it


def with_border(*lines: LineString) -> Ways:
    levels = [int(Level.STREET)] * len(lines) + [int(Level.INNER)]
    return Ways(gathered([*lines, BORDER]), np.array(levels))


def test_units_end_where_cells_in_force_do() -> None:
    fabric = build(COMMUNITY, houses("1", "2", "3"), with_border(STREET), Barriers())
    assert faults(fabric, houses("1", "2", "3")) == []
    south = shapely.box(0, 0, 200, 30)
    inside = shapely.area(shapely.intersection(fabric.shapes, south)) / fabric.area_m2
    assert all(share == pytest.approx(round(share)) for share in inside)
    assert fabric.area_m2[inside > 0.5].sum() == pytest.approx(6000)


def test_nothing_runs_along_such_a_border_and_it_opens_no_barrier() -> None:
    fabric = build(COMMUNITY, houses("1"), with_border(), Barriers())
    (south,) = set(fabric.uids) - {"B1"}
    assert edge(fabric, "B1", south) == (200.0, Level.INNER, True)
    # A way across the river would be a bridge; the border of two cells is none: the river
    # is tied to one bank, as any river is, and leads nowhere.
    assert crossed(with_border()) == crossed(ways()) == 1
    assert crossed(ways(BORDER)) > 1


def crossed(lines: Ways) -> int:
    """How many borders of the river can be crossed."""
    banks = build(COMMUNITY, houses("1", "4"), lines, Barriers(water=gathered([RIVER])))
    return int(banks.edges.crossable[banks.edges.level == Level.BARRIER].sum())


def test_a_street_beside_such_a_border_is_still_the_street() -> None:
    lane = LineString([(0, 30.2), (200, 30.2)])
    lines = Ways(gathered([BORDER, lane]), np.array([int(Level.INNER), int(Level.LANE)]))
    fabric = build(COMMUNITY, houses("1"), lines, Barriers())
    assert set(fabric.edges.level.tolist()) == {int(Level.LANE)}


def test_a_line_that_ends_at_the_outline_may_bend_it_by_a_centimetre() -> None:
    fabric = build(COMMUNITY, houses("1", "2"), ways(STREET), Barriers())
    bent = shapely.Polygon([(0, 0), (200, 0), (200, 100), (100, 100.009), (0, 100)])
    assert faults(replace(fabric, outline=bent)) == []
    wider = shapely.Polygon([(0, 0), (200, 0), (200, 100), (100, 100.05), (0, 100)])
    assert [fault.code for fault in faults(replace(fabric, outline=wider))] == ["not_tiled"]


def test_a_building_that_hangs_together_by_a_hair_is_split_and_remarked() -> None:
    left, right = shapely.box(20, 60, 40, 80), shapely.box(40.5, 60, 44, 63)
    hair = shapely.box(40, 61, 40.5, 61.004)
    shape = shapely.union_all([left, hair, right])
    buildings = counted(["1", "2"], [shape, house("2")])
    fabric = build(COMMUNITY, buildings, ways(STREET), Barriers())
    assert {remark.code for remark in fabric.remarks} == {"split"}
    assert faults(fabric, buildings) == []
    assert fabric.households.sum() == 200
