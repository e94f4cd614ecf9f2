"""From the shapes of a file to shapes that may be stored: EPSG:4326, sound, both forms of a way."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.actions.territory.specs import Layer, LoadOptions
from gridmap.errors import BadValue
from gridmap.geo import ways
from gridmap.geo.datum import Datum, to_wgs84
from gridmap.geo.rows import Rows
from gridmap.geo.soundness import Caps, Problem, Shapes, sound
from gridmap.layers.projection import is_degrees, reproject
from gridmap.layers.shapes import SRID

NUMBERED = re.compile(r"^EPSG:(\d{4,6})$")
UNBOUNDED = Caps(shape=5_000_000, file=100_000_000)
# Beijing 1954 and Xi'an 1980, as degrees and in their zones: without the parameters of the place
# they come out tens of metres off, which nobody would see.
OLD_DATUMS = frozenset(
    {4214, 4610, *range(2327, 2391), *range(2401, 2443), *range(21413, 21424)}
    | {*range(21453, 21464), *range(21473, 21484)}
)
LINEAL = frozenset({1, 5})  # GEOS' numbers of a line and of several


def srid_of(rows: Rows, options: LoadOptions, *, tabular: bool) -> int:
    """Return the EPSG number of the coordinates of a file.

    Args:
        rows: the rows, with what the file says of itself.
        options: what the caller says, which wins.
        tabular: the coordinates stand in columns: longitude and latitude unless said otherwise.

    Raises:
        BadValue: nobody says it.
    """
    if options.srid is not None:
        return options.srid
    if rows.crs is None and (tabular or options.datum != Datum.WGS84):
        return SRID
    found = NUMBERED.match(rows.crs or "")
    if found is None:
        raise BadValue("文件没有说明坐标系；请用 --srid 指明（例如 4490 或 4548）")
    return int(found[1])


def shapes_of(
    layer: Layer, options: LoadOptions, rows: Rows, points: Sequence[bytes | None] | None
) -> tuple[Shapes, list[Problem]]:
    """Return the sound shapes of the rows in EPSG:4326, None where refused, and why.

    Args:
        layer: what they must be.
        options: how their coordinates are to be understood.
        rows: the rows of the file.
        points: WKB made from columns, where the file has coordinates in columns.

    Raises:
        BadValue: the system of coordinates is not known, or the datum does not fit it.
    """
    srid = srid_of(rows, options, tabular=points is not None)
    datum = Datum(options.datum)
    if datum in (Datum.GCJ02, Datum.BD09) and not is_degrees(srid):
        raise BadValue("%(datum)s 只能是经纬度，不能是 EPSG:%(srid)s", datum=str(datum), srid=srid)

    def to_stored(places: NDArray[np.float64]) -> NDArray[np.float64]:
        return to_wgs84(reproject(places, srid), datum)

    caps = UNBOUNDED if options.trusted else Caps(shape=layer.vertices)
    return sound(
        rows.shapes if points is None else points, rows.numbers, layer.form, to_stored, caps
    )


def points_of(lng: Sequence[object], lat: Sequence[object]) -> list[bytes | None]:
    """Return points as WKB from columns of numbers; None where a number is missing."""
    pairs = np.array([lng, lat], dtype=float).T
    whole = np.isfinite(pairs).all(axis=1)
    wkb = shapely.to_wkb(shapely.points(np.where(whole[:, None], pairs, 0.0)))
    return [bytes(point) if good else None for point, good in zip(wkb, whole, strict=True)]


def ways_of(
    shapes: Shapes, widths: Sequence[float], metric_srid: int
) -> tuple[Shapes, Shapes, list[str]]:
    """Return centrelines and areas of ways, and which of the two was worked out for each.

    Args:
        shapes: lines or areas, EPSG:4326, sound; None where refused.
        widths: of each in metres.
        metric_srid: the system to measure in.
    """
    metric = _moved(shapes, SRID, metric_srid)
    lineal = np.isin(shapely.get_type_id(shapes), list(LINEAL))
    areal = ~lineal & ~np.asarray(shapely.is_missing(shapes))
    lines, areas = shapes.copy(), shapes.copy()
    made = ways.areas_of(metric[lineal], np.asarray(widths, dtype=float)[lineal])
    areas[lineal] = _areal(_moved(made, metric_srid, SRID))
    middles = np.array([ways.centreline_of(area) for area in metric[areal]] or [None], dtype=object)
    lines[areal] = _moved(middles[: int(areal.sum())], metric_srid, SRID)
    derived = ["polygon" if line else "centreline" for line in lineal]
    return lines, areas, derived


def _moved(shapes: Shapes, source: int, target: int) -> Shapes:
    places = shapely.get_coordinates(shapes)
    moved = reproject(places, source, target)
    return np.asarray(shapely.set_coordinates(shapes.copy(), moved))


def _areal(shapes: Shapes) -> Shapes:
    """Areas we worked out ourselves as multipolygons; None where there is no valid one."""
    out = shapes.copy()
    where = np.flatnonzero(shapely.get_type_id(shapes) == 3)  # noqa: PLR2004 - GEOS' polygon
    if len(where):
        out[where] = shapely.multipolygons(shapes[where], indices=np.arange(len(where)))
    out[~np.asarray(shapely.is_valid(out)) | np.asarray(shapely.is_empty(out))] = None
    return out


def whole_of(shapes: Shapes) -> bytes:
    """Return the ground that sound areas cover together, as WKB of one multipolygon."""
    together = np.array([shapely.union_all(shapes)], dtype=object)
    return bytes(shapely.to_wkb(_areal(together)[0]))
