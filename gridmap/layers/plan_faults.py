"""What must be mended in a plan before it is handed in, and what is only said."""

from __future__ import annotations

from typing import Any

import numpy as np

from gridmap.layers.bundles import Bundle
from gridmap.layers.plan_figures import CellFigures, figures_of
from gridmap.layers.plan_states import CellFields, State
from gridmap.layers.plans import Plan

SLENDER = 0.25  # below this Polsby-Popper a cell is remarked upon, never refused


def faults_of(plan: Plan, state: State, bundle: Bundle) -> list[dict[str, Any]]:
    """Return the fault list: what, where, how bad.

    ``must``: unassigned, empty, apart (more than one piece), under or over the band without a
    written reason. Else a remark: slender, and under or over with its ``reason``.
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
        "units": [bundle.uids[place] for place in places.tolist()] if code == "unassigned" else [],
        "lng": round(float(lng[places].mean()), 7) if len(places) else None,
        "lat": round(float(lat[places].mean()), 7) if len(places) else None,
    }
