"""Shapes in the city's metric system and back, many at a time; PostGIS does the sums."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

from gridmap.actions.demo.stage import lines, polygons
from gridmap.geo import ways
from gridmap.layers.places import Derived
from gridmap.layers.shapes import SRID

Form = tuple[BaseGeometry, BaseGeometry, str]  # centreline, polygon, which of them is derived


class Plane:
    """The plane in which a city is measured."""

    def __init__(self, metric_srid: int) -> None:
        self.metric_srid = metric_srid

    def metres(self, shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
        """Return shapes given in degrees as shapes in metres."""
        return self._transformed(shapes, SRID, self.metric_srid)

    def degrees(self, shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
        """Return shapes given in metres as shapes in degrees."""
        return self._transformed(shapes, self.metric_srid, SRID)

    def both_forms(self, drawn: Sequence[tuple[BaseGeometry, float | None]]) -> list[Form]:
        """Return centreline and polygon of ways of which one was drawn.

        Args:
            drawn: lines or polygons in degrees, and the width of each way in metres.
        """
        flat = self.metres([shape for shape, _ in drawn])
        other = self.degrees(
            [
                _middle(shape) if shape.area else _ground(shape, width)
                for shape, (_, width) in zip(flat, drawn, strict=True)
            ]
        )
        return [
            (lines(derived), polygons(shape), Derived.CENTRELINE.value)
            if shape.area
            else (lines(shape), polygons(derived), Derived.POLYGON.value)
            for (shape, _), derived in zip(drawn, other, strict=True)
        ]

    @staticmethod
    def _transformed(
        shapes: Sequence[BaseGeometry], source: int, target: int
    ) -> list[BaseGeometry]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT ST_AsBinary(ST_Transform(ST_GeomFromWKB(w.w, %s), %s))"
                " FROM unnest(%s::bytea[]) WITH ORDINALITY AS w (w, n) ORDER BY w.n",
                [source, target, [shapely.to_wkb(shape) for shape in shapes]],
            )
            return [shapely.from_wkb(bytes(row[0])) for row in cursor.fetchall()]


def _middle(area: BaseGeometry) -> BaseGeometry:
    """Return the centreline of a drawn polygon; its outline if it has none."""
    return ways.centreline_of(area) or area.boundary


def _ground(line: BaseGeometry, width: float | None) -> BaseGeometry:
    """Return the ground a drawn centreline covers."""
    widths = np.array([width or ways.USUAL])
    area: BaseGeometry = ways.areas_of(np.array([line], dtype=object), widths)[0]
    return area
