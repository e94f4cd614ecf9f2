"""Connections of the feeds: few, kept, read-only, with prepared statements and binary answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from gridmap.errors import Busy

Row = tuple[Any, ...]
# Generic plans: a tile statement has eleven parts, planning them anew costs more than a z17 tile.
# Parallel workers and just-in-time compiling cost more than they save on answers of milliseconds.
OPTIONS = (
    "-c max_parallel_workers_per_gather=0 -c jit=off -c plan_cache_mode=force_generic_plan "
    "-c statement_timeout=10000 -c default_transaction_read_only=on"
)
WAIT = 5.0  # seconds for a free connection
MOST_WAITING = 500
# Loads PostGIS and what it needs for the ellipsoid: the first call in a connection is the slow one.
WARM = (
    "SELECT ST_Distance('SRID=4326;POINT(0 0)'::geography, 'SRID=4326;POINT(0 1)'::geography), "
    "ST_AsMVTGeom(ST_Point(0, 0, 3857), ST_TileEnvelope(0, 0, 0))"
)


def conninfo(options: str = OPTIONS) -> str:
    """Return how to reach Django's database, with session settings of our own."""
    known = connections["default"].settings_dict
    named = {
        "dbname": known["NAME"],
        "user": known["USER"],
        "password": known["PASSWORD"],
        "host": known["HOST"],
        "port": known["PORT"],
    }
    given = {name: value for name, value in named.items() if value}
    return make_conninfo("", **given, options=options, application_name="gridmap feeds")


async def _prepare(link: psycopg.AsyncConnection[Row]) -> None:
    link.prepare_threshold = 0
    await link.set_autocommit(True)
    await link.execute(WARM)


class Database:
    """A pool that opens itself on first use and outlives restarts of the database."""

    def __init__(self) -> None:
        self._pool: AsyncConnectionPool[psycopg.AsyncConnection[Row]] | None = None

    async def open(self) -> None:
        """Open the pool; the database need not be there yet."""
        if self._pool is None:
            self._pool = AsyncConnectionPool(
                conninfo(),
                min_size=1,
                max_size=settings.FEED_POOL,
                configure=_prepare,
                timeout=WAIT,
                max_waiting=MOST_WAITING,
                open=False,
            )
            await self._pool.open()

    async def close(self) -> None:
        """Close the pool."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def rows(self, sql: str, values: Mapping[str, object] | Sequence[object]) -> list[Row]:
        """Return all rows of a reading statement.

        A connection that died is replaced and the statement asked once more: it only reads.

        Raises:
            Busy: no connection in time, or the statement took too long.
        """
        try:
            return await self._ask(sql, values)
        except (PoolTimeout, TooManyRequests, psycopg.errors.QueryCanceled) as late:
            raise _busy() from late
        except psycopg.OperationalError:
            pass
        try:
            if self._pool is not None:
                await self._pool.check()
            return await self._ask(sql, values)
        except psycopg.OperationalError as gone:
            raise _busy() from gone

    async def _ask(self, sql: str, values: Mapping[str, object] | Sequence[object]) -> list[Row]:
        await self.open()
        if self._pool is None:
            raise _busy()
        async with self._pool.connection() as link, link.cursor(binary=True) as cursor:
            # The text is ours, put together from the layer specs; values travel beside it.
            await cursor.execute(sql, values)
            return await cursor.fetchall()


def _busy() -> Busy:
    return Busy("服务正忙，请稍后再试。")
