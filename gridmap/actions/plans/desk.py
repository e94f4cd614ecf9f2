"""One planner at work on one draft: operations are merged into it unit by unit.

The rule: a unit that somebody else changed after the state the planner saw is left as it is, and
the planner is told; so is a unit of a locked or reserved cell, and a pinned one. Every other unit
of the same operation is changed. The plan's row is locked, so that nothing comes between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from gridmap.actions.plans.wishes import Aim, Ground
from gridmap.layers import plan_states
from gridmap.layers.bundles import Bundle, bundle_of
from gridmap.layers.plan_figures import CellFigures, figures_of
from gridmap.layers.plan_states import CellChange, State
from gridmap.layers.plans import Plan, PlanOp
from gridmap.layers.scope import Scope


class Conflict(TypedDict):
    """What of an operation was not done.

    ``why``: changed (by ``author``, from ``base`` to ``theirs``), gone (the cell it was to have),
    locked, pinned, reserved (by ``author``). Either ``unit`` or ``cell`` is named.
    """

    op: str
    why: str
    unit: str | None
    cell: int | None
    base: int | None
    theirs: int | None
    yours: int | None
    author: str | None


@dataclass
class Outcome:
    """What became of a batch of operations.

    Attributes:
        seq: number of the newest operation now.
        applied: ids of the operations that count, now or since an earlier try.
        made: by id of the operation, the number of the cell it made.
        conflicts: what was not done.
        auto_merged: units changed although others had worked on the draft meanwhile.
        rebased: the operations of others that the planner had not seen.
        cells: figures of every cell touched.
        gone: numbers of cells that are no more.
    """

    seq: int
    applied: list[UUID] = field(default_factory=list)
    made: dict[str, int] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    auto_merged: int = 0
    rebased: list[dict[str, Any]] = field(default_factory=list)
    cells: list[CellFigures] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Mark:
    """What an operation is written down as."""

    id: UUID
    kind: str
    asked: str
    of: int | None = None


def told(op: PlanOp, bundle: Bundle) -> dict[str, Any]:
    """Return an operation as other planners are told of it."""
    return {
        "seq": op.seq,
        "id": str(op.client_id),
        "kind": op.kind,
        "author": op.author.username if op.author else None,
        "at": op.at,
        "of": op.of,
        "units": [bundle.uids[place] for place in op.units],
        "old": op.old,
        "new": op.new,
        "cells": op.cells,
        "pins": [[bundle.uids[place], pinned] for place, _, pinned in op.pins],
    }


class Desk:
    """A locked draft with its state, as one planner meets it."""

    def __init__(self, by: Scope, plan: Plan, base_seq: int, ids: Sequence[UUID] = ()) -> None:
        """Sit down at a locked draft.

        Args:
            by: who does it.
            plan: the draft.
            base_seq: number of the newest operation they had seen.
            ids: of the operations they bring.
        """
        self.by = by
        self.plan = plan
        self.bundle = bundle_of(plan.fabric_id)
        head = plan_states.head(plan, by.user_id, ids)
        self.state: State = head.state
        self.known: dict[UUID, PlanOp] = {}  # of those ids, the operations the log has already
        if head.again:
            before = PlanOp.objects.filter(plan=plan, client_id__in=ids)
            self.known = {op.client_id: op for op in before}
        self._cells_before = dict(self.state.cells)
        self._ops: list[PlanOp] = []
        self._seq = plan.head_seq
        self._touched: set[int] = set()
        self._meet_others(base_seq)
        self._reserved = head.reserved
        self.outcome = Outcome(seq=self._seq)
        self.outcome.rebased = [told(op, self.bundle) for op in self._others]

    @property
    def ground(self) -> Ground:
        """What a wish is read against now."""
        return Ground(self.plan, self.bundle, self.state)

    def _meet_others(self, base_seq: int) -> None:
        """Read what others did after the state the planner saw."""
        self._others: list[PlanOp] = []
        if base_seq < self.plan.head_seq:
            since = PlanOp.objects.filter(plan=self.plan, seq__gt=base_seq).order_by("seq")
            rows = since.exclude(author_id=self.by.user_id) if self.by.user_id else since
            self._others = list(rows.select_related("author"))
        self._rivals: dict[int, tuple[int, str | None]] = {}
        self._rival_cells: dict[int, str | None] = {}
        for op in self._others:
            name = op.author.username if op.author else None
            for place, old in zip(op.units, op.old, strict=True):
                self._rivals.setdefault(place, (old, name))
            self._rival_cells |= {change["no"]: name for change in op.cells}

    def do(self, aim: Aim, mark: Mark, *, always: bool = False) -> PlanOp | None:
        """Do what can be done of an operation.

        None when nothing of it is left to do and it need not be written down ``always``.
        """
        told_before = len(self.outcome.conflicts)
        old = self.state.labels[aim.places]
        free = self._free(aim, old, mark) & (old != aim.new)
        cells = [change for change in aim.cells if self._cell_is_free(change, mark)]
        pins = [pin for pin in aim.pins if (pin[0] in self.state.pins) == pin[1]]
        if aim.made and not free.any():
            cells = []  # a cell of which nothing can be had is not made
        if not (always or free.any() or cells or pins):
            return None
        self._seq += 1
        op = PlanOp(
            plan=self.plan,
            seq=self._seq,
            author_id=self.by.user_id,
            kind=mark.kind,
            client_id=mark.id,
            asked=mark.asked,
            units=aim.places[free].tolist(),
            old=old[free].tolist(),
            new=aim.new[free].tolist(),
            cells=cells,
            pins=[list(pin) for pin in pins],
            of=mark.of,
        )
        op.cells = cells + self._emptied(aim, op)
        op.conflicts = list(self.outcome.conflicts[told_before:])
        self._write(op, aim.made)
        return op

    def _write(self, op: PlanOp, made: int) -> None:
        self.state.take(op)
        self._ops.append(op)
        self._touched |= {*op.old, *op.new, *(change["no"] for change in op.cells)}
        self.outcome.applied.append(op.client_id)
        if made:
            self.outcome.made[str(op.client_id)] = made
        if self._others:
            self.outcome.auto_merged += len(op.units)

    def _emptied(self, aim: Aim, op: PlanOp) -> list[CellChange]:
        """Return the cells that go because nothing is left in them."""
        if not aim.emptied:
            return []
        after = self.state.labels.copy()
        after[op.units] = op.new
        left = [no for no in aim.emptied if no in self.state.cells and not (after == no).any()]
        return [{"no": no, "before": self.state.cells[no], "after": None} for no in left]

    def _free(self, aim: Aim, old: NDArray[np.int16], mark: Mark) -> NDArray[np.bool_]:
        """Return which units may be changed, and tell of the others."""
        free = np.ones(len(aim.places), bool)
        locked = [no for no, cell in self.state.cells.items() if cell["locked"]]
        known = [0, *self.state.cells, *(c["no"] for c in aim.cells if c["after"] is not None)]
        checks: list[tuple[str, NDArray[np.bool_]]] = [
            ("gone", ~np.isin(aim.new, known)),
            ("changed", self._changed(aim, old)),
            ("locked", np.isin(old, locked) | np.isin(aim.new, locked)),
            ("pinned", np.isin(aim.places, list(self.state.pins))),
            ("reserved", self._in_reserved(old, aim.new)),
        ]
        for why, hit in checks:
            for index in np.flatnonzero(hit & free & (old != aim.new)).tolist():
                self._tell(why, aim, index, int(old[index]), mark)
            free &= ~hit
        return free

    def _changed(self, aim: Aim, old: NDArray[np.int16]) -> NDArray[np.bool_]:
        if aim.expected is not None:
            return np.asarray(old != aim.expected)
        if not self._rivals:
            return np.zeros(len(aim.places), bool)
        return np.isin(aim.places, list(self._rivals))

    def _in_reserved(self, old: NDArray[np.int16], new: NDArray[np.int16]) -> NDArray[np.bool_]:
        held = list(self._reserved)
        return np.isin(old, held) | np.isin(new, held)

    def _tell(self, why: str, aim: Aim, index: int, theirs: int, mark: Mark) -> None:
        place, yours = int(aim.places[index]), int(aim.new[index])
        base, author = self._rivals.get(place, (None, None))
        if why == "reserved":
            author = self._reserved.get(theirs) or self._reserved.get(yours)
        self.outcome.conflicts.append(
            {
                "op": str(mark.id),
                "why": why,
                "unit": self.bundle.uids[place],
                "cell": None,
                "base": base,
                "theirs": theirs,
                "yours": yours,
                "author": author,
            }
        )

    def _cell_is_free(self, change: CellChange, mark: Mark) -> bool:
        """Return whether a cell is still as the planner saw it, and tell where it is not."""
        no = change["no"]
        why = ""
        if self.state.cells.get(no) != change["before"] or no in self._rival_cells:
            why = "changed"
        elif no in self._reserved:
            why = "reserved"
        if not why:
            return True
        conflict: Conflict = {
            "op": str(mark.id), "why": why, "unit": None, "cell": no, "base": None,
            "theirs": None, "yours": None,
            "author": self._rival_cells.get(no) or self._reserved.get(no),
        }  # fmt: skip
        self.outcome.conflicts.append(conflict)
        return False

    def leave(self) -> Outcome:
        """Write everything down and return what became of it."""
        outcome = self.outcome
        if self._ops:
            PlanOp.objects.bulk_create(self._ops)
            plan_states.keep_cells(self.plan.pk, self._cells_before, self.state)
            plan_states.keep_head(self.plan.pk, self._seq, self.state)
            if self._seq // plan_states.OFTEN > self.plan.head_seq // plan_states.OFTEN:
                plan_states.keep_snapshot(self.plan.pk, self._seq, self.state)
            self.plan.head_seq = self._seq
        outcome.seq = self._seq
        touched = self._touched | set(outcome.made.values())
        known = touched & ({0} | set(self.state.cells))
        outcome.cells = figures_of(self.state.labels, self.bundle, known)
        outcome.gone = sorted(touched - known)
        return outcome
