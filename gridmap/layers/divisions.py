"""How a community is divided: now, in a plan, and what lies between the two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from django.utils import timezone
from numpy.typing import NDArray

from gridmap.layers.bundles import Bundle
from gridmap.layers.fabrics import Fabric, Unit
from gridmap.layers.plan_states import CellFields, Labels, State
from gridmap.layers.query import rows
from gridmap.layers.territory import CellEdition, Community

# A unit belongs to the cell in which its building stands (as the building itself does), or where
# there is none, to the one in which its own inner point lies; on a border, the lower code.
_LABELS = """
SELECT DISTINCT ON (u.place) u.place, e.cell_id
FROM layers_unit AS u
LEFT JOIN layers_building AS b ON b.id = u.building_id
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(coalesce(b.geom, u.geom)) AS inner_point) AS p
INNER JOIN layers_celledition AS e
    ON ST_Covers(e.geom, p.inner_point) AND e.valid @> %(moment)s::timestamptz
INNER JOIN layers_cell AS c ON c.id = e.cell_id AND c.community_id = %(community)s
WHERE u.fabric_id = %(fabric)s
ORDER BY u.place, e.code
"""


def in_force(fabric: Fabric, when: datetime | None = None) -> State:
    """Return the division in force at a moment (None: now), on the units of a fabric."""
    moment = when or timezone.now()
    editions = (
        CellEdition.objects.as_of(moment)
        .filter(cell__community_id=fabric.community_id)
        .select_related("cell")
        .order_by("code")
    )
    cells: dict[int, CellFields] = {
        no: {
            "cell": edition.cell_id,
            "uid": str(edition.cell.uid),
            "code": edition.code,
            "name": edition.name,
            "kind": edition.kind,
            "use": edition.use,
            "locked": False,
            "reason": "",
            "made_by": None,
        }
        for no, edition in enumerate(editions, start=1)
    }
    numbers = {fields["cell"]: no for no, fields in cells.items()}
    labels = np.zeros(fabric.size, np.int16)
    values: dict[str, Any] = {
        "community": fabric.community_id,
        "fabric": fabric.pk,
        "moment": moment,
    }
    for row in rows(_LABELS, values):
        labels[row["place"]] = numbers[row["cell_id"]]
    return State(labels, cells, set(), last_no=len(cells))


def in_force_since(community: Community) -> datetime | None:
    """Return the moment from which on a community has been divided as it is now."""
    running = CellEdition.objects.current().filter(cell__community=community)
    starts: list[datetime] = [edition.valid.lower for edition in running if edition.valid.lower]
    return max(starts, default=None)


@dataclass(frozen=True)
class Picture:
    """A cell as a plan draws it: what its edition would be.

    Attributes:
        no: number in the plan.
        fields: of the plan, with the code it has or would get.
        geom: its ground, EPSG:4326, the exact union of its units.
    """

    no: int
    fields: CellFields
    geom: Any

    @property
    def wkb(self) -> bytes:
        """The ground as a multipolygon."""
        whole = self.geom
        return bytes(
            shapely.to_wkb(
                whole if whole.geom_type == "MultiPolygon" else shapely.multipolygons([whole])
            )
        )


def pictures(fabric_id: int, state: State, community: Community) -> list[Picture]:
    """Draw every cell of a state that has units; those without a code get the next ones.

    Codes run from west to east, then from north to south, after the highest ever used.
    """
    stored = Unit.objects.filter(fabric_id=fabric_id).order_by("place")
    shapes = shapely.from_wkb([bytes(geom.wkb) for geom in stored.values_list("geom", flat=True)])
    drawn = {
        no: shapely.coverage_union_all(shapes[state.labels == no])
        for no in sorted(state.cells)
        if (state.labels == no).any()
    }
    codes = _codes(drawn, state, community)
    return [Picture(no, {**state.cells[no], "code": codes[no]}, geom) for no, geom in drawn.items()]


def _codes(drawn: dict[int, Any], state: State, community: Community) -> dict[int, str]:
    editions = CellEdition.objects.filter(code__startswith=community.code)
    used = set(editions.values_list("code", flat=True))
    found = {no: state.cells[no]["code"] for no in drawn}
    for no, code in found.items():
        # Another plan was published meanwhile with the code this one had in mind for a new cell.
        if state.cells[no]["cell"] is None and code in used:
            found[no] = ""
    new = reading_order({no: geom for no, geom in drawn.items() if not found[no]})
    taken = [*used, *(cell["code"] for cell in state.cells.values() if cell["code"])]
    last = max((int(code[12:]) for code in taken), default=0)
    return found | {
        no: f"{community.code}{last + step:03d}" for step, no in enumerate(new, start=1)
    }


def reading_order(drawn: dict[int, Any]) -> list[int]:
    """Return cells in the order in which they are numbered: west to east, then north to south.

    What begins less than half a cell's height further south stands in the same row.
    """
    if not drawn:
        return []
    middles = {no: shapely.centroid(geom) for no, geom in drawn.items()}
    heights = [geom.bounds[3] - geom.bounds[1] for geom in drawn.values()]
    row = max(float(np.median(heights)), 1e-9)
    top = max(point.y for point in middles.values())
    return sorted(drawn, key=lambda no: (round((top - middles[no].y) / row), middles[no].x))


@dataclass(frozen=True)
class Compared:
    """Two divisions on the same units.

    Attributes:
        moved: places of the units whose cell differs.
        transfers: what went from which cell to which, largest first; null: no cell.
        parts: the places of the units of each transfer.
        retained: share of the households that stay in their cell.
    """

    moved: NDArray[np.intp]
    transfers: list[dict[str, Any]]
    parts: list[NDArray[np.intp]]
    retained: float


def compare(before: State, after: State, bundle: Bundle) -> Compared:
    """Return what lies between two divisions of the same fabric, with any numbers of cells."""
    one, two = _identities(before), _identities(after)
    uids = sorted({*one.values(), *two.values()})
    index = {uid: place for place, uid in enumerate(uids, start=1)}
    left = _keyed(before.labels, one, index)
    right = _keyed(after.labels, two, index)
    moved = np.flatnonzero(left != right)
    households = bundle.arrays["households"]
    total = int(households.sum())
    names = {**_named(before), **_named(after)}
    found = []
    for source, target in sorted(
        set(zip(left[moved].tolist(), right[moved].tolist(), strict=True))
    ):
        part = moved[(left[moved] == source) & (right[moved] == target)]
        sides = {
            "source": names.get(uids[source - 1]) if source else None,
            "target": names.get(uids[target - 1]) if target else None,
        }
        found.append(({**sides, **_sums(part, bundle)}, part))
    found.sort(key=lambda pair: (-pair[0]["households"], -pair[0]["area_m2"]))
    left_home = int(households[moved].sum())
    return Compared(
        moved=moved,
        transfers=[transfer for transfer, _ in found],
        parts=[part for _, part in found],
        retained=round(1 - left_home / total, 4) if total else 1.0,
    )


def _identities(state: State) -> dict[int, str]:
    return {no: cell["uid"] for no, cell in state.cells.items()}


def _named(state: State) -> dict[str, dict[str, str]]:
    return {
        cell["uid"]: {"uid": cell["uid"], "code": cell["code"], "name": cell["name"]}
        for cell in state.cells.values()
    }


def _keyed(labels: Labels, uids: dict[int, str], index: dict[str, int]) -> NDArray[np.int64]:
    keys = np.zeros(max(uids, default=0) + 1, np.int64)
    for no, uid in uids.items():
        keys[no] = index[uid]
    return np.asarray(keys[labels])


def _sums(places: NDArray[np.intp], bundle: Bundle) -> dict[str, Any]:
    found = bundle.arrays
    return {
        "units": len(places),
        "households": int(found["households"][places].sum()),
        "residents": int(found["residents"][places].sum()),
        "buildings": int((found["building"][places] > 0).sum()),
        "incidents": int(found["incidents"][places].sum()),
        "area_m2": round(float(found["area"][places].sum()), 1),
    }
