"""A division drawn elsewhere is matched to units and laid into a draft as one operation."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.db import transaction
from numpy.typing import NDArray

from gridmap.actions.plans import rights
from gridmap.actions.plans.desk import Desk, Mark, Outcome
from gridmap.actions.plans.wishes import Aim, new_cell
from gridmap.errors import BadValue
from gridmap.geo.rows import Rows, text
from gridmap.geo.soundness import Caps, Form, sound
from gridmap.layers import journal
from gridmap.layers.bundles import Bundle
from gridmap.layers.fabrics import Unit
from gridmap.layers.plan_states import CellChange, State
from gridmap.layers.plans import NUMBERS, PlanOp, Status
from gridmap.layers.projection import reproject
from gridmap.layers.scope import Scope

UNIT = ("unit", "uid", "地块")
CELL = ("cell_code", "code", "网格编码", "编码", "cell", "网格", "name", "名称")
WHOLE = 0.99  # of a unit's ground in one cell: less is told
NUMBERED = re.compile(r"^EPSG:(\d{4,6})$")
TOLD = 500  # names in a list of a report


@dataclass
class Match:
    """How a file was understood.

    Attributes:
        read: rows of the file.
        matched: units that got a cell.
        unknown_units: units the fabric does not have.
        twice: units that stand in the file more than once; the first counts.
        without_cell: units the file gives no cell.
        cut: units that lie in several cells of the file; the largest part counts.
        bad_rows: rows whose shape or name cannot be used, and why.
        new_cells: names that no cell of the draft has; cells were made for them.
    """

    read: int = 0
    matched: int = 0
    unknown_units: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    without_cell: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    bad_rows: list[dict[str, Any]] = field(default_factory=list)
    new_cells: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """Return the report for programs: numbers, and the first names of each list."""
        found = asdict(self)
        lists = {name: rows for name, rows in found.items() if isinstance(rows, list)}
        counts = {name: len(rows) for name, rows in lists.items()}
        return {**found, **{name: rows[:TOLD] for name, rows in lists.items()}, "counts": counts}


@transaction.atomic
def import_division(*, by: Scope, plan: int, rows: Rows, client_id: UUID) -> tuple[Outcome, Match]:
    """Lay a division from a file into a draft: units by name, or cells by their ground.

    Units that the file does not mention, or that are locked, pinned or reserved, stay as they are.

    Args:
        by: who does it.
        plan: id of the draft.
        rows: the file: columns of units and cells, or polygons with a column of cells.
        client_id: given once by the client; sent again, nothing is done twice.

    Raises:
        OutOfScope: there is no such draft for the caller.
        NotYours: they do not plan there.
        WrongState: it is frozen.
        BadValue: the file has neither; or nothing of it fits.
    """
    draft = rights.opened(by, plan, "draft", Status.DRAFT)
    desk = Desk(by, draft, draft.head_seq, [client_id])
    match = Match(read=len(rows))
    if any(shape is not None for shape in rows.shapes):
        names = _by_ground(rows, draft.fabric_id, desk.bundle, match)
    else:
        names = _by_name(rows, desk.bundle, match)
    if not names:
        raise BadValue("文件里没有一个地块能对上", reason="NothingMatched", report=match.told())
    match.matched = len(names)
    aim = _aim(names, desk.state, client_id, match)
    if not desk.known:
        desk.do(aim, Mark(client_id, PlanOp.Kind.IMPORT, "import"))
    outcome = desk.leave()
    journal.record(
        by=by,
        verb="import_division",
        subject=draft,
        where=(draft.community.subdistrict.city_id, draft.community_id, None),
        change=({}, {"seq": outcome.seq, "matched": match.matched, **match.told()["counts"]}),
    )
    return outcome, match


def _column(rows: Rows, names: tuple[str, ...]) -> list[str]:
    """The first column of these names, as texts.

    Raises:
        BadValue: there is none.
    """
    known = {name.strip().lower(): name for name in rows.columns}
    found = next((known[name] for name in names if name in known), None)
    if found is None:
        raise BadValue(
            "文件须有其中一列：%(wanted)s；现有：%(columns)s",
            wanted="、".join(names),
            columns="、".join(rows.columns)[:200],
        )
    return [text(value) for value in rows.column(found)]


def _by_name(rows: Rows, bundle: Bundle, match: Match) -> dict[int, str]:
    """Units named in a table: place of the unit -> name of its cell."""
    found: dict[int, str] = {}
    for uid, cell in zip(_column(rows, UNIT), _column(rows, CELL), strict=True):
        place = bundle.places.get(uid.removeprefix("'"))
        if place is None:
            match.unknown_units.append(uid[:40])
        elif place in found:
            match.twice.append(uid)
        elif not cell:
            match.without_cell.append(uid)
        else:
            found[place] = cell.removeprefix("'")
    return found


def _by_ground(rows: Rows, fabric_id: int, bundle: Bundle, match: Match) -> dict[int, str]:
    """Units that lie in polygons: place of the unit -> name of the cell that holds most of it."""
    names = _column(rows, CELL)
    shapes, problems = sound(rows.shapes, rows.numbers, Form.AREA, _to_degrees(rows), Caps())
    match.bad_rows = [{"row": one.row, "code": one.code} for one in problems]
    match.bad_rows += [
        {"row": int(number), "code": "no_name"}
        for number, name in zip(rows.numbers, names, strict=True)
        if not name
    ]
    good = np.array(
        [place for place, name in enumerate(names) if name and shapes[place] is not None], int
    )
    units = _ground(fabric_id)
    if not len(good):
        return {}
    cell, unit = shapely.STRtree(units).query(shapes[good], predicate="intersects")
    share = shapely.area(shapely.intersection(units[unit], shapes[good][cell]))
    share /= shapely.area(units)[unit]
    order = np.lexsort((cell, -share, unit))
    first = order[np.unique(unit[order], return_index=True)[1]]
    held = {int(unit[row]): (names[int(good[cell[row]])], float(share[row])) for row in first}
    found = {place: name for place, (name, part) in held.items() if part > 1e-6}  # noqa: PLR2004
    match.cut = [bundle.uids[place] for place in found if held[place][1] < WHOLE]
    match.without_cell = [uid for place, uid in enumerate(bundle.uids) if place not in found]
    return found


def _ground(fabric_id: int) -> NDArray[Any]:
    stored = Unit.objects.filter(fabric_id=fabric_id).order_by("place")
    wkbs = [bytes(geom.wkb) for geom in stored.values_list("geom", flat=True)]
    return np.asarray(shapely.from_wkb(np.array(wkbs, dtype=object)))


def _to_degrees(rows: Rows) -> Any:
    found = NUMBERED.match(rows.crs or "EPSG:4326")
    if found is None:
        raise BadValue("文件没有说明坐标系；请存为 EPSG:4326、4490 或 4548 之类有编号的坐标系")
    srid = int(found[1])
    return lambda places: reproject(places, srid)


def _aim(names: dict[int, str], state: State, uid: UUID, match: Match) -> Aim:
    """What leads from the draft to the file: known codes, numbers or names, else new cells."""
    known: dict[str, int] = {}
    for no, cell in state.cells.items():
        for key in (str(no), cell["name"], cell["code"]):
            if key:
                known[key] = no
    changes: list[CellChange] = []
    for name in sorted(set(names.values()) - set(known)):
        number = state.last_no + len(changes) + 1
        if number > NUMBERS:
            raise BadValue("一个草案最多 %(most)s 个网格", most=NUMBERS)
        known[name] = number
        match.new_cells.append(name)
        fields = {**new_cell(uid), "name": name[:80]}
        changes.append({"no": number, "before": None, "after": fields})  # type: ignore[typeddict-item]
    places = np.array(sorted(names), np.int64)
    labels = np.array([known[names[place]] for place in places.tolist()], np.int16)
    return Aim(places, labels, cells=changes)
