"""A toy community for fabrics, 200 m by 100 m, that can be checked by hand.

::

    100 +-----------+-----------+
        | [1]   [2] | [3]       |    a street runs north at x = 100;
        |           |       [4] |    buildings are 20 m squares:
      0 +-----------+-----------+    1 at (20, 60), 2 at (60, 60), 3 at (120, 60), 4 at (160, 20)
        0          100         200   each with 100 households and 250 residents

Between 1 and 2 the middle is x = 50: unit 1 is 50 m by 100 m, so is unit 2.
"""

import numpy as np
import shapely
from shapely import LineString, Polygon

from gridmap.geo.fabric import Barriers, Buildings, Fabric, Level, Ways, build
from gridmap.geo.fabric.model import gathered

COMMUNITY = shapely.box(0, 0, 200, 100)
CORNERS = {"1": (20, 60), "2": (60, 60), "3": (120, 60), "4": (160, 20)}
STREET = LineString([(100, -20), (100, 120)])
RIVER = shapely.box(90, -20, 110, 120)


def house(code: str) -> Polygon:
    x, y = CORNERS[code]
    return shapely.box(x, y, x + 20, y + 20)


def houses(*codes: str) -> Buildings:
    return counted(list(codes), [house(code) for code in codes])


def counted(codes: list[str], shapes: list[Polygon]) -> Buildings:
    count = len(codes)
    return Buildings(codes, gathered(shapes), np.full(count, 100), np.full(count, 250))


def ways(*lines: LineString, level: Level = Level.STREET) -> Ways:
    return Ways(gathered(list(lines)), np.full(len(lines), int(level)))


def quarter() -> Fabric:
    return build(COMMUNITY, houses("1", "2", "3", "4"), ways(STREET), Barriers())


def edge(fabric: Fabric, one: str, two: str) -> tuple[float, int, bool] | None:
    """Length, level and crossability of the border of two units; None if they do not meet."""
    pair = sorted((fabric.place_of[one], fabric.place_of[two]))
    edges = fabric.edges
    for row in np.flatnonzero((edges.a == pair[0]) & (edges.b == pair[1])).tolist():
        return float(edges.length_m[row]), int(edges.level[row]), bool(edges.crossable[row])
    return None
