"""What lies between two divisions of a community, as shapes in metres: for the map and the drawing.

Cells are drawn from the same units before and after, so lines that stay are the same line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db.models import QuerySet
from django.utils import timezone
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap.errors import BadValue, OutOfScope
from gridmap.layers import carrying, divisions, plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.divisions import Compared, Picture
from gridmap.layers.drawing import Drawing, Frame, drawing
from gridmap.layers.fabrics import Fabric, Unit
from gridmap.layers.impact import MARKS
from gridmap.layers.plan_figures import figures_of
from gridmap.layers.plan_states import State
from gridmap.layers.plans import Plan
from gridmap.layers.projection import reproject
from gridmap.layers.query import rows
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import City, Community

MARGIN = 0.05  # of the longer side, free around the community
AROUND = 1.7  # the ground on a screen reaches so many times as far as the community
LETTERS = 70  # names of streets are one such part of the frame's height


@dataclass(frozen=True)
class Pair:
    """Two divisions of a community on the units of one fabric."""

    community: Community
    fabric: Fabric
    before: State
    after: State

    @property
    def city(self) -> City:
        """Whose metres are used."""
        return self.community.subdistrict.city

    def compared(self) -> Compared:
        """Return who moves where."""
        return divisions.compare(self.before, self.after, bundle_of(self.fabric.pk))


@dataclass(frozen=True)
class Patch:
    """Units that go from one cell to another, in one piece or several."""

    mark: str
    shape: BaseGeometry
    middles: list[tuple[float, float]]


@dataclass(frozen=True)
class Standing:
    """A cell before and after: households null where it does not exist."""

    uid: str
    code: str
    name: str
    before: int | None
    after: int | None
    x: float
    y: float


@dataclass(frozen=True)
class ChangeMap:
    """The map of a change; everything in metres from the south-west corner of its frame."""

    ground: Drawing
    outline: BaseGeometry
    kept: BaseGeometry
    gone: BaseGeometry
    new: BaseGeometry
    patches: list[Patch]
    cells: list[Standing]

    @property
    def frame(self) -> Frame:
        """What is shown."""
        return self.ground.frame


IN_FORCE, START = "in_force", "start"


def other_side(plan: Plan, against: str, plans: QuerySet[Plan]) -> tuple[State, list[str]]:
    """Return what a plan is compared with, on its own units, and the units that fit nowhere.

    Args:
        plan: the one that is looked at.
        against: in_force, start (the state it was opened with), or the id of another plan.
        plans: among which the other one is looked for: those the caller may read.

    Raises:
        OutOfScope: there is no such plan for the caller.
        BadValue: it is no plan of the same community.
    """
    if against == IN_FORCE:
        return divisions.in_force(plan.fabric), []
    if against == START:
        return plan_states.state_at(plan, 0), []
    if not (against.isascii() and against.isdigit() and len(against) < 19):  # noqa: PLR2004
        raise BadValue("只能和现行网格、开稿时或另一个草案比较")
    other = plans.filter(pk=int(against)).first()
    if other is None:
        raise OutOfScope("没有这个草案，或不在您的范围内")
    if other.community_id != plan.community_id:
        raise BadValue("只能比较同一社区的草案")
    state = plan_states.head_of(other)
    if other.fabric_id == plan.fabric_id:
        return state, []
    found, match = carrying.carried(state, other.fabric, plan.fabric)
    return found, sorted({*match.new, *match.gone})


def marked(
    found: Compared, transfers: Sequence[dict[str, Any]], codes: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Bring the changes of an impact statement and those of the units under the same marks.

    Args:
        found: what lies between two divisions, by units.
        transfers: of the statement; what only moves ground is not among them.
        codes: of the cells, by uid.

    Returns:
        The rows of the statement and behind them those that move ground only; the mark of each
        of the transfers found.
    """
    told = list(transfers)
    known = {(row["source"], row["target"]): row["mark"] for row in told}
    marks = []
    for transfer in found.transfers:
        pair = tuple(side and side["uid"] for side in (transfer["source"], transfer["target"]))
        if pair not in known:
            known[pair] = mark_at(len(told))
            told.append(
                {
                    "mark": known[pair],
                    "source": pair[0],
                    "target": pair[1],
                    "source_code": codes.get(pair[0] or ""),
                    "target_code": codes.get(pair[1] or ""),
                    "party_units": 0,
                    **dict.fromkeys(("households", "buildings", "incidents"), 0),
                }
            )
        marks.append(known[pair])
    return told, marks


def mark_at(place: int) -> str:
    """The sign of the change at this place of the list: 甲, 乙, 丙, …, then numbers."""
    return MARKS[place] if place < len(MARKS) else str(place + 1)


def outline_of(community: Community) -> BaseGeometry:
    """Return a community in the metres of its city."""
    srid = community.subdistrict.city.metric_srid
    return _metric(shapely.from_wkb(bytes(community.geom.wkb)), srid)


def _metric(shape: BaseGeometry, srid: int) -> BaseGeometry:
    return shapely.transform(shape, lambda places: reproject(places, SRID, srid))


def frame_around(outline: BaseGeometry) -> Frame:
    """Return what the map of a community on a screen shows: a square with ground all around."""
    west, south, east, north = outline.bounds
    side = AROUND * max(east - west, north - south)
    return Frame((west + east - side) / 2, (south + north - side) / 2, side, side)


def change_map(
    pair: Pair, found: Compared, marks: Sequence[str], frame: Frame | None = None
) -> ChangeMap:
    """Return the map of a change.

    Args:
        pair: the two divisions.
        found: what lies between them.
        marks: of each of its transfers.
        frame: what is shown; None: the community with the ground around it.
    """
    srid = pair.city.metric_srid
    outline = outline_of(pair.community)
    frame = frame or frame_around(outline)

    def here(shape: Any) -> Any:
        return shapely.transform(shape, lambda places: places - (frame.west, frame.south))

    kept, gone, new = (here(line) for line in _lines(pair, srid))
    return ChangeMap(
        ground=drawing(pair.city, frame, frame.height / LETTERS, now=timezone.now()),
        outline=here(outline),
        kept=kept,
        gone=gone,
        new=new,
        patches=_patches(pair, found, marks, lambda shape: here(_metric(shape, srid))),
        cells=_cells(pair, lambda shape: here(_metric(shape, srid))),
    )


_BORDERS = """
SELECT e.place, ST_AsBinary(ST_Transform(e.geom, %(srid)s)) AS shape
FROM layers_unitedge AS e
WHERE e.fabric_id = %(fabric)s AND e.place = ANY (%(places)s)
"""


def _lines(pair: Pair, srid: int) -> list[BaseGeometry]:
    """Borders of cells that are there before and after, only before, only after."""
    found = bundle_of(pair.fabric.pk).arrays
    a, b = found["edge_a"], found["edge_b"]
    old = pair.before.labels[a] != pair.before.labels[b]
    new = pair.after.labels[a] != pair.after.labels[b]
    values: dict[str, Any] = {
        "fabric": pair.fabric.pk,
        "srid": srid,
        "places": np.flatnonzero(old | new).tolist(),
    }
    shapes = {row["place"]: shapely.from_wkb(bytes(row["shape"])) for row in rows(_BORDERS, values)}
    return [
        shapely.line_merge(
            shapely.union_all(
                [shapes[at] for at in np.flatnonzero(chosen).tolist() if at in shapes]
            )
        )
        for chosen in (old & new, old & ~new, new & ~old)
    ]


def _patches(pair: Pair, found: Compared, marks: Sequence[str], drawn: Any) -> list[Patch]:
    ground = _units(pair.fabric, found.moved)
    patches = []
    for mark, part in zip(marks, found.parts, strict=True):
        shape = drawn(shapely.union_all([ground[at] for at in part.tolist()]))
        pieces = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
        patches.append(Patch(mark, shape, [_middle(one) for one in pieces]))
    return patches


def _units(fabric: Fabric, places: NDArray[np.intp]) -> Mapping[int, BaseGeometry]:
    stored = Unit.objects.filter(fabric=fabric, place__in=places.tolist())
    return {
        place: shapely.from_wkb(bytes(geom.wkb))
        for place, geom in stored.values_list("place", "geom")
    }


def _middle(shape: BaseGeometry) -> tuple[float, float]:
    """Where a sign stands best: in the middle of the widest place."""
    widest = max(shapely.get_parts(shape), key=lambda one: float(one.area))
    tolerance = max(0.5, widest.area**0.5 / 50)
    x, y = shapely.maximum_inscribed_circle(widest, tolerance).coords[0]
    return float(x), float(y)


def _cells(pair: Pair, drawn: Any) -> list[Standing]:
    before, after = (_told(pair, state) for state in (pair.before, pair.after))
    standing = []
    for uid in sorted(
        {**before, **after}, key=lambda uid: (after.get(uid) or before[uid])[0].fields["code"]
    ):
        picture, _ = after.get(uid) or before[uid]
        x, y = _middle(drawn(picture.geom))
        standing.append(
            Standing(
                uid=uid,
                code=picture.fields["code"],
                name=picture.fields["name"],
                before=before[uid][1] if uid in before else None,
                after=after[uid][1] if uid in after else None,
                x=x,
                y=y,
            )
        )
    return standing


def _told(pair: Pair, state: State) -> dict[str, tuple[Picture, int]]:
    """Every cell of a division with its households, by uid."""
    drawn = divisions.pictures(pair.fabric.pk, state, pair.community)
    figures = figures_of(state.labels, bundle_of(pair.fabric.pk), [one.no for one in drawn])
    households = {row["no"]: row["households"] for row in figures}
    return {one.fields["uid"]: (one, households[one.no]) for one in drawn}
