"""A fabric is written down: rows for tiles and look-ups, one bundle for arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db.models import Max
from numpy.typing import NDArray

from gridmap.layers.bundles import Bundle, adjacency, packed
from gridmap.layers.copying import copy_rows
from gridmap.layers.fabrics import Fabric
from gridmap.layers.projection import reproject
from gridmap.layers.territory import Community

Array = NDArray[Any]
LINES = (1, 5)  # shapely's type ids of LineString and MultiLineString


@dataclass(frozen=True, eq=False)
class Units:
    """Units of one community, one row each.

    Attributes:
        uids: lasting names.
        shapes: polygons in the city's metric system; a valid coverage.
        kinds: words of `Unit.Kind`.
        blocks: number of the block of each.
        buildings: id of the building, None for open land.
        households: of each.
        residents: of each.
        incidents: of each, in the last 12 months.
    """

    uids: Sequence[str]
    shapes: Array
    kinds: Sequence[str]
    blocks: Array
    buildings: Sequence[int | None]
    households: Array
    residents: Array
    incidents: Array


@dataclass(frozen=True, eq=False)
class Edges:
    """Common borders, one row each: places of two units (``a < b``), metres, level, crossable."""

    a: Array
    b: Array
    length_m: Array
    level: Array
    crossable: Array


@dataclass(frozen=True)
class Origin:
    """Whence a fabric comes: digest of its sources, who had it built, what the old units became."""

    source_hash: str
    built_by: int | None = None
    lineage: Sequence[tuple[str, str, float]] = ()


def in_degrees(shapes: Array, srid: int) -> Array:
    """Return shapes in longitude and latitude; vertices that were equal stay equal."""
    return np.asarray(shapely.transform(shapes, lambda places: reproject(places, srid)))


def keep(community: Community, units: Units, edges: Edges, origin: Origin) -> Fabric:
    """Write a fabric down as the newest one of its community."""
    drawn = in_degrees(units.shapes, community.subdistrict.city.metric_srid)
    bundle = bundle_from(units, edges, drawn)
    mine = Fabric.objects.filter(community=community)
    last = mine.aggregate(version=Max("version"))["version"] or 0
    mine.filter(current=True).update(current=False)
    fabric = Fabric.objects.create(
        community=community,
        version=last + 1,
        source_hash=origin.source_hash,
        built_by_id=origin.built_by,
        size=len(units.uids),
        bundle=packed(bundle),
    )
    _copy_units(fabric, units, drawn)
    _copy_edges(fabric, edges, drawn)
    copy_rows(
        "layers_unitlineage",
        ["fabric_id", "old_uid", "new_uid", "share"],
        ((fabric.pk, *row) for row in origin.lineage),
    )
    return fabric


def bundle_from(units: Units, edges: Edges, drawn: Array) -> Bundle:
    """Return the arrays of a fabric."""
    words = {"building": 0, "open": 1, "water": 2, "given": 3}
    inside = shapely.point_on_surface(drawn)
    return Bundle(
        tuple(units.uids),
        {
            "households": units.households,
            "residents": units.residents,
            "incidents": units.incidents,
            "building": np.array([pk or 0 for pk in units.buildings]),
            "block": units.blocks,
            "kind": np.array([words[kind] for kind in units.kinds]),
            "area": shapely.area(units.shapes),
            "perimeter": shapely.length(units.shapes),
            "lng": shapely.get_x(inside),
            "lat": shapely.get_y(inside),
            "edge_a": edges.a,
            "edge_b": edges.b,
            "edge_length": edges.length_m,
            "edge_level": edges.level,
            "edge_crossable": edges.crossable,
            **adjacency(len(units.uids), edges.a, edges.b),
        },
    )


def _copy_units(fabric: Fabric, units: Units, drawn: Array) -> None:
    columns = ["fabric_id", "place", "uid", "kind", "block", "building_id", "households"]
    columns += ["residents", "incidents", "area_m2", "perimeter_m", "geom"]
    numbers = (units.households, units.residents, units.incidents)
    measures = (shapely.area(units.shapes), shapely.length(units.shapes))
    whole = shapely.to_wkb(_multi(drawn))
    rows = zip(
        units.uids,
        units.kinds,
        units.blocks.tolist(),
        units.buildings,
        *(values.tolist() for values in numbers),
        *(values.tolist() for values in measures),
        whole.tolist(),
        strict=True,
    )
    copy_rows("layers_unit", columns, ((fabric.pk, n, *row) for n, row in enumerate(rows)))


def _multi(shapes: Array) -> Array:
    """Polygons as multipolygons of one."""
    return np.array(
        [s if s.geom_type == "MultiPolygon" else shapely.multipolygons([s]) for s in shapes],
        dtype=object,
    )


def _copy_edges(fabric: Fabric, edges: Edges, drawn: Array) -> None:
    common = shapely.intersection(drawn[edges.a], drawn[edges.b])
    columns = ["fabric_id", "place", "a", "b", "length_m", "level", "crossable", "geom"]
    rows = zip(
        edges.a.tolist(),
        edges.b.tolist(),
        edges.length_m.tolist(),
        edges.level.tolist(),
        np.asarray(edges.crossable, bool).tolist(),
        (_line(shape) for shape in common),
        strict=True,
    )
    copy_rows("layers_unitedge", columns, ((fabric.pk, n, *row) for n, row in enumerate(rows)))


def _line(common: Any) -> bytes:
    """The lines two units share; where they also touch in a point, that is left out."""
    parts = shapely.get_parts(common)
    lines = parts[np.isin(shapely.get_type_id(parts), LINES)]
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
    return bytes(shapely.to_wkb(shapely.multilinestrings(merged)))
