"""The cities and their editions in force, known to this process, never older than a second."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from gridmap.errors import OutOfScope
from gridmap.feeds.pool import Database

STALE = 1.0  # seconds


@dataclass(frozen=True)
class CityNow:
    """A city as it was a moment ago."""

    id: int
    slug: str
    edition: int
    zone: str

    @property
    def edition_name(self) -> str:
        """The edition as it stands in tile addresses."""
        return f"{self.slug}.{self.edition}"


class Cities:
    """Read again when the database says so, and when nobody said anything for a second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, CityNow] = {}
        self._read_at = -STALE
        self._reading = asyncio.Lock()

    async def find(self, slug: str) -> CityNow:
        """Return the city.

        Raises:
            OutOfScope: there is none of that slug.
        """
        asked_at = time.monotonic()
        if asked_at - self._read_at > STALE or slug not in self._known:
            async with self._reading:
                if self._read_at < asked_at:
                    await self.read()
        city = self._known.get(slug)
        if city is None:
            raise OutOfScope("没有这座城市，或不在您的范围内。")
        return city

    def of(self, city_id: int) -> CityNow | None:
        """Return the city of this id, as known."""
        return next((city for city in self._known.values() if city.id == city_id), None)

    async def read(self) -> None:
        """Read all cities now."""
        read_at = time.monotonic()
        rows = await self._database.rows("SELECT id, slug, edition, time_zone FROM layers_city", ())
        self._known = {row[1]: CityNow(*row) for row in rows}
        self._read_at = read_at
