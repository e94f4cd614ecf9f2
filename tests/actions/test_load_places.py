"""Buildings, streets, lanes, party units, ground and stretches are loaded into the toy town."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPoint, Polygon

from gridmap.actions.territory import LoadOptions, load_layer
from gridmap.errors import BadValue, OutOfScope
from gridmap.geo.datum import wgs84_to_gcj02
from gridmap.layers.journal import Entry
from gridmap.layers.loads import Load
from gridmap.layers.places import Building, Headcount, Lane, PartyUnit, Street, Stretch
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Ground
from tests import town as toy
from tests.actions.loading import counts, load, reasons, rows_of

TIE = GEOSGeometry(
    "SRID=4326;POLYGON((117.62 26.26,117.621 26.261,117.621 26.26,117.62 26.261,117.62 26.26))"
)


def test_a_dry_run_tells_everything_and_writes_nothing(town: City) -> None:
    rows = rows_of({"code": ["N1"], "name": ["新楼"]}, toy.ring(10, 20, 10, 10))
    report = load(town, "buildings", rows, commit=False)
    assert counts(report) == (1, 0, 0, 0)
    assert not report.committed
    assert not Building.objects.filter(code="N1").exists()
    assert not Load.objects.exists()


def test_what_is_loaded_is_found_by_cell_search_and_journal(town: City) -> None:
    rows = rows_of(
        {"code": ["N1"], "name": ["重化大楼"], "alt_name": ["老楼；旧楼"], "floors": [7]},
        toy.ring(10, 20, 10, 10),
    )
    report = load(town, "buildings", rows, file_name="a.geojson", sha256="0" * 64)
    building = Building.objects.get(code="N1")
    assert building.cell == toy.cell("A", 1)
    assert building.aliases == ["老楼", "旧楼"]
    assert {"chonghuadalou", "zhonghuadalou", "laolou"} <= set(building.search.split())
    entry = Entry.objects.get(verb="load")
    assert entry.after == {
        "layer": "buildings",
        "file": "a.geojson",
        "read": 1,
        "added": 1,
        "changed": 0,
        "unchanged": 0,
        "refused": 0,
    }
    assert (entry.subject_id, entry.city_id) == (report.load_id, town.pk)
    assert Load.objects.get().added == 1


def test_the_same_file_again_changes_nothing(town: City) -> None:
    columns = {"osm_id": [11, None, None], "osm_way_id": [None, 11, None], "name": ["甲", "乙", ""]}
    shapes = [toy.ring(10 + 20 * place, 20, 10, 10) for place in range(3)]
    assert counts(load(town, "buildings", rows_of(columns, *shapes))) == (3, 0, 0, 0)
    assert counts(load(town, "buildings", rows_of(columns, *shapes))) == (0, 0, 3, 0)
    codes = set(Building.objects.filter(code__regex="^(11|w11|h)").values_list("code", flat=True))
    assert {"11", "w11"} < codes
    assert len(codes) == 3


def test_a_changed_row_changes_what_the_file_says_and_nothing_else(town: City) -> None:
    rows = rows_of({"code": ["B1"], "name": ["一号楼"]}, toy.ring(40, 60, 20, 20))
    assert counts(load(town, "buildings", rows)) == (0, 1, 0, 0)
    building = Building.objects.get(code="B1")
    assert (building.name, building.address, building.floors) == ("一号楼", "榕树巷 1 号", 6)


def test_each_refused_row_is_named_with_its_reason_and_place(town: City) -> None:
    shapes = [toy.ring(10, 20, 5, 5), TIE, toy.ring(900, 20, 5, 5), toy.at(1, 1), None]
    shapes += [toy.ring(30, 20, 5, 5)] * 5
    columns = {
        "code": ["N1", "N2", "N3", "N4", "N5", "N1", "N7", "N" * 21, "N9", "N10"],
        "floors": [1, 1, 1, 1, 1, 1, "六", 1, 1, 6.0],
        "name": ["楼", "楼", "楼", "楼", "楼", "楼", "楼", "楼", "a\0b", "x" * 81],
    }
    report = load(town, "buildings", rows_of(columns, *shapes), commit=False)
    assert reasons(report) == [
        (2, "invalid_geometry"),
        (3, "outside_city"),
        (4, "wrong_type"),
        (5, "no_geometry"),
        (6, "duplicate_code"),
        (7, "wrong_value"),
        (8, "too_long"),
        (9, "bad_text"),
        (10, "too_long"),
    ]
    assert counts(report) == (1, 0, 0, 9)
    tie = next(problem for problem in report.problems if problem.row == 2)
    assert (tie.lng, tie.lat) == pytest.approx((117.6205, 26.2605))
    assert report.stored_problems()[4]["message"] == "代码 N1 与第 1 行重复"


def test_columns_are_mapped_and_values_set(town: City) -> None:
    rows = rows_of(
        {"编号": ["N1", "N2"], "楼名": ["甲楼", "乙楼"], "用途": ["slab", ""], "kind": ["x", "x"]},
        toy.ring(10, 20, 5, 5),
        toy.ring(20, 20, 5, 5),
    )
    load(
        town,
        "buildings",
        rows,
        names={"name": "楼名", "kind": "用途"},
        values={"kind": "tower", "floors": "3"},
    )
    found = Building.objects.filter(code__startswith="N").values_list("name", "kind", "floors")
    assert list(found) == [("甲楼", "slab", 3), ("乙楼", "tower", 3)]


@pytest.mark.parametrize(
    "options",
    [
        {"names": {"nothing": "code"}},
        {"names": {"name": "nowhere"}},
        {"values": {"nothing": "1"}},
        {"srid": 999_999},
        {"srid": 4548, "datum": "gcj02"},
        {"one_cell_each": True},
    ],
    ids=["no such field", "no such column", "no such value", "no such srid", "datum", "cells"],
)
def test_options_that_do_not_fit_are_refused(town: City, options: dict[str, object]) -> None:
    rows = rows_of({"code": ["N1"]}, toy.ring(10, 20, 5, 5))
    with pytest.raises(BadValue):
        load(town, "buildings", rows, **options)  # type: ignore[arg-type]


def test_a_file_that_does_not_say_its_system_must_be_told(town: City) -> None:
    rows = rows_of({"code": ["N1"]}, toy.ring(10, 20, 5, 5), crs="")
    with pytest.raises(BadValue, match="--srid"):
        load(town, "buildings", rows)
    assert counts(load(town, "buildings", rows, srid=4490)) == (1, 0, 0, 0)


def test_metres_are_brought_into_degrees(town: City) -> None:
    x, y = toy.ORIGIN
    square = Polygon.from_bbox((x + 10, y + 20, x + 20, y + 30))
    load(town, "buildings", rows_of({"code": ["N1"]}, square, crs="EPSG:4548"))
    difference = Building.objects.get(code="N1").geom.sym_difference(toy.ring(10, 20, 10, 10))
    assert difference.transform(4548, clone=True).area < 1e-6


def test_an_old_datum_is_warned_of(town: City) -> None:
    rows = rows_of({"code": ["N1"]}, toy.ring(10, 20, 10, 10), crs="EPSG:4610")
    report = load(town, "buildings", rows, commit=False)
    assert "西安 80" in report.notes[0]


def test_a_chinese_base_map_is_shifted_back_to_the_right_cell(town: City) -> None:
    true = shapely.from_wkb(bytes(toy.ring(10, 20, 10, 10).wkb))
    shifted = shapely.transform(true, lambda places: wgs84_to_gcj02(np.asarray(places)))
    rows = rows_of({"code": ["N1"]}, GEOSGeometry(shapely.to_wkt(shifted, 15)))
    assert reasons(load(town, "buildings", rows, commit=False)) == [(1, "outside_city")]
    load(town, "buildings", rows, datum="gcj02")
    assert Building.objects.get(code="N1").cell == toy.cell("A", 1)


def test_only_the_own_city_can_be_loaded_into(town: City) -> None:
    rows = rows_of({"code": ["N1"]}, toy.ring(10, 20, 5, 5))
    with pytest.raises(OutOfScope):
        load_layer(
            by=Scope(user_id=None),
            city=town,
            layer="buildings",
            rows=rows,
            options=LoadOptions(),
            commit=True,
        )


def test_a_street_drawn_as_a_line_gets_its_ground(town: City) -> None:
    rows = rows_of(
        {"code": ["S9"], "name": ["长安街"], "width": [12]}, toy.line((0, 50), (200, 50))
    )
    assert counts(load(town, "streets", rows)) == (1, 0, 0, 0)
    street = Street.objects.get(code="S9")
    assert street.derived == "polygon"
    assert street.polygon.transform(4548, clone=True).area == pytest.approx(2400, rel=1e-3)
    assert counts(load(town, "streets", rows)) == (0, 0, 1, 0)


def test_a_lane_drawn_as_an_area_gets_its_middle(town: City) -> None:
    rows = rows_of({"code": ["L9"], "name": ["新巷"], "street": ["S1"]}, toy.ring(10, 10, 80, 4))
    load(town, "lanes", rows)
    lane = Lane.objects.get(code="L9")
    assert lane.derived == "centreline"
    assert lane.centreline.transform(4548, clone=True).length == pytest.approx(80, abs=0.5)
    assert (lane.street, lane.community) == (Street.objects.get(code="S1"), toy.community("A"))


def test_a_lane_of_a_street_that_is_not_there_is_refused(town: City) -> None:
    rows = rows_of({"code": ["L9"], "street": ["S404"]}, toy.line((0, 50), (50, 50)))
    assert reasons(load(town, "lanes", rows)) == [(1, "unknown_reference")]


def test_party_units_come_from_a_table_of_coordinates(town: City) -> None:
    place = toy.at(350, 30)
    rows = rows_of(
        {
            "编号": ["P8", "P9", "P10"],
            "名称": ["福清商会支部", "无处", ""],
            "类型": ["商会", "chamber", "商会"],
            "经度": [place.x, "", place.x],
            "纬度": [place.y, "", place.y],
        }
    )
    report = load(town, "party_units", rows)
    assert reasons(report) == [(2, "no_geometry"), (3, "missing_field")]
    unit = PartyUnit.objects.get(code="P8")
    assert (unit.kind, unit.cell, unit.community) == (
        "chamber",
        toy.cell("B", 2),
        toy.community("B"),
    )


def test_several_points_are_no_place(town: City) -> None:
    several = MultiPoint(toy.at(1, 1), toy.at(2, 2), srid=4326)
    rows = rows_of({"code": ["P8"], "name": ["某支部"], "kind": ["organ"]}, several)
    assert reasons(load(town, "party_units", rows)) == [(1, "wrong_type")]


def test_ground_is_known_by_where_it_lies(town: City) -> None:
    rows = rows_of({"kind": ["water", "水面", "road"]}, *[toy.ring(0, 20, 9, 9)] * 3)
    report = load(town, "ground", rows)
    assert reasons(report) == [(2, "duplicate_code"), (3, "wrong_value")]
    assert counts(load(town, "ground", rows)) == (0, 0, 1, 2)
    assert Ground.objects.get().kind == "water"


def test_a_stretch_is_counted_where_its_anchor_lies(town: City) -> None:
    anchor = toy.at(102, 50)
    rows = rows_of(
        {
            "code": ["T1", "T1", "T2"],
            "side": ["left", "right", ""],
            "lane": ["L1", "L1", ""],
            "anchor_lng": [toy.at(98, 50).x, anchor.x, anchor.x],
            "anchor_lat": [toy.at(98, 50).y, anchor.y, anchor.y],
        },
        *[toy.line((100, 40), (100, 60))] * 3,
    )
    report = load(town, "stretches", rows)
    assert reasons(report) == [(3, "missing_field")]
    cells = {item.side: item.cell for item in Stretch.objects.filter(code="T1")}
    assert cells == {"left": toy.cell("A", 1), "right": toy.cell("A", 2)}
    assert counts(load(town, "stretches", rows)) == (0, 0, 2, 1)


def test_a_short_number_counts_inside_its_community(town: City) -> None:
    rows = rows_of(
        {"code": ["7", "B9"], "community": ["350404001001", "350404001001"]},
        toy.ring(10, 20, 5, 5),
        toy.ring(20, 20, 5, 5),
    )
    load(town, "buildings", rows)
    codes = set(Building.objects.filter(geom__isnull=False).values_list("code", flat=True))
    assert {"35040400100100007", "B9"} <= codes


def test_households_need_a_day_and_a_source(town: City) -> None:
    rows = rows_of(
        {"code": ["N1", "N2"], "households": [40, ""], "residents": [100, 5]},
        toy.ring(10, 20, 5, 5),
        toy.ring(20, 20, 5, 5),
    )
    report = load(town, "buildings", rows)
    assert len(report.notes) == 1
    assert not Headcount.objects.filter(building__code="N1").exists()
    counted = {"counted_on": "2026-11-01", "counted_by": "社区普查"}
    assert load(town, "buildings", rows, values=counted).made == {"headcounts": 1}
    assert load(town, "buildings", rows, values=counted).made == {"headcounts": 1}
    count = Headcount.objects.get(building__code="N1")
    assert (count.households, count.residents, count.source) == (40, 100, "社区普查")
    assert str(count.counted_on) == "2026-11-01"


def test_an_anchor_may_be_a_pair(town: City) -> None:
    place = toy.at(250, 52)
    rows = rows_of(
        {"code": ["T1"], "lane": ["L2"], "anchor": [[place.x, place.y]]},
        toy.line((210, 50), (290, 50)),
    )
    load(town, "stretches", rows)
    assert Stretch.objects.get(code="T1").anchor.distance(place) < 1e-9
