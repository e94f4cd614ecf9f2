"""A street is a line and an area; where only one was drawn the other is worked out.

Everything here is in metres, in the metric system of the city.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge, substring

# Usual widths in metres of the carriageway, by kind as OpenStreetMap, its tiles and the national
# road grades name them. Only where the file gives no width.
WIDTHS: Mapping[str, float] = {
    "motorway": 25.0,
    "trunk": 25.0,
    "highway": 25.0,
    "primary": 20.0,
    "major_road": 20.0,
    "secondary": 15.0,
    "tertiary": 12.0,
    "minor_road": 8.0,
    "residential": 8.0,
    "unclassified": 8.0,
    "living_street": 6.0,
    "pedestrian": 6.0,
    "service": 4.0,
    "track": 3.0,
    "path": 2.0,
    "footway": 2.0,
    "cycleway": 2.0,
    "steps": 2.0,
    "rail": 4.0,
    "ferry": 10.0,
}
USUAL = 8.0
CORNERS = 4  # segments of a quarter circle
Node = tuple[float, float]


def width_of(kind: str) -> float:
    """Return the usual width in metres of a kind of way."""
    return WIDTHS.get(kind.removesuffix("_link"), USUAL)


def areas_of(lines: NDArray[np.object_], widths: NDArray[np.float64]) -> NDArray[np.object_]:
    """Return the ground that ways cover: so many metres wide, ending square.

    Args:
        lines: centrelines, metres, valid.
        widths: width of each in metres.
    """
    areas = shapely.buffer(lines, widths / 2, quad_segs=CORNERS, cap_style="flat")
    poor = ~shapely.is_valid(areas) | shapely.is_empty(areas)
    # A line that doubles back on itself may lose its square ends; round ones always exist.
    if poor.any():
        areas[poor] = shapely.buffer(lines[poor], widths[poor] / 2, quad_segs=CORNERS)
    return np.asarray(areas)


def centreline_of(area: BaseGeometry) -> MultiLineString | None:
    """Return the line along the middle of a way, branches included; None if it has no length.

    The medial axis by the Voronoi diagram of the densified outline, less the spurs into corners.

    Args:
        area: polygon or multipolygon, metres, valid.
    """
    lines: list[LineString] = []
    for part in shapely.get_parts(area):
        lines += _axis(part)
    return MultiLineString(lines) if lines else None


def _axis(area: Polygon) -> list[LineString]:
    width = 2 * area.area / area.length  # of a long strip
    step = max(width / 3, area.length / 2_000)  # bounded however long the outline is
    outline = shapely.get_coordinates(shapely.segmentize(area.boundary, step))
    edges = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(np.unique(outline, axis=0)), only_edges=True)
    )
    pieces = shapely.get_parts(shapely.node(shapely.multilinestrings(_segments(edges))))
    shapely.prepare(area)
    inside = pieces[shapely.contains_properly(area, pieces)]
    kept = _prune(inside, spur=1.5 * width)
    if not kept:
        return _chord(area)
    merged = shapely.get_parts(shapely.simplify(linemerge(kept), width / 20))
    ends = Counter(_node(place) for part in merged for place in _ends(part))
    lines = [_straightened(part, area, width, ends) for part in merged if part.length > width / 4]
    return lines or _chord(area)


def _ends(line: LineString) -> NDArray[np.float64]:
    return np.asarray(shapely.get_coordinates(line)[[0, -1]])


def _straightened(
    line: LineString, area: Polygon, width: float, ends: Mapping[Node, int]
) -> LineString:
    """Run free ends straight on to the outline, where the medial axis turns into a corner."""
    places = shapely.get_coordinates(line)
    if line.length < 3 * width:
        return line
    for free, last in ((ends[_node(places[0])] == 1, False), (ends[_node(places[-1])] == 1, True)):
        if free:
            places = places[::-1] if last else places
            places = _run_on(places, area, width)
            places = places[::-1] if last else places
    return LineString(places)


def _run_on(places: NDArray[np.float64], area: Polygon, width: float) -> NDArray[np.float64]:
    """Replace the first stretch of a line, as long as the way is wide, by a straight one."""
    line = LineString(places)
    rest = shapely.get_coordinates(substring(line, width, line.length))
    inner, further = rest[0], np.asarray(line.interpolate(1.5 * width).coords[0])
    away = (inner - further) / np.hypot(*(inner - further))
    ray = LineString([inner, inner + away * 3 * width])
    hits = shapely.get_coordinates(shapely.intersection(ray, area.boundary))
    if len(hits) == 0:
        return places
    nearest = hits[np.hypot(*(hits - inner).T).argmin()]
    return np.vstack([nearest, rest])


def _segments(edges: NDArray[np.object_]) -> list[LineString]:
    parts = []
    for edge in edges:
        places = shapely.get_coordinates(edge)
        parts += [LineString(places[start : start + 2]) for start in range(len(places) - 1)]
    return parts


def _chord(area: Polygon) -> list[LineString]:
    """The line from end to end through the middle of a compact shape."""
    box = shapely.get_coordinates(shapely.oriented_envelope(area))
    if len(box) < 5:  # noqa: PLR2004 - a rectangle has five corners, the last being the first
        return []
    sides = np.hypot(*np.diff(box, axis=0).T)
    turn = 0 if sides[0] >= sides[1] else 1
    ends = [
        (box[turn] + box[(turn + 3) % 4]) / 2,
        (box[turn + 1] + box[(turn + 2) % 4]) / 2,
    ]
    return [LineString(ends)]


def _prune(pieces: Sequence[LineString], spur: float) -> list[LineString]:
    """Cut off the branches that run into corners: shorter than ``spur``, ending free.

    The longest way through is never cut.
    """
    graph: dict[Node, dict[Node, float]] = defaultdict(dict)
    for piece in pieces:
        first, last = (_node(place) for place in shapely.get_coordinates(piece)[[0, -1]])
        if first != last:
            graph[first][last] = graph[last][first] = float(piece.length)
    spine = _longest(graph)
    for leaf in [node for node, near in graph.items() if len(near) == 1 and node not in spine]:
        branch, length = _branch(graph, leaf)
        if length < spur:
            for one, two in pairwise(branch):
                graph[one].pop(two, None)
                graph[two].pop(one, None)
    return [LineString([one, two]) for one in graph for two in graph[one] if one < two]


def _node(place: NDArray[np.float64]) -> Node:
    return round(float(place[0]), 4), round(float(place[1]), 4)


def _branch(graph: Mapping[Node, Mapping[Node, float]], leaf: Node) -> tuple[list[Node], float]:
    """The nodes from a free end to the next fork, and how long that is."""
    path, length = [leaf], 0.0
    while len(path) == 1 or len(graph[path[-1]]) == 2:  # noqa: PLR2004 - neither end nor fork
        further = [node for node in graph[path[-1]] if node not in path[-2:]]
        if not further:
            break
        length += graph[path[-1]][further[0]]
        path.append(further[0])
    return path, length


def _longest(graph: Mapping[Node, Mapping[Node, float]]) -> frozenset[Node]:
    """The nodes of the longest shortest way through each piece of the graph."""
    left, spine = set(graph), set[Node]()
    while left:
        start = next(iter(left))
        reached, _ = _far(graph, start)
        left -= set(reached)
        end = max(reached, key=reached.__getitem__)
        distance, before = _far(graph, end)
        node: Node | None = max(distance, key=distance.__getitem__)
        while node is not None:
            spine.add(node)
            node = before.get(node)
    return frozenset(spine)


def _far(
    graph: Mapping[Node, Mapping[Node, float]], start: Node
) -> tuple[dict[Node, float], dict[Node, Node]]:
    """Distance to every node that can be reached, and the node before it on the way."""
    distance: dict[Node, float] = {start: 0.0}
    before: dict[Node, Node] = {}
    queue = [(0.0, start)]
    while queue:
        so_far, node = heapq.heappop(queue)
        if so_far > distance[node]:
            continue
        for near, length in graph[node].items():
            if so_far + length < distance.get(near, np.inf):
                distance[near] = so_far + length
                before[near] = node
                heapq.heappush(queue, (so_far + length, near))
    return distance, before
