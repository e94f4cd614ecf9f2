"""The demo's streets, lanes and stretches, buildings and entrances, and party units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import shapely
from django.utils import timezone
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.actions.demo.plane import Plane
from gridmap.actions.demo.stage import Feature, House, Spot, Stage, Way, polygons
from gridmap.geo.pinyin import search_text
from gridmap.layers.places import (
    Building,
    Entrance,
    Headcount,
    Lane,
    PartyUnit,
    Street,
    Stretch,
)

SOURCE = "演示普查"
DAYS_SINCE_COUNT = 150
COUNTED_EARLIER = 0.3  # share of the buildings for which a count of a year before is kept

# How often an entrance should be seen, by what the building is for (days; invented).
ENTRANCE_DAYS = {
    "market": 7, "mall": 7, "slab": 14, "tower": 14, "perimeter": 14,
    "school": 14, "house": 30, "office": 30, "public": 30,
}  # fmt: skip
STAIR_M = 16.0  # a slab has a staircase about this often


def load_ways(stage: Stage) -> None:
    """Write streets, then lanes, then their stretches."""
    stage.begin("streets and lanes")
    _write_ways(stage, stage.features("streets"), "street")
    _write_ways(stage, stage.features("lanes"), "lane")
    stage.begin("stretches")
    _write_stretches(stage)


def _write_ways(stage: Stage, features: Sequence[Feature], office: str) -> None:
    plane = Plane(stage.city.metric_srid)
    forms = plane.both_forms([(shape, p["width_m"]) for p, shape in features])
    rows = [
        (
            stage.city.pk,
            p["code"],
            p["name"] or "",
            "",
            [],
            search_text(p["name"] or ""),
            p["width_m"],
            *form,
            *(_whereabouts(stage, p) if office == "lane" else ()),
        )
        for (p, _), form in zip(features, forms, strict=True)
    ]
    columns = "city_id code name kind aliases search width_m centreline polygon derived"
    if office == "lane":
        keys = stage.write(Lane, f"{columns} street_id community_id", rows)
    else:
        keys = stage.write(Street, columns, rows)
    for key, (p, _), (centreline, _, _) in zip(keys, features, forms, strict=True):
        stage.ways[p["code"]] = Way(key, office, p["code"], p["name"] or "", centreline)


def _whereabouts(stage: Stage, lane: dict[str, Any]) -> tuple[int | None, int]:
    return _id(stage, lane["street"]), stage.communities[lane["community"]]


def _id(stage: Stage, code: str | None) -> int | None:
    return stage.ways[code].id if code else None


def _write_stretches(stage: Stage) -> None:
    features = stage.features("stretches")
    rows = [
        (
            stage.city.pk,
            p["code"],
            _id(stage, p["street"]),
            _id(stage, p["lane"]),
            p["side"],
            p["from"] or "",
            p["to"] or "",
            p["interval_days"],
            line,
            Point(p["anchor"]),
        )
        for p, line in features
    ]
    keys = stage.write(
        Stretch,
        "city_id code street_id lane_id side start end interval_days centreline anchor",
        rows,
    )
    cells = dict(Stretch.objects.filter(city=stage.city).values_list("pk", "cell"))
    for key, (p, line) in zip(keys, features, strict=True):
        way = stage.ways[p["street"] or p["lane"]]
        label = _nearby(way.name, p["from"] or "", p["to"] or "")
        middle = LineString(line).interpolate(0.5, normalized=True)
        spot = Spot(key, "stretch", label, middle, p["interval_days"], cells[key])
        stage.stretches.append(spot)


def _nearby(way: str, *ends: str) -> str:
    """Return how people call a stretch: by the first crossing at one of its ends."""
    crossing = next((end for end in ends if end.endswith("口")), "")
    return f"{way} {crossing}附近" if crossing else way


def load_buildings(stage: Stage) -> None:
    """Write buildings with their counts, then their entrances."""
    stage.begin("buildings")
    features = stage.features("buildings")
    rows: list[tuple[object, ...]] = [
        (
            stage.city.pk,
            _id(stage, p["lane"]),
            _id(stage, p["street"]),
            p["community"] + p["code"],
            p["name"] or "",
            p["address"] or "",
            p["number"] or "",
            [],
            search_text(p["address"] or "", p["name"] or ""),
            p["kind"],
            p["floors"],
            polygons(shape),
        )
        for p, shape in features
    ]
    keys = stage.write(
        Building,
        "city_id lane_id street_id code name address number aliases search kind floors geom",
        rows,
    )
    found = {
        key: (cell, community)
        for key, cell, community in Building.objects.filter(city=stage.city).values_list(
            "pk", "cell", "community"
        )
    }
    for key, (p, shape) in zip(keys, features, strict=True):
        way = stage.ways.get(p["lane"] or p["street"] or "")
        label = p["address"] or p["name"] or p["code"]
        facts = (p["kind"], p["number"] or "", label, way, shape, p["households"], p["residents"])
        stage.houses.append(House(key, *facts, *found[key]))
    stage.write(Headcount, "building_id counted_on source households residents", _headcounts(stage))
    stage.begin("entrances")
    _write_entrances(stage)


def _headcounts(stage: Stage) -> Iterator[tuple[object, ...]]:
    dice = stage.dice("headcounts")
    counted = timezone.localdate(stage.now) - timedelta(days=DAYS_SINCE_COUNT)
    for house in stage.houses:
        if not house.households:
            continue
        yield house.id, counted, SOURCE, house.households, house.residents
        if dice.random() < COUNTED_EARLIER:
            homes = max(1, house.households - dice.randint(-2, 3))
            people = round(homes * house.residents / house.households)
            yield house.id, counted - timedelta(days=365), SOURCE, homes, people


def doors(kind: str, outline: Polygon, way: BaseGeometry | None) -> list[Point]:
    """Return where the entrances of a building are: on its outline, on the side facing its way.

    Args:
        kind: what the building is for.
        outline: its polygon, metres.
        way: the street or lane of its address, metres; without one the south side serves.
    """
    edge = outline.exterior
    outside = Point(outline.centroid.x, outline.bounds[1] - 50)
    if way is not None:
        outside = shapely.shortest_line(outline.centroid, way).interpolate(1, normalized=True)
    box = outline.minimum_rotated_rectangle.exterior.coords
    # Of the two long sides the nearer one: a slab that stands end-on has no doors in its gable.
    long = sorted((LineString(box[i : i + 2]) for i in range(4)), key=lambda side: -side.length)[:2]
    count = _door_count(kind, long[0].length)
    if count == 1:
        return [edge.interpolate(edge.project(outside))]
    front = min(long, key=outside.distance)
    places = [front.interpolate((i + 0.5) / count, normalized=True) for i in range(count)]
    return [edge.interpolate(edge.project(place)) for place in places]


def _door_count(kind: str, long_side_m: float) -> int:
    if kind == "slab":
        return min(4, max(2, round(long_side_m / STAIR_M)))
    return {"tower": 2, "perimeter": 2, "mall": 3, "market": 2, "school": 2}.get(kind, 1)


def _write_entrances(stage: Stage) -> None:
    plane = Plane(stage.city.metric_srid)
    outlines = plane.metres([house.shape for house in stage.houses])
    codes = list(stage.ways)
    flat = plane.metres([stage.ways[code].centreline for code in codes])
    ways = dict(zip(codes, flat, strict=True))
    owners: list[tuple[House, int]] = []
    places: list[BaseGeometry] = []
    for house, shape in zip(stage.houses, outlines, strict=True):
        way = ways[house.way.code] if house.way else None
        body = max(shape.geoms, key=_area) if isinstance(shape, MultiPolygon) else Polygon(shape)
        for seq, door in enumerate(doors(house.kind, body, way), start=1):
            owners.append((house, seq))
            places.append(door)
    stored = plane.degrees(places)
    rows = [
        (house.id, seq, place, ENTRANCE_DAYS.get(house.kind, 14))
        for (house, seq), place in zip(owners, stored, strict=True)
    ]
    keys = stage.write(Entrance, "building_id seq place interval_days", rows)
    for key, (house, _), (_, _, place, days) in zip(keys, owners, rows, strict=True):
        spot = Spot(key, "entrance", house.label, Point(place), days, house.cell)
        stage.entrances.append(spot)


def _area(shape: BaseGeometry) -> float:
    return float(shape.area)


def load_party_units(stage: Stage) -> None:
    """Write the party units; their community is found by the database."""
    stage.begin("party units")
    kinds: dict[str, str] = {str(kind.label): kind.value for kind in PartyUnit.Kind}
    rows: list[tuple[object, ...]] = [
        (
            stage.city.pk,
            p["code"],
            p["name"],
            [],
            search_text(p["name"]),
            kinds[p["kind"]],
            p["superior"] or "",
            place,
        )
        for p, place in stage.features("party_units")
    ]
    stage.write(PartyUnit, "city_id code name aliases search kind superior place", rows)
