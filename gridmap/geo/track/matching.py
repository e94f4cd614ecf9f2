"""Which stretches a walk went along: the likeliest way through the network of their lines.

A hidden Markov model after Newson and Krumm (Hidden Markov Map Matching Through Noise and
Sparseness, ACM GIS 2009): each fix may lie on any line near it, the nearer the likelier; and going
from one to the next the way along the lines is about as long as the straight one. Parallel lanes
20 m apart are told apart by the whole walk, not fix by fix.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from gridmap.geo.track.cleaning import Fixes, Floats

REACH = 40.0  # metres from a fix in which its line is looked for
NOISE = 8.0  # metres a receiver in a street strays
SLACK = 4.0  # metres by which the way along the lines may differ from the straight one
DETOUR = 120.0  # metres: a longer way round between two fixes was not gone
EVERY = 8.0  # seconds whose fixes are taken together, which takes off most of the noise
MOST = 10  # lines looked at for one fix
SEEN = 0.6  # share of a line that must have been walked
AWAY = 60.0  # cost of going where no line is

Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Walked:
    """A line of the network that was walked.

    Attributes:
        line: its place in the network.
        share: of its length, from 0 to 1.
        at: when it was left, seconds since 1970 UTC; nan where the recording has no time.
        offset: metres the fixes lie left of the line on the average, as it is drawn; right of it
            negative.
        doubt: metres by which the offset may be wrong, one standard deviation.
    """

    line: int
    share: float
    at: float
    offset: float
    doubt: float


class Network:
    """The lines of stretches and how they hang together: ends within half a metre are one."""

    def __init__(self, lines: Sequence[shapely.LineString]) -> None:
        self.lines: Shapes = np.array(lines, dtype=object)
        self.lengths: Floats = shapely.length(self.lines)
        self._tree = shapely.STRtree(self.lines)
        ends = np.array([(line.coords[0], line.coords[-1]) for line in lines])[..., :2]
        keys = np.round(ends.reshape(-1, 2) * 2).astype(np.int64)
        _, nodes = np.unique(keys, axis=0, return_inverse=True)
        self.ends: npt.NDArray[np.int64] = nodes.reshape(-1, 2)
        self._at: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for line, (start, end) in enumerate(self.ends):
            self._at[start].append((line, int(end)))
            self._at[end].append((line, int(start)))
        self._known: dict[int, dict[int, tuple[float, int, int]]] = {}

    def near(self, xy: Floats, reach: float) -> tuple[npt.NDArray[np.int64], ...]:
        """Return rows of ``xy`` and lines within ``reach`` metres of them, as pairs."""
        row, line = self._tree.query(shapely.points(xy), predicate="dwithin", distance=reach)
        return row, line

    def around(self, node: int) -> dict[int, tuple[float, int, int]]:
        """Return the nodes near one: metres, the line by which it is reached, and from where."""
        if node not in self._known:
            self._known[node] = self._dijkstra(node)
        return self._known[node]

    def _dijkstra(self, start: int) -> dict[int, tuple[float, int, int]]:
        found: dict[int, tuple[float, int, int]] = {}
        waiting = [(0.0, start, -1, -1)]
        while waiting:
            way, node, line, before = heapq.heappop(waiting)
            if node in found:
                continue
            found[node] = (way, line, before)
            for over, end in self._at[node]:
                longer = way + float(self.lengths[over])
                if end not in found and longer <= DETOUR:
                    heapq.heappush(waiting, (longer, end, over, node))
        return found

    def between(self, start: int, end: int) -> list[int]:
        """Return the lines from one node to another near it, the shortest way."""
        found, lines = self.around(start), []
        while end != start:
            _, line, end = found[end]
            lines.append(line)
        return lines


@dataclass(frozen=True, eq=False)
class _Spot:
    """Where on which line a fix may lie."""

    line: int
    along: float
    cost: float


def walked(parts: Sequence[Fixes], network: Network) -> list[Walked]:
    """Return the lines of which most was walked, in the order they were left.

    Args:
        parts: of a cleaned recording; between them nothing was walked.
        network: the lines on which it may have gone.
    """
    pieces: dict[int, list[tuple[float, float, float]]] = defaultdict(list)
    beside: dict[int, list[float]] = defaultdict(list)
    for part in parts:
        together = _together(part)
        for run, spots in _likeliest(together, network):
            for line, low, high, at in _gone(network, spots, together.at[run]):
                pieces[line].append((low, high, at))
            for place, spot in zip(together.xy[run], spots, strict=True):
                beside[spot.line].append(_left_of(network.lines[spot.line], spot.along, place))
    found = []
    for line, gone in pieces.items():
        share = _union(gone) / max(float(network.lengths[line]), 0.01)
        if share < SEEN:
            continue
        offsets = np.array(beside[line] or [0.0])
        doubt = NOISE / np.sqrt(len(offsets)) if beside[line] else np.inf
        latest = np.array([at for _, _, at in gone])
        left = float(np.nanmax(latest)) if np.isfinite(latest).any() else float("nan")
        found.append(Walked(line, min(share, 1.0), left, float(offsets.mean()), float(doubt)))
    return sorted(found, key=lambda one: (np.isnan(one.at), one.at, one.line))


def _together(fixes: Fixes) -> Fixes:
    """Take the fixes of some seconds together: their mean strays less than each."""
    if np.isnan(fixes.at).any():
        return fixes
    group = ((fixes.at - fixes.at[0]) // EVERY).astype(np.int64)
    _, group, size = np.unique(group, return_inverse=True, return_counts=True)

    def mean(values: Floats) -> Floats:
        return np.bincount(group, values) / size

    xy = np.column_stack([mean(fixes.xy[:, 0]), mean(fixes.xy[:, 1])])
    return Fixes(xy, mean(fixes.at), np.full(len(size), np.nan))


def _candidates(fixes: Fixes, network: Network) -> list[list[_Spot]]:
    row, line = network.near(fixes.xy, REACH)
    points = shapely.points(fixes.xy)[row]
    along = shapely.line_locate_point(network.lines[line], points)
    away = shapely.distance(network.lines[line], points)
    spots: list[list[_Spot]] = [[] for _ in range(len(fixes))]
    for place in np.argsort(away):
        here = spots[row[place]]
        if len(here) < MOST:
            cost = float(away[place]) ** 2 / (2 * NOISE**2)
            here.append(_Spot(int(line[place]), float(along[place]), cost))
    return spots


def _likeliest(fixes: Fixes, network: Network) -> Iterator[tuple[slice, list[_Spot]]]:
    """Runs of fixes that lie on the network, each with the likeliest spot of every fix."""
    candidates = _candidates(fixes, network)
    start = 0
    while start < len(fixes):
        if not candidates[start]:
            start += 1
            continue
        costs = np.array([spot.cost for spot in candidates[start]])
        back: list[npt.NDArray[np.int64]] = []
        end = start + 1
        while end < len(fixes) and candidates[end]:
            straight = float(np.hypot(*(fixes.xy[end] - fixes.xy[end - 1])))
            ways = _ways(network, candidates[end - 1], candidates[end])
            steps = np.minimum(np.abs(ways - straight) / SLACK, AWAY)
            whole = costs[:, None] + steps
            best = whole.argmin(axis=0)
            costs = whole[best, np.arange(len(best))]
            costs = costs + np.array([spot.cost for spot in candidates[end]])
            back.append(best)
            end += 1
        chosen = [int(costs.argmin())]
        for best in reversed(back):
            chosen.append(int(best[chosen[-1]]))
        spots = [candidates[start + n][at] for n, at in enumerate(reversed(chosen))]
        yield slice(start, end), spots
        start = end


def _ways(network: Network, before: list[_Spot], after: list[_Spot]) -> Floats:
    """Metres along the lines from each spot to each; inf where it is too far round."""
    found = np.full((len(before), len(after)), np.inf)
    for i, one in enumerate(before):
        for j, other in enumerate(after):
            found[i, j] = _way(network, one, other)[0]
    return found


def _way(network: Network, one: _Spot, other: _Spot) -> tuple[float, int, int]:
    """Metres from spot to spot, and the nodes between which it goes; -1 on one line."""
    if one.line == other.line:
        return abs(one.along - other.along), -1, -1
    best = (np.inf, -1, -1)
    for start, first in _to_ends(network, one):
        around = network.around(start)
        for end, last in _to_ends(network, other):
            if end in around and first + around[end][0] + last < best[0]:
                best = (first + around[end][0] + last, start, end)
    return best


def _to_ends(network: Network, spot: _Spot) -> tuple[tuple[int, float], tuple[int, float]]:
    start, end = network.ends[spot.line]
    length = float(network.lengths[spot.line])
    return (int(start), spot.along), (int(end), length - spot.along)


def _gone(
    network: Network, spots: list[_Spot], times: Floats
) -> Iterator[tuple[int, float, float, float]]:
    """Pieces of lines that a chain of spots goes along: line, from, to, when."""
    for one, other, at in zip(spots, spots[1:], times[1:], strict=False):
        if one.line == other.line:
            low, high = sorted((one.along, other.along))
            yield one.line, low, high, float(at)
            continue
        way, start, end = _way(network, one, other)
        if not np.isfinite(way):
            continue
        for spot, node in ((one, start), (other, end)):
            length = float(network.lengths[spot.line])
            at_start = node == network.ends[spot.line][0]
            low, high = (0.0, spot.along) if at_start else (spot.along, length)
            yield spot.line, low, high, float(at)
        for line in network.between(start, end):
            yield line, 0.0, float(network.lengths[line]), float(at)


def _union(pieces: list[tuple[float, float, float]]) -> float:
    """Metres covered by pieces of one line."""
    covered, reached = 0.0, -1.0
    for low, high, _ in sorted(pieces):
        covered += max(0.0, high - max(low, reached))
        reached = max(reached, high)
    return covered


def _left_of(line: shapely.LineString, along: float, place: Floats) -> float:
    """Metres by which a place lies left of a line at a spot."""
    ahead = line.interpolate(min(along + 1.0, line.length))
    behind = line.interpolate(max(along - 1.0, 0.0))
    dx, dy = ahead.x - behind.x, ahead.y - behind.y
    norm = float(np.hypot(dx, dy)) or 1.0
    return float((dx * (place[1] - behind.y) - dy * (place[0] - behind.x)) / norm)
