"""What the tests of loading share: rows made by hand, in metres of the toy town."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
from django.contrib.gis.geos import GEOSGeometry

from gridmap.actions.territory import LoadOptions, LoadReport, load_layer
from gridmap.geo.rows import Rows
from gridmap.layers.postings import operator_scope
from gridmap.layers.territory import City

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


def rows_of(
    columns: Mapping[str, object], *shapes: GEOSGeometry | None, crs: str = "EPSG:4326"
) -> Rows:
    """Rows as the reader would hand them over."""
    values = {name: list(column) for name, column in columns.items() if isinstance(column, list)}
    count = len(next(iter(values.values())))
    wkb = [None if shape is None else bytes(shape.wkb) for shape in shapes] or [None] * count
    return Rows("layer", crs if shapes else None, np.arange(1, count + 1), values, wkb)


def load(
    city: City, layer: str, rows: Rows, *, commit: bool = True, **options: object
) -> LoadReport:
    """Load rows as the operator would."""
    return load_layer(
        by=operator_scope(),
        city=city,
        layer=layer,
        rows=rows,
        options=LoadOptions(**{"valid_from": LONG_AGO, **options}),  # type: ignore[arg-type]
        commit=commit,
    )


def counts(report: LoadReport) -> tuple[int, int, int, int]:
    """Added, changed, unchanged, refused."""
    return report.added, report.changed, report.unchanged, report.refused


def reasons(report: LoadReport) -> list[tuple[int, str]]:
    """Row and reason of each refused row."""
    return sorted((problem.row, problem.code) for problem in report.problems)
