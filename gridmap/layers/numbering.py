"""Codes of the cells a plan makes: given in reading order, after the highest ever used."""

from __future__ import annotations

import shapely

from gridmap.layers.divisions import reading_order
from gridmap.layers.fabrics import Unit
from gridmap.layers.plan_states import State
from gridmap.layers.plans import Plan
from gridmap.layers.territory import CellEdition


def codes_of_new(plan: Plan, state: State) -> dict[int, str]:
    """Return a code for every cell that the plan makes and that has units.

    West to east, then north to south. Cells that go on keep their codes; a code that was ever used
    is not given again, not even of a cell that is gone.
    """
    fresh = [
        no
        for no, cell in state.cells.items()
        if cell["cell"] is None and (state.labels == no).any()
    ]
    stored = Unit.objects.filter(fabric_id=plan.fabric_id).order_by("place")
    shapes = shapely.from_wkb([bytes(geom.wkb) for geom in stored.values_list("geom", flat=True)])
    drawn = {no: shapely.coverage_union_all(shapes[state.labels == no]) for no in fresh}
    code = plan.community.code
    used = CellEdition.objects.filter(code__startswith=code).values_list("code", flat=True)
    kept = [cell["code"] for cell in state.cells.values() if cell["cell"] and cell["code"]]
    last = max((int(one[12:]) for one in [*used, *kept]), default=0)
    return {no: f"{code}{last + step:03d}" for step, no in enumerate(reading_order(drawn), start=1)}
