"""Where nobody has been for too long: sums of places by cell, the holes one by one, shapes to draw.

For a day of the last ninety: what was seen until then, against the interval of today.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridmap.layers.coverage import SEEN
from gridmap.layers.query import Value, ids_of, rows
from gridmap.layers.scope import Area, Scope
from gridmap.layers.territory import City

DAYS_BACK = 90
THINGS = ("stretch", "entrance")

# The places that are the caller's business, each with its class.
_PLACES = """
WITH place AS (
    SELECT 'stretch' AS thing, s.id, s.cell_id, s.interval_days, seen.at,
        coalesce(nullif(l.name, ''), nullif(t.name, ''), s.code) AS name,
        s.start, s.end, s.side, s.street_id, s.lane_id, NULL::bigint AS building_id,
        NULL::integer AS seq
    FROM layers_stretch AS s
    LEFT JOIN layers_lane AS l ON l.id = s.lane_id
    LEFT JOIN layers_street AS t ON t.id = s.street_id
    {stretch}
    WHERE s.city_id = %(city)s
    UNION ALL
    SELECT 'entrance', e.id, e.cell_id, e.interval_days, seen.at,
        coalesce(nullif(b.address, ''), nullif(b.name, ''), b.code),
        '', '', '', NULL, NULL, e.building_id, e.seq
    FROM layers_entrance AS e
    INNER JOIN layers_building AS b ON b.id = e.building_id
    {entrance}
    WHERE b.city_id = %(city)s
), judged AS MATERIALIZED (
    SELECT p.*, c.community_id, (d.today - d.seen_on) AS days,
        gridmap_freshness(d.seen_on, p.interval_days, d.today) AS class
    FROM place AS p
    INNER JOIN layers_cell AS c ON c.id = p.cell_id
    INNER JOIN layers_city AS y ON y.id = %(city)s
    CROSS JOIN LATERAL (
        SELECT (%(now)s::timestamptz AT TIME ZONE y.time_zone)::date AS today,
            (p.at AT TIME ZONE y.time_zone)::date AS seen_on
    ) AS d
    WHERE (
            %(everything)s OR c.community_id = ANY (%(communities)s) OR c.id = ANY (%(cells)s)
            OR p.street_id = ANY (%(streets)s) OR p.lane_id = ANY (%(lanes)s)
            OR p.building_id = ANY (%(buildings)s)
        )
        AND (%(community)s::bigint IS NULL OR c.community_id = %(community)s)
        AND (%(cell)s::bigint IS NULL OR c.id = %(cell)s)
        AND (%(thing)s::text IS NULL OR p.thing = %(thing)s)
        AND (%(team)s::bigint IS NULL OR c.id IN (
            SELECT a.cell_id FROM layers_teamarea AS a
            WHERE a.team_id = %(team)s AND a.valid @> %(now)s::timestamptz
        ))
)
"""

SUMS = (
    _PLACES
    + """
SELECT j.cell_id AS cell, j.community_id AS community, count(*) AS total,
    count(*) FILTER (WHERE j.class < 5) AS on_time, count(*) FILTER (WHERE j.class = 5) AS over,
    count(*) FILTER (WHERE j.class = 6) AS never,
    count(*) FILTER (WHERE j.days < %(span)s) AS seen
FROM judged AS j
GROUP BY j.cell_id, j.community_id
"""
)

HOLES = (
    _PLACES
    + """
SELECT j.thing, j.id, j.name, j.start, j.end, j.side, j.seq, j.interval_days, j.days,
    j.at AS last_seen, j.class, e.code AS cell_code, e.name AS cell_name, k.name AS community,
    j.cell_id AS cell, count(*) OVER () AS of
FROM judged AS j
INNER JOIN layers_community AS k ON k.id = j.community_id
LEFT JOIN layers_celledition AS e ON e.cell_id = j.cell_id AND e.valid @> %(now)s::timestamptz
WHERE j.class >= 5
ORDER BY (j.days - j.interval_days) DESC NULLS FIRST, k.code, e.code, j.thing DESC, j.id
LIMIT %(most)s OFFSET %(first)s
"""
)

TEAMS = """
SELECT t.id, t.name, t.kind, array_agg(a.cell_id ORDER BY a.cell_id) AS cells
FROM layers_team AS t INNER JOIN layers_teamarea AS a ON a.team_id = t.id
WHERE t.city_id = %(city)s AND a.valid @> %(now)s::timestamptz
GROUP BY t.id ORDER BY t.name
"""

# In the metric system of the city, north up: an SVG's y runs down, ST_AsSVG turns it.
SHAPES = """
SELECT e.cell_id AS cell, e.code, e.name, ST_AsSVG(g.geom, 1, 1) AS shape,
    ST_X(ST_PointOnSurface(g.geom)) AS x, -ST_Y(ST_PointOnSurface(g.geom)) AS y,
    ST_XMin(g.geom) AS west, ST_XMax(g.geom) AS east, -ST_YMax(g.geom) AS top,
    -ST_YMin(g.geom) AS low
FROM layers_celledition AS e
CROSS JOIN LATERAL (SELECT ST_Transform(e.geom, %(srid)s) AS geom) AS g
WHERE e.cell_id = ANY (%(cells)s) AND e.valid @> %(now)s::timestamptz
ORDER BY e.code
"""

OUTLINES = """
SELECT a.team_id AS team, ST_AsSVG(ST_Transform(ST_Union(e.geom), %(srid)s), 1, 1) AS shape
FROM layers_teamarea AS a
INNER JOIN layers_team AS t ON t.id = a.team_id
INNER JOIN layers_celledition AS e ON e.cell_id = a.cell_id AND e.valid @> %(now)s::timestamptz
WHERE t.city_id = %(city)s AND a.valid @> %(now)s::timestamptz AND a.cell_id = ANY (%(cells)s)
GROUP BY a.team_id ORDER BY a.team_id
"""


@dataclass(frozen=True)
class Asked:
    """What is looked up: a city as it stood at a moment, narrowed to some of it.

    Attributes:
        city: one city.
        now: the moment.
        past: whether it is another than the present.
        span: days before it that count as the period.
        community: only this community.
        cell: only this cell.
        team: only what this team looked after then.
        thing: only ``stretch`` or ``entrance``.
    """

    city: City
    now: datetime
    past: bool = False
    span: int = 30
    community: int | None = None
    cell: int | None = None
    team: int | None = None
    thing: str | None = None


@dataclass
class Sum:
    """How many places there are, how many were in time, over, never seen, seen in the period."""

    total: int = 0
    on_time: int = 0
    over: int = 0
    never: int = 0
    seen: int = 0

    def add(self, row: dict[str, Any]) -> None:
        """Count a cell in."""
        for name in ("total", "on_time", "over", "never", "seen"):
            setattr(self, name, getattr(self, name) + row[name])

    @property
    def share(self) -> int | None:
        """Return the places in time of a hundred, rounded down: 100 means all."""
        return self.on_time * 100 // self.total if self.total else None


def _values(scope: Scope, asked: Asked) -> dict[str, Value]:
    own = scope.area | Area(cells=scope.beats)
    return {
        "city": asked.city.pk,
        "now": asked.now,
        "everything": asked.city.pk in own.cities,
        "span": asked.span,
        "community": asked.community,
        "cell": asked.cell,
        "team": asked.team,
        "thing": asked.thing,
        **ids_of(own),
    }


def sums(scope: Scope, asked: Asked) -> list[dict[str, Any]]:
    """Return the sums of each cell in which the caller has a place, in one query."""
    return rows(SUMS.format(**SEEN[asked.past]), _values(scope, asked))


def holes(scope: Scope, asked: Asked, *, first: int = 0, most: int = 100) -> list[dict[str, Any]]:
    """Return places beyond their interval, never seen ones first; ``of`` is how many there are."""
    values = {**_values(scope, asked), "first": first, "most": most}
    return rows(HOLES.format(**SEEN[asked.past]), values)


def teams_at(city: City, now: datetime) -> list[dict[str, Any]]:
    """Return the teams that looked after cells at a moment, with the ids of those cells."""
    return rows(TEAMS, {"city": city.pk, "now": now})


def by(key: str, found: Iterable[dict[str, Any]]) -> dict[int, Sum]:
    """Return the sums of sums of cells by one of their columns."""
    out: dict[int, Sum] = defaultdict(Sum)
    for row in found:
        out[row[key]].add(row)
    return dict(out)


def by_team(found: Sequence[dict[str, Any]], teams: Iterable[dict[str, Any]]) -> dict[int, Sum]:
    """Return the sums by team; a cell that two look after counts for both."""
    of_cell = {row["cell"]: row for row in found}
    out: dict[int, Sum] = {}
    for team in teams:
        mine = [of_cell[cell] for cell in team["cells"] if cell in of_cell]
        if mine:
            out[team["id"]] = by("all", [{**row, "all": 0} for row in mine])[0]
    return out


def shapes(
    city: City, cells: list[int], now: datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the cells and the outlines of the teams' areas, as paths of SVG in metres."""
    values: dict[str, Value] = {
        "city": city.pk, "cells": cells, "now": now, "srid": city.metric_srid,
    }  # fmt: skip
    return rows(SHAPES, values), rows(OUTLINES, values)
