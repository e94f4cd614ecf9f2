"""A small map of a place as plain shapes in metres, for the answer card and the signs.

Measured in the metric system of its city, so that it is not distorted, whatever the latitude.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import shapely
from shapely import Point, Polygon, affinity
from shapely.geometry.base import BaseGeometry

from gridmap.geo.labels import Label, placed
from gridmap.layers.query import Value, rows
from gridmap.layers.territory import City

# One statement: what the frame shows, clipped to it, in metres.
SHOWN = """
WITH frame AS MATERIALIZED (
    SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, %(srid)s) AS metres
),

around AS MATERIALIZED (
    SELECT metres, ST_Envelope(ST_Transform(ST_Segmentize(metres, 100), 4326)) AS degrees
    FROM frame
),

thing AS (
    SELECT 'ground' AS layer, g.id, g.kind AS name, g.geom
    FROM layers_ground AS g, around AS a WHERE g.geom && a.degrees AND g.city_id = %(city)s
    UNION ALL
    SELECT 'streets', s.id, s.name, s.polygon
    FROM layers_street AS s, around AS a WHERE s.polygon && a.degrees AND s.city_id = %(city)s
    UNION ALL
    SELECT 'lanes', l.id, l.name, l.polygon
    FROM layers_lane AS l, around AS a WHERE l.polygon && a.degrees AND l.city_id = %(city)s
    UNION ALL
    SELECT 'street lines', s.id, s.name, s.centreline
    FROM layers_street AS s, around AS a WHERE s.centreline && a.degrees AND s.city_id = %(city)s
    UNION ALL
    SELECT 'lane lines', l.id, l.name, l.centreline
    FROM layers_lane AS l, around AS a WHERE l.centreline && a.degrees AND l.city_id = %(city)s
    UNION ALL
    SELECT 'buildings', b.id, '', b.geom
    FROM layers_building AS b, around AS a WHERE b.geom && a.degrees AND b.city_id = %(city)s
    UNION ALL
    SELECT 'cells', e.cell_id, e.name, e.geom
    FROM layers_celledition AS e
    INNER JOIN layers_cell AS c ON c.id = e.cell_id
    INNER JOIN layers_community AS k ON k.id = c.community_id
    INNER JOIN layers_subdistrict AS d ON d.id = k.subdistrict_id, around AS a
    WHERE e.geom && a.degrees AND e.valid @> %(now)s::timestamptz AND d.city_id = %(city)s
)

SELECT t.layer, t.id, t.name, ST_AsBinary(ST_Transform(t.geom, %(srid)s)) AS shape
FROM thing AS t
WHERE t.layer = ANY (string_to_array(%(kinds)s, ','))
ORDER BY t.layer, t.id
"""

FOCUS = """
SELECT ST_AsBinary(ST_Transform(ST_GeomFromWKB(%(shape)s, 4326), %(srid)s)) AS shape
"""
KINDS = ("ground", "streets", "street lines", "lanes", "lane lines", "buildings", "cells")
SPARE = 12.0  # metres beyond the frame: an edge cut there is not seen


@dataclass(frozen=True)
class Frame:
    """What is shown: metres in the metric system of the city."""

    west: float
    south: float
    width: float
    height: float

    def polygon(self) -> Polygon:
        """The frame as an area, with its south-west corner at (0, 0)."""
        return shapely.box(0, 0, self.width, self.height)


@dataclass(frozen=True)
class Shape:
    """One thing to draw; metres from the south-west corner of the frame."""

    ident: int
    name: str
    geometry: BaseGeometry


@dataclass(frozen=True)
class Drawing:
    """A small map."""

    frame: Frame
    shapes: dict[str, list[Shape]]
    labels: list[Label] = field(default_factory=list)
    pin: tuple[float, float] | None = None


def in_metres(city: City, shape: BaseGeometry) -> BaseGeometry:
    """Return a shape given in degrees in the metric system of its city."""
    found = rows(FOCUS, {"shape": shapely.to_wkb(shape), "srid": city.metric_srid})
    return shapely.from_wkb(bytes(found[0]["shape"]))


def framed(focus: BaseGeometry, ratio: float, least: float) -> Frame:
    """Return a frame around a shape given in metres.

    Args:
        focus: what must be seen.
        ratio: width over height.
        least: how many metres wide the frame is at least.
    """
    west, south, east, north = (float(side) for side in focus.bounds)
    margin = 0.06 * max(east - west, north - south)
    width = max(least, east - west + 2 * margin, (north - south + 2 * margin) * ratio)
    height = width / ratio
    return Frame((west + east - width) / 2, (south + north - height) / 2, width, height)


def drawing(
    city: City,
    frame: Frame,
    letter: float,
    *,
    now: datetime,
    pin: Point | None = None,
    kinds: Collection[str] = KINDS,
) -> Drawing:
    """Return what the frame shows at an instant, in one query.

    Args:
        city: whose ground is drawn.
        frame: what is shown.
        letter: height of a street's letters, metres on the ground.
        now: whose cells are drawn.
        pin: a place in metres that is marked; no name stands on it.
        kinds: what is drawn, some of `KINDS`.
    """
    values: dict[str, Value] = {
        "city": city.pk,
        "srid": city.metric_srid,
        "now": now,
        "kinds": ",".join(kinds),
        "west": frame.west - SPARE,
        "south": frame.south - SPARE,
        "east": frame.west + frame.width + SPARE,
        "north": frame.south + frame.height + SPARE,
    }
    clip = shapely.box(-SPARE, -SPARE, frame.width + SPARE, frame.height + SPARE)
    shapes: dict[str, list[Shape]] = defaultdict(list)
    for row in rows(SHOWN, values):
        moved = affinity.translate(shapely.from_wkb(bytes(row["shape"])), -frame.west, -frame.south)
        seen = shapely.clip_by_rect(moved, *clip.bounds)
        if not seen.is_empty:
            shapes[row["layer"]].append(Shape(row["id"], row["name"], seen))
    spot = None if pin is None else (pin.x - frame.west, pin.y - frame.south)
    taken = [] if spot is None else [_pin_box(spot, letter)]
    lines = [*_by_length(shapes["street lines"]), *_by_length(shapes["lane lines"])]
    return Drawing(frame, dict(shapes), placed(lines, letter, frame.polygon(), taken), spot)


def _by_length(shapes: Iterable[Shape]) -> list[tuple[str, BaseGeometry]]:
    named = [(shape.name, shape.geometry) for shape in shapes if shape.name]
    return sorted(named, key=lambda pair: -float(pair[1].length))


def _pin_box(spot: tuple[float, float], letter: float) -> Polygon:
    """The pin stands on its place and is some letters high."""
    x, y = spot
    return shapely.box(x - 1.4 * letter, y - 0.4 * letter, x + 1.4 * letter, y + 3.4 * letter)


def in_degrees(city: City, x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude of a place given in the metric system of its city."""
    point = shapely.to_wkb(Point(x, y))
    sql = (
        "SELECT ST_X(p.place) AS lng, ST_Y(p.place) AS lat FROM (SELECT"
        " ST_Transform(ST_GeomFromWKB(%(point)s, %(srid)s), 4326) AS place) AS p"
    )
    found = rows(sql, {"point": point, "srid": city.metric_srid})[0]
    return float(found["lng"]), float(found["lat"])
