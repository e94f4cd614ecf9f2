"""What must be mended in a plan before it is handed in, and what is only said."""

from __future__ import annotations

from typing import Any

import numpy as np

from gridmap.layers.bundles import Bundle
from gridmap.layers.plan_figures import CellFigures, figures_of
from gridmap.layers.plan_states import CellFields, State
from gridmap.layers.plans import Plan
from gridmap.layers.query import rows

# Where the stretches of lanes lie: in which unit, and in which cell now. An anchor on a border
# counts for the unit that comes first, before and after.
_LANES = """
SELECT l.id, l.name::text AS name, array_agg(u.place ORDER BY s.id) AS places,
    count(DISTINCT s.cell_id) AS cells
FROM layers_stretch AS s
INNER JOIN layers_lane AS l ON l.id = s.lane_id
CROSS JOIN LATERAL (
    SELECT u.place FROM layers_unit AS u
    WHERE u.fabric_id = %(fabric)s AND ST_Covers(u.geom, s.anchor) ORDER BY u.place LIMIT 1
) AS u
WHERE s.cell_id IN (SELECT c.id FROM layers_cell AS c WHERE c.community_id = %(community)s)
GROUP BY l.id, l.name
HAVING count(*) > 1 AND count(DISTINCT s.cell_id) = 1
ORDER BY l.name, l.id
"""
SLENDER = 0.25  # below this Polsby-Popper a cell is remarked upon, never refused


def faults_of(plan: Plan, state: State, bundle: Bundle) -> list[dict[str, Any]]:
    """Return the fault list: what, where, how bad.

    ``must``: unassigned, empty, apart (more than one piece), under or over the band without a
    written reason. Else a remark: slender, under or over with its ``reason``, and ``lane_cut``: a
    ``lane`` that lies in one cell now and would lie in several.
    """
    found: list[dict[str, Any]] = []
    for row in figures_of(state.labels, bundle, [0, *state.cells]):
        if row["no"] == 0:
            if row["units"]:
                found.append(_fault("unassigned", row, state, bundle, must=True))
            continue
        found += [
            _fault(code, row, state, bundle, must=must)
            for code, must in _judged(plan, row, state.cells[row["no"]])
        ]
    found += _lanes_cut(plan, state, bundle)
    return sorted(found, key=lambda fault: (not fault["must"], fault["no"], fault["code"]))


def _judged(plan: Plan, row: CellFigures, cell: CellFields) -> list[tuple[str, bool]]:
    if row["units"] == 0:
        return [] if cell["cell"] else [("empty", False)]
    found = []
    if row["parts"] > 1:
        found.append(("apart", True))
    if cell["kind"] == "basic":
        unexcused = not cell["reason"].strip()
        if row["households"] < plan.lowest:
            found.append(("under", unexcused))
        if row["households"] > plan.highest:
            found.append(("over", unexcused))
    if row["pp"] < SLENDER:
        found.append(("slender", False))
    return found


def _lanes_cut(plan: Plan, state: State, bundle: Bundle) -> list[dict[str, Any]]:
    """Lanes that a plan divides between cells: one chief, two cells to deal with."""
    found = []
    values = {"fabric": plan.fabric_id, "community": plan.community_id}
    for lane in rows(_LANES, values):
        numbers = np.unique(state.labels[lane["places"]])
        numbers = numbers[numbers > 0]
        if len(numbers) < 2:  # noqa: PLR2004 - it is cut when two cells have part of it
            continue
        least = min(
            numbers.tolist(), key=lambda no: int((state.labels[lane["places"]] == no).sum())
        )
        (row,) = figures_of(state.labels, bundle, [least])
        here = [at for at in lane["places"] if state.labels[at] == least]
        found.append(
            {
                **_fault("lane_cut", row, state, bundle, must=False),
                "lane": lane["name"],
                "lng": round(float(bundle.arrays["lng"][here[0]]), 7),
                "lat": round(float(bundle.arrays["lat"][here[0]]), 7),
            }
        )
    return found


def _fault(
    code: str, row: CellFigures, state: State, bundle: Bundle, *, must: bool
) -> dict[str, Any]:
    places = np.flatnonzero(state.labels == row["no"])
    fields = state.cells.get(row["no"])
    lng, lat = bundle.arrays["lng"], bundle.arrays["lat"]
    return {
        "code": code,
        "must": must,
        "no": row["no"],
        "households": row["households"],
        "parts": row["parts"],
        "pp": row["pp"],
        "reason": fields["reason"] if fields else "",
        "lane": "",
        "units": [bundle.uids[place] for place in places.tolist()] if code == "unassigned" else [],
        "lng": round(float(lng[places].mean()), 7) if len(places) else None,
        "lat": round(float(lat[places].mean()), 7) if len(places) else None,
    }
