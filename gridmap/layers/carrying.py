"""A state of one fabric read on the units of another of the same community, and what did not fit.

A unit is followed through the lineage of every fabric in between, with the ground it stands for; a
unit that comes from several is given to the cell most of its ground comes from.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from gridmap.layers.bundles import Bundle, bundle_of
from gridmap.layers.fabrics import Fabric, UnitLineage
from gridmap.layers.plan_states import State

WHOLE = 0.99  # of a unit's ground from one cell: less is told
TOLD = 500  # names in a list of a report
Ground = dict[int, float]  # square metres by number of the cell they belong to


@dataclass
class Match:
    """How the units of one fabric were found again in another.

    Attributes:
        matched: units of the new fabric that got a cell under their old name.
        followed: units whose name is new, found by the ground they stand on.
        cut: of both, those whose ground comes from several cells; the larger part counts.
        new: units that stand on no old one; they belong to no cell.
        gone: old units of which nothing is left.
        unpinned: pinned units that are no more.
    """

    matched: int = 0
    followed: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    unpinned: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """Return the report for programs: numbers, and the first names of each list."""
        found = asdict(self)
        lists = {name: rows for name, rows in found.items() if isinstance(rows, list)}
        counts = {name: len(rows) for name, rows in lists.items()} | {"matched": self.matched}
        return {**{name: rows[:TOLD] for name, rows in lists.items()}, "counts": counts}


def carried(state: State, source: Fabric, target: Fabric) -> tuple[State, Match]:
    """Read a state on the units of another fabric: a newer one by lineage, any other by names."""
    old, new = bundle_of(source.pk), bundle_of(target.pk)
    area, labels = old.arrays["area"].tolist(), state.labels.tolist()
    ground = {uid: {labels[at]: area[at]} for at, uid in enumerate(old.uids)}
    heirs = {uid: {uid} for uid in old.uids}
    for step in _between(source, target):
        ground, heirs = _handed_on(ground, heirs, step)
    found, match = np.zeros(len(new), np.int16), Match()
    for at, uid in enumerate(new.uids):
        if uid not in ground:
            match.new.append(uid)
            continue
        found[at] = _judged(uid, ground[uid], match, old)
    left = set[str]().union(*(heirs[uid] for uid in heirs if uid in new.places))
    match.gone = sorted(set(old.uids) - left)
    pinned = {old.uids[at] for at in state.pins}
    match.unpinned = sorted(pinned - set(new.places))
    pins = {new.places[uid] for uid in pinned if uid in new.places}
    return State(found, dict(state.cells), pins, state.last_no), match


def _judged(uid: str, parts: Ground, match: Match, old: Bundle) -> int:
    """The cell of one unit of the new fabric; what is to be told of it goes into the report."""
    label, most = min(parts.items(), key=lambda part: (-part[1], part[0]))
    if uid in old.places:
        match.matched += 1
    else:
        match.followed.append(uid)
    if most < WHOLE * sum(parts.values()):
        match.cut.append(uid)
    return label


Step = list[tuple[str, str, float]]


def _between(source: Fabric, target: Fabric) -> list[Step]:
    """The lineage of every fabric after the source up to the target, oldest first."""
    steps: dict[int, Step] = {}
    rows = UnitLineage.objects.filter(
        fabric__community_id=target.community_id,
        fabric__version__gt=source.version,
        fabric__version__lte=target.version,
    ).order_by("fabric__version", "old_uid", "new_uid")
    for version, before, after, share in rows.values_list(
        "fabric__version", "old_uid", "new_uid", "share"
    ):
        steps.setdefault(version, []).append((before, after, share))
    return list(steps.values())


def _handed_on(
    ground: dict[str, Ground], heirs: dict[str, set[str]], step: Step
) -> tuple[dict[str, Ground], dict[str, set[str]]]:
    """One fabric further: whose ground each unit stands on, and from which first units it comes."""
    further: dict[str, Ground] = {}
    of: dict[str, set[str]] = {}
    for before, after, share in step:
        if before not in ground:
            continue
        of.setdefault(after, set()).update(heirs[before])
        here = further.setdefault(after, {})
        for label, area in ground[before].items():
            here[label] = here.get(label, 0.0) + share * area
    return further, of


def renumbered(wanted: State, now: State) -> State:
    """Return a state with the numbers that another one gives to the same cells.

    Cells that the other does not have get numbers after its last.
    """
    known = {cell["uid"]: no for no, cell in now.cells.items()}
    last = now.last_no
    numbers: dict[int, int] = {0: 0}
    for no, cell in sorted(wanted.cells.items()):
        if cell["uid"] not in known:
            last += 1
        numbers[no] = known.get(cell["uid"], last)
    table = np.zeros(max(numbers) + 1, np.int16)
    for no, number in numbers.items():
        table[no] = number
    cells = {numbers[no]: cell for no, cell in wanted.cells.items()}
    return State(table[wanted.labels], cells, wanted.pins, last)
