"""The published tables of the week, known to this process for a while."""

from __future__ import annotations

import time

from gridmap.feeds.cities import CityNow
from gridmap.feeds.pool import Database
from gridmap.layers import weekly
from gridmap.layers.weekly import Weekly

KEPT = 30.0  # seconds; what is in the table was settled on Monday


class Weeks:
    """Read when somebody asks who sees sums only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[tuple[int, int], tuple[float, Weekly | None]] = {}

    async def of(self, city: CityNow) -> Weekly | None:
        """Return the table of a city; None: it has no communities."""
        key = (city.id, city.edition)
        read_at, table = self._known.get(key, (-KEPT, None))
        if time.monotonic() - read_at > KEPT:
            found = await self._database.rows(weekly.TABLE, weekly.asked(city.id))
            table = weekly.table_of(dict(zip(weekly.COLUMNS, row, strict=True)) for row in found)
            self._known[key] = (time.monotonic(), table)
        return table
