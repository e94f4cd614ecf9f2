"""The planner's own edits of a plan: split by a line or by units, merge, number anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gridmap.errors import BadValue
from gridmap.geo.fabric.model import Fabric, Flags, Floats, Ints
from gridmap.geo.partition.graph import Graph

NOBODY = -1
ROW = 0.5  # of a cell's height: whose middles differ less north to south lie in one row


def split(graph: Graph, labels: Ints, cell: int, units: Sequence[int]) -> Ints:
    """Make a cell of its own of some units of a cell; it gets the next free number.

    Units left in a smaller piece of the old cell go along, so that both hang together.

    Args:
        graph: all units.
        labels: number of the cell of each unit.
        cell: the cell to split.
        units: places of the units that become the new one.

    Raises:
        BadValue: the units are not of the cell, are all of it, or do not hang together.
    """
    inside = _members(graph, labels, cell)
    chosen = np.zeros(len(graph), dtype=bool)
    chosen[list(units)] = True
    if not chosen.any() or (chosen & ~inside).any():
        raise BadValue("要分出的单元不全在网格 %(cell)d 内", cell=cell)
    if (chosen == inside).all():
        raise BadValue("不能把网格 %(cell)d 的全部单元分出去", cell=cell)
    sides = np.where(inside, chosen.astype(np.int64), NOBODY)
    sides = _two_pieces(graph, sides)
    out = labels.copy()
    out[sides == 1] = labels.max() + 1
    return out


def split_by_line(fabric: Fabric, labels: Ints, cell: int, line: Any) -> Ints:
    """Split a cell along a drawn line: the new border follows the units' edges nearest to it.

    What lies left of the line in the direction it was drawn becomes the new cell. The line is
    drawn on past its ends.

    Raises:
        BadValue: the line leaves all of the cell on one side.
    """
    graph = Graph.of(fabric)
    inside = np.flatnonzero(_members(graph, labels, cell))
    middles = shapely.get_coordinates(shapely.point_on_surface(fabric.shapes[inside]))
    left = inside[_left_of(middles, shapely.get_coordinates(line))]
    if len(left) in {0, len(inside)}:
        raise BadValue("这条线没有把网格 %(cell)d 分成两边", cell=cell)
    return split(graph, labels, cell, left.tolist())


def merge(graph: Graph, labels: Ints, cells: Sequence[int]) -> Ints:
    """Make one cell of several neighbours; it keeps the number named first.

    Raises:
        BadValue: fewer than two, one is not there, or they do not hang together.
    """
    if len(set(cells)) < 2:  # noqa: PLR2004 - one alone is merged with nothing
        raise BadValue("合并至少需要两个网格")
    for cell in cells:
        _members(graph, labels, cell)
    out = np.where(np.isin(labels, list(cells)), cells[0], labels)
    if len(np.unique(graph.parts(out)[out == cells[0]])) > 1:
        raise BadValue("要合并的网格不相连")
    return out


def renumber(fabric: Fabric, labels: Ints) -> Ints:
    """Number cells from 1, west to east and north to south, as the rule of codes says.

    Rows run from north to south; a row is as high as half a usual cell, and in a row cells count
    from the west. Unassigned units stay so.
    """
    kept = labels != NOBODY
    cells, place = np.unique(labels[kept], return_inverse=True)
    centres = _centres(fabric, kept, place, len(cells))
    area = np.bincount(place, fabric.area_m2[kept], len(cells))
    height = ROW * float(np.sqrt(np.median(area)))
    north_first = np.lexsort((centres[:, 0], -centres[:, 1]))
    number = np.zeros(len(cells), dtype=np.int64)
    row, top, counted = [], np.inf, 1
    for one in [*north_first.tolist(), None]:
        if one is not None and top - centres[one, 1] <= height:
            row.append(one)
            continue
        for cell in sorted(row, key=lambda cell: (centres[cell, 0], -centres[cell, 1])):
            number[cell] = counted
            counted += 1
        if one is not None:
            row, top = [one], centres[one, 1]
    out = labels.copy()
    out[kept] = number[place]
    return out


def _centres(fabric: Fabric, kept: Flags, place: Ints, count: int) -> Floats:
    """Centre of each cell, weighed by ground."""
    middles = shapely.get_coordinates(shapely.centroid(fabric.shapes[kept]))
    area = fabric.area_m2[kept]
    sums = [np.bincount(place, middles[:, axis] * area, count) for axis in (0, 1)]
    return np.stack(sums, axis=1) / np.bincount(place, area, count)[:, None]


def _members(graph: Graph, labels: Ints, cell: int) -> Flags:
    inside = np.asarray(labels == cell)
    if len(labels) != len(graph) or cell == NOBODY or not inside.any():
        raise BadValue("没有网格 %(cell)d", cell=cell)
    return inside


def _two_pieces(graph: Graph, sides: Ints) -> Ints:
    """Leave each side its largest piece and give the others to the other side."""
    sides = sides.copy()
    for side in (1, 0):
        part = graph.parts(sides)
        mine = np.flatnonzero(sides == side)
        size = np.bincount(part[mine], graph.households[mine] + 1e-6)
        sides[mine[part[mine] != size.argmax()]] = 1 - side
    pieces = [len(np.unique(graph.parts(sides)[sides == side])) for side in (0, 1)]
    if pieces != [1, 1]:
        raise BadValue("分出的单元不相连")
    return sides


def _left_of(points: Floats, line: Floats) -> Flags:
    """Which points lie left of a line, by the piece of it that is nearest; its ends run on."""
    start, end = line[:-1].copy(), line[1:].copy()
    start[0] -= (end[0] - start[0]) * 1e3
    end[-1] += (end[-1] - line[-2]) * 1e3
    along = end - start
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    gap = points[:, None, :] - start[None]
    part = np.clip((gap * along).sum(axis=2) / length, 0, 1)
    foot = start + part[:, :, None] * along
    nearest = ((points[:, None, :] - foot) ** 2).sum(axis=2).argmin(axis=1)
    rows = np.arange(len(points))
    ahead, beside = along[nearest], gap[rows, nearest]
    return np.asarray(ahead[:, 0] * beside[:, 1] - ahead[:, 1] * beside[:, 0] > 0)
