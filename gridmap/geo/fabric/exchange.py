"""A fabric as a GeoPackage: out to QGIS, corrected there, and in again like any stranger's file.

Two layers. ``units`` are the polygons; whoever splits one gives the pieces uids of their own.
``edges`` are the borders, with level and crossable; where the units still meet, what stands there
holds. Everything else about edges is worked out from the polygons again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyogrio
import shapely

from gridmap.errors import BadFile, BadGeometry
from gridmap.geo import files, sandbox
from gridmap.geo.fabric.borders import borders_of
from gridmap.geo.fabric.given import Units, from_units, with_edges
from gridmap.geo.fabric.model import Fabric, Ints, Kind, Level, Shapes, gathered
from gridmap.geo.rows import Rows
from gridmap.geo.soundness import Caps, measure

CAPS = Caps(shape=20_000)  # the ground around a village may be long-winded


def write(fabric: Fabric, path: Path, *, srid: int) -> None:
    """Write both layers into a new file, in the metric system of the city."""
    names = ["uid", "kind", "block", "building", "households", "residents"]
    columns = [
        np.asarray(fabric.uids, dtype=object),
        np.asarray([Kind(kind).name.lower() for kind in fabric.kinds.tolist()], dtype=object),
        fabric.blocks,
        np.asarray(fabric.buildings, dtype=object),
        fabric.households,
        fabric.residents,
    ]
    _layer(path, "units", (fabric.shapes, "Polygon"), dict(zip(names, columns, strict=True)), srid)
    uids = np.asarray(fabric.uids, dtype=object)
    edges = fabric.edges
    levels = [Level(level).name.lower() for level in edges.level.tolist()]
    borders = {
        "a": uids[edges.a],
        "b": uids[edges.b],
        "level": np.asarray(levels, dtype=object),
        "crossable": edges.crossable.astype(np.int32),
        "length_m": edges.length_m,
    }
    _layer(path, "edges", (_edge_lines(fabric), "MultiLineString"), borders, srid)


def _layer(
    path: Path, name: str, drawn: tuple[Shapes, str], columns: dict[str, np.ndarray], srid: int
) -> None:
    shapes, kind = drawn
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapes),
        field_data=list(columns.values()),
        fields=list(columns),
        layer=name,
        driver="GPKG",
        geometry_type=kind,
        crs=f"EPSG:{srid}",
        append=name != "units",
    )


def _edge_lines(fabric: Fabric) -> Shapes:
    """The border of each edge as a line."""
    if not len(fabric.edges):
        return gathered([])
    borders = borders_of(fabric.shapes)
    pieces = shapely.linestrings(borders.ends.reshape(-1, 2, 2))
    count = len(fabric)
    keys = fabric.edges.a * count + fabric.edges.b
    row = np.searchsorted(keys, borders.a * count + borders.b)
    known = (row < len(keys)) & (
        keys[np.minimum(row, len(keys) - 1)] == borders.a * count + borders.b
    )
    order = np.argsort(row[known], kind="stable")
    lines = gathered([shapely.MultiLineString()] * len(keys))
    shapely.multilinestrings(pieces[known][order], indices=row[known][order], out=lines)
    return lines


def read(path: Path, *, srid: int, outline: object = None) -> Fabric:
    """Read a corrected fabric back, as every stranger's file is read.

    Args:
        path: a GeoPackage with the layers ``units`` and ``edges``.
        srid: the metric system it must be in.
        outline: the community it must tile; what the units cover if left out.

    Raises:
        BadFile: it cannot be read, or is in another system of coordinates.
        BadGeometry: its units are no fabric; the refusal says which and where.
        BadValue: a column is missing.
    """
    with files.checked(path) as file:
        units = sandbox.read(file, layer="units")
        edges = sandbox.read(file, layer="edges")
    for rows in (units, edges):
        if rows.crs is None or str(srid) not in rows.crs:
            raise BadFile("文件坐标系应为 EPSG:%(srid)d", srid=srid)
    kinds = [_word(Kind, value) for value in units.column("kind")]
    fabric = from_units(
        Units(
            uids=[str(value) for value in units.column("uid")],
            shapes=_shapes(units),
            households=_counts(units, "households"),
            residents=_counts(units, "residents"),
            kinds=np.asarray(kinds, dtype=np.int64),
            blocks=_counts(units, "block"),
            buildings=[str(value) if value else None for value in units.column("building")],
        ),
        outline=outline,
    )
    return with_edges(fabric, _changes(edges))


def _shapes(rows: Rows) -> Shapes:
    for wkb, number in zip(rows.shapes, rows.numbers.tolist(), strict=True):
        if wkb is None or _vertices(wkb) > CAPS.shape:
            raise BadGeometry("第 %(row)d 行没有图形，或图形顶点过多", row=number)
    return gathered(list(shapely.from_wkb(list(rows.shapes))))


def _vertices(wkb: bytes) -> int:
    """How many vertices a shape has; more than allowed where it is broken."""
    try:
        return measure(wkb)[1]
    except ValueError:
        return CAPS.shape + 1


def _counts(rows: Rows, name: str) -> Ints:
    values: Sequence[object] = rows.column(name)
    for value, number in zip(values, rows.numbers.tolist(), strict=True):
        if not isinstance(value, int) or value < 0:
            raise BadFile("第 %(row)d 行的 %(column)s 不是数", row=number, column=name)
    return np.asarray(values, dtype=np.int64)


def _word(words: type[Kind | Level], value: object) -> int:
    for member in words:
        if member.name.lower() == value:
            return int(member)
    known = " ".join(member.name.lower() for member in words)
    raise BadFile("不认识“%(value)s”；可用：%(known)s", value=str(value)[:40], known=known)


def _changes(rows: Rows) -> dict[tuple[str, str], tuple[int, bool]]:
    columns = (rows.column(name) for name in ("a", "b", "level", "crossable"))
    return {
        (str(a), str(b)): (_word(Level, level), bool(crossable))
        for a, b, level, crossable in zip(*columns, strict=True)
    }
