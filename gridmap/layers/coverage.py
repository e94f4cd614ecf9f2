"""How fresh the volunteers' coverage is: of one cell in full, of a city in short.

Places are judged, people are not: no row here knows who walked.
"""

from datetime import datetime
from typing import Any

from gridmap.layers.query import Value, ids_of, rows
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City

CLASSES = 7  # gridmap_freshness: 0 today … 4 due today, 5 over the interval, 6 never seen
OVER, NEVER = 5, 6
DAYS_SHOWN = 7

# Where the last visit of a place is kept; of a past moment it is looked up among all visits.
_LAST = """LEFT JOIN LATERAL (
    SELECT v.at FROM layers_visit AS v WHERE v.{thing}_id = {table}.id AND v.at <= %(now)s
    ORDER BY v.at DESC LIMIT 1
) AS seen ON TRUE"""
SEEN = {
    False: {
        "stretch": "LEFT JOIN layers_stretchseen AS seen ON seen.stretch_id = s.id",
        "entrance": "LEFT JOIN layers_entranceseen AS seen ON seen.entrance_id = e.id",
    },
    True: {
        "stretch": _LAST.format(thing="stretch", table="s"),
        "entrance": _LAST.format(thing="entrance", table="e"),
    },
}

STRETCHES = """
SELECT s.id, coalesce(l.name, t.name) AS name, s.lane_id, s.street_id, s.start, s.end, s.side,
    s.interval_days, (d.today - d.seen_on) AS days, seen.at AS last_seen,
    gridmap_freshness(d.seen_on, s.interval_days, d.today) AS class,
    ST_X(s.anchor) AS lng, ST_Y(s.anchor) AS lat
FROM layers_stretch AS s
LEFT JOIN layers_lane AS l ON l.id = s.lane_id
LEFT JOIN layers_street AS t ON t.id = s.street_id
{stretch}
INNER JOIN layers_city AS y ON y.id = s.city_id
CROSS JOIN LATERAL (
    SELECT (%(now)s::timestamptz AT TIME ZONE y.time_zone)::date AS today,
        (seen.at AT TIME ZONE y.time_zone)::date AS seen_on
) AS d
WHERE s.cell_id = %(cell)s
ORDER BY (d.today - d.seen_on - s.interval_days) DESC NULLS FIRST, s.code, s.side
"""

ENTRANCES = """
SELECT gridmap_freshness(
        (seen.at AT TIME ZONE y.time_zone)::date, e.interval_days,
        (%(now)s::timestamptz AT TIME ZONE y.time_zone)::date
    ) AS class, count(*) AS n
FROM layers_entrance AS e
INNER JOIN layers_building AS b ON b.id = e.building_id
INNER JOIN layers_city AS y ON y.id = b.city_id
{entrance}
WHERE e.cell_id = %(cell)s
GROUP BY 1
"""

WEEK = """
SELECT v.day, v.source, count(*) AS visits, count(DISTINCT v.stretch_id) AS stretches
FROM (
    SELECT (v.at AT TIME ZONE y.time_zone)::date AS day, v.source, v.stretch_id, y.time_zone
    FROM layers_visit AS v
    INNER JOIN layers_city AS y ON y.id = v.city_id
    WHERE v.at >= %(now)s::timestamptz - interval '8 days' AND v.at <= %(now)s
        AND (
            v.stretch_id IN (SELECT s.id FROM layers_stretch AS s WHERE s.cell_id = %(cell)s)
            OR v.entrance_id IN (SELECT e.id FROM layers_entrance AS e WHERE e.cell_id = %(cell)s)
        )
) AS v
WHERE v.day > (%(now)s::timestamptz AT TIME ZONE v.time_zone)::date - 7
GROUP BY GROUPING SETS ((v.day), (v.source))
ORDER BY v.day, v.source
"""

TEAMS = """
SELECT t.id, t.name, t.kind,
    (
        SELECT count(*) FROM layers_membership AS m
        WHERE m.team_id = t.id AND m.valid @> %(now)s::timestamptz
    ) AS members,
    (
        SELECT max(v.at) FROM layers_visit AS v
        LEFT JOIN layers_stretch AS s ON s.id = v.stretch_id
        LEFT JOIN layers_entrance AS e ON e.id = v.entrance_id
        WHERE v.team_id = t.id AND coalesce(s.cell_id, e.cell_id) = %(cell)s
            AND v.at <= %(now)s
    ) AS last_visit
FROM layers_team AS t
INNER JOIN layers_teamarea AS a ON a.team_id = t.id
WHERE a.cell_id = %(cell)s AND a.valid @> %(now)s::timestamptz
ORDER BY t.name, t.id
"""

# Entrances are too many for a whole city: they come with an area or a box only.
FRESHNESS = """
WITH place AS (
    SELECT 'stretches' AS thing, s.id, s.cell_id, s.interval_days, seen.at,
        NULL::double precision AS lng, NULL::double precision AS lat,
        s.street_id, s.lane_id, NULL::bigint AS building_id
    FROM layers_stretch AS s
    {stretch}
    WHERE s.city_id = %(city)s
        AND (%(box)s::geometry IS NULL OR s.centreline && %(box)s::geometry)
    UNION ALL
    SELECT 'entrances', e.id, e.cell_id, e.interval_days, seen.at, ST_X(e.place), ST_Y(e.place),
        NULL, NULL, e.building_id
    FROM layers_entrance AS e
    INNER JOIN layers_building AS b ON b.id = e.building_id
    {entrance}
    WHERE b.city_id = %(city)s
        AND (%(box)s::geometry IS NOT NULL OR %(community)s::bigint IS NOT NULL)
        AND (%(box)s::geometry IS NULL OR e.place && %(box)s::geometry)
)

SELECT p.thing, p.id, p.lng, p.lat, (d.today - d.seen_on) AS days, p.interval_days,
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
ORDER BY p.thing, p.id
"""


def _tally(counted: list[tuple[int, int]]) -> list[int]:
    classes = [0] * CLASSES
    for klass, n in counted:
        classes[klass] += n
    return classes


def cell_coverage(cell_id: int, *, now: datetime, past: bool = False) -> dict[str, Any]:
    """Return everything about the coverage of one cell; the caller has checked the scope.

    Four queries. ``stretches`` are sorted by what is most due: never seen, then longest over the
    interval of the place. ``past``: whether ``now`` is another moment than the present.
    """
    values: dict[str, Value] = {"cell": cell_id, "now": now}
    stretches = rows(STRETCHES.format(**SEEN[past]), values)
    entrances = [(row["class"], row["n"]) for row in rows(ENTRANCES.format(**SEEN[past]), values)]
    week = rows(WEEK, values)
    return {
        "stretch_classes": _tally([(row["class"], 1) for row in stretches]),
        "entrance_classes": _tally(entrances),
        "on_time": sum(row["class"] < OVER for row in stretches),
        "total": len(stretches),
        "stretches": stretches,
        "week": [
            {"day": row["day"], "stretches": row["stretches"], "visits": row["visits"]}
            for row in week
            if row["day"] is not None
        ],
        "sources": {row["source"]: row["visits"] for row in week if row["day"] is None},
        "teams": rows(TEAMS, values),
    }


def freshness(
    scope: Scope,
    city: City,
    *,
    moment: tuple[datetime, bool],
    community: int | None = None,
    box: str | None = None,
) -> dict[str, list[list[float | None]]]:
    """Return how fresh the places are that are the caller's business, in one query.

    ``stretches`` are ``[id, class, days]``; ``entrances``, with a community or a box only, are
    ``[id, lng, lat, class, days, interval]``. Days are null where nobody was ever seen.

    Args:
        scope: visits are seen in the caller's own area only.
        city: one city.
        moment: whose day counts, and whether it is past.
        community: only those of this community.
        box: only those whose box meets this one, as EWKT.
    """
    now, past = moment
    values: dict[str, Value] = {
        "city": city.pk,
        "now": now,
        "community": community,
        "box": box,
        "everything": city.pk in scope.figures.cities,
        **ids_of(scope.figures),
    }
    found: dict[str, list[list[float | None]]] = {"stretches": []}
    if community is not None or box is not None:
        found["entrances"] = []
    for row in rows(FRESHNESS.format(**SEEN[past]), values):
        told = [row["class"], row["days"]]
        if row["thing"] == "stretches":
            found["stretches"].append([row["id"], *told])
        else:
            place = [row["lng"], row["lat"]]
            found["entrances"].append([row["id"], *place, *told, row["interval_days"]])
    return found
