"""Who looks after a point: the teams of its cell, when they were last here, when they come next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gridmap.layers.query import Value, rows
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City

NEAR = 60  # metres: what is further away is not "here"

# Days, not hours: it is asked about places, and nobody shall be met by it.
AT = """
WITH spot AS (
    SELECT ST_SetSRID(ST_MakePoint(%(lng)s, %(lat)s), 4326) AS point
), here AS MATERIALIZED (
    SELECT e.cell_id, e.code, e.name, k.name AS community
    FROM layers_celledition AS e
    INNER JOIN layers_cell AS c ON c.id = e.cell_id
    INNER JOIN layers_community AS k ON k.id = c.community_id
    INNER JOIN layers_subdistrict AS u ON u.id = k.subdistrict_id, spot AS p
    WHERE u.city_id = %(city)s AND e.valid @> %(now)s::timestamptz
        AND ST_Intersects(e.geom, p.point)
    ORDER BY e.code LIMIT 1
)

SELECT h.cell_id, h.code, h.name, h.community, t.id AS team, t.name AS team_name, t.kind,
    (
        SELECT (max(v.at) AT TIME ZONE %(zone)s)::date FROM layers_visit AS v
        LEFT JOIN layers_stretch AS s ON s.id = v.stretch_id
        LEFT JOIN layers_entrance AS n ON n.id = v.entrance_id
        WHERE v.team_id = t.id AND v.at <= %(now)s AND coalesce(s.cell_id, n.cell_id) = h.cell_id
    ) AS last_day,
    (
        SELECT min(f.starts) FROM layers_shift AS f
        WHERE f.team_id = t.id AND f.ends > %(now)s AND f.state IN ('scheduled', 'ready', 'active')
            AND (
                NOT EXISTS (SELECT FROM layers_shiftsegment AS w WHERE w.shift_id = f.id)
                OR EXISTS (
                    SELECT FROM layers_shiftsegment AS w
                    INNER JOIN layers_segmentstretch AS g ON g.segment_id = w.segment_id
                    INNER JOIN layers_stretch AS s ON s.id = g.stretch_id
                    WHERE w.shift_id = f.id AND s.cell_id = h.cell_id
                )
            )
    ) AS next_shift
FROM here AS h
LEFT JOIN layers_teamarea AS a ON a.cell_id = h.cell_id AND a.valid @> %(now)s::timestamptz
LEFT JOIN layers_team AS t ON t.id = a.team_id
ORDER BY t.name, t.id
"""

NEAREST = """
WITH spot AS (
    SELECT ST_SetSRID(ST_MakePoint(%(lng)s, %(lat)s), 4326) AS point
), near AS MATERIALIZED (
    SELECT 'entrance' AS thing, e.id,
        coalesce(nullif(b.address, ''), nullif(b.name, ''), b.code) AS name, '' AS side,
        e.interval_days, seen.at, ST_Distance(e.place::geography, p.point::geography) AS metres
    FROM spot AS p
    INNER JOIN layers_entrance AS e ON e.place && ST_Expand(p.point, %(reach)s)
    INNER JOIN layers_building AS b ON b.id = e.building_id AND b.city_id = %(city)s
    LEFT JOIN layers_entranceseen AS seen ON seen.entrance_id = e.id
    UNION ALL
    SELECT 'stretch', s.id, coalesce(nullif(l.name, ''), nullif(t.name, ''), s.code), s.side,
        s.interval_days, seen.at, ST_Distance(s.centreline::geography, p.point::geography)
    FROM spot AS p
    INNER JOIN layers_stretch AS s
        ON s.centreline && ST_Expand(p.point, %(reach)s) AND s.city_id = %(city)s
    LEFT JOIN layers_lane AS l ON l.id = s.lane_id
    LEFT JOIN layers_street AS t ON t.id = s.street_id
    LEFT JOIN layers_stretchseen AS seen ON seen.stretch_id = s.id
)

SELECT DISTINCT ON (n.thing) n.thing, n.id, n.name, n.side, round(n.metres)::integer AS metres,
    n.interval_days, (n.at AT TIME ZONE %(zone)s)::date AS last_day,
    (n.at AT TIME ZONE %(zone)s)::date + n.interval_days AS due_day,
    gridmap_freshness((n.at AT TIME ZONE %(zone)s)::date, n.interval_days,
        (%(now)s::timestamptz AT TIME ZONE %(zone)s)::date) AS class
FROM near AS n WHERE n.metres <= %(near)s
ORDER BY n.thing DESC, n.metres, n.at NULLS FIRST, n.id
"""


def covering(
    scope: Scope, city: City, place: tuple[float, float], *, now: datetime
) -> dict[str, Any] | None:
    """Return who covers a point of a city in which the caller works; None: no cell lies there.

    Two queries. ``teams`` look after the cell; each with the day it was last there and when its
    next shift begins. ``places`` are the stretch and the entrance next to the point, within
    ``NEAR`` metres, with the day each was last seen by anybody and is due again.
    """
    if city.pk not in scope.ground:
        return None
    lng, lat = place
    values: dict[str, Value] = {
        "city": city.pk, "lng": lng, "lat": lat, "now": now, "zone": city.time_zone,
        "near": NEAR, "reach": 2 * NEAR / 111_000,
    }  # fmt: skip
    found = rows(AT, values)
    if not found:
        return None
    cell = {"id": found[0]["cell_id"], **{key: found[0][key] for key in ("code", "name")}}
    teams = [
        {
            "id": row["team"],
            "name": row["team_name"],
            "kind": row["kind"],
            "last_day": row["last_day"],
            "next_shift": row["next_shift"],
        }
        for row in found
        if row["team"] is not None
    ]
    return {
        "cell": cell,
        "community": found[0]["community"],
        "teams": teams,
        "places": rows(NEAREST, values),
    }
