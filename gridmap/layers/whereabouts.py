"""Which cell a place was in on a day, and what was counted in the cells of that day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point

from gridmap.layers.query import rows
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City

_WHERE = """
SELECT c.id, c.uid::text AS uid, e.code::text AS code, e.name::text AS name, e.kind::text AS kind,
    k.id AS community, lower(e.valid) AS since, upper(e.valid) AS until
FROM layers_celledition AS e
INNER JOIN layers_cell AS c ON c.id = e.cell_id
INNER JOIN layers_community AS k ON k.id = c.community_id
INNER JOIN layers_subdistrict AS s ON s.id = k.subdistrict_id
WHERE ST_Covers(e.geom, {place}) AND e.valid @> %(moment)s::timestamptz AND s.city_id = %(city)s
ORDER BY e.code LIMIT 1
"""
_POINT = "ST_SetSRID(ST_MakePoint(%(lng)s, %(lat)s), 4326)"
_BUILDING = "(SELECT ST_PointOnSurface(b.geom) FROM layers_building AS b WHERE b.id = %(building)s)"


def cell_at(city: City, place: Point, moment: datetime) -> dict[str, Any] | None:
    """Return the cell a place lay in, as it was then; on a border, the lower code."""
    values: dict[str, Any] = {
        "lng": place.x, "lat": place.y, "moment": moment, "city": city.pk
    }  # fmt: skip
    found = rows(_WHERE.format(place=_POINT), values)
    return found[0] if found else None


def cell_of_building(city: City, building: int, moment: datetime) -> dict[str, Any] | None:
    """Return the cell the ground of a building lay in, as it was then."""
    values: dict[str, Any] = {"building": building, "moment": moment, "city": city.pk}
    found = rows(_WHERE.format(place=_BUILDING), values)
    return found[0] if found else None


_FILED = """
SELECT e.code::text AS code, e.name::text AS name, count(*) AS reported,
    count(*) FILTER (WHERE i.closed_at < %(until)s AND i.state = 'closed') AS closed,
    count(*) FILTER (WHERE i.closed_at <= i.due AND i.state = 'closed'
        AND i.closed_at < %(until)s) AS in_time
FROM layers_incident AS i
INNER JOIN layers_celledition AS e
    ON e.cell_id = i.reported_cell_id AND e.valid @> i.reported_at
WHERE i.city_id = %(city)s AND i.reported_at >= %(since)s AND i.reported_at < %(until)s
    AND (i.city_id = ANY (%(cities)s) OR i.community_id = ANY (%(communities)s))
GROUP BY e.code, e.name
ORDER BY e.code, e.name
"""


def reported_by_cell(
    scope: Scope, city: City, since: datetime, until: datetime
) -> list[dict[str, Any]]:
    """Return what was reported in a span, by the cell and its name at the hour of the report.

    A later redraw of the map, and closing a case later, change nothing of it.
    """
    values: dict[str, Any] = {
        "city": city.pk,
        "since": since,
        "until": until,
        "cities": sorted(scope.cities),
        "communities": sorted(scope.communities),
    }
    return rows(_FILED, values)
