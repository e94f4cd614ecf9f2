"""Geometry in a body: taken only when nothing about it is in doubt, never repaired."""

from django.contrib.gis.geos import GEOSGeometry
from rest_framework_gis.fields import GeometryField

from gridmap.layers.geojson import MOST_VERTICES, read_geometry


class StrictGeometryField(GeometryField):  # type: ignore[misc]
    """A geometry of one type: an object (no WKT), two-dimensional, finite, bounded, valid."""

    def __init__(self, *, kind: str, most: int = MOST_VERTICES, **options: object) -> None:
        super().__init__(precision=7, **options)
        self.kind = kind
        self.most = most

    def to_internal_value(self, value: object) -> GEOSGeometry:
        return read_geometry(value, self.kind, self.most)
