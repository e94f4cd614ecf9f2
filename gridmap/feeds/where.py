"""Who answers here: one place in, the whole ladder of chiefs out.

Requests that wait at the same moment are answered by one statement: most of the cost of a look-up
is the way to the database and back, not the look-up.
"""

from __future__ import annotations

import asyncio
import math
import re

from gridmap.errors import BadValue, NoSuchPlace, Refusal
from gridmap.feeds.answer import Answer
from gridmap.feeds.asked import Asked
from gridmap.feeds.cities import Cities
from gridmap.feeds.errors import NO_STORE
from gridmap.feeds.pool import Database

MOST_TOGETHER = 64
LINES = 3  # connections used at one time; the others are for tiles
_SQL = """
SELECT convert_to(gridmap_where(a.city, a.lng, a.lat)::text, 'UTF8')
FROM unnest(%s::bigint[], %s::float8[], %s::float8[]) WITH ORDINALITY AS a (city, lng, lat, place)
ORDER BY a.place
"""
_DEGREES = re.compile(r"[-+]?[0-9]{1,3}(\.[0-9]{0,20})?")  # no NaN, no exponent, no 1_0
Place = tuple[int, float, float]


class Places:
    """Looks up places, several at a time when several wait."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Place, asyncio.Future[bytes | None]]] = []
        self._lines: set[asyncio.Task[None]] = set()

    async def find(self, place: Place) -> bytes | None:
        """Return what lies at (city id, lng, lat) as JSON; None outside every cell."""
        answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((place, answer))
        if len(self._lines) < LINES:
            line = asyncio.create_task(self._work())
            self._lines.add(line)
            line.add_done_callback(self._lines.discard)
        return await answer

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = (
                self._waiting[:MOST_TOGETHER],
                self._waiting[MOST_TOGETHER:],
            )
            columns = [list(column) for column in zip(*(place for place, _ in batch), strict=True)]
            try:
                rows = await self._database.rows(_SQL, columns)
            except Refusal as refusal:
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(refusal)
                continue
            for (_, answer), (found,) in zip(batch, rows, strict=True):
                if not answer.done():  # the one who asked may have gone
                    answer.set_result(found)


def degrees(asked: Asked, name: str, most: int) -> float:
    """Return a coordinate.

    Raises:
        BadValue: missing, repeated, no number, or outside the world.
    """
    given = asked.needed(name)
    value = float(given) if _DEGREES.fullmatch(given) else math.inf
    if not -most <= value <= most:
        raise BadValue("参数 %(name)s 应为正负 %(most)s 以内的度数。", name=name, most=most)
    return value


async def where(asked: Asked, places: Places, cities: Cities) -> Answer:
    """Answer who is responsible at a place.

    Raises:
        NoSuchPlace: no cell of the city lies there.
    """
    slug = asked.slug()
    lng, lat = degrees(asked, "lng", 180), degrees(asked, "lat", 90)
    city = await cities.find(slug)
    found = await places.find((city.id, lng, lat))
    if found is None:
        raise NoSuchPlace("这里不在任何网格内。")
    return Answer(200, [(b"content-type", b"application/json"), NO_STORE], found)
