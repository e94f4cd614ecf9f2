"""What a planner asks for, and which units and cells that would change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from uuid import UUID, uuid4

import numpy as np
import orjson
from numpy.typing import NDArray

from gridmap.errors import BadValue
from gridmap.layers.bundles import Bundle
from gridmap.layers.numbering import codes_of_new
from gridmap.layers.plan_states import CellChange, CellFields, State
from gridmap.layers.plans import NUMBERS, Plan, PlanOp

Kind = PlanOp.Kind
EDITABLE = ("name", "kind", "use", "locked", "reason")
Number = int | UUID  # of a cell; or the id of the operation that made it


@dataclass(frozen=True)
class Wish:
    """One operation, as asked.

    Attributes:
        id: given by the client once, so that a retry does nothing twice.
        kind: paint, split, merge, edit, pin, renumber; restore, propose and import by their deeds.
        units: uids of units (paint, split, pin).
        to: the cell that gets them (paint, merge); 0 takes them out of every cell.
        cells: cells that are merged or edited.
        fields: name, kind, use, locked, reason (edit; the first three also of split).
        pinned: whether the units are to stay or are set free (pin).
    """

    id: UUID
    kind: str
    units: tuple[str, ...] = ()
    to: Number | None = None
    cells: tuple[Number, ...] = ()
    fields: Mapping[str, object] = field(default_factory=dict)
    pinned: bool = True

    def digest(self) -> str:
        """Return what tells this wish from another one under the same id."""
        return hashlib.sha256(orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)).hexdigest()


Places = NDArray[np.int64]


def _none() -> Places:
    return np.zeros(0, np.int64)


@dataclass
class Aim:
    """What an operation would change if nobody stood in its way.

    Attributes:
        places: of the units, each once.
        new: the label each is to have.
        expected: the label each should have now; None: whatever it has.
        cells: changes of cells.
        pins: place, pinned before, pinned after.
        emptied: numbers of cells that go when nothing is left in them.
        made: number of the cell that is made, 0 for none.
    """

    places: Places = field(default_factory=_none)
    new: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    expected: NDArray[np.int16] | None = None
    cells: list[CellChange] = field(default_factory=list)
    pins: list[tuple[int, bool, bool]] = field(default_factory=list)
    emptied: tuple[int, ...] = ()
    made: int = 0


@dataclass(frozen=True)
class Ground:
    """What a wish is read against."""

    plan: Plan
    bundle: Bundle
    state: State


def places_of(uids: tuple[str, ...], bundle: Bundle) -> Places:
    """Return where these units stand, each once.

    Raises:
        BadValue: the fabric has no such unit.
    """
    known = bundle.places
    if unknown := [uid for uid in uids if uid not in known]:
        raise BadValue("本草案的底图里没有这些地块：%(units)s", units="、".join(unknown[:5])[:200])
    return np.unique(np.array([known[uid] for uid in uids], np.int64))


def number_of(wanted: Number | None, state: State, *, none: bool = False) -> int:
    """Return the number of a cell of the plan.

    Raises:
        BadValue: the plan has no such cell.
    """
    if isinstance(wanted, UUID):
        made = str(wanted)
        wanted = next((no for no, cell in state.cells.items() if cell["made_by"] == made), None)
    if wanted in state.cells or (none and wanted == 0):
        return int(wanted or 0)
    raise BadValue("草案里没有编号为 %(number)s 的网格", number=str(wanted))


def aim_of(wish: Wish, ground: Ground) -> Aim:
    """Return what a wish would change.

    Raises:
        BadValue: it names what is not there, or is no wish.
    """
    read = _READ.get(wish.kind)
    if read is None:
        raise BadValue("没有“%(kind)s”这种操作", kind=wish.kind[:20])
    return read(wish, ground)


def _paint(wish: Wish, ground: Ground) -> Aim:
    places = places_of(wish.units, ground.bundle)
    number = number_of(wish.to, ground.state, none=True)
    return Aim(places, np.full(len(places), number, np.int16))


def _split(wish: Wish, ground: Ground) -> Aim:
    places = places_of(wish.units, ground.bundle)
    if len(places) == 0:
        raise BadValue("新网格至少要有一个地块")
    number = ground.state.last_no + 1
    if number > NUMBERS:
        raise BadValue("一个草案最多 %(most)s 个网格", most=NUMBERS)
    fields = new_cell(wish.id)
    for name in ("name", "kind", "use"):
        if name in wish.fields:
            _set(fields, name, wish.fields[name])
    made: CellChange = {"no": number, "before": None, "after": fields}
    return Aim(places, np.full(len(places), number, np.int16), cells=[made], made=number)


def new_cell(made_by: UUID) -> CellFields:
    """Return the fields of a cell that a plan makes."""
    return {
        "cell": None,
        "uid": str(uuid4()),
        "code": "",
        "name": "",
        "kind": "basic",
        "use": "",
        "locked": False,
        "reason": "",
        "made_by": str(made_by),
    }


def _merge(wish: Wish, ground: Ground) -> Aim:
    target = number_of(wish.to, ground.state)
    sources = {number_of(cell, ground.state) for cell in wish.cells} - {target}
    if not sources:
        raise BadValue("合并至少要两个网格")
    places = np.flatnonzero(np.isin(ground.state.labels, list(sources))).astype(np.int64)
    new = np.full(len(places), target, np.int16)
    return Aim(places, new, emptied=tuple(sorted(sources)))


def _edit(wish: Wish, ground: Ground) -> Aim:
    if not wish.cells or not wish.fields or set(wish.fields) - set(EDITABLE):
        raise BadValue("改网格须给出 cells，和这些字段之一：%(known)s", known=", ".join(EDITABLE))
    changes: list[CellChange] = []
    for no in sorted({number_of(cell, ground.state) for cell in wish.cells}):
        before = ground.state.cells[no]
        after = before.copy()
        for name, value in wish.fields.items():
            _set(after, name, value)
        if after != before:
            changes.append({"no": no, "before": before, "after": after})
    return Aim(cells=changes)


LONGEST = {"name": 80, "use": 20, "reason": 400}


def _set(fields: CellFields, name: str, value: object) -> None:
    good = isinstance(value, bool) if name == "locked" else isinstance(value, str)
    if name == "kind":
        good = value in {"basic", "special"}
    elif good and isinstance(value, str):
        good = len(value) <= LONGEST[name] and "\x00" not in value
    if not good:
        raise BadValue("字段 %(name)s 的值不能用", name=name)
    fields[name] = value  # type: ignore[literal-required]


def _renumber(_wish: Wish, ground: Ground) -> Aim:
    codes = codes_of_new(ground.plan, ground.state)
    changes: list[CellChange] = []
    for no, code in sorted(codes.items()):
        before = ground.state.cells[no]
        if before["code"] != code:
            changes.append({"no": no, "before": before, "after": {**before, "code": code}})
    return Aim(cells=changes)


def _pin(wish: Wish, ground: Ground) -> Aim:
    state = ground.state
    places = places_of(wish.units, ground.bundle).tolist()
    turned = [place for place in places if (place in state.pins) != wish.pinned]
    return Aim(pins=[(place, not wish.pinned, wish.pinned) for place in turned])


_READ: dict[str, Callable[[Wish, Ground], Aim]] = {
    Kind.PAINT: _paint,
    Kind.SPLIT: _split,
    Kind.MERGE: _merge,
    Kind.EDIT: _edit,
    Kind.PIN: _pin,
    Kind.RENUMBER: _renumber,
}
