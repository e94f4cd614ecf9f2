"""Rows of a written-out SELECT, for sums that no queryset says clearly; parameters only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from gridmap.layers.scope import Area

Value = (
    int | float | str | bytes | bool | datetime | list[int] | list[int | None] | list[str] | None
)


def rows(sql: str, values: Mapping[str, Value]) -> list[dict[str, Any]]:
    """Return the rows of one read-only statement with ``%(name)s`` parameters, by column name."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def ids_of(area: Area) -> dict[str, list[int]]:
    """Return the ids of the parts of an area, by name, as parameters; without whole cities."""
    parts = ("communities", "cells", "streets", "lanes", "buildings")
    return {part: sorted(getattr(area, part)) for part in parts}
