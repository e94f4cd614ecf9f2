"""Seeded towns of any size for proposals: ground split by arterials, streets, lanes and fences.

One building a parcel; where people live is clustered as in a real town, with villages, walk-ups,
towers of up to 280 households and 15 % without any, so that balance is hard: one unit may hold 70 %
of a cell.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.geo.fabric.borders import borders_of
from gridmap.geo.fabric.model import Edges, Level
from gridmap.geo.partition import Graph

Floats = npt.NDArray[np.float64]
Corner = tuple[float, float]
CRUMB = 5.0  # square metres; smaller faces are slips of the cutting
VILLAGE, TOWER, EMPTY = 0.62, 0.93, 0.15  # shares of the units, by how crowded their place is
PARCEL = 1_590.0  # square metres, mean
# A face larger than this is split by a line of this level.
SPLITS = ((4.0e5, Level.ARTERIAL), (4.5e4, Level.STREET), (1.2e4, Level.LANE), (0.0, Level.INNER))


@dataclass(frozen=True, eq=False)
class Town:
    """A town to partition.

    Attributes:
        graph: its units.
        shapes: their polygons, metres.
        middles: (n, 2) their centres.
    """

    graph: Graph
    shapes: npt.NDArray[np.object_]
    middles: Floats


def town(units: int, seed: int) -> Town:
    """Return a town with about so many units."""
    dice = np.random.default_rng(seed)
    side = math.sqrt(units * PARCEL)
    wide, deep = side * 1.25, side / 1.25
    wave = 2 * np.pi / 900
    use = _field(dice, wave / 2)
    root = [(0.0, 0.0), (wide, 0.0), (wide * 1.02, deep * 0.98), (-wide * 0.03, deep)]
    lines, levels = _split(root, dice, use)
    noded = shapely.union_all(
        np.array([*map(shapely.LineString, lines), shapely.LinearRing(root)]), grid_size=0.01
    )
    faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    faces = faces[shapely.area(faces) > CRUMB]
    edges = _edges(faces, lines, levels)
    middles = shapely.get_coordinates(shapely.centroid(faces))
    bend = _field(dice, wave / 3), _field(dice, wave / 3)
    shapes = shapely.transform(
        faces, lambda at: at + 12 * np.stack([one(at[:, 0], at[:, 1]) for one in bend], axis=1)
    )
    households = _households(dice, use(middles[:, 0], middles[:, 1]))
    graph = Graph.joined(edges, households, shapely.area(shapes), shapely.length(shapes))
    return Town(graph, shapes, shapely.get_coordinates(shapely.centroid(shapes)))


def _field(dice: np.random.Generator, scale: float) -> Callable[..., Floats]:
    """A smooth random field with waves of about a kilometre."""
    ways = dice.normal(size=(14, 2)) * scale
    shift, height = dice.uniform(0, 2 * np.pi, 14), dice.normal(size=14)

    def field(x: Floats, y: Floats) -> Floats:
        total = np.zeros_like(np.asarray(x, dtype=float))
        for way, start, high in zip(ways, shift, height, strict=True):
            total = total + high * np.cos(way[0] * x + way[1] * y + start)
        return total / math.sqrt(7)

    return field


def _area(face: list[Corner]) -> float:
    turned = face[1:] + face[:1]
    return abs(sum(a * d - c * b for (a, b), (c, d) in zip(face, turned, strict=True))) / 2


def _cut(
    face: list[Corner], through: Corner, along: Corner
) -> tuple[list[Corner], list[Corner], list[Corner]]:
    """Split a convex face by a line: what is left of it, right of it, and the line inside."""
    left: list[Corner] = []
    right: list[Corner] = []
    chord: list[Corner] = []
    beside = [(x - through[0]) * -along[1] + (y - through[1]) * along[0] for x, y in face]
    for place, (here, side) in enumerate(zip(face, beside, strict=True)):
        there, other = face[(place + 1) % len(face)], beside[(place + 1) % len(face)]
        if side >= 0:
            left.append(here)
        if side <= 0:
            right.append(here)
        if side * other < 0:
            part = side / (side - other)
            cross = (
                here[0] + part * (there[0] - here[0]),
                here[1] + part * (there[1] - here[1]),
            )
            left.append(cross)
            right.append(cross)
            chord.append(cross)
        elif side == 0:
            chord.append(here)
    return left, right, chord


def _split(
    root: list[Corner], dice: np.random.Generator, use: Callable[..., Floats]
) -> tuple[list[list[Corner]], list[int]]:
    waiting, lines, levels = [root], [], []
    while waiting:
        face = waiting.pop()
        area = _area(face)
        corners = np.array(face)
        middle = corners.mean(axis=0)
        crowd = float(use(middle[0], middle[1]))
        if area < (1500 + 3500 / (1 + math.exp(-2 * (crowd - 0.8)))) * dice.uniform(0.8, 1.5):
            continue
        level = next(level for above, level in SPLITS if area > above)
        axis = np.linalg.svd(corners - middle, full_matrices=False)[2][0]
        turn = math.atan2(axis[1], axis[0]) + math.pi / 2
        turn += dice.normal(0, 0.06 if level > Level.INNER else 0.03)
        through = middle + axis * dice.uniform(-0.12, 0.12) * math.sqrt(area)
        parts = _cut(face, (through[0], through[1]), (math.cos(turn), math.sin(turn)))
        if len(parts[2]) == 2 and min(len(parts[0]), len(parts[1])) > 2:  # noqa: PLR2004 - a line, two faces
            lines.append(parts[2])
            levels.append(int(level))
            waiting += parts[:2]
    return lines, levels


def _edges(faces: npt.NDArray[np.object_], lines: list[list[Corner]], levels: list[int]) -> Edges:
    borders = borders_of(faces)
    drawn = np.array([shapely.LineString(line) for line in lines])
    piece, line = shapely.STRtree(drawn).query_nearest(borders.middles(), all_matches=False)
    level = np.zeros(len(borders.a), dtype=np.int64)
    level[piece] = np.array(levels)[line]
    pairs, row = np.unique(borders.a * len(faces) + borders.b, return_inverse=True)
    length = np.bincount(row, borders.lengths()).astype(np.float64)
    highest = np.zeros(len(pairs), dtype=np.int64)
    np.maximum.at(highest, row, level)
    kept = length > 0.5  # noqa: PLR2004 - less is a touch in a point
    a, b = pairs // len(faces), pairs % len(faces)
    return Edges(
        a[kept], b[kept], length[kept], highest[kept], np.ones(int(kept.sum()), dtype=bool)
    )


def _households(dice: np.random.Generator, use: Floats) -> npt.NDArray[np.int64]:
    count = len(use)
    rank = np.argsort(np.argsort(use + dice.normal(0, 0.35, count))) / count
    village, tower = rank < VILLAGE, rank >= TOWER
    walk_up = ~village & ~tower
    held = np.zeros(count)
    held[village] = dice.lognormal(math.log(5), 0.8, village.sum())
    stairs = dice.integers(2, 7, walk_up.sum())
    held[walk_up] = 12 * stairs * dice.choice([0.5, 1, 1], walk_up.sum())
    held[tower] = 60 * (1 + dice.pareto(2.2, tower.sum()))
    held = np.clip(np.round(held), 0, 280)
    held[dice.random(count) < EMPTY] = 0
    return held.astype(np.int64)
