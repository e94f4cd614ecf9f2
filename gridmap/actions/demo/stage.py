"""What the parts of the demo share: the city, its files, the day, the bar, and fast writing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, Protocol

import orjson
import shapely
from django.db import connection, models
from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gridmap.errors import BadFile
from gridmap.layers.copying import copy_rows
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import City

SEED = 26
TICK_ROWS = 1000

# What a step costs beside the others, in seconds of a run on two cores: the bar's measure.
STEPS = {
    "removing": 2.5, "areas": 0.3, "cells": 0.4, "streets and lanes": 0.4, "stretches": 1.0,
    "buildings": 4.0, "entrances": 2.0, "party units": 0.1, "chiefs": 2.4, "teams": 0.1,
    "categories": 0.1, "standards": 0.2, "incidents": 6.0, "courses": 6.0, "intervals": 0.3,
    "visits": 5.5, "shifts": 0.3, "lines": 0.1, "signs": 3.0, "accounts": 0.1,
    "deeds": 0.5, "drafts": 2.5, "counting": 5.0,
}  # fmt: skip


Feature = tuple[dict[str, Any], BaseGeometry]


class OnProgress(Protocol):
    """Is told which step is being done and which share (0 to 1) of the whole is behind it."""

    def __call__(self, step: str, share: float) -> None: ...


class Way(NamedTuple):
    """A street or a lane as it was written."""

    id: int
    office: str  # street | lane: who answers for it
    code: str
    name: str
    centreline: BaseGeometry


class House(NamedTuple):
    """A building as it was written; its cell is the one the database found."""

    id: int
    kind: str
    number: str
    label: str
    way: Way | None
    shape: Polygon | MultiPolygon
    households: int
    residents: int
    cell: int | None
    community: int | None


class Spot(NamedTuple):
    """What coverage is measured on: a stretch or an entrance."""

    id: int
    kind: str  # stretch | entrance
    label: str
    place: Point
    interval_days: int
    cell: int | None


@dataclass
class Stage:
    """The demo being loaded; each part adds what the later ones stand on."""

    city: City
    folder: Path
    now: datetime
    on_progress: OnProgress
    steps: tuple[str, ...] = tuple(STEPS)
    counts: dict[str, int] = field(default_factory=dict)
    communities: dict[str, int] = field(default_factory=dict)  # by code
    ways: dict[str, Way] = field(default_factory=dict)  # by code
    houses: list[House] = field(default_factory=list)
    stretches: list[Spot] = field(default_factory=list)
    entrances: list[Spot] = field(default_factory=list)
    patrols: dict[int, int] = field(default_factory=dict)  # team that looks after a cell
    departments: dict[str, int] = field(default_factory=dict)  # by code
    categories: dict[str, int] = field(default_factory=dict)  # by code
    _step: str = ""

    def dice(self, topic: str) -> Random:
        """Return the topic's own dice: a change in one part leaves the others as they were."""
        return Random(f"{SEED}-{topic}")  # noqa: S311 - a seeded town is no secret

    def begin(self, step: str) -> None:
        """Say that a step begins."""
        self._step = step
        self.tick(0.0)

    def tick(self, share: float) -> None:
        """Say which share of the present step is done."""
        before = self.steps[: self.steps.index(self._step)]
        done = sum(STEPS[step] for step in before) + share * STEPS[self._step]
        self.on_progress(self._step, done / sum(STEPS[step] for step in self.steps))

    def features(self, layer: str) -> list[Feature]:
        """Return properties and geometry of each row of ``<layer>.geojson``."""
        return drawn(self.folder, layer)

    def write(
        self, model: type[models.Model], columns: str, rows: Iterable[Sequence[object]]
    ) -> list[int]:
        """Copy rows into the model's table and return their ids.

        Args:
            model: whose table.
            columns: their names, separated by blanks, without the id.
            rows: the values in that order; a shapely geometry is stored as it is in EPSG:4326.
        """
        given = list(rows)
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, len(given)],
            )
            ids = [row[0] for row in cursor.fetchall()]
            copy_rows(table, ["id", *columns.split()], self._watched(ids, given))
            cursor.execute(f'ANALYZE "{table}"')
        name = _plural(str(model._meta.verbose_name))
        self.counts[name] = self.counts.get(name, 0) + len(ids)
        return ids

    def _watched(
        self, ids: Sequence[int], rows: Sequence[Sequence[object]]
    ) -> Iterator[list[object]]:
        for done, (key, row) in enumerate(zip(ids, rows, strict=True)):
            if done % TICK_ROWS == 0:
                self.tick(done / len(ids))
            yield [key, *map(_stored, row)]


def _plural(name: str) -> str:
    ending = {"y": "ies", "h": "es"}.get(name[-1], "s")
    return f"{name.removesuffix('y')}{ending}"


def _stored(value: object) -> object:
    if isinstance(value, BaseGeometry):
        return shapely.to_wkb(shapely.set_srid(value, SRID), include_srid=True)
    return value


def drawn(folder: Path, layer: str) -> list[Feature]:
    """Return properties and geometry of each row of ``<layer>.geojson``.

    Raises:
        BadFile: it is missing, or no GeoJSON.
    """
    path = folder / f"{layer}.geojson"
    try:
        rows = orjson.loads(path.read_bytes())["features"]
        return [(row["properties"], shape(row["geometry"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as trouble:
        raise BadFile(
            "示例文件读不出来：%(file)s（%(why)s）", file=path.name, why=str(trouble)
        ) from trouble


def polygons(geometry: BaseGeometry) -> MultiPolygon:
    """Return an area in the form in which areas are stored."""
    return geometry if isinstance(geometry, MultiPolygon) else MultiPolygon([Polygon(geometry)])


def lines(geometry: BaseGeometry) -> MultiLineString:
    """Return a line in the form in which centrelines are stored."""
    if isinstance(geometry, MultiLineString):
        return geometry
    return MultiLineString([LineString(geometry)])
