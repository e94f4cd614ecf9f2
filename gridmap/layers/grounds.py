"""Ground a ruling may be made on: shapes that hold the place, in metres, free of other rulings."""

from __future__ import annotations

from typing import cast

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from gridmap.errors import BadGeometry
from gridmap.layers.authority import near
from gridmap.layers.city_settings import CitySetting, city_setting
from gridmap.layers.incidents import Incident
from gridmap.layers.query import Value, rows
from gridmap.layers.rulings import Ruling
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import CellEdition, City

NEAR, FAR, ALONG = 30.0, 60.0, 150.0  # metres around the place
APART = 0.05  # metres that two rulings keep from each other: rounding must not make them overlap
LEAST, MOST = 4.0, 1_000_000.0  # square metres of a ground drawn by hand
MOST_CORNERS = 200
TO_METRES = """
SELECT ST_AsBinary(ST_Transform(ST_GeomFromWKB(%(shape)s, 4326), %(srid)s)) AS shape
"""
TO_DEGREES = """
SELECT ST_AsBinary(ST_Transform(ST_GeomFromWKB(%(shape)s, %(srid)s), 4326)) AS shape
"""


def metres(city: City, shape: GEOSGeometry) -> BaseGeometry:
    """Return a stored shape in the city's metric system."""
    asked: dict[str, Value] = {"shape": bytes(shape.wkb), "srid": city.metric_srid}
    return shapely.from_wkb(bytes(rows(TO_METRES, asked)[0]["shape"]))


def degrees(city: City, shape: BaseGeometry) -> MultiPolygon:
    """Return polygons in the city's metric system as they are stored.

    Raises:
        BadGeometry: there is no area in it.
    """
    asked: dict[str, Value] = {"shape": shapely.to_wkb(shape), "srid": city.metric_srid}
    drawn = shapely.from_wkb(bytes(rows(TO_DEGREES, asked)[0]["shape"]))
    parts = [part for part in shapely.get_parts(drawn) if part.geom_type == "Polygon"]
    if not parts:
        raise BadGeometry("这个范围没有面积", reason="no_area")
    whole = shapely.MultiPolygon(parts)
    return cast("MultiPolygon", GEOSGeometry(memoryview(shapely.to_wkb(whole)), srid=SRID))


def candidates(case: Incident) -> dict[str, BaseGeometry]:
    """Return by name the grounds that follow from the place, smallest first.

    ``around`` and ``wide``: so many metres around; ``building``; ``border``: the strip along the
    duty border near by; ``cell``. What other rulings on the category hold is left out.
    """
    city, place = case.city, metres(case.city, case.place)
    found = {"around": place.buffer(NEAR), "wide": place.buffer(FAR)}
    if case.building is not None:
        found["building"] = metres(city, case.building.geom)
    sides = [metres(city, side.geom) for side in near(city.pk, case.place)]
    if len(sides) > 1:
        wide = float(city_setting(CitySetting.Name.BORDER_METRES, city.pk))
        strip = shapely.intersection_all([side.buffer(wide) for side in sides])
        found["border"] = strip.intersection(place.buffer(ALONG))
    if case.cell_id is not None:
        edition = CellEdition.objects.filter(cell=case.cell_id).current().first()
        if edition is not None:
            found["cell"] = metres(city, edition.geom)
    bounds, taken = metres(city, city.bounds), _ruled(case)
    free = {
        name: shape.intersection(bounds).difference(taken.buffer(APART))
        for name, shape in found.items()
    }
    return {
        name: part for name, shape in free.items() if (part := _part_with(shape, place)) is not None
    }


def _part_with(shape: BaseGeometry, place: BaseGeometry) -> BaseGeometry | None:
    """The piece of a shape that holds the place."""
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and part.covers(place):
            return cast("BaseGeometry", part)
    return None


def _ruled(case: Incident) -> BaseGeometry:
    known = Ruling.objects.filter(category=case.category_id, city=case.city_id)
    near_by = known.as_of(timezone.now()).filter(geom__bboverlaps=case.city.bounds)
    shapes = [metres(case.city, row.geom) for row in near_by]
    return shapely.union_all(shapes) if shapes else shapely.Polygon()


def drawn(corners: list[tuple[float, float]]) -> BaseGeometry:
    """Return the polygon with these corners, in metres.

    Raises:
        BadGeometry: it is none: too few or too many corners, it crosses itself, or its size.
    """
    if not 3 <= len(corners) <= MOST_CORNERS:  # noqa: PLR2004 - a triangle is the least
        raise BadGeometry("请在图上至少点三个角", reason="corners")
    shape = shapely.Polygon(corners)
    if not shape.is_valid:
        raise BadGeometry("画的边界自己相交了，请重画", reason="crosses")
    if not LEAST <= shape.area <= MOST:
        raise BadGeometry("画的范围太小或太大", reason="size")
    return shape
