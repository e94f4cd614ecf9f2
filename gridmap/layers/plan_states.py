"""The state of a plan at any of its operations: labels of units, cells, pins."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

import numpy as np
import orjson
from django.db import connection
from numpy.typing import NDArray

from gridmap.layers.plans import Plan, PlanCell, PlanOp, PlanSnapshot
from gridmap.layers.query import rows

Labels = NDArray[np.int16]
OFTEN = 200  # operations between two snapshots


class CellFields(TypedDict):
    """What a plan keeps of one of its cells, in JSON."""

    cell: int | None
    uid: str
    code: str
    name: str
    kind: str
    use: str
    locked: bool
    reason: str
    made_by: str | None


class CellChange(TypedDict):
    """What happened to one cell; null: it was not there before, or is not after."""

    no: int
    before: CellFields | None
    after: CellFields | None


@dataclass
class State:
    """A plan after one of its operations.

    Attributes:
        labels: number of the cell of each unit, 0 for none.
        cells: by number.
        pins: places of units that must stay where they are.
        last_no: greatest number ever given to a cell, as far as known; numbers are not used again.
    """

    labels: Labels
    cells: dict[int, CellFields]
    pins: set[int]
    last_no: int = 0

    def take(self, op: PlanOp) -> None:
        """Do what an operation did."""
        self.labels[op.units] = op.new
        self.take_cells(op.cells)
        for place, _, pinned in op.pins:
            (self.pins.add if pinned else self.pins.discard)(place)

    def take_cells(self, changes: Iterable[CellChange]) -> None:
        """Change the cells as said."""
        for change in changes:
            if change["after"] is None:
                self.cells.pop(change["no"], None)
            else:
                self.cells[change["no"]] = change["after"]
                self.last_no = max(self.last_no, change["no"])


def pack(labels: Labels) -> bytes:
    """Return labels as they are stored."""
    return zlib.compress(labels.astype("<i2").tobytes(), level=1)


def unpack(data: bytes | memoryview[int]) -> Labels:
    """Return labels that may be changed."""
    return np.frombuffer(zlib.decompress(bytes(data)), "<i2").astype(np.int16)


def row_of(plan_id: int, no: int, fields: CellFields) -> PlanCell:
    """Return the row for these fields."""
    values: dict[str, Any] = dict(fields)
    return PlanCell(plan_id=plan_id, no=no, cell_id=values.pop("cell"), **values)


# All that working on a plan begins with, in one round trip: an operation is saved in milliseconds.
_HEAD = """
SELECT h.labels, h.pins, h.last_no, (
    SELECT json_object_agg(c.no, json_build_object(
        'cell', c.cell_id, 'uid', c.uid, 'code', c.code, 'name', c.name, 'kind', c.kind,
        'use', c.use, 'locked', c.locked, 'reason', c.reason, 'made_by', c.made_by
    ) ORDER BY c.no)::text FROM layers_plancell AS c WHERE c.plan_id = h.plan_id
) AS cells, (
    SELECT json_object_agg(r.no, u.username)::text
    FROM layers_reservation AS r
    INNER JOIN auth_user AS u ON u.id = r.holder_id
    WHERE r.plan_id = h.plan_id AND r.until > statement_timestamp()
        AND r.holder_id IS DISTINCT FROM %(user)s
) AS reserved, EXISTS (
    SELECT FROM layers_planop AS o
    WHERE o.plan_id = h.plan_id AND o.client_id = ANY (%(ids)s::uuid[])
) AS again
FROM layers_planhead AS h WHERE h.plan_id = %(plan)s
"""


@dataclass(frozen=True)
class Head:
    """The newest state of a plan, and what is asked beside it.

    Attributes:
        state: labels, cells and pins.
        reserved: numbers of the cells that others than the asker keep, with their names.
        again: whether the log has one of the ids asked about.
    """

    state: State
    reserved: dict[int, str]
    again: bool


def head(plan: Plan, user_id: int | None = None, ids: Sequence[UUID] = ()) -> Head:
    """Return the newest state, as somebody meets it who brings operations with these ids."""
    values: dict[str, Any] = {"plan": plan.pk, "user": user_id, "ids": list(ids)}
    (row,) = rows(_HEAD, values)
    cells = {int(no): fields for no, fields in orjson.loads(row["cells"] or "{}").items()}
    reserved = {int(no): name for no, name in orjson.loads(row["reserved"] or "{}").items()}
    state = State(unpack(row["labels"]), cells, set(row["pins"]), row["last_no"])
    return Head(state, reserved, row["again"])


def head_of(plan: Plan) -> State:
    """Return the newest state."""
    return head(plan).state


def state_at(plan: Plan, seq: int) -> State:
    """Return the state after operation ``seq`` of the plan; 0 is the state it was opened with."""
    snapshot = PlanSnapshot.objects.filter(plan=plan, seq__lte=seq).order_by("-seq").first()
    if snapshot is not None:
        cells = {int(no): fields for no, fields in snapshot.cells}
        state, since = State(unpack(snapshot.labels), cells, set(snapshot.pins)), snapshot.seq
    elif plan.parent is not None and plan.parent_seq is not None:
        state, since = state_at(plan.parent, plan.parent_seq), 0
    else:
        raise PlanSnapshot.DoesNotExist
    for op in PlanOp.objects.filter(plan=plan, seq__gt=since, seq__lte=seq).order_by("seq"):
        state.take(op)
    return state


def keep_snapshot(plan_id: int, seq: int, state: State) -> None:
    """Keep the whole state after one operation."""
    PlanSnapshot.objects.create(
        plan_id=plan_id,
        seq=seq,
        labels=pack(state.labels),
        cells=sorted(state.cells.items()),
        pins=sorted(state.pins),
    )


_KEEP = """
WITH moved AS (UPDATE layers_plan SET head_seq = %(seq)s WHERE id = %(plan)s)
UPDATE layers_planhead SET labels = %(labels)s, pins = %(pins)s, last_no = %(last)s
WHERE plan_id = %(plan)s
"""


def keep_head(plan_id: int, seq: int, state: State) -> None:
    """Keep the labels and pins of the newest state, and the number of its operation."""
    values: dict[str, Any] = {
        "plan": plan_id,
        "seq": seq,
        "labels": pack(state.labels),
        "pins": sorted(state.pins),
        "last": state.last_no,
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, values)


def keep_cells(plan_id: int, before: Mapping[int, CellFields], state: State) -> None:
    """Bring the rows of the cells into line with the newest state."""
    gone = [no for no, fields in before.items() if state.cells.get(no) != fields]
    new = [(no, fields) for no, fields in state.cells.items() if before.get(no) != fields]
    if gone:
        PlanCell.objects.filter(plan_id=plan_id, no__in=gone).delete()
    PlanCell.objects.bulk_create(row_of(plan_id, no, fields) for no, fields in new)


_COPY = """
WITH head AS (
    INSERT INTO layers_planhead (plan_id, labels, pins, last_no)
    SELECT %(made)s, h.labels, h.pins, h.last_no FROM layers_planhead AS h
    WHERE h.plan_id = %(parent)s
)
INSERT INTO layers_plancell
(plan_id, no, cell_id, uid, code, name, kind, use, locked, reason, made_by)
SELECT %(made)s, c.no, c.cell_id, c.uid, c.code, c.name, c.kind, c.use, c.locked, c.reason,
    c.made_by
FROM layers_plancell AS c WHERE c.plan_id = %(parent)s
"""


def copy_head(parent_id: int, made_id: int) -> None:
    """Give a new plan the newest state of another one, without reading it."""
    with connection.cursor() as cursor:
        cursor.execute(_COPY, {"parent": parent_id, "made": made_id})
