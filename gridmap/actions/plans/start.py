"""With what a draft begins: the division in force, or a state of another draft."""

from __future__ import annotations

import numpy as np

from gridmap.actions.plans.wishes import Aim
from gridmap.errors import BadValue
from gridmap.layers import plan_states
from gridmap.layers.plan_states import CellChange, State
from gridmap.layers.plans import Plan, PlanHead


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


def title_of(title: str) -> str:
    """Return a title without spaces around it.

    Raises:
        BadValue: it is empty or too long.
    """
    title = title.strip()
    if not title or len(title) > 120 or "\x00" in title:  # noqa: PLR2004 - the column's width
        raise BadValue("标题须有 1 到 120 个字")
    return title
