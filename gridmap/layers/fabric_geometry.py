"""A fabric that was stored, as shapes in metres again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.geo import fabric as geo
from gridmap.geo.fabric.model import GRID
from gridmap.layers.bundles import bundle_of
from gridmap.layers.fabrics import Fabric, Unit
from gridmap.layers.projection import reproject
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import Community


def metric(shapes: Iterable[Any], srid: int) -> NDArray[Any]:
    """Return shapes of the tables in the metric system of their city."""
    found = np.empty(0, dtype=object)
    wkbs = [bytes(shape.wkb) for shape in shapes]
    if wkbs:
        found = shapely.from_wkb(np.array(wkbs, dtype=object))
    return np.asarray(shapely.transform(found, lambda places: reproject(places, SRID, srid)))


def as_geometry(stored: Fabric, community: Community, *, people: bool = True) -> geo.Fabric:
    """Return a stored fabric as geometry again, in metres, on the grid it was made on.

    Args:
        stored: the fabric.
        community: whose it is.
        people: whether residents are told; else they are 0.
    """
    units = list(
        Unit.objects.filter(fabric=stored)
        .order_by("place")
        .values_list("uid", "kind", "geom", "building__code")
    )
    srid = community.subdistrict.city.metric_srid
    parts = metric((row[2] for row in units), srid)
    snapped = shapely.transform(parts, lambda places: np.round(places / GRID) * GRID)
    shapes = np.array([_single(shape) for shape in snapped], dtype=object)
    rows = bundle_of(stored.pk).arrays
    return geo.Fabric(
        outline=metric([community.geom], srid)[0],
        uids=tuple(row[0] for row in units),
        shapes=shapes,
        kinds=np.array([geo.Kind[row[1].upper()] for row in units], np.int64),
        blocks=rows["block"].astype(np.int64),
        buildings=tuple(row[3] for row in units),
        households=rows["households"].astype(np.int64),
        residents=rows["residents"].astype(np.int64) * int(people),
        edges=geo.Edges(
            rows["edge_a"].astype(np.int64),
            rows["edge_b"].astype(np.int64),
            rows["edge_length"].astype(np.float64),
            rows["edge_level"].astype(np.int64),
            rows["edge_crossable"].astype(bool),
        ),
    )


def _single(shape: Any) -> Any:
    """A multipolygon of one part as that part, as units are made."""
    return shape.geoms[0] if len(shape.geoms) == 1 else shape
