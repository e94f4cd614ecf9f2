"""The toy town's communities as units, small enough to check by hand.

Each cell of 100 m by 100 m is cut into six units, three columns of 35, 30 and 35 m, two rows of
50 m; its building stands in the middle one of the upper row, with all households of the cell::

    100 +----+---+----+
        | d  |[e]| f  |      uids: La1a … La1f of cell A-1, La2a … of A-2; [e] is BB1, BB2, …
     50 +----+---+----+      households: A-1 100, A-2 200, B-1 300, B-2 400
        | a  | b | c  |      borders between units: 30 or 35 m along, 50 m up
      0 +----+---+----+

The border of A-1 and A-2 is lane L1 (level LANE); every other border is INNER.
"""

import numpy as np
import shapely

from gridmap.layers import fabric_store
from gridmap.layers.fabric_store import Edges, Origin, Units
from gridmap.layers.fabrics import Fabric, UnitEdge
from gridmap.layers.places import Building
from tests import town as toy

STOPS = (0, 35, 65, 100)
LETTERS = "abcdef"


def uid(letter: str, number: int, unit: str) -> str:
    """The name of a unit: community, cell, place in the cell."""
    home = 2 * "AB".index(letter) + number
    return f"BB{home}" if unit == "e" else f"L{letter.lower()}{number}{unit}"


def cell_units(letter: str, number: int) -> tuple[str, ...]:
    """The six units of a cell."""
    return tuple(uid(letter, number, unit) for unit in LETTERS)


def _pieces(letter: str) -> list[tuple[str, tuple[int, int, int, int]]]:
    """Every unit of a community: its name, and west, south, east, north."""
    found = []
    for number in (1, 2):
        west = 200 * "AB".index(letter) + 100 * (number - 1)
        for index, unit in enumerate(LETTERS):
            column, row = index % 3, index // 3
            sides = (west + STOPS[column], 50 * row, west + STOPS[column + 1], 50 * row + 50)
            found.append((uid(letter, number, unit), sides))
    return sorted(found)


def lay(letter: str = "A") -> Fabric:
    """The fabric of a community of the toy town, written down as its newest."""
    pieces = _pieces(letter)
    east, north = toy.ORIGIN
    shapes = np.array(
        [shapely.box(w + east, s + north, e + east, n + north) for _, (w, s, e, n) in pieces]
    )
    homes = {f"B{home.code}": home for home in Building.objects.all()}
    households = np.array([100 * int(uid[2:]) if uid in homes else 0 for uid, _ in pieces])
    units = Units(
        uids=[uid for uid, _ in pieces],
        shapes=shapes,
        kinds=["building" if uid in homes else "open" for uid, _ in pieces],
        blocks=np.zeros(len(pieces), int),
        buildings=[homes[uid].pk if uid in homes else None for uid, _ in pieces],
        households=households,
        residents=households * 5 // 2,
        incidents=np.zeros(len(pieces), int),
    )
    return fabric_store.keep(toy.community(letter), units, _edges(shapes), Origin("by hand"))


def _edges(shapes: np.ndarray[tuple[int], np.dtype[np.object_]]) -> Edges:
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    length = shapely.length(shapely.intersection(shapes[one], shapes[two]))
    real = (one < two) & (length > 0.5)
    one, two, length = one[real], two[real], length[real]
    middle = shapely.get_x(shapely.centroid(shapely.intersection(shapes[one], shapes[two])))
    lane = np.isclose(middle, toy.ORIGIN[0] + 100)
    level = np.where(lane, UnitEdge.Level.LANE, UnitEdge.Level.INNER)
    return Edges(one, two, length, level, np.ones(len(one), bool))
