"""The committed demo town: what its files promise to the loader, read with shapely alone."""

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, Point, Polygon, STRtree
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from fixtures.town.features import LAYERS
from fixtures.town.frame import HAMLET
from fixtures.town.geodesy import to_degrees, to_metres
from fixtures.town.town import make
from fixtures.town.write import write

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "geojson"
CODE_LISTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "sanming-admin-codes"
GAP_DEGREES = 2e-6

Row = tuple[dict[str, Any], BaseGeometry]


@cache
def rows(layer: str) -> tuple[Row, ...]:
    collection = json.loads((FOLDER / f"{layer}.geojson").read_text(encoding="utf-8"))
    return tuple((one["properties"], shape(one["geometry"])) for one in collection["features"])


def shapes(layer: str) -> list[BaseGeometry]:
    return [drawn for _, drawn in rows(layer)]


def metres(drawn: BaseGeometry) -> BaseGeometry:
    return shapely.transform(drawn, to_metres)


@cache
def cell_of_building() -> dict[int, list[int]]:
    """Building row -> the cell rows that hold it whole."""
    held: dict[int, list[int]] = defaultdict(list)
    pairs = STRtree(shapes("cells")).query(shapes("buildings"), predicate="within")
    for building, cell in zip(*pairs.tolist(), strict=True):
        held[building].append(cell)
    return held


def test_every_layer_is_there_and_all_together_stay_small() -> None:
    sizes = [(FOLDER / f"{layer}.geojson").stat().st_size for layer in LAYERS]
    assert sum(sizes) < 12_000_000


def test_the_town_has_the_size_the_issue_asks_for() -> None:
    assert len(rows("subdistricts")) == 3
    assert len(rows("communities")) == 26
    assert 480 <= len(rows("cells")) <= 520
    assert 12_000 <= len(rows("buildings")) <= 14_000
    assert len(rows("party_units")) == 365
    assert 40 <= len(rows("streets")) <= 80
    assert 600 <= len(rows("lanes")) <= 1_050


@pytest.mark.parametrize("layer", list(LAYERS))
def test_every_shape_is_valid_and_has_at_most_seven_decimals(layer: str) -> None:
    drawn = shapes(layer)
    assert all(shapely.is_valid(drawn))
    assert not any(shapely.is_empty(drawn))
    places = shapely.get_coordinates(drawn)
    assert np.array_equal(np.round(places, 7), places)
    low, high = places.min(axis=0), places.max(axis=0)
    assert 117.55 < low[0] < high[0] < 117.75
    assert 26.2 < low[1] < high[1] < 26.35


@pytest.mark.parametrize("layer", ["subdistricts", "communities", "cells"])
def test_areas_tile_without_gap_or_overlap(layer: str) -> None:
    drawn = shapes(layer)
    assert shapely.coverage_is_valid(drawn, gap_width=GAP_DEGREES)
    whole = shapely.coverage_union_all(shapes("subdistricts"))
    assert shapely.coverage_union_all(drawn).symmetric_difference(whole).area < 1e-12
    assert isinstance(whole, Polygon)
    assert not whole.interiors


@pytest.mark.parametrize(
    ("layer", "parent", "key"),
    [("communities", "subdistricts", "subdistrict"), ("cells", "communities", "community")],
)
def test_children_tile_their_parent(layer: str, parent: str, key: str) -> None:
    children: dict[str, list[BaseGeometry]] = defaultdict(list)
    for facts, drawn in rows(layer):
        assert facts["code"].startswith(facts[key])
        children[facts[key]].append(drawn)
    assert set(children) == {facts["code"] for facts, _ in rows(parent)}
    for facts, drawn in rows(parent):
        together = shapely.coverage_union_all(children[facts["code"]])
        assert together.equals(drawn)


def test_cells_are_single_polygons_and_at_least_a_house_wide() -> None:
    assert {drawn.geom_type for drawn in shapes("cells")} == {"Polygon"}
    assert min(metres(drawn).area for drawn in shapes("cells")) > 1_000


def test_codes_are_unique_and_count_on_without_a_hole() -> None:
    for layer in ("subdistricts", "communities", "cells", "streets", "lanes", "party_units"):
        codes = [facts["code"] for facts, _ in rows(layer)]
        assert len(set(codes)) == len(codes), layer
    by_community: dict[str, list[str]] = defaultdict(list)
    for facts, _ in rows("cells"):
        by_community[facts["community"]].append(facts["code"][12:])
    for serials in by_community.values():
        assert sorted(serials) == [f"{n:03d}" for n in range(1, len(serials) + 1)]
    houses = [(facts["community"], facts["code"]) for facts, _ in rows("buildings")]
    assert len(set(houses)) == len(houses)
    assert all(re.fullmatch(r"\d{5}", code) for _, code in houses)


def test_communities_of_each_subdistrict_carry_their_former_codes() -> None:
    count = Counter(facts["subdistrict"] for facts, _ in rows("communities"))
    assert count == {"350404001": 11, "350404002": 8, "350404003": 7}
    for facts, _ in (*rows("communities"), *rows("subdistricts")):
        assert facts["code"][:6] == "350404"
        assert facts["former_code"] == "350402" + facts["code"][6:]
    renamed = [f for f, _ in rows("communities") if f["former_name"] != f["name"]]
    assert [(f["code"], f["former_name"], f["name"]) for f in renamed] == [
        ("350404001005", "四路社区", "沪明社区")
    ]


@pytest.mark.skipif(not CODE_LISTS.exists(), reason="the shared code lists are not here")
@pytest.mark.parametrize(
    ("year", "code", "name"), [(2020, "former_code", "former_name"), (2023, "code", "name")]
)
def test_names_and_codes_stand_in_the_official_lists(year: int, code: str, name: str) -> None:
    with (CODE_LISTS / f"sanming_communities_{year}.csv").open(encoding="utf-8") as file:
        listed = {row["code"]: row["name"] for row in csv.DictReader(file)}
    for facts, _ in rows("communities"):
        assert listed[facts[code]].removesuffix("居民委员会") == facts[name]


def test_every_building_lies_in_exactly_one_cell_of_its_community() -> None:
    held = cell_of_building()
    cells = rows("cells")
    for i, (facts, _) in enumerate(rows("buildings")):
        assert len(held[i]) == 1
        assert cells[held[i][0]][0]["community"] == facts["community"]


def test_no_building_touches_a_cell_border() -> None:
    borders = STRtree([shapely.boundary(drawn) for drawn in shapes("cells")])
    assert borders.query(shapes("buildings"), predicate="intersects").size == 0


def test_no_two_buildings_overlap() -> None:
    drawn = shapes("buildings")
    pairs = STRtree(drawn).query(drawn, predicate="intersects")
    assert (pairs[0] == pairs[1]).all()


def test_basic_cells_hold_300_to_500_households() -> None:
    homes: Counter[int] = Counter()
    for i, (facts, _) in enumerate(rows("buildings")):
        homes[cell_of_building()[i][0]] += facts["households"]
    kinds: dict[str, list[int]] = {"basic": [], "special": []}
    for i, (facts, _) in enumerate(rows("cells")):
        kinds[facts["kind"]].append(homes[i])
        assert (facts["use"] is None) == (facts["kind"] == "basic")
    assert all(300 <= count <= 500 for count in kinds["basic"])
    assert all(count <= 100 for count in kinds["special"])


def test_residents_follow_households() -> None:
    for facts, _ in rows("buildings"):
        assert (facts["residents"] > 0) == (facts["households"] > 0)
    homes = sum(facts["households"] for facts, _ in rows("buildings"))
    people = sum(facts["residents"] for facts, _ in rows("buildings"))
    assert 2.6 <= people / homes <= 3.1


def test_every_building_has_one_way_and_one_address() -> None:
    ways = {facts["code"]: facts["name"] for facts, _ in (*rows("streets"), *rows("lanes"))}
    addresses: Counter[str] = Counter()
    for facts, _ in rows("buildings"):
        assert (facts["lane"] is None) != (facts["street"] is None)
        way = ways[facts["lane"] or facts["street"]]
        assert facts["address"] == f"{way} {facts['number']} 号"
        addresses[facts["address"]] += 1
    assert max(addresses.values()) == 1
    named = Counter(facts["name"] for facts, _ in rows("buildings") if facts["name"])
    assert max(named.values()) == 1
    assert named["福清商会大厦"] == 1


def test_lanes_and_streets_refer_to_what_exists() -> None:
    streets = {facts["code"] for facts, _ in rows("streets")}
    communities = {facts["code"] for facts, _ in rows("communities")}
    for facts, drawn in rows("lanes"):
        assert facts["street"] is None or facts["street"] in streets
        assert facts["community"] in communities
        assert facts["interval_days"] in {3, 5, 7, 14}
        assert isinstance(drawn, LineString | MultiLineString)
    names = [facts["name"] for facts, _ in (*rows("streets"), *rows("lanes"))]
    assert len(set(names)) == len(names)
    assert any(isinstance(drawn, Polygon) for drawn in shapes("streets"))


def test_party_units_sit_in_their_community() -> None:
    ground = {facts["code"]: drawn for facts, drawn in rows("communities")}
    for facts, drawn in rows("party_units"):
        assert isinstance(drawn, Point)
        assert ground[facts["community"]].contains(drawn)
    assert {facts["community"] for facts, _ in rows("party_units")} == set(ground)
    assert {facts["kind"] for facts, _ in rows("party_units")} == {
        "机关",
        "企业",
        "商会",
        "楼宇",
        "学校",
        "医院",
        "社会组织",
    }
    names = [facts["name"] for facts, _ in rows("party_units")]
    assert len(set(names)) == len(names)


def test_the_anchor_of_a_stretch_tells_its_cell() -> None:
    anchors = [Point(facts["anchor"]) for facts, _ in rows("stretches")]
    found = STRtree(shapes("cells")).query(anchors, predicate="within")
    assert np.array_equal(found[0], np.arange(len(anchors)))
    both_sides: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)
    for (facts, drawn), cell in zip(rows("stretches"), found[1].tolist(), strict=True):
        assert (facts["lane"] is None) != (facts["street"] is None)
        assert isinstance(drawn, LineString)
        both_sides[facts["lane"] or facts["street"], facts["seq"]][facts["side"]] = cell
    for sides in both_sides.values():
        assert set(sides) in ({"both"}, {"left", "right"}, {"left"}, {"right"})
        assert len(set(sides.values())) == len(sides)


def test_the_side_of_a_stretch_is_the_side_its_anchor_lies_on() -> None:
    for facts, drawn in rows("stretches"):
        if facts["side"] == "both":
            continue
        line, spot = metres(drawn), metres(Point(facts["anchor"]))
        at = line.project(spot)
        here, there = line.interpolate(max(0.0, at - 0.5)), line.interpolate(at + 0.5)
        turn = (there.x - here.x) * (spot.y - here.y) - (there.y - here.y) * (spot.x - here.x)
        assert (turn > 0) == (facts["side"] == "left")


def test_degrees_and_metres_are_inverse() -> None:
    places = np.array([[117.637, 26.27], [117.0, 26.0], [118.2, 27.0]])
    plane = to_metres(places)
    assert np.abs(to_degrees(plane) - places).max() < 1e-10
    assert np.abs(plane[0] - [563629.295, 2906904.446]).max() < 0.001


def test_the_same_seed_writes_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    write(make(HAMLET, 26, lambda _: None), tmp_path / "here")
    command = [sys.executable, "-m", "fixtures.town", "--size", "hamlet", "--out"]
    environment = {**os.environ, "PYTHONHASHSEED": "4548"}
    subprocess.run(
        [*command, str(tmp_path / "there")],
        cwd=FOLDER.parents[1],
        env=environment,
        check=True,
        capture_output=True,
    )
    for layer in LAYERS:
        file = f"{layer}.geojson"
        assert (tmp_path / "here" / file).read_bytes() == (tmp_path / "there" / file).read_bytes()


def test_the_readme_counts_what_the_files_hold() -> None:
    table = re.findall(
        r"^\| `(\w+)` \| ([\d,]+) ", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert {layer: int(count.replace(",", "")) for layer, count in table} == {
        layer: len(rows(layer)) for layer in LAYERS
    }


def test_sequence_runs_from_north_to_south() -> None:
    by_community: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for facts, drawn in rows("cells"):
        by_community[facts["community"]].append((facts["code"], drawn.centroid.y))
    for members in by_community.values():
        norths = [north for _, north in sorted(members)]
        assert all(later < earlier + 300 / 111_000 for earlier, later in pairwise(norths))
