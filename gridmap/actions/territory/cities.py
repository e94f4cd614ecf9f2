"""What a new city needs besides its name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC

import numpy as np
import shapely
from django.db.models import Max

from gridmap.actions.territory.shaping import points_of, shapes_of
from gridmap.actions.territory.specs import LAYERS, LoadOptions
from gridmap.actions.territory.values import values_of
from gridmap.errors import BadValue
from gridmap.geo.rows import Rows
from gridmap.layers.territory import City

MARGIN = 2_000.0  # metres of ground around what the first file shows
DEGREE = 111_320.0  # metres of a degree of latitude
NOWHERE = "990000"  # codes of places to which GB/T 2260 gives none begin behind it


@dataclass(frozen=True)
class CityOptions:
    """What may be left to be chosen when a city is added.

    Attributes:
        code: six digits of GB/T 2260; "": the next free one of 990001 and following.
        metric_srid: EPSG number to measure in; None: that of the place.
        time_zone: IANA name.
        name_en: English name.
    """

    code: str = ""
    metric_srid: int | None = None
    time_zone: str = "Asia/Shanghai"
    name_en: str = ""


def free_code() -> str:
    """Return the next code for a city that has no official one."""
    last = City.objects.filter(code__startswith="99").aggregate(last=Max("code"))["last"]
    return str(int(last or NOWHERE) + 1)


def extent_of(layer: str, rows: Rows, options: LoadOptions) -> tuple[float, float, float, float]:
    """Return the box in degrees around the sound shapes of a file, with a margin.

    Raises:
        BadValue: no row has a sound shape, or there is no such layer.
    """
    if layer not in LAYERS:
        raise BadValue(
            "没有“%(layer)s”图层；可用：%(layers)s", layer=layer, layers="、".join(LAYERS)
        )
    points = None
    if all(shape is None for shape in rows.shapes):
        values, _ = values_of(LAYERS[layer], options, rows, UTC)
        if "lng" in values and "lat" in values:
            points = points_of(values["lng"], values["lat"])
    shapes, _ = shapes_of(LAYERS[layer], options, rows, points)
    west, south, east, north = (float(side) for side in np.asarray(shapely.total_bounds(shapes)))
    if not math.isfinite(west):
        raise BadValue("文件里没有一个可用的图形，不知道城市在哪里")
    up = MARGIN / DEGREE
    along = up / max(math.cos(math.radians((south + north) / 2)), 0.05)
    return (
        max(west - along, -180.0),
        max(south - up, -90.0),
        min(east + along, 180.0),
        min(north + up, 90.0),
    )
