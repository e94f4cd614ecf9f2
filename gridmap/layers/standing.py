"""Who answers for what: chiefs of a cell, the ladder of a building, the standing of a city."""

from collections import Counter
from datetime import datetime
from typing import Any

from gridmap.layers.places import Building, Lane, Street
from gridmap.layers.query import Value, ids_of, rows
from gridmap.layers.scope import NONE, Area, Scope
from gridmap.layers.territory import Cell, City, Community

STANDINGS = ("filled", "substitute", "expiring", "vacant")  # gridmap_standing, from 1
VACANT = 4
RUNGS = ("street", "lane", "building")

# Objects of a cell: its buildings and its ways, as in the roll-up.
OF_CELL = """
WITH object AS (
    SELECT 'street' AS rung, t.id, t.name, t.code FROM layers_street AS t
    WHERE t.id IN (SELECT w.street_id FROM gridmap_cell_way AS w WHERE w.cell_id = %(cell)s)
    UNION ALL
    SELECT 'lane', l.id, l.name, l.code FROM layers_lane AS l
    WHERE l.id IN (SELECT w.lane_id FROM gridmap_cell_way AS w WHERE w.cell_id = %(cell)s)
    UNION ALL
    SELECT 'building', b.id, coalesce(nullif(b.name, ''), nullif(b.address, ''), b.code), b.code
    FROM layers_building AS b WHERE b.cell_id = %(cell)s
),

term AS (
    SELECT o.rung, o.id, t.person_id, t.standing, t.valid
    FROM object AS o INNER JOIN layers_chiefterm AS t ON t.street_id = o.id
    WHERE o.rung = 'street'
    UNION ALL
    SELECT o.rung, o.id, t.person_id, t.standing, t.valid
    FROM object AS o INNER JOIN layers_chiefterm AS t ON t.lane_id = o.id
    WHERE o.rung = 'lane'
    UNION ALL
    SELECT o.rung, o.id, t.person_id, t.standing, t.valid
    FROM object AS o INNER JOIN layers_chiefterm AS t ON t.building_id = o.id
    WHERE o.rung = 'building'
),

held AS (
    SELECT t.rung, t.id, max(upper(t.valid)) FILTER (WHERE upper(t.valid) <= %(now)s) AS until,
        bool_or(t.standing = 'substitute') FILTER (WHERE r.runs) AS substitute,
        array_agg(upper(t.valid)) FILTER (WHERE r.runs AND t.standing = 'acting') AS ends,
        json_agg(
            json_build_object(
                'person', p.id, 'name', p.name, 'standing', t.standing, 'until', upper(t.valid)
            ) ORDER BY t.standing DESC
        ) FILTER (WHERE r.runs) AS holders
    FROM term AS t
    INNER JOIN layers_person AS p ON p.id = t.person_id
    CROSS JOIN LATERAL (SELECT t.valid @> %(now)s::timestamptz AS runs) AS r
    GROUP BY t.rung, t.id
)

SELECT o.rung, o.id, o.name, coalesce(h.holders, '[]') AS holders, h.until AS vacant_since,
    gridmap_standing(h.substitute, h.ends, %(now)s) AS standing
FROM object AS o LEFT JOIN held AS h ON h.rung = o.rung AND h.id = o.id
ORDER BY standing DESC, o.code
"""

OF_OFFICE = """
SELECT t.office, t.standing, upper(t.valid) AS until, p.id AS person, p.name
FROM layers_chiefterm AS t INNER JOIN layers_person AS p ON p.id = t.person_id
WHERE t.cell_id = %(cell)s AND t.valid @> %(now)s::timestamptz
ORDER BY t.office, t.standing, p.id
"""

LADDER = """
WITH rung AS (
    SELECT 1 AS step, 'building' AS rung, b.id,
        coalesce(nullif(b.name, ''), nullif(b.address, ''), b.code) AS name
    FROM layers_building AS b WHERE b.id = %(building)s
    UNION ALL
    SELECT 2, 'lane', l.id, l.name
    FROM layers_building AS b INNER JOIN layers_lane AS l ON l.id = b.lane_id
    WHERE b.id = %(building)s
    UNION ALL
    SELECT 3, 'street', s.id, s.name
    FROM layers_building AS b
    LEFT JOIN layers_lane AS l ON l.id = b.lane_id
    INNER JOIN layers_street AS s ON s.id = coalesce(b.street_id, l.street_id)
    WHERE b.id = %(building)s
    UNION ALL
    SELECT 4, 'cell', e.cell_id, e.name
    FROM layers_building AS b
    INNER JOIN layers_celledition AS e ON e.cell_id = b.cell_id AND e.valid @> %(now)s::timestamptz
    WHERE b.id = %(building)s
)

SELECT r.rung, r.id, r.name, coalesce(
    json_agg(
        json_build_object(
            'person', p.id, 'name', p.name, 'office', t.office, 'standing', t.standing,
            'until', upper(t.valid)
        ) ORDER BY t.standing DESC, t.office DESC, p.id
    ) FILTER (WHERE t.valid @> %(now)s::timestamptz), '[]') AS holders,
    max(upper(t.valid)) FILTER (WHERE upper(t.valid) <= %(now)s) AS vacant_since,
    gridmap_standing(
        bool_or(t.standing = 'substitute') FILTER (WHERE t.valid @> %(now)s::timestamptz),
        array_agg(upper(t.valid)) FILTER (
            WHERE t.standing = 'acting' AND t.valid @> %(now)s::timestamptz
        ), %(now)s
    ) AS standing
FROM rung AS r
LEFT JOIN layers_chiefterm AS t ON (r.rung = 'building' AND t.building_id = r.id)
    OR (r.rung = 'lane' AND t.lane_id = r.id) OR (r.rung = 'street' AND t.street_id = r.id)
    OR (r.rung = 'cell' AND t.cell_id = r.id)
LEFT JOIN layers_person AS p ON p.id = t.person_id
GROUP BY r.step, r.rung, r.id, r.name
ORDER BY r.step
"""

OF_CITY = """
WITH term AS (
    SELECT t.office, coalesce(t.building_id, t.lane_id, t.street_id) AS id,
        gridmap_standing(
            bool_or(t.standing = 'substitute'),
            array_agg(upper(t.valid)) FILTER (WHERE t.standing = 'acting'), %(now)s
        ) AS class
    FROM layers_chiefterm AS t
    WHERE t.valid @> %(now)s::timestamptz AND t.cell_id IS NULL
    GROUP BY 1, 2
)

SELECT 'buildings' AS thing, b.id, coalesce(t.class, 4) AS class
FROM layers_building AS b LEFT JOIN term AS t ON t.office = 'building' AND t.id = b.id
WHERE b.city_id = %(city)s AND (
    %(everything)s OR b.community_id = ANY (%(communities)s) OR b.cell_id = ANY (%(cells)s)
    OR b.id = ANY (%(buildings)s)
)
UNION ALL
SELECT 'lanes', l.id, coalesce(t.class, 4)
FROM layers_lane AS l LEFT JOIN term AS t ON t.office = 'lane' AND t.id = l.id
WHERE l.city_id = %(city)s AND (
    %(everything)s OR l.community_id = ANY (%(communities)s) OR l.id = ANY (%(lanes)s) OR l.id IN (
        SELECT w.lane_id FROM gridmap_cell_way AS w INNER JOIN layers_cell AS c ON c.id = w.cell_id
        WHERE c.community_id = ANY (%(communities)s) OR c.id = ANY (%(cells)s)
    )
)
UNION ALL
SELECT 'streets', r.id, coalesce(t.class, 4)
FROM layers_street AS r LEFT JOIN term AS t ON t.office = 'street' AND t.id = r.id
WHERE r.city_id = %(city)s AND (
    %(everything)s OR r.id = ANY (%(streets)s) OR r.id IN (
        SELECT w.street_id FROM gridmap_cell_way AS w
        INNER JOIN layers_cell AS c ON c.id = w.cell_id
        WHERE c.community_id = ANY (%(communities)s) OR c.id = ANY (%(cells)s)
    )
)
ORDER BY 1, 2
"""


def cell_chiefs(cell_id: int, *, now: datetime) -> dict[str, Any]:
    """Return the chiefs of every rung in one cell; the caller has checked the scope.

    Two queries. Per rung: counts of the four standings, ``total``, and every ``object`` with its
    ``holders``, vacant ones first. ``cell`` lists who heads and works the cell itself.
    """
    values: dict[str, Value] = {"cell": cell_id, "now": now}
    answer: dict[str, Any] = {
        f"{rung}s": {**dict.fromkeys(STANDINGS, 0), "total": 0, "objects": []} for rung in RUNGS
    }
    for row in rows(OF_CELL, values):
        rung = answer[f"{row.pop('rung')}s"]
        word = STANDINGS[row["standing"] - 1]
        rung[word] += 1
        rung["total"] += 1
        since = row["vacant_since"] if row["standing"] == VACANT else None
        rung["objects"].append({**row, "standing": word, "vacant_since": since})
    answer["cell"] = rows(OF_OFFICE, values)
    return answer


def ladder(building: Building, *, now: datetime) -> list[dict[str, Any]]:
    """Return who answers at a building, from its own chief up to the cell's worker.

    A vacant rung is stood in for by the next one above that has a holder: ``stand_in`` names that
    rung, so that the page need not know the rule.
    """
    steps = rows(LADDER, {"building": building.pk, "now": now})
    above: str | None = None
    for step in reversed(steps):
        vacant = step["standing"] == VACANT
        step["stand_in"] = above if vacant else None
        step["vacant_since"] = step["vacant_since"] if vacant else None
        step["standing"] = STANDINGS[step["standing"] - 1]
        if not vacant:
            above = step["rung"]
    return steps


def _part(scope: Scope, city: City, area: dict[str, int]) -> Area:
    """Return what of the caller's own area lies in these communities, or passes through them."""
    inside = Community.objects.within(scope).filter(subdistrict__city=city, **area)
    places = frozenset(inside.values_list("pk", flat=True))
    own = scope.figures
    cells = Cell.objects.within(scope).filter(pk__in=own.cells, community__in=places)
    buildings = Building.objects.within(scope).filter(pk__in=own.buildings, community__in=places)
    lanes = Lane.objects.within(scope).filter(pk__in=own.lanes, community__in=places)
    streets = Street.objects.within(scope).filter(
        pk__in=own.streets, stretches__cell__community__in=places
    )
    things = (cells, streets, lanes, buildings)
    return Area(
        NONE,
        places if city.pk in own.cities else places & own.communities,
        *(frozenset(rows.values_list("pk", flat=True)) for rows in things),
    )


def standing(
    scope: Scope,
    city: City,
    *,
    now: datetime,
    subdistrict: int | None = None,
    community: int | None = None,
) -> dict[str, list[list[int]]]:
    """Return ``[id, class]`` of the buildings, lanes and streets in the caller's own area.

    Each thing once, however many cells it crosses. Classes as in the roll-up: 1 filled,
    2 substitute, 3 expiring within 30 days, 4 vacant.

    Args:
        scope: chiefs are seen in the caller's own area only.
        city: one city.
        now: the moment whose terms count.
        subdistrict: only what lies in this subdistrict, or passes through it.
        community: only what lies in this community, or passes through it.
    """
    area: dict[str, int] = {}
    if subdistrict is not None:
        area["subdistrict"] = subdistrict
    if community is not None:
        area["pk"] = community
    own = _part(scope, city, area) if area else scope.figures
    values: dict[str, Value] = {
        "city": city.pk,
        "now": now,
        "everything": city.pk in own.cities,
        **ids_of(own),
    }
    answer: dict[str, list[list[int]]] = {"buildings": [], "lanes": [], "streets": []}
    for row in rows(OF_CITY, values):
        answer[row["thing"]].append([row["id"], row["class"]])
    return answer


def summary(found: dict[str, list[list[int]]]) -> dict[str, dict[str, int]]:
    """Count what ``standing`` returned: per rung how many of each standing, and ``total``."""
    counts = {thing: Counter(klass for _, klass in pairs) for thing, pairs in found.items()}
    return {
        thing: {word: count[klass] for klass, word in enumerate(STANDINGS, 1)}
        | {"total": count.total()}
        for thing, count in counts.items()
    }
