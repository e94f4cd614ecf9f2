"""A division into cells as files for other programs: tables, geometry, and the registration form.

Names of units begin with a letter, so that a spreadsheet neither strips zeros nor makes powers of
ten of them; a text that a spreadsheet would run as a formula is written with a quote before it.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
import pyogrio
import shapely

from gridmap.geo.workbook import Sheet, workbook

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
# Names of columns: in files of today, and in shapefiles, whose names have ten bytes.
COLUMNS = ("no", "code", "name", "kind", "households", "residents", "buildings", "area_m2")
FORM = (*COLUMNS, "use", "responsible", "since", "until", "note")
SHORT = {"households": "hh", "residents": "people", "buildings": "bldgs"}


@dataclass(frozen=True, eq=False)
class Drawn:
    """A division, ready to be written.

    Attributes:
        title: of the plan.
        cells: one row a cell, with the names of `FORM`; None where a number is not told.
        gone: the same of cells that end; they have no ground.
        shapes: ground of each, EPSG:4326.
        units: uid, number of its cell, code of its cell, households; one row a unit.
        changes: what moves: mark, from, to, households, buildings, open incidents, party units.
        heads: headings of the three tables, in the reader's language.
    """

    title: str
    cells: Sequence[Mapping[str, Any]]
    gone: Sequence[Mapping[str, Any]]
    shapes: Sequence[Any]
    units: Sequence[tuple[str, int, str, int]]
    changes: Sequence[tuple[Any, ...]]
    heads: tuple[Sequence[str], Sequence[str], Sequence[str]]


def multi(shape: Any) -> Any:
    """An area as a multipolygon."""
    return shape if shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape])


def safe(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return f"'{value}"
    return value


def as_csv(drawn: Drawn) -> bytes:
    """One row a unit: uid, number, code and households; what an import reads again."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["unit", "cell_no", "cell_code", "households"])
    writer.writerows([safe(value) for value in row] for row in drawn.units)
    return out.getvalue().encode("utf-8-sig")  # Excel takes it for GBK without the mark


def as_geojson(drawn: Drawn) -> bytes:
    """One feature a cell."""
    texts = shapely.to_geojson(np.array(drawn.shapes, dtype=object)).tolist()
    features = [
        {"type": "Feature", "geometry": orjson.Fragment(text), "properties": _plain(row)}
        for text, row in zip(texts, drawn.cells, strict=True)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in COLUMNS}


def as_gpkg(drawn: Drawn) -> bytes:
    """A GeoPackage with the layer ``cells``."""
    return _written(drawn, "cells.gpkg", driver="GPKG", layer="cells")


def as_shapefile(drawn: Drawn) -> bytes:
    """An archive with a shapefile whose texts are in GBK, as other systems here read them."""
    with TemporaryDirectory(prefix="gridmap-shp-") as room:
        _write(drawn, Path(room) / "cells.shp", driver="ESRI Shapefile", encoding="GBK")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for piece in sorted(Path(room).iterdir()):
                archive.write(piece, piece.name)
        return out.getvalue()


def _written(drawn: Drawn, name: str, **options: str) -> bytes:
    with TemporaryDirectory(prefix="gridmap-out-") as room:
        path = Path(room) / name
        _write(drawn, path, **options)
        return path.read_bytes()


def _write(drawn: Drawn, path: Path, **options: str) -> None:
    short = options["driver"] == "ESRI Shapefile"
    rows = [[row[name] for row in drawn.cells] for name in COLUMNS]
    texts = ("code", "name", "kind")
    data = [
        np.array(values, dtype=object)
        if name in texts
        else np.array([0 if value is None else value for value in values])
        for name, values in zip(COLUMNS, rows, strict=True)
    ]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(drawn.shapes, dtype=object)),
        field_data=data,
        field_mask=[np.array([value is None for value in values]) for values in rows],
        fields=[SHORT.get(name, name) if short else name for name in COLUMNS],
        geometry_type="MultiPolygon",
        crs="EPSG:4326",
        **options,
    )


def as_xlsx(drawn: Drawn) -> bytes:
    """The registration form: cells, what changes, units."""
    cells = [tuple(row[name] for name in FORM) for row in (*drawn.cells, *drawn.gone)]
    tables = zip(drawn.heads, (cells, drawn.changes, drawn.units), strict=True)
    return workbook(
        *(Sheet(name, heads, rows, title=drawn.title) for (name, *heads), rows in tables)
    )
