"""With what a draft begins: the division in force, or a state of another draft."""

from __future__ import annotations

import numpy as np

from gridmap.actions.plans.wishes import Aim
from gridmap.layers import plan_states
from gridmap.layers.fabrics import Fabric
from gridmap.layers.plan_states import CellChange, CellFields, State
from gridmap.layers.plans import Plan, PlanHead
from gridmap.layers.query import rows
from gridmap.layers.territory import CellEdition

# A unit belongs to the cell in which its building stands (as the building itself does), or where
# there is none, to the one in which its own inner point lies; on a border, the lower code.
_LABELS = """
SELECT DISTINCT ON (u.place) u.place, e.cell_id
FROM layers_unit AS u
LEFT JOIN layers_building AS b ON b.id = u.building_id
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(coalesce(b.geom, u.geom)) AS inner_point) AS p
INNER JOIN layers_celledition AS e ON ST_Covers(e.geom, p.inner_point) AND e.valid @> now()
INNER JOIN layers_cell AS c ON c.id = e.cell_id AND c.community_id = %(community)s
WHERE u.fabric_id = %(fabric)s
ORDER BY u.place, e.code
"""


def in_force(fabric: Fabric) -> State:
    """Return the division that is in force now, on these units."""
    editions = (
        CellEdition.objects.current()
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
    for row in rows(_LABELS, {"community": fabric.community_id, "fabric": fabric.pk}):
        labels[row["place"]] = numbers[row["cell_id"]]
    return State(labels, cells, set(), last_no=len(cells))


def keep(plan: Plan, state: State) -> None:
    """Write down the state a plan begins with, as one of its own."""
    keep_head(plan, state)
    plan_states.keep_snapshot(plan.pk, 0, state)


def keep_head(plan: Plan, state: State) -> None:
    """Write down the state of a new plan."""
    PlanHead.objects.create(
        plan=plan,
        labels=plan_states.pack(state.labels),
        pins=sorted(state.pins),
        last_no=state.last_no,
    )
    plan_states.keep_cells(plan.pk, {}, state)


def back_to(now: State, wanted: State) -> Aim:
    """Return what leads from one state to an earlier one."""
    places = np.flatnonzero(now.labels != wanted.labels).astype(np.int64)
    numbers = sorted(set(now.cells) | set(wanted.cells))
    changes: list[CellChange] = [
        {"no": no, "before": now.cells.get(no), "after": wanted.cells.get(no)}
        for no in numbers
        if now.cells.get(no) != wanted.cells.get(no)
    ]
    turned = sorted(now.pins ^ wanted.pins)
    return Aim(
        places=places,
        new=wanted.labels[places],
        cells=[change for change in changes if change["after"] is not None],
        pins=[(place, place in now.pins, place in wanted.pins) for place in turned],
        emptied=tuple(change["no"] for change in changes if change["after"] is None),
    )
