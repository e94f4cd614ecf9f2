"""Geometry from outside: taken only when nothing about it is in doubt, never repaired."""

import math
from collections.abc import Iterator

import shapely
from django.contrib.gis.geos import GEOSGeometry

from gridmap.errors import BadGeometry
from gridmap.layers.shapes import SRID

DEPTH = {"Point": 0, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
# trust.md 4.3: even a valid comb of 1,605 vertices costs seconds in an overlay.
MOST_VERTICES = 5_000


def _positions(coordinates: object, depth: int) -> Iterator[object]:
    """Yield what stands where positions belong; the nesting above must be lists that hold some."""
    if depth == 0:
        yield coordinates
        return
    if not isinstance(coordinates, list) or not coordinates:
        raise BadGeometry("坐标的嵌套层数不对，或者是空的", reason="nesting")
    for part in coordinates:
        yield from _positions(part, depth - 1)


def _number(value: object) -> bool:
    # Unlike math.isfinite a comparison bears whole numbers of any length; NaN is never smaller.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf


def _check_position(position: object) -> None:
    if not isinstance(position, list) or len(position) != 2 or not all(map(_number, position)):  # noqa: PLR2004
        raise BadGeometry("每个坐标须是两个有限的数：[经度, 纬度]", reason="position")
    lng, lat = position
    if abs(lng) > 180 or abs(lat) > 90:  # noqa: PLR2004
        raise BadGeometry(
            "坐标超出地球范围（是否写成了 [纬度, 经度]？）", reason="world", lng=lng, lat=lat
        )


def _check_rings(coordinates: list[object], depth: int) -> None:
    """Refuse rings that do not close: the readers below would close them silently."""
    if depth == 0:
        ring = coordinates
        if len(ring) < 4 or ring[0] != ring[-1]:  # noqa: PLR2004
            raise BadGeometry("每个环至少四个顶点，首尾须相同", reason="ring")
        return
    for part in coordinates:
        if isinstance(part, list):
            _check_rings(part, depth - 1)


def _fault(reason: str) -> BadGeometry:
    """Say where the shape is no shape, from GEOS' ``Self-intersection[117.5 26.5]``."""
    what, _, where = reason.partition("[")
    try:
        lng, lat = (float(number) for number in where.rstrip("]").split()[:2])
    except ValueError:
        return BadGeometry("图形不成立：%(reason)s", reason=what)
    return BadGeometry("图形不成立：%(reason)s，在 %(lng)s, %(lat)s", reason=what, lng=lng, lat=lat)


def read_geometry(value: object, kind: str, most: int = MOST_VERTICES) -> GEOSGeometry:
    """Return the geometry in a GeoJSON object.

    Args:
        value: what the parser made of the body; anything at all.
        kind: the one GeoJSON type that is taken.
        most: greatest number of vertices.

    Raises:
        BadGeometry: with ``reason`` and, where known, ``lng`` and ``lat``.
    """
    if not isinstance(value, dict) or not set(value) <= {"type", "coordinates", "bbox"}:
        raise BadGeometry("须是 GeoJSON 图形对象，只含 type 和 coordinates", reason="object")
    if value.get("type") != kind:
        raise BadGeometry("图形类型须是 %(kind)s", reason="type", kind=kind)
    coordinates = value.get("coordinates")
    for count, position in enumerate(_positions(coordinates, DEPTH[kind]), start=1):
        if count > most:
            raise BadGeometry("顶点超过 %(most)s 个", reason="vertices", most=most)
        _check_position(position)
    if kind.endswith("Polygon") and isinstance(coordinates, list):
        _check_rings(coordinates, DEPTH[kind] - 1)
    try:
        shape = shapely.geometry.shape({"type": kind, "coordinates": coordinates})
    except (ValueError, shapely.errors.ShapelyError) as fault:
        raise BadGeometry("图形不成立：%(reason)s", reason=str(fault)) from fault
    if shape.is_empty or not shape.is_valid:
        raise _fault(shapely.is_valid_reason(shape))
    return GEOSGeometry(memoryview(shape.wkb), srid=SRID)
