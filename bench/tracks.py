"""Recorded walks of a kilometre in the demo town: how many of the lanes meant are told."""

from __future__ import annotations

import time

import numpy as np

from gridmap.geo.track import clean, walked
from gridmap.layers.postings import operator_scope
from gridmap.layers.territory import City
from gridmap.layers.tracks import lines_of
from tests.geo.walks import START, recorded, walk

WALKS = 200
LEAST = 0.95
NOISES = {"each fix strays anew": 0.0, "strays alike for 10 s": 10.0, "strays alike for 30 s": 30.0}


def measure() -> None:
    """Print precision and recall over all walks, and of the worst, beside the least asked for."""
    city = City.objects.get(demo=True)
    west, south, east, north = city.bounds.extent
    lines = lines_of(operator_scope(), city, np.array([(west, south), (east, north)]))
    if lines is None:
        raise LookupError("the demo town has no stretches")
    network = lines.network
    print(f"tracks: {WALKS} walks of 1 km, 8 m of noise, {len(network.lines):,} lines of lanes")
    print("noise | precision (least) | recall (least) | worst walk | ms a walk | fixes left out")
    for name, steady in NOISES.items():
        right = told = meant = lost = 0
        worst, took = 1.0, 0.0
        for seed in range(WALKS):
            planned = walk(network, seed)
            fixes = recorded(planned.way, seed, steady=steady)
            start = time.perf_counter()
            cleaned = clean(fixes, now=START + 86_400)
            found = {one.line for one in walked(cleaned.parts, network)}
            took += time.perf_counter() - start
            hit = len(found & planned.lines)
            right, told, meant = right + hit, told + len(found), meant + len(planned.lines)
            worst = min(worst, hit / max(len(found), 1), hit / len(planned.lines))
            lost += sum(cleaned.dropped.values())
        print(
            f"{name} | {right / told:.3f} ({LEAST}) | {right / meant:.3f} ({LEAST}) | "
            f"{worst:.2f} | {1000 * took / WALKS:.0f} | {lost}",
            flush=True,
        )
