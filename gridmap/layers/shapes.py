"""What every stored geometry must satisfy, said once.

Stored in EPSG:4326, two-dimensional, inside the world (which also refuses NaN and infinity), valid
in the OGC sense, and with an area where it is an area. The database holds it for every writer:
an invalid polygon cost a PostgreSQL backend its life in our measurements.
"""

from django.contrib.gis.geos import Polygon
from django.db.models import CheckConstraint, F, FloatField, Func, Q
from django.db.models.lookups import GreaterThan

SRID = 4326
WORLD = Polygon.from_bbox((-180, -90, 180, 90))


def sound(table: str, column: str, *, area: bool = False) -> list[CheckConstraint]:
    """Return the checks of one geometry column.

    Args:
        table: prefix of the constraint names, unique in the database.
        column: name of the geometry field.
        area: whether the geometry must cover ground (polygons).
    """
    checks = [
        CheckConstraint(
            condition=Q(**{f"{column}__isvalid": True}), name=f"{table}_{column}_valid"
        ),
        CheckConstraint(
            condition=Q(**{f"{column}__contained": WORLD}), name=f"{table}_{column}_in_world"
        ),
    ]
    if area:
        covered = Func(F(column), function="ST_Area", output_field=FloatField())
        checks.append(
            CheckConstraint(condition=GreaterThan(covered, 0.0), name=f"{table}_{column}_area")
        )
    return checks
