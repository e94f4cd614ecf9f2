"""A beat whole, as it goes into a pocket: the ground, what is walked on it, and what is open there.

One answer holds everything a phone needs without network. It names nobody's number and no reporter;
of people only the chiefs who answer here, by name, as among staff.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from gridmap.errors import OutOfScope
from gridmap.layers.codes import public_code
from gridmap.layers.incidents import Category, Incident, Light
from gridmap.layers.query import Value, ids_of, rows
from gridmap.layers.rights import CHIEF, PATROL, WORKER
from gridmap.layers.scope import Area, Scope
from gridmap.layers.territory import Cell, City

WALKERS = frozenset({PATROL, WORKER, CHIEF})
MARGIN = 60  # metres of ground drawn around the beat
DECIMALS = 6  # 0.1 m

# What is walked: of whole cells everything, of a chief what is at the own things.
SHOWN = """
SELECT s.cell_id AS id FROM layers_stretch AS s
WHERE s.cell_id IS NOT NULL AND (
    s.cell_id = ANY (%(cells)s) OR s.street_id = ANY (%(streets)s)
    OR s.lane_id = ANY (%(lanes)s)
)
UNION
SELECT e.cell_id FROM layers_entrance AS e
WHERE e.cell_id IS NOT NULL AND (e.cell_id = ANY (%(cells)s) OR e.building_id = ANY (%(buildings)s))
UNION
SELECT unnest(%(cells)s::bigint[])
"""

CELLS = """
SELECT e.cell_id AS id, e.code, e.name, k.name AS community,
    (ST_AsGeoJSON(e.geom, %(decimals)s)::json -> 'coordinates') AS shape,
    ST_XMin(e.geom) AS west, ST_YMin(e.geom) AS south, ST_XMax(e.geom) AS east,
    ST_YMax(e.geom) AS north, e.cell_id = ANY (%(cells)s) AS mine,
    coalesce((
        SELECT json_agg(DISTINCT t.name) FROM layers_teamarea AS a
        INNER JOIN layers_team AS t ON t.id = a.team_id
        WHERE a.cell_id = e.cell_id AND a.valid @> %(now)s::timestamptz
    ), '[]'::json) AS teams
FROM layers_celledition AS e
INNER JOIN layers_cell AS c ON c.id = e.cell_id
INNER JOIN layers_community AS k ON k.id = c.community_id
WHERE e.cell_id = ANY (%(shown)s) AND e.valid @> %(now)s::timestamptz
ORDER BY e.code
"""

STRETCHES = """
SELECT s.id, s.code, coalesce(nullif(l.name, ''), nullif(t.name, ''), '') AS name, s.start, s.end,
    s.side, s.interval_days AS interval, s.cell_id AS cell, s.lane_id AS lane,
    s.street_id AS street, seen.at AS seen, round(ST_Length(s.centreline::geography)) AS metres,
    (ST_AsGeoJSON(s.centreline, %(decimals)s)::json -> 'coordinates') AS shape,
    (ST_AsGeoJSON(s.anchor, %(decimals)s)::json -> 'coordinates') AS anchor
FROM layers_stretch AS s
LEFT JOIN layers_lane AS l ON l.id = s.lane_id
LEFT JOIN layers_street AS t ON t.id = s.street_id
LEFT JOIN layers_stretchseen AS seen ON seen.stretch_id = s.id
WHERE s.cell_id = ANY (%(cells)s) OR s.street_id = ANY (%(streets)s)
    OR s.lane_id = ANY (%(lanes)s)
ORDER BY s.code, s.side, s.id
"""

ENTRANCES = """
SELECT e.id, e.building_id AS building, e.seq, e.interval_days AS interval, e.cell_id AS cell,
    seen.at AS seen, round(ST_X(e.place)::numeric, %(decimals)s)::float8 AS lng,
    round(ST_Y(e.place)::numeric, %(decimals)s)::float8 AS lat
FROM layers_entrance AS e
LEFT JOIN layers_entranceseen AS seen ON seen.entrance_id = e.id
WHERE e.cell_id = ANY (%(cells)s) OR e.building_id = ANY (%(buildings)s)
ORDER BY e.id
"""

BUILDINGS = """
SELECT b.id, coalesce(nullif(b.address, ''), nullif(b.name, ''), b.code) AS address, b.number,
    b.lane_id AS lane, b.street_id AS street, b.cell_id AS cell,
    (ST_AsGeoJSON(b.geom, %(decimals)s)::json -> 'coordinates') AS shape
FROM layers_building AS b
WHERE b.cell_id = ANY (%(shown)s)
    OR b.id IN (
        SELECT e.building_id FROM layers_entrance AS e
        WHERE e.cell_id = ANY (%(cells)s) OR e.building_id = ANY (%(buildings)s)
    )
ORDER BY b.id
"""

WAYS = """
WITH frame AS MATERIALIZED (
    SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) AS box
), way AS MATERIALIZED (
    SELECT 'street' AS kind, t.id, t.name, coalesce(t.width_m, 8) AS width,
        ST_ClipByBox2D(t.centreline, f.box) AS line
    FROM layers_street AS t, frame AS f WHERE t.city_id = %(city)s AND t.centreline && f.box
    UNION ALL
    SELECT 'lane', l.id, l.name, coalesce(l.width_m, 4), ST_ClipByBox2D(l.centreline, f.box)
    FROM layers_lane AS l, frame AS f WHERE l.city_id = %(city)s AND l.centreline && f.box
)

SELECT w.kind, w.id, w.name, w.width,
    (ST_AsGeoJSON(ST_Multi(w.line), %(decimals)s)::json -> 'coordinates') AS shape
FROM way AS w WHERE NOT ST_IsEmpty(w.line) AND ST_Dimension(w.line) = 1
ORDER BY w.kind, w.id
"""

GROUND = """
WITH frame AS MATERIALIZED (
    SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) AS box
), piece AS MATERIALIZED (
    SELECT g.kind, ST_ClipByBox2D(g.geom, f.box) AS geom
    FROM layers_ground AS g, frame AS f WHERE g.city_id = %(city)s AND g.geom && f.box
)

SELECT p.kind, (ST_AsGeoJSON(ST_Multi(p.geom), %(decimals)s)::json -> 'coordinates') AS shape
FROM piece AS p WHERE NOT ST_IsEmpty(p.geom) AND ST_Dimension(p.geom) = 2
ORDER BY p.kind
"""

# Who answers: the holder, or who stands in.
CHIEFS = """
SELECT DISTINCT ON (t.office, t.street_id, t.lane_id, t.building_id, t.cell_id)
    t.office, coalesce(t.street_id, t.lane_id, t.building_id, t.cell_id) AS of, p.name,
    t.standing
FROM layers_chiefterm AS t
INNER JOIN layers_person AS p ON p.id = t.person_id
WHERE t.valid @> %(now)s::timestamptz AND p.city_id = %(city)s AND (
        t.cell_id = ANY (%(shown)s) OR t.building_id = ANY (%(houses)s)
        OR t.lane_id = ANY (%(near_lanes)s) OR t.street_id = ANY (%(near_streets)s)
    )
ORDER BY t.office, t.street_id, t.lane_id, t.building_id, t.cell_id, t.standing DESC, t.id
"""


@dataclass(frozen=True)
class Beat:
    """What one caller walks: whole cells, or the things a chief answers for.

    Attributes:
        city: in which it lies; a beat lies in one city.
        area: whole cells and single things that are walked.
        cells: every cell in which something of it lies.
    """

    city: City
    area: Area
    cells: tuple[int, ...]


def beat_of(scope: Scope) -> Beat:
    """Return what the caller walks.

    Raises:
        OutOfScope: no posting of the caller's gives a beat.
    """
    walked = reduce(or_, (post.area for post in scope.posts if post.role in WALKERS), Area())
    shown = [row["id"] for row in rows(SHOWN, dict(ids_of(walked)))]
    found = (
        Cell.objects.within(scope)
        .filter(pk__in=shown)
        .select_related("community__subdistrict__city")
    )
    first = found.order_by("community__subdistrict__city_id", "pk").first()
    if first is None:
        raise OutOfScope("您现在没有巡区")
    city = first.community.subdistrict.city
    there = found.filter(community__subdistrict__city=city).values_list("pk", flat=True)
    return Beat(city, walked, tuple(sorted(there)))


def of_cells(scope: Scope, city: City, cells: list[int]) -> Beat:
    """Return the beat of whole cells, all of which the caller sees the figures of.

    Raises:
        OutOfScope: one of them is not the caller's business.
    """
    mine = (
        Cell.objects.within(scope)
        .own(scope)
        .filter(pk__in=cells, community__subdistrict__city=city)
    )
    if not cells or set(mine.values_list("pk", flat=True)) != set(cells):
        raise OutOfScope("没有找到，或不在您的范围内")
    return Beat(city, replace(Area(), cells=frozenset(cells)), tuple(sorted(cells)))


def pocket(scope: Scope, beat: Beat, *, now: datetime) -> dict[str, Any]:
    """Return everything of a beat; ten queries.

    ``stretches`` and ``entrances`` are what is walked, with when each was ``seen``; ``buildings``,
    ``ways``, ``ground`` are drawn; ``cells`` with their ``teams``, ``chiefs`` tell who answers;
    ``incidents`` are the open ones, without who reported them. Shapes are GeoJSON coordinates.
    """
    values: dict[str, Value] = {
        **ids_of(beat.area),
        "shown": list(beat.cells),
        "city": beat.city.pk,
        "now": now,
        "decimals": DECIMALS,
    }
    cells = rows(CELLS, values)
    frame = _frame(cells)
    values |= frame
    buildings = rows(BUILDINGS, values)
    ways = rows(WAYS, values)
    stretches = rows(STRETCHES, values)
    lanes = {row["lane"] for row in (*buildings, *stretches)}
    streets = {row["street"] for row in (*buildings, *stretches)}
    values |= {
        "houses": [row["id"] for row in buildings],
        "near_lanes": sorted(pk for pk in lanes if pk),
        "near_streets": sorted(pk for pk in streets if pk),
    }
    return {
        "bbox": [round(frame[side], DECIMALS) for side in ("west", "south", "east", "north")],
        "cells": [
            {name: row[name] for name in ("id", "code", "name", "community", "teams", "shape")}
            for row in cells
        ],
        "stretches": [{**row, "seen": _stamp(row["seen"])} for row in stretches],
        "entrances": [{**row, "seen": _stamp(row["seen"])} for row in rows(ENTRANCES, values)],
        "buildings": [{**row, "sign": public_code("building", row["id"])} for row in buildings],
        "ways": ways,
        "ground": rows(GROUND, values),
        "chiefs": rows(CHIEFS, values),
        "incidents": _incidents(scope, beat),
        "categories": list(
            Category.objects.filter(city=beat.city, category=None)  # the ends of the branches
            .order_by("code")
            .values("code", "name", "name_en")
        ),
    }


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def _frame(cells: list[dict[str, Any]]) -> dict[str, float]:
    """The box around the cells with some ground beside it, in degrees."""
    pad = MARGIN / 111_000
    return {
        "west": min(row["west"] for row in cells) - pad,
        "south": min(row["south"] for row in cells) - pad,
        "east": max(row["east"] for row in cells) + pad,
        "north": max(row["north"] for row in cells) + pad,
    }


def _incidents(scope: Scope, beat: Beat) -> list[dict[str, Any]]:
    """The open incidents of the beat: what and where, never who told."""
    found = Incident.objects.within(scope).filter(cell_id__in=beat.cells).exclude(light=Light.NONE)
    return [
        {
            "id": row.pk,
            "number": row.number,
            "title": row.title,
            "address": row.address,
            "category": row.category.name,
            "category_en": row.category.name_en,
            "light": Light(row.light).name.lower(),
            "due": _stamp(row.due),
            "cell": row.cell_id,
            "lng": round(row.place.x, DECIMALS),
            "lat": round(row.place.y, DECIMALS),
        }
        for row in found.by_urgency().select_related("category")
    ]
