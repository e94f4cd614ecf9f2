"""Units tile a community, one a building, and know their neighbours."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from gridmap.errors import BadGeometry
from gridmap.geo.fabric import (
    Barriers,
    Buildings,
    Fabric,
    Kind,
    Level,
    Units,
    Ways,
    build,
    faults,
    from_units,
    inherited,
    lineage,
    renamed,
)
from gridmap.geo.fabric.model import gathered
from tests.geo.quarter import (
    COMMUNITY,
    RIVER,
    STREET,
    counted,
    edge,
    house,
    houses,
    quarter,
    ways,
)

NOBODY = Buildings.bare([], [])


def codes(fabric: Fabric) -> set[str]:
    return {fault.code for fault in faults(fabric)}


def test_every_building_has_one_unit_named_for_it() -> None:
    fabric = quarter()
    assert fabric.uids == ("B1", "B2", "B3", "B4")
    assert fabric.buildings == ("1", "2", "3", "4")
    assert fabric.households.tolist() == [100] * 4
    assert fabric.residents.tolist() == [250] * 4
    assert faults(fabric, houses("1", "2", "3", "4")) == []


def test_the_ground_between_two_buildings_is_shared_in_the_middle() -> None:
    fabric = quarter()
    assert fabric.area_m2[:2] == pytest.approx([5000, 5000], abs=150)
    assert fabric.area_m2.sum() == pytest.approx(20_000, abs=1e-6)
    assert fabric.block_shapes()[0].area == pytest.approx(10_000, abs=1e-6)


def test_an_edge_knows_what_runs_along_it() -> None:
    fabric = quarter()
    length, level, crossable = edge(fabric, "B1", "B2") or (0, 0, False)
    assert (level, crossable) == (Level.INNER, True)
    assert length == pytest.approx(100, abs=3)
    length, level, crossable = edge(fabric, "B2", "B3") or (0, 0, False)
    assert (length > 60, level, crossable) == (True, Level.STREET, True)
    assert edge(fabric, "B1", "B4") is None


def test_a_blind_lane_cuts_no_block_but_marks_the_border_along_it() -> None:
    blind = ways(LineString([(50, 0), (50, 90)]), level=Level.LANE)
    fabric = build(shapely.box(0, 0, 100, 100), houses("1", "2"), blind, Barriers())
    assert set(fabric.blocks.tolist()) == {0}
    length, level, crossable = edge(fabric, "B1", "B2") or (0, 0, False)
    assert (length > 95, level, crossable) == (True, Level.LANE, True)


def test_a_block_without_buildings_is_one_unit_of_open_land() -> None:
    fabric = build(COMMUNITY, houses("1", "2"), ways(STREET), Barriers())
    assert fabric.uids == ("B1", "B2", "L150-50")
    assert fabric.kinds.tolist() == [Kind.BUILDING, Kind.BUILDING, Kind.OPEN]
    assert fabric.area_m2[2] == pytest.approx(10_000)


def test_a_community_without_anything_is_one_unit() -> None:
    fabric = build(COMMUNITY, NOBODY, Ways(), Barriers())
    assert fabric.uids == ("L100-50",)
    assert len(fabric.edges) == 0
    assert faults(fabric) == []


def test_a_wall_keeps_neighbours_apart_until_a_way_or_a_gate_opens_it() -> None:
    wall = gathered([STREET])
    closed = build(COMMUNITY, houses("2", "3"), Ways(), Barriers(lines=wall))
    assert edge(closed, "B2", "B3") == (100, Level.BARRIER, False)
    gate = Barriers(lines=wall, gates=gathered([Point(100.5, 30)]))
    assert edge(build(COMMUNITY, houses("2", "3"), Ways(), gate), "B2", "B3") == (
        100,
        Level.BARRIER,
        True,
    )


@pytest.mark.parametrize(
    ("lane", "crossable"),
    [
        (LineString([(0, 50), (200, 50)]), True),
        (LineString([(0, 50), (100, 50)]), False),
    ],
    ids=["through the wall", "up to the wall"],
)
def test_a_way_opens_a_wall_only_by_going_through(lane: LineString, *, crossable: bool) -> None:
    fabric = build(
        COMMUNITY,
        houses("2", "3"),
        ways(lane, level=Level.LANE),
        Barriers(lines=gathered([STREET])),
    )
    across = fabric.edges.level == Level.BARRIER
    assert fabric.edges.crossable[across].any() == crossable


@pytest.mark.parametrize("bridge", [True, False])
def test_the_far_bank_is_reached_by_a_bridge_alone(*, bridge: bool) -> None:
    lane = [LineString([(0, 50), (200, 50)])] if bridge else []
    fabric = build(
        COMMUNITY,
        houses("1", "2", "3", "4"),
        ways(*lane, level=Level.LANE),
        Barriers(water=gathered([RIVER])),
    )
    assert Kind.WATER in fabric.kinds
    assert connected(fabric, "B1", "B3") == bridge
    assert connected(fabric, "B1", "B2")
    # The river itself belongs to one bank all the same.
    river = fabric.uids[int(np.flatnonzero(fabric.kinds == Kind.WATER)[0])]
    assert connected(fabric, river, "B1") or connected(fabric, river, "B3")


def connected(fabric: Fabric, one: str, two: str) -> bool:
    edges = fabric.edges
    reached = {fabric.place_of[one]}
    while True:
        more = {
            far
            for a, b, way in zip(edges.a, edges.b, edges.crossable, strict=True)
            if way
            for near, far in ((a, b), (b, a))
            if near in reached
        }
        if more <= reached:
            return fabric.place_of[two] in reached
        reached |= more


def test_ground_claimed_twice_is_the_smaller_buildings_and_is_remarked() -> None:
    podium, tower = shapely.box(20, 20, 80, 80), shapely.box(40, 40, 50, 50)
    buildings = counted(["P", "T"], [podium, tower])
    fabric = build(shapely.box(0, 0, 100, 100), buildings, Ways(), Barriers())
    assert fabric.uids == ("BP", "BT")
    assert fabric.area_m2.tolist() == [pytest.approx(9900), pytest.approx(100)]
    assert faults(fabric, buildings) == []
    assert [(one.code, one.buildings, one.area_m2) for one in fabric.remarks] == [
        ("overlap", ("T", "P"), 100)
    ]


def test_a_building_drawn_twice_is_one_unit_with_the_households_of_both() -> None:
    buildings = counted(["1", "2"], [house("1"), house("1")])
    fabric = build(shapely.box(0, 0, 100, 100), buildings, Ways(), Barriers())
    assert fabric.uids == ("B1",)
    assert fabric.households.tolist() == [200]
    assert ("absorbed", ("2", "1")) in [(one.code, one.buildings) for one in fabric.remarks]
    assert faults(fabric, buildings) == []


def test_a_building_beyond_the_outline_is_left_out_and_one_on_it_is_clipped() -> None:
    away, across = shapely.box(300, 0, 320, 20), shapely.box(190, 40, 210, 60)
    fabric = build(COMMUNITY, counted(["1", "2"], [away, across]), Ways(), Barriers())
    assert fabric.uids == ("B2",)
    assert [(one.code, one.buildings) for one in fabric.remarks] == [
        ("outside", ("1",)),
        ("cut", ("2",)),
    ]


def test_a_building_across_a_street_stays_whole() -> None:
    gatehouse = counted(["1", "2", "9"], [house("1"), house("4"), shapely.box(90, 40, 115, 60)])
    fabric = build(COMMUNITY, gatehouse, ways(STREET), Barriers())
    assert faults(fabric, gatehouse) == []
    assert fabric.blocks[fabric.place_of["B9"]] == fabric.blocks[fabric.place_of["B2"]]


def test_buildings_wall_to_wall_meet_at_their_wall() -> None:
    row = counted(["1", "2"], [shapely.box(20, 20, 50, 60), shapely.box(50, 30, 80, 60)])
    fabric = build(shapely.box(0, 0, 100, 100), row, Ways(), Barriers())
    assert faults(fabric, row) == []


def test_the_same_ground_gives_the_same_fabric() -> None:
    one, two = quarter(), quarter()
    assert one.uids == two.uids
    assert shapely.equals_identical(one.shapes, two.shapes).all()
    assert (one.edges.length_m == two.edges.length_m).all()


def test_a_new_building_takes_its_ground_from_its_neighbours() -> None:
    old = quarter()
    new = build(
        COMMUNITY,
        counted(["1", "2", "3", "4", "5"], [*map(house, "1234"), shapely.box(40, 10, 60, 30)]),
        ways(STREET),
        Barriers(),
    )
    shares = {(a, b): share for a, b, share in lineage(old, new)}
    assert shares["B3", "B3"] == pytest.approx(1)
    assert 0 < shares["B1", "B5"] < 0.5
    assert shares["B1", "B1"] + shares["B1", "B5"] == pytest.approx(1, abs=0.01)
    labels = inherited(old, new, np.array([7, 7, 8, 8]))
    assert dict(zip(new.uids, labels.tolist(), strict=True)) == {
        "B1": 7,
        "B2": 7,
        "B3": 8,
        "B4": 8,
        "B5": 7,
    }


def test_open_land_keeps_its_name_when_its_border_moves_a_little() -> None:
    old = build(COMMUNITY, houses("1", "2"), ways(STREET), Barriers())
    moved = LineString([(104, -20), (104, 120)])
    new = build(COMMUNITY, houses("1", "2"), ways(moved), Barriers())
    assert new.uids[2] == "L152-50"
    again = renamed(old, new)
    assert again.uids == ("B1", "B2", "L150-50")
    assert faults(again) == []


def test_what_is_no_fabric_is_told_by_name() -> None:
    good = quarter()
    wide = gathered([shapely.box(0, 0, 60, 100), *good.shapes[1:]])
    assert codes(replace(good, shapes=wide)) == {"not_tiled", "gap_or_overlap"}
    off = gathered([shapely.transform(good.shapes[0], lambda xy: xy + 0.001), *good.shapes[1:]])
    assert "off_grid" in codes(replace(good, shapes=off))
    assert codes(replace(good, outline=shapely.box(0, 0, 200, 101))) == {"not_tiled"}
    assert codes(replace(good, uids=("B1", "B1", "B3", "B4"))) == {"same_uid"}
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert codes(replace(good, shapes=gathered([bow, *good.shapes[1:]]))) == {"not_a_polygon"}
    elsewhere = counted(["1"], [house("3")])
    assert [fault.code for fault in faults(good, elsewhere)] == ["building_cut"]


@pytest.mark.parametrize(
    ("uids", "boxes", "said"),
    [
        ([], [], "没有任何"),
        (["a", "a"], [(0, 0, 1, 1), (1, 0, 2, 1)], "不止一次"),
        (["a", "b"], [(0, 0, 10, 10), (9, 0, 20, 10)], "重叠或缝隙"),
        (["a", "b"], [(0, 0, 10, 10), (10.02, 0, 20, 10)], "重叠或缝隙"),
        (["a"], [(0, 0, 0.001, 10)], "有效的多边形"),
    ],
    ids=["none", "same name", "overlap", "gap of 2 cm", "too thin for the grid"],
)
def test_units_that_were_given_must_be_a_coverage(
    uids: list[str], boxes: list[tuple[float, float, float, float]], said: str
) -> None:
    none = np.zeros(len(uids), dtype=np.int64)
    with pytest.raises(BadGeometry, match=said):
        from_units(Units(uids, gathered([shapely.box(*box) for box in boxes]), none, none))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 180)] * 2, *[st.integers(4, 40)] * 2), max_size=8))
def test_whatever_stands_there_the_units_tile_and_cut_no_building(
    boxes: list[tuple[int, int, int, int]],
) -> None:
    drawn = [shapely.box(x, y, x + wide, y + deep) for x, y, wide, deep in boxes]
    buildings = counted([str(number) for number in range(len(drawn))], drawn)
    lanes = ways(STREET, LineString([(0, 33), (200, 61)]))
    fabric = build(COMMUNITY, buildings, lanes, Barriers())
    assert faults(fabric, buildings) == []
    built = [code for code in fabric.buildings if code is not None]
    assert len(set(built)) == len(built)
