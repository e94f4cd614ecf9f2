"""Fabrics of the demo town, of a real downtown, and of a city whose units were given."""

import json
import math
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from shapely.geometry import shape

from fixtures.town.geodesy import to_metres
from gridmap.errors import BadFile, BadGeometry
from gridmap.geo.fabric import (
    Barriers,
    Buildings,
    Fabric,
    Kind,
    Level,
    Units,
    Ways,
    build,
    exchange,
    faults,
    from_units,
)
from gridmap.geo.fabric.model import gathered
from gridmap.geo.ways import centreline_of
from tests.geo.quarter import quarter
from tests.sandboxed import needs_sandbox

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
DOWNTOWN = DATA / "shanghai-lujiazui-osm"
WARDS = DATA / "providence-blocks-wards" / "Providence_blocks.zip"
METRES = 111_320.0  # a degree of latitude; near enough where only neighbours are counted


@cache
def rows(layer: str) -> list[tuple[dict[str, Any], Any]]:
    path = ROOT / "fixtures" / "geojson" / f"{layer}.geojson"
    found = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [
        (one["properties"], shapely.transform(shape(one["geometry"]), to_metres)) for one in found
    ]


@cache
def town_ways() -> Ways:
    drawn = [(row["width_m"] or 0, way) for row, way in rows("streets")]
    lines = [way if "String" in way.geom_type else centreline_of(way) for _, way in drawn]
    levels = [Level.ARTERIAL if width >= 20 else Level.STREET for width, _ in drawn]
    lanes = [way for _, way in rows("lanes")]
    return Ways(gathered(lines + lanes), np.array([*levels, *[Level.LANE] * len(lanes)]))


def town_buildings(community: str) -> Buildings:
    own = [(row, drawn) for row, drawn in rows("buildings") if row["community"] == community]
    return Buildings(
        [row["code"] for row, _ in own],
        gathered([drawn for _, drawn in own]),
        np.array([row["households"] for row, _ in own], dtype=np.int64),
        np.array([row["residents"] for row, _ in own], dtype=np.int64),
    )


@pytest.mark.parametrize("community", ["350404001004", "350404001006", "350404003001"])
def test_a_community_of_the_demo_town_is_tiled_and_no_building_cut(community: str) -> None:
    outline = next(drawn for row, drawn in rows("communities") if row["code"] == community)
    water = gathered([drawn for row, drawn in rows("ground") if row["kind"] == "water"])
    buildings = town_buildings(community)
    fabric = build(outline, buildings, town_ways(), Barriers(water=water))
    assert faults(fabric, buildings) == []
    assert (fabric.kinds == Kind.BUILDING).sum() == len(buildings.codes)
    assert fabric.households.sum() == buildings.households.sum()
    assert fabric.remarks == ()


def near(places: np.ndarray, *, lng: float, lat: float) -> np.ndarray:
    """Degrees as metres from a place, flat."""
    east = (places[:, 0] - lng) * METRES * math.cos(math.radians(lat))
    return np.stack([east, (places[:, 1] - lat) * METRES], axis=1)


def downtown(layer: str) -> list[tuple[dict[str, Any], Any]]:
    path = DOWNTOWN / f"{layer}.geojson"
    found = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [
        (
            one["properties"],
            shapely.transform(shape(one["geometry"]), lambda xy: near(xy, lng=121.5, lat=31.24)),
        )
        for one in found
    ]


@pytest.mark.skipif(not DOWNTOWN.exists(), reason="the shared downtown is not here")
def test_a_real_downtown_with_all_its_noise_is_tiled() -> None:
    houses = [(row, drawn) for row, drawn in downtown("buildings") if row["kind"] == "building"]
    names = [str(row["osm_id"]) for row, _ in houses]
    buildings = Buildings.bare(names, [drawn for _, drawn in houses])
    levels = {"major_road": Level.ARTERIAL, "minor_road": Level.STREET, "path": Level.LANE}
    roads = [(levels[row["kind"]], way) for row, way in downtown("roads") if row["kind"] in levels]
    ways = Ways(gathered([way for _, way in roads]), np.array([level for level, _ in roads]))
    river = gathered([drawn for _, drawn in downtown("water")])
    corners = np.array([[121.48024, 31.22643], [121.52085, 31.25095]])
    extent = shapely.box(*near(corners, lng=121.5, lat=31.24).ravel())
    fabric = build(extent, buildings, ways, Barriers(water=river))
    assert faults(fabric, buildings) == []
    said = Counter(remark.code for remark in fabric.remarks)
    assert (said["absorbed"], said["cut"]) == (2, 1)
    assert said["overlap"] > 20  # the README counts 22 pairs among kind=building
    assert (fabric.kinds == Kind.BUILDING).sum() == len(buildings.codes) - said["absorbed"]
    assert Kind.WATER in fabric.kinds


@cache
def providence() -> tuple[Fabric, np.ndarray]:
    names, _, shapes, columns = pyogrio.raw.read(f"/vsizip/{WARDS}/Providence_blocks.shp")
    table = dict(zip(names["fields"], columns, strict=True))
    drawn = shapely.transform(shapely.from_wkb(shapes), lambda xy: near(xy, lng=-71.4, lat=41.8))
    people = table["TOTPOP"].astype(np.int64)
    uids = [str(code) for code in table["GEOID10"]]
    fabric = from_units(Units(uids, drawn, people, people), shortest=0)
    order = np.argsort(np.asarray(uids), kind="stable")
    return fabric, table["WARD"].astype(np.int64)[order]


@pytest.mark.skipif(not WARDS.exists(), reason="the shared blocks of Providence are not here")
def test_the_blocks_and_wards_of_providence_give_the_known_figures() -> None:
    fabric, ward = providence()
    assert len(fabric) == 3014
    assert len(fabric.edges) == 7438
    assert (ward[fabric.edges.a] != ward[fabric.edges.b]).sum() == 612
    assert fabric.residents.sum() == 178_040
    people = np.bincount(ward, fabric.residents)[1:]
    off = people / people.mean() - 1
    assert len(people) == 15
    assert off.max() * 100 == pytest.approx(4.909, abs=5e-4)
    assert off.min() * 100 == pytest.approx(-4.207, abs=5e-4)
    assert (off.argmax() + 1, off.argmin() + 1) == (2, 9)


@needs_sandbox
def test_a_fabric_comes_back_from_a_geopackage_as_it_went(tmp_path: Path) -> None:
    out = quarter()
    exchange.write(out, tmp_path / "fabric.gpkg", srid=4548)
    back = exchange.read(tmp_path / "fabric.gpkg", srid=4548, outline=out.outline)
    assert faults(back) == []
    assert (back.uids, back.buildings) == (out.uids, out.buildings)
    assert shapely.equals(back.shapes, out.shapes).all()
    for name in ("kinds", "blocks", "households", "residents"):
        assert (getattr(back, name) == getattr(out, name)).all()
    for name in ("a", "b", "length_m", "level", "crossable"):
        assert getattr(back.edges, name) == pytest.approx(getattr(out.edges, name))


def moved(fabric: Fabric) -> list[Any]:
    """Unit 1 gives a strip of 10 m to unit 2, drawn on one side only or on both."""
    strip = shapely.box(40, 0, 60, 100)
    one, two = fabric.shapes[:2]
    return [shapely.difference(one, strip), shapely.union(two, strip)]


@needs_sandbox
@pytest.mark.parametrize("both", [True, False], ids=["on both sides", "on one side only"])
def test_a_border_moved_in_qgis_is_taken_when_both_sides_moved(
    tmp_path: Path, *, both: bool
) -> None:
    out = quarter()
    one, two = moved(out)
    drawn = gathered([one, two if both else out.shapes[1], *out.shapes[2:]])
    edge_rows = out.edges
    crossable = np.zeros(len(edge_rows), dtype=bool)
    changed = Fabric(
        **{
            **{name: getattr(out, name) for name in out.__dataclass_fields__},
            "shapes": drawn,
            "edges": type(edge_rows)(
                edge_rows.a, edge_rows.b, edge_rows.length_m, edge_rows.level, crossable
            ),
        }
    )
    path = tmp_path / "fabric.gpkg"
    exchange.write(changed, path, srid=4548)
    if not both:
        with pytest.raises(BadGeometry, match="没有铺满"):
            exchange.read(path, srid=4548, outline=out.outline)
        return
    back = exchange.read(path, srid=4548, outline=out.outline)
    assert back.area_m2[0] == pytest.approx(4000, abs=1)
    assert not back.edges.crossable.any()


@needs_sandbox
def test_a_geopackage_in_another_system_is_refused(tmp_path: Path) -> None:
    exchange.write(quarter(), tmp_path / "fabric.gpkg", srid=4547)
    with pytest.raises(BadFile, match="4548"):
        exchange.read(tmp_path / "fabric.gpkg", srid=4548)
