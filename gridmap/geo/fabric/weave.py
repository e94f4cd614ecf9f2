"""From streets, lanes, water, walls and buildings to units that tile a community.

All lines are laid over one another on a grid of one centimetre and cut at every crossing; the faces
between them are handed to buildings and joined. So the units are a valid coverage by construction:
they share their borders to the last digit, leave nothing out, and no line of theirs enters a
building, because the faces inside an outline always go to the building it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridmap.geo.fabric.borders import (
    Lines,
    borders_of,
    edges_of,
    next_door,
    parts_of,
)
from gridmap.geo.fabric.footprints import Footprints, footprints
from gridmap.geo.fabric.model import (
    GRID,
    Barriers,
    Buildings,
    Edges,
    Fabric,
    Flags,
    Ints,
    Kind,
    Shapes,
    Ways,
    gathered,
)

STEP = 3.0  # metres between the points by which the middle between two buildings is found
SHRINK = 0.2  # metres; buildings wall to wall need points of their own
FINE = 0.001  # metres to which the points of the middle are told apart
SMOOTH = 1.0  # metres; the middle between two buildings is a zigzag as made
BESIDE = 0.05  # metres; a line this near to the outline, for more than `LONG`, is the outline
LONG = 1.0  # metres
SMALL = 30.0  # square metres; less open ground than this goes to a neighbour
NOWHERE = -1


def build(community: Any, buildings: Buildings, ways: Ways, barriers: Barriers) -> Fabric:
    """Derive the units of a community.

    Args:
        community: polygon or multipolygon, metres, valid.
        buildings: in it; those beyond the outline are left out and remarked.
        ways: street and lane middle lines. Those that end blind cut no block, but what runs along
            them is known to do so.
        barriers: walls, rails, water, and the gates in them. A way that crosses a barrier opens it.

    Returns:
        Units in the order of their uids.
    """
    outline = shapely.set_precision(community, GRID)
    standing = footprints(outline, buildings)
    lines = Lines.of(ways, barriers)
    drawn = _within(outline, lines)
    blocks = _polygonized(np.concatenate([drawn, [shapely.boundary(outline)]]), outline)
    homes = _Homes.of(standing.shapes, blocks)
    faces = _faces(outline, drawn, blocks, homes)
    block_of = _holder(faces, blocks)
    owner, built = _owners(faces, block_of, homes)
    edges = edges_of(borders_of(faces), Lines(gathered([]), _NONE, gathered([])), 0)
    cloth = _Cloth(faces, edges, block_of, built)
    owner = _joined(cloth, owner, len(standing))
    return _fabric(outline, _Woven(cloth, owner, homes.block), standing, lines, barriers)


_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class _Cloth:
    """The faces between all lines.

    Attributes:
        edges: which of them are neighbours.
        block: which block each lies in.
        built: on which a building stands.
    """

    faces: Shapes
    edges: Edges
    block: Ints
    built: Flags


@dataclass(frozen=True, eq=False)
class _Woven:
    cloth: _Cloth
    owner: Ints
    home: Ints


def _polygonized(lines: Shapes, outline: Any) -> Shapes:
    """Cut lines at every crossing, on the grid, and return the faces between them."""
    noded = shapely.union_all(lines, grid_size=GRID)
    faces = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    return faces[_inside(faces, outline)]


def _inside(faces: Shapes, outline: Any) -> Flags:
    """Which faces belong to the community: most of each does, or nothing of it.

    A line that runs along the outline leaves faces a centimetre wide, in which no point is safe.
    """
    shapely.prepare(outline)
    inside = np.asarray(shapely.contains_properly(outline, faces))
    unsure = np.flatnonzero(~inside & shapely.intersects(outline, faces))
    common = shapely.area(shapely.intersection(faces[unsure], outline))
    inside[unsure] = common > shapely.area(faces[unsure]) / 2
    return inside


def _within(outline: Any, lines: Lines) -> Shapes:
    """Cut lines to the community, without what runs along its outline.

    A street that is the border of two communities was drawn twice, a centimetre apart here and
    there; laid over one another the two would bend the outline, and its area with it.
    """
    edge = shapely.boundary(outline)
    inner = shapely.intersection(lines.shapes, outline)
    strip = shapely.buffer(edge, BESIDE)
    beside = shapely.get_parts(shapely.line_merge(shapely.intersection(inner, strip)))
    beside = beside[shapely.length(beside) > LONG]
    if not len(beside):
        return np.asarray(inner)
    free = shapely.difference(inner, shapely.buffer(shapely.union_all(beside), GRID))
    ends = shapely.points(shapely.get_coordinates(shapely.boundary(free)))
    ends = ends[shapely.distance(ends, edge) < 2 * BESIDE]
    return np.concatenate([free, shapely.shortest_line(ends, edge)])


def _holder(shapes: Shapes, holders: Shapes) -> Ints:
    """Return which holder a point inside each shape lies in, `NOWHERE` if in none."""
    out = np.full(len(shapes), NOWHERE)
    shape, holder = shapely.STRtree(holders).query(
        shapely.point_on_surface(shapes), predicate="intersects"
    )
    out[shape[::-1]] = holder[::-1]  # the first of several
    return out


@dataclass(frozen=True, eq=False)
class _Homes:
    """Buildings and the block that holds most of each.

    Attributes:
        shapes: of the buildings.
        block: number of the block.
    """

    shapes: Shapes
    block: Ints

    @classmethod
    def of(cls, shapes: Shapes, blocks: Shapes) -> _Homes:
        """Find the block of each building."""
        home = np.full(len(shapes), NOWHERE)
        one, block = shapely.STRtree(blocks).query(shapes, predicate="intersects")
        area = shapely.area(shapely.intersection(shapes[one], blocks[block]))
        order = np.lexsort((-block, area))
        home[one[order]] = block[order]
        return cls(shapes, home)

    def members(self) -> Iterator[tuple[int, Ints]]:
        """Blocks, and the buildings at home in each."""
        order = np.argsort(self.block, kind="stable")
        blocks, first = np.unique(self.block[order], return_index=True)
        yield from zip(blocks.tolist(), np.split(order, first[1:]), strict=len(blocks) > 0)


def _middles(block: Any, buildings: Shapes) -> Shapes:
    """The lines half way between the buildings of a block, smoothed."""
    if len(buildings) == 1:
        return gathered([])
    shrunk = shapely.buffer(buildings, -SHRINK, join_style="mitre")
    shrunk = np.where(shapely.is_empty(shrunk), shapely.centroid(buildings), shrunk)
    places, owner = shapely.get_coordinates(shapely.segmentize(shrunk, STEP), return_index=True)
    places, first = np.unique(np.round(places, 3), axis=0, return_index=True)
    owner = owner[first]
    nearest = shapely.voronoi_polygons(shapely.multipoints(places), extend_to=block, ordered=True)
    pieces = borders_of(np.asarray(shapely.get_parts(nearest)), FINE)
    between = owner[pieces.a] != owner[pieces.b]
    ends = pieces.ends[between].reshape(-1, 2, 2)
    merged = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(ends)))
    smooth = shapely.simplify(shapely.get_parts(merged), SMOOTH)
    return np.asarray(shapely.intersection(smooth, block))


def _faces(outline: Any, drawn: Shapes, blocks: Shapes, homes: _Homes) -> Shapes:
    every = [drawn, np.asarray(shapely.boundary(homes.shapes))]
    every += [_middles(blocks[block], homes.shapes[some]) for block, some in homes.members()]
    return _polygonized(np.concatenate([*every, [shapely.boundary(outline)]]), outline)


def _owners(faces: Shapes, block_of: Ints, homes: _Homes) -> tuple[Ints, Flags]:
    """Whose each face is: a building's by its number, or open ground's, numbers above those.

    Also returned: which faces a building stands on.
    """
    owner = len(homes.shapes) + block_of
    point = shapely.point_on_surface(faces)
    for block, some in homes.members():
        here = np.flatnonzero(block_of == block)
        nearest = shapely.STRtree(homes.shapes[some]).nearest(point[here])
        owner[here] = some[nearest]
    face, building = shapely.STRtree(homes.shapes).query(point, predicate="intersects")
    owner[face] = building
    built = np.zeros(len(faces), dtype=bool)
    built[face] = True
    return owner, built


def _joined(cloth: _Cloth, owner: Ints, buildings: int) -> Ints:
    """Leave every owner one piece; what lies apart or is too little open ground goes next door.

    Of a building's faces the piece it stands on stays, of open ground every piece that is
    large enough becomes a unit of its own.
    """
    edges = cloth.edges
    owner = owner.copy()
    area = shapely.area(cloth.faces)
    close = cloth.block[edges.a] == cloth.block[edges.b]
    while True:
        same = owner[edges.a] == owner[edges.b]
        piece = parts_of(len(owner), edges.a[same], edges.b[same])
        loose = _loose(
            piece, owner, np.where(cloth.built | (owner >= buildings), area, 0), buildings
        )
        pieces, heirs = next_door(edges, close, piece, np.where(loose, NOWHERE, owner))
        if not len(pieces):
            return np.where(owner < buildings, owner, buildings + piece)
        heir = np.full(len(owner), NOWHERE)
        heir[pieces] = heirs
        owner = np.where(heir[piece] == NOWHERE, owner, heir[piece])


def _loose(piece: Ints, owner: Ints, area: Any, buildings: int) -> Flags:
    """Which faces belong to a piece that cannot stay with its owner."""
    whole = np.bincount(piece, area)
    of = np.empty(len(whole), dtype=np.int64)
    of[piece] = owner
    order = np.lexsort((whole, of))
    last = np.ones(len(order), dtype=bool)
    last[:-1] = of[order][:-1] != of[order][1:]
    main = np.zeros(len(whole), dtype=bool)
    main[order[last]] = True
    stays = np.where(of < buildings, main, whole >= SMALL)
    return np.asarray(~stays[piece])


def _fabric(
    outline: Any, woven: _Woven, standing: Footprints, lines: Lines, barriers: Barriers
) -> Fabric:
    owners, of = np.unique(woven.owner, return_inverse=True)
    members = np.argsort(of, kind="stable")
    cuts = np.cumsum(np.bincount(of))[:-1]
    shapes = gathered(
        [
            shapely.normalize(shapely.coverage_union_all(woven.cloth.faces[some]))
            for some in np.split(members, cuts)
        ]
    )
    built = owners < len(standing)
    first = woven.cloth.block[members[np.concatenate([[0], cuts])]]
    block = (
        np.where(built, woven.home[np.where(built, owners, 0)], first) if len(standing) else first
    )
    kinds = np.where(built, int(Kind.BUILDING), _open_kinds(shapes, barriers.water))
    names = np.array(
        [
            f"B{standing.codes[owner]}" if owner < len(standing) else _open_name(shape)
            for owner, shape in zip(owners.tolist(), shapes, strict=True)
        ]
    )
    order = np.argsort(names, kind="stable")
    counts = np.zeros((2, len(owners)), dtype=np.int64)
    counts[:, built] = [standing.households[owners[built]], standing.residents[owners[built]]]
    borders = borders_of(shapes[order])
    return Fabric(
        outline=outline,
        uids=_distinct(names[order].tolist()),
        shapes=shapes[order],
        kinds=kinds[order],
        blocks=np.asarray(np.unique(block[order], return_inverse=True)[1]),
        buildings=tuple(
            standing.codes[owner] if owner < len(standing) else None for owner in owners[order]
        ),
        households=counts[0, order],
        residents=counts[1, order],
        edges=_attached(edges_of(borders, lines), kinds[order]),
        remarks=standing.remarks,
    )


def _open_kinds(shapes: Shapes, water: Shapes) -> Ints:
    wet = _holder(shapes, water) != NOWHERE if len(water) else np.zeros(len(shapes), dtype=bool)
    return np.where(wet, int(Kind.WATER), int(Kind.OPEN))


def _open_name(shape: Any) -> str:
    """Open land is named for where it lies, to the metre: the name outlives a rebuilding."""
    place = shapely.point_on_surface(shape)
    return f"L{round(place.x)}-{round(place.y)}"


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Tell apart what lies within one metre, in the order of names."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return tuple(out)


def _attached(edges: Edges, kinds: Ints) -> Edges:
    """Tie water and open ground that no one can walk to, to the neighbour with most border.

    Somebody must answer for a river; tied to one neighbour it belongs to a cell and still leads
    nowhere. Ground with a building on it is never tied: an island without a bridge stays apart.
    """
    crossable = edges.crossable.copy()
    for _ in range(len(kinds)):
        part = parts_of(len(kinds), edges.a[crossable], edges.b[crossable])
        settled = np.zeros(part.max() + 1, dtype=bool)
        settled[part[kinds == Kind.BUILDING]] = True
        apart = ~settled[part]
        across = (apart[edges.a] != apart[edges.b]) & ~crossable
        if not across.any():
            break
        loose = np.where(apart[edges.a], part[edges.a], part[edges.b])[across]
        candidates = np.flatnonzero(across)
        order = np.lexsort((candidates, -edges.length_m[candidates], loose))
        _, first = np.unique(loose[order], return_index=True)
        crossable[candidates[order][first]] = True
    return Edges(edges.a, edges.b, edges.length_m, edges.level, crossable)
