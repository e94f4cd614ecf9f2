"""A list of 5,000 buildings: written by the database, beside the plain serializer."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable

from rest_framework.renderers import JSONRenderer

from gridmap.api.places import BuildingOut
from gridmap.api.streaming import _chunks
from gridmap.layers import figures
from gridmap.layers.places import Building
from gridmap.layers.scope import Area, Scope

TARGET = 15
FEATURES = 5_000
ROUNDS = 5


async def measure(port: int, bearer: str) -> None:  # noqa: ARG001 -- no server: both write to nobody
    """Print the ratio."""
    await asyncio.to_thread(_measure)


def _measure() -> None:
    scope = Scope(user_id=0, ground=frozenset({1}), area=Area(cities=frozenset({1})))
    rows = figures.with_headcount(Building.objects.within(scope), scope).order_by("pk")[:FEATURES]

    def streamed() -> int:
        return sum(len(piece) for piece in _chunks(rows.all(), BuildingOut()))

    def plain() -> int:
        return len(JSONRenderer().render(BuildingOut(rows.all(), many=True).data))

    pairs = [(_seconds(streamed), _seconds(plain)) for _ in range(ROUNDS + 1)][1:]
    ratios = [slow / quick for (quick, _), (slow, _) in pairs]
    (quick, size), (slow, plain_size) = pairs[-1]
    print(f"\napi: {FEATURES} buildings as GeoJSON, {ROUNDS} rounds, in one process")
    print("plain serializer ms | streamed ms | ratio (of rounds) | target | KB plain/streamed")
    print(
        f"{1000 * slow:.0f} | {1000 * quick:.0f} | {statistics.median(ratios):.1f}x "
        f"({' '.join(f'{ratio:.0f}' for ratio in ratios)}) | {TARGET}x | "
        f"{plain_size / 1000:.0f}/{size / 1000:.0f}",
        flush=True,
    )


def _seconds(task: Callable[[], int]) -> tuple[float, int]:
    start = time.perf_counter()
    size = task()
    return time.perf_counter() - start, size
