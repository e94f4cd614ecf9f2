"""The ground each building stands on: inside the community, on the grid, and nobody else's.

The rule of overlaps: ground claimed twice is the smaller building's (a tower on its podium, a shed
in a corner), the larger one keeps the rest. A building of which next to nothing is left is absorbed
by the one that took its ground, and its households with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridmap.geo.fabric.model import GRID, Buildings, Ints, Remark, Shapes, gathered

SMALLEST = 1.0  # square metres of ground that a building needs to be a unit
STAYS, GONE = -1, -2


@dataclass(frozen=True, eq=False)
class Footprints:
    """Buildings with ground of their own.

    Attributes:
        codes: of each.
        shapes: polygons on the grid; no two overlap.
        households: of each, with those it absorbed.
        residents: of each, with those it absorbed.
        remarks: what was decided.
    """

    codes: tuple[str, ...]
    shapes: Shapes
    households: Ints
    residents: Ints
    remarks: tuple[Remark, ...]

    def __len__(self) -> int:
        return len(self.codes)


def footprints(community: Any, buildings: Buildings) -> Footprints:
    """Clip buildings to the community and settle who owns what two of them claim."""
    drawn = shapely.set_precision(buildings.shapes, GRID)
    own = _largest(shapely.intersection(drawn, community, grid_size=GRID))
    remarks = _outside(buildings, drawn, own, community)
    order = np.lexsort((np.asarray(buildings.codes), shapely.area(own)))
    winner = _settle(own, order, buildings, remarks)
    kept = np.flatnonzero(winner == STAYS)
    households, residents = buildings.households.copy(), buildings.residents.copy()
    for loser in order[winner[order] >= 0].tolist():
        remarks.append(_remark("absorbed", buildings, (loser, winner[loser]), drawn[loser]))
        households[winner[loser]] += households[loser]
        residents[winner[loser]] += residents[loser]
    return Footprints(
        codes=tuple(buildings.codes[place] for place in kept.tolist()),
        shapes=own[kept],
        households=households[kept],
        residents=residents[kept],
        remarks=tuple(remarks),
    )


def _largest(shapes: Shapes) -> Shapes:
    """The largest polygon of each shape, an empty one where there is none."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    area = np.where(shapely.get_type_id(parts) == 3, shapely.area(parts), -1.0)  # noqa: PLR2004 - GEOS' Polygon
    out = gathered([shapely.Polygon()] * len(shapes))
    order = np.lexsort((area, owner))
    order = order[area[order] > 0]
    out[owner[order]] = parts[order]
    return out


def _remark(code: str, buildings: Buildings, who: Any, ground: Any) -> Remark:
    place = shapely.point_on_surface(ground)
    at = (0.0, 0.0) if place.is_empty else (round(float(place.x), 2), round(float(place.y), 2))
    names = tuple(str(buildings.codes[one]) for one in who)
    return Remark(code, names, round(float(ground.area), 2), at)


def _outside(buildings: Buildings, drawn: Shapes, own: Shapes, outline: Any) -> list[Remark]:
    """Buildings that the community's outline cuts or that lie beyond it, and those split in two.

    A building whose parts hang together by less than a centimetre is split; the larger part counts.
    """
    lost = shapely.area(drawn) - shapely.area(own)
    remarks = []
    for one in np.flatnonzero(lost > SMALLEST / 10).tolist():
        ground = shapely.difference(drawn[one], own[one])
        beyond = shapely.area(shapely.difference(ground, outline)) > shapely.area(ground) / 2
        code = "outside" if own[one].is_empty else "cut" if beyond else "split"
        remarks.append(_remark(code, buildings, (one,), ground))
    return remarks


def _settle(own: Shapes, order: Ints, buildings: Buildings, remarks: list[Remark]) -> Ints:
    """Give doubly claimed ground to the smaller; return who absorbed whom.

    `STAYS` for a building nobody absorbed, `GONE` for one that lies outside.
    Changes ``own`` in place.
    """
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    winner = np.where(shapely.area(own) < SMALLEST, GONE, STAYS)
    small, large = shapely.STRtree(own).query(own, predicate="intersects")
    pairs = (rank[small] < rank[large]) & (winner[small] == STAYS)
    claims: dict[int, list[int]] = {}
    for one, two in zip(small[pairs].tolist(), large[pairs].tolist(), strict=True):
        claims.setdefault(two, []).append(one)
    for loser in [one for one in order.tolist() if one in claims]:
        _trim(own, loser, claims[loser], winner, (buildings, remarks))
    return winner


def _trim(
    own: Shapes, loser: int, rivals: list[int], winner: Ints, said: tuple[Buildings, list[Remark]]
) -> None:
    """Take the ground of its smaller rivals from a building."""
    buildings, remarks = said
    rivals = [one for one in rivals if winner[one] == STAYS]
    claimed = shapely.intersection(own[loser], own[rivals], grid_size=GRID)
    areas = shapely.area(claimed)
    rivals = [one for one, area in zip(rivals, areas, strict=True) if area > 0]
    if not rivals:
        return
    for one, ground, area in zip(rivals, claimed[areas > 0], areas[areas > 0], strict=True):
        if area > GRID:
            remarks.append(_remark("overlap", buildings, (one, loser), ground))
    rest = shapely.difference(own[loser], shapely.union_all(own[rivals]), grid_size=GRID)
    left = _largest(gathered([rest]))[0]
    if left.area < SMALLEST:
        winner[loser] = rivals[int(areas[areas > 0].argmax())]
    elif rest.area - left.area > SMALLEST / 10:
        remarks.append(_remark("split", buildings, (loser,), shapely.difference(rest, left)))
    own[loser] = left
