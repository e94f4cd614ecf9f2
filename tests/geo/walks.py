"""Walks that were meant, and what a receiver would have recorded of them. Seeded."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.geo.track import Fixes, Network

START = 1.7e9  # seconds since 1970
PACE = 1.2  # m/s


@dataclass(frozen=True)
class Walk:
    """One walk: the lines it was to cover, and the way it went."""

    lines: frozenset[int]
    way: shapely.LineString


def quarter(seed: int, side: int = 9, pitch: float = 55.0) -> list[shapely.LineString]:
    """Lanes of a quarter: a jittered grid of straight pieces, some missing."""
    dice = np.random.default_rng(seed)
    east, north = np.meshgrid(np.arange(side) * pitch, np.arange(side) * pitch)
    corner = np.stack([east, north], axis=-1) + dice.uniform(-12, 12, (side, side, 2))
    pairs = [((r, c), (r, c + 1)) for r in range(side) for c in range(side - 1)]
    pairs += [((r, c), (r + 1, c)) for r in range(side - 1) for c in range(side)]
    kept = [pair for pair in pairs if dice.random() > 0.12]
    return [shapely.LineString([corner[a], corner[b]]) for a, b in kept]


def walk(network: Network, seed: int, metres: float = 1_000.0) -> Walk:
    """Go from crossing to crossing, along new lines while there are any."""
    dice = random.Random(seed)
    at: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for line, (start, end) in enumerate(network.ends):
        at[int(start)].append((line, int(end)))
        at[int(end)].append((line, int(start)))
    first = dice.randrange(len(network.lines))
    node, gone, done = int(network.ends[first][1]), [(first, False)], {first}
    long = float(network.lengths[first])
    while long < metres:
        onward = [way for way in at[node] if way[0] != gone[-1][0]] or at[node]
        line, end = dice.choice([way for way in onward if way[0] not in done] or onward)
        gone.append((line, int(network.ends[line][0]) != node))
        done.add(line)
        long += float(network.lengths[line])
        node = end
    pieces = [
        np.array(network.lines[line].coords)[:, :2][:: -1 if back else 1] for line, back in gone
    ]
    return Walk(frozenset(done), shapely.LineString(np.concatenate(pieces)))


def recorded(
    way: shapely.LineString, seed: int, *, noise: float = 8.0, steady: float = 0.0,
    pace: float = PACE, every: float = 1.0,
) -> Fixes:  # fmt: skip
    """What a receiver writes on a way.

    Args:
        way: metres.
        seed: of the noise.
        noise: metres, one standard deviation on each axis.
        steady: seconds over which the noise of a receiver stays alike; 0: each fix strays anew.
        pace: m/s.
        every: seconds between fixes.
    """
    dice = np.random.default_rng(seed)
    along = np.arange(0, way.length, pace * every)
    places = shapely.get_coordinates(shapely.line_interpolate_point(way, along))
    stray = dice.normal(0, noise, places.shape)
    if steady:
        kept = math.exp(-every / steady)
        for here in range(1, len(stray)):
            stray[here] = kept * stray[here - 1] + math.sqrt(1 - kept**2) * stray[here]
    at = START + np.arange(len(places), dtype=np.float64) * every
    return Fixes(places + stray, at, np.full(len(places), max(noise, 1.0)))
