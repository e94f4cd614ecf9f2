"""How a row is told to the journal."""

from django.contrib.gis.geos import GEOSGeometry
from django.db import models


def told(row: models.Model) -> dict[str, object]:
    """Return a row as plain values by column; of a shape its extent."""
    found: dict[str, object] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(value, GEOSGeometry):
            value = [round(number, 6) for number in value.extent]
        elif not isinstance(value, str | int | float | bool | None):
            value = str(value)
        found[field.attname] = value
    return found
