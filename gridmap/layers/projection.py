"""Coordinates between systems, by number only: no text of a user reaches PROJ."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely
from django.contrib.gis.gdal import CoordTransform, GDALException, OGRGeometry, SpatialReference
from numpy.typing import NDArray

from gridmap.errors import BadValue
from gridmap.layers.shapes import SRID

DEGREES = frozenset({4326, 4490})  # equal at our accuracy


@lru_cache(maxsize=64)
def _path(source: int, target: int) -> CoordTransform:
    try:
        return CoordTransform(SpatialReference(source), SpatialReference(target))
    except GDALException as error:
        raise BadValue("没有 EPSG:%(srid)s 这个坐标系", srid=f"{source}→{target}") from error


def is_degrees(srid: int) -> bool:
    """Return whether coordinates of this system are longitude and latitude.

    Raises:
        BadValue: there is no such system.
    """
    try:
        return bool(SpatialReference(srid).geographic)
    except GDALException as error:
        raise BadValue("没有 EPSG:%(srid)s 这个坐标系", srid=srid) from error


def reproject(places: NDArray[np.float64], source: int, target: int = SRID) -> NDArray[np.float64]:
    """Return coordinates in another system; east before north in both.

    Args:
        places: shape (n, 2), finite.
        source: EPSG number they are in.
        target: EPSG number they are wanted in.

    Raises:
        BadValue: a system is not known, or cannot hold one of the places.
    """
    same = source == target or {source, target} <= DEGREES
    if same or len(places) == 0:
        return places
    line = shapely.linestrings(np.vstack([places, places[-1:]]))  # a line has two places at least
    moved = OGRGeometry(memoryview(shapely.to_wkb(line)))
    try:
        moved.transform(_path(source, target))
    except GDALException as error:
        raise BadValue("坐标不在 EPSG:%(srid)s 的适用范围内；请核对 --srid", srid=source) from error
    return np.asarray(shapely.get_coordinates(shapely.from_wkb(bytes(moved.wkb)))[:-1])
