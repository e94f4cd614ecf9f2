"""Which operation an undo or a redo means, and what it would change.

Everybody undoes their own operations, newest first, however long ago; an operation of one's own
after an undo ends what could be done again. Nothing leaves the log: an undo is an operation.
"""

from __future__ import annotations

import numpy as np
from django.db.models import Max

from gridmap.actions.plans.wishes import Aim
from gridmap.errors import WrongState
from gridmap.layers.plan_states import CellChange
from gridmap.layers.plans import Plan, PlanOp
from gridmap.layers.scope import Scope

BACKWARD = (PlanOp.Kind.UNDO, PlanOp.Kind.REDO)


def to_undo(by: Scope, plan: Plan) -> PlanOp:
    """Return the newest of the caller's operations that counts.

    Raises:
        WrongState: there is none.
    """
    own = PlanOp.objects.filter(plan=plan, author_id=by.user_id).exclude(kind__in=BACKWARD)
    found = own.filter(undone_at=None).order_by("-seq").first()
    if found is None:
        raise WrongState("没有可以撤销的操作", reason="NothingToUndo")
    return found


def to_redo(by: Scope, plan: Plan) -> PlanOp:
    """Return the operation that the caller undid last, if nothing of theirs came after.

    Raises:
        WrongState: there is none.
    """
    own = PlanOp.objects.filter(plan=plan, author_id=by.user_id).exclude(kind__in=BACKWARD)
    newest = own.aggregate(seq=Max("seq"))["seq"] or 0
    found = own.filter(undone_at__gt=newest).order_by("-undone_at").first()
    if found is None:
        raise WrongState("没有可以重做的操作", reason="NothingToRedo")
    return found


def backward(op: PlanOp) -> Aim:
    """Return what taking an operation back would change."""
    return _turned(op, back=True)


def forward(op: PlanOp) -> Aim:
    """Return what doing an operation again would change."""
    return _turned(op, back=False)


def _turned(op: PlanOp, *, back: bool) -> Aim:
    old, new = np.array(op.old, np.int16), np.array(op.new, np.int16)
    changes: list[CellChange] = [
        {
            "no": change["no"],
            "before": change["after" if back else "before"],
            "after": change["before" if back else "after"],
        }
        for change in op.cells
    ]
    return Aim(
        places=np.array(op.units, np.int64),
        new=old if back else new,
        expected=new if back else old,
        cells=[change for change in changes if change["after"] is not None],
        pins=[(place, now if back else was, was if back else now) for place, was, now in op.pins],
        emptied=tuple(change["no"] for change in changes if change["after"] is None),
    )
