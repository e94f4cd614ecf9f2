"""uvicorn beside granian: tiles, look-ups, a crowd of open maps (docs/decisions/0004-server.md)."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Sequence

import psycopg

from bench import look_ups, pictures, serving
from bench.load import Http, press
from gridmap.feeds.pool import conninfo

CLIENTS = 8
ROUNDS = 3
SECONDS = 3.0
MAPS = 300
CHANGES = 10
ZOOM = 17


async def measure(port: int, bearer: str) -> None:
    """Print one line a server; both run all the time, they are asked in turn."""
    with serving.served("granian") as other:
        ports = {"uvicorn": port, "granian": other}
        print(f"\nservers: z{ZOOM} tiles and look-ups with {CLIENTS} clients, {MAPS} open maps")
        tiles = [f"/feeds/tiles/m.1/{ZOOM}/{x}/{y}.mvt" for x, y in pictures.tiles(ZOOM)]
        rates = {
            "tiles/s": await _turns(ports, bearer, tiles),
            "where/s": await _turns(ports, bearer, _places()),
        }
        heard = {name: await _crowd(at, bearer) for name, at in ports.items()}
    print("server | tiles/s | where/s | change heard by all maps p50/p99 ms | maps that heard all")
    for name in ports:
        waits, whole = heard[name]
        waits.sort()
        print(
            f"{name} | {rates['tiles/s'][name]:.0f} | {rates['where/s'][name]:.0f} | "
            f"{waits[len(waits) // 2]:.0f}/{waits[int(len(waits) * 0.99)]:.0f} | {whole}",
            flush=True,
        )


def _places() -> list[str]:
    dice = random.Random(1)
    return [look_ups.address(dice) for _ in range(2_000)]


async def _turns(ports: dict[str, int], bearer: str, paths: Sequence[str]) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in ports}
    for number in range(ROUNDS + 1):
        for name, port in ports.items():
            clients = [
                Http(port, paths, f"Cookie: gridmap_ticket={bearer}\r\n") for _ in range(CLIENTS)
            ]
            for client in clients:
                await client.open()
            rate = await press([c.ask for c in clients], SECONDS, len(paths), number)
            for client in clients:
                await client.close()
            if number:  # the first warms both
                found[name].append(rate.a_second)
    return {name: statistics.median(rates) for name, rates in found.items()}


async def _crowd(port: int, bearer: str) -> tuple[list[float], int]:
    """Return milliseconds from each change to each map, and how many maps heard every change."""
    request = (
        f"GET /feeds/live?city=m HTTP/1.1\r\nHost: x\r\nCookie: gridmap_ticket={bearer}\r\n\r\n"
    ).encode("ascii")
    lines = []
    for _ in range(MAPS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        lines.append((reader, writer))
    for reader, _ in lines:
        await reader.readuntil(b"retry: 2000\n\n")
    made: list[float] = []
    waits: list[float] = []
    heard = [0] * MAPS

    async def listen(number: int, reader: asyncio.StreamReader) -> None:
        while heard[number] < CHANGES:
            await reader.readuntil(b"event: change")
            waits.append(1000 * (time.perf_counter() - made[heard[number]]))
            heard[number] += 1

    ears = [asyncio.create_task(listen(n, reader)) for n, (reader, _) in enumerate(lines)]
    link = await psycopg.AsyncConnection.connect(conninfo("-c jit=off"), autocommit=True)
    async with link:
        for number in range(CHANGES):
            await link.execute(
                "UPDATE layers_incident SET urgent = urgent WHERE light = 1 AND cell_id = %s",
                [1 + number * 37],
            )
            made.append(time.perf_counter())
            await link.execute("SELECT gridmap_compact()")
            await asyncio.sleep(0.4)
    await asyncio.wait(ears, timeout=5)
    for ear in ears:
        ear.cancel()
    for _, writer in lines:
        writer.close()
    return waits, sum(count == CHANGES for count in heard)
