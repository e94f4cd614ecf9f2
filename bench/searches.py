"""The search box: what a key costs in a city of 400,000 buildings, from one sign on."""

from __future__ import annotations

import asyncio
import statistics
import time

from gridmap.layers.postings import operator_scope
from gridmap.layers.search import search
from gridmap.layers.territory import City

TARGET = 120  # milliseconds a key (ui.md 12)
ROUNDS = 9
# Signs, pinyin and digits as they are typed, one after the other.
TYPED = ("1", "12", "n", "nl", "nan", "一", "一路", "一路2", "垃圾", "暴露垃圾", "没", "没有这条")


async def measure(port: int, bearer: str) -> None:  # noqa: ARG001 -- no server: the query is meant
    """Print milliseconds by what is typed."""
    await asyncio.to_thread(_measure)


def _measure() -> None:
    scope = operator_scope()
    city = City.objects.get(pk=1)
    print(f"\nsearch: {ROUNDS} rounds of each, target {TARGET} ms a key")
    print("typed | median ms | slowest ms | hits")
    for text in TYPED:
        took = []
        for _ in range(ROUNDS + 1):
            start = time.perf_counter()
            found = search(scope, city, text)
            took.append(1000 * (time.perf_counter() - start))
        hits = sum(group["total"] for group in found["groups"])
        print(
            f"{text} | {statistics.median(took[1:]):.0f} | {max(took[1:]):.0f} | {hits}", flush=True
        )
