"""The whole city's overlay: in the database, and through the door.

Time in the database is the processor time of its process, where Linux tells it: on a machine that
others use too, the clock on the wall measures them.
"""

from __future__ import annotations

import statistics
import time

import psycopg

from bench.load import Http
from bench.processor import spent
from gridmap.feeds import overlay
from gridmap.feeds.pool import conninfo
from gridmap.layers import ticket

TARGET = 40.0  # ms
TIMES = 15
CITY = 1


async def measure(port: int, bearer: str) -> None:
    """Print the medians."""
    print(f"\noverlay: 10,000 cells, 30 columns, median of {TIMES}")
    print("form | processor of the database | target | its wall clock | through the door | KB")
    everything = overlay.seen(ticket.read(bearer).sight, CITY)
    values = {**everything, "kind": None, "since": None, "until": None}
    sifted = {**everything, "kind": 3, "since": "2026-11-20", "until": "2026-11-22"}
    rows = (
        ("json", overlay.TEXT + overlay.WHOLE, values, ""),
        ("bin", overlay.TEXT + overlay.WHOLE, values, "&format=bin"),
        ("json, sifted", overlay.TEXT + overlay.SIFTED, sifted,
         "&category=3&since=2026-11-20&until=2026-11-22"),
    )  # fmt: skip
    for name, statement, asked, query in rows:
        processor, wall = _inside(statement, asked)
        outside, size = await _outside(port, bearer, query)
        target = f"< {TARGET:.0f} ms" if asked is values else "-"
        print(
            f"{name} | {processor:.1f} ms | {target} | {wall:.1f} ms | {outside:.1f} ms | "
            f"{size / 1000:.0f}",
            flush=True,
        )


def _inside(statement: str, values: dict[str, object]) -> tuple[float, float]:
    """Return milliseconds of processor and of wall clock of one reading, medians."""
    with psycopg.connect(conninfo(), autocommit=True) as link:
        link.prepare_threshold = 0
        backend = [link.info.backend_pid]
        processor, wall = [], []
        for _ in range(TIMES):
            before, start = spent(backend), time.perf_counter()
            link.execute(statement, values).fetchall()
            wall.append(1000 * (time.perf_counter() - start))
            processor.append(spent(backend) - before)
    return statistics.median(processor), statistics.median(wall)


async def _outside(port: int, bearer: str, query: str) -> tuple[float, int]:
    client = Http(port, [f"/feeds/overlay?city=m{query}"], f"Cookie: gridmap_ticket={bearer}\r\n")
    await client.open()
    found, size = [], 0
    for _ in range(TIMES):
        start = time.perf_counter()
        size = await client.ask(0)
        found.append(1000 * (time.perf_counter() - start))
    await client.close()
    return statistics.median(found), size
