"""/feeds/where beside pgbench with the same query, prepared, over the socket."""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
import statistics
import tempfile
from pathlib import Path

import psycopg

from bench import ground, pictures, serving
from bench.load import Bare, Http, press
from gridmap.feeds.pool import conninfo

TARGET = 0.3
CLIENTS = 16
LINKS = 8
ROUNDS = 3
SECONDS = 4
PLACES = 5_000
SPAN_E = ground.SIDE * ground.PITCH * ground.METRE_E
SPAN_N = ground.SIDE * ground.PITCH * ground.METRE_N
_SCRIPT = f"""\\set e random(0, 1000000)
\\set n random(0, 1000000)
SELECT gridmap_where(
    1, {ground.ORIGIN[0]} + :e * {SPAN_E / 1e6}, {ground.ORIGIN[1]} + :n * {SPAN_N / 1e6});
"""


def address(dice: random.Random) -> str:
    """Return the request for a random place well inside the city."""
    lng = ground.ORIGIN[0] + dice.uniform(0.02, 0.98) * SPAN_E
    lat = ground.ORIGIN[1] + dice.uniform(0.02, 0.98) * SPAN_N
    return f"/feeds/where?city=m&lng={lng:.7f}&lat={lat:.7f}"


async def measure(port: int, bearer: str) -> None:
    """Print the ratio."""
    dice = random.Random(1)
    paths = [address(dice) for _ in range(PLACES)]
    clients = [Http(port, paths, f"Cookie: gridmap_ticket={bearer}\r\n") for _ in range(CLIENTS)]
    for client in clients:
        await client.open()
    await press([c.ask for c in clients], 1.5, PLACES, 99)
    alone = await press([clients[0].ask], 2.0, PLACES, 7)
    ratios, rates, limits = [], [], []
    own = [serving.PIDS[port], *pictures.feeds()]
    price = await _price()
    for number in range(ROUNDS):
        limits.append(await _pgbench())
        rates.append(await press([c.ask for c in clients], SECONDS, PLACES, number, own))
        ratios.append(rates[-1].a_second / limits[-1])
    for client in clients:
        await client.close()
    print(f"\nwhere: the whole ladder at a random place, {ROUNDS} rounds of {SECONDS} s")
    print(
        "pgbench/s | ours/s | ratio (of rounds) | target | processor ms its backend/ours in all | "
        "p50/p99 ms loaded | alone | errors"
    )
    paid = statistics.median(rate.price for rate in rates)
    print(
        f"{statistics.median(limits):.0f} | {statistics.median(r.a_second for r in rates):.0f} | "
        f"{statistics.median(ratios):.2f}x ({' '.join(f'{r:.2f}' for r in ratios)}) | {TARGET}x | "
        f"{price:.2f}/{paid:.2f} = {price / max(paid, 0.001):.2f}x | "
        f"{rates[-1].wait(0.5):.1f}/{rates[-1].wait(0.99):.0f} | "
        f"{alone.wait(0.5):.1f}/{alone.wait(0.99):.1f} | {sum(r.errors for r in rates)}",
        flush=True,
    )


async def _price() -> float:
    """Return the milliseconds of processor of one look-up in the database, asked for singly."""
    sql = "SELECT gridmap_where(1, %(lng)s::float8, %(lat)s::float8)::text"
    dice = random.Random(2)
    values: list[dict[str, object]] = [
        {
            "lng": ground.ORIGIN[0] + dice.random() * SPAN_E,
            "lat": ground.ORIGIN[1] + dice.random() * SPAN_N,
        }
        for _ in range(1_000)
    ]
    link = Bare(pictures.bare(), sql, values)
    await link.open()

    async def ask(item: int) -> int:
        await link.ask(item)
        return 0

    rate = await press([ask], 3.0, len(values), 1, [link.backend])
    await link.close()
    return rate.price


async def _pgbench() -> float:
    """Return what pgbench's prepared statements reach a second."""
    known = psycopg.conninfo.conninfo_to_dict(conninfo(""))
    program = shutil.which("pgbench") or "/usr/lib/postgresql/15/bin/pgbench"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "where.sql"
        script.write_text(_SCRIPT, encoding="ascii")
        process = await asyncio.create_subprocess_exec(
            program, "-n", "-M", "prepared", "-c", str(LINKS), "-j", "2", "-T", str(SECONDS),
            "-f", str(script), "-h", str(known.get("host", "")), "-U", str(known.get("user", "")),
            str(known["dbname"]),
            env={**os.environ, "PGPASSWORD": str(known.get("password", "")),
                 "PGPORT": str(known.get("port", "5432")), "PGOPTIONS": "-c jit=off"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
    found = re.search(r"tps = ([0-9.]+)", said.decode())
    if found is None:
        raise RuntimeError(said.decode())
    return float(found[1])
