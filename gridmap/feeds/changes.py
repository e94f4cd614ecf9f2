"""What a change of the live map is worth to each listener: values read once, sifted by scope.

The rows of ``layers_change`` hold ids only. The values sent are those of the moment of sending, in
the listener's scope of that moment; a listener who applies them again loses nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from gridmap.feeds.cities import CityNow
from gridmap.layers.scope import Area, Scope, Spot
from gridmap.layers.weekly import WITHHELD, Weekly

Fetch = Callable[[str, Sequence[object]], Awaitable[list[tuple[Any, ...]]]]
# More than this is dearer to send to everybody than to be asked for by those who look.
MOST_CELLS = 1_000
# By what an incident is somebody's business outside the own cells, and the open ones by it.
Part = tuple[str, int | tuple[int, int] | None]
Open = dict[Part, list[tuple[int, int, int]]]
LIGHTS = (None, "ok", "soon", "late", "parked")

CELLS = """
SELECT v.cell, v.community, v.figures
FROM gridmap_cell_figures(%s::bigint, NULL, %s::bigint[]) AS v
"""
_INCIDENTS = """
SELECT i.id, ST_X(i.place), ST_Y(i.place), i.light, i.category_id, i.department_id,
    i.helpers, i.community_id, i.cell_id, i.street_id, i.lane_id, i.building_id
FROM layers_incident AS i WHERE i.id = ANY (%s::bigint[]) AND i.city_id = %s::bigint
"""
_LEFT = """
SELECT d.incident_id, d.department_id, d.helpers, d.community_id, d.cell_id, d.street_id, d.lane_id,
    d.building_id
FROM tl_departure AS d WHERE d.incident_id = ANY (%s::bigint[]) AND d.city_id = %s::bigint
"""
_OPEN = """
SELECT i.id, i.light, i.department_id, i.helpers, i.community_id, i.cell_id, i.street_id, i.lane_id,
    i.building_id
FROM layers_incident AS i WHERE i.light <> 0 AND i.cell_id = ANY (%s::bigint[])
"""


@dataclass
class Batch:
    """Changes of one city, taken together.

    Attributes:
        cursor: number of the last change in it.
        cells: cells touched.
        incidents: incidents touched; None when they are too many to name.
        edition: whether the map's picture is a new one.
    """

    cursor: int = 0
    cells: set[int] = field(default_factory=set)
    incidents: set[int] | None = field(default_factory=set)
    edition: bool = False

    def add(self, cursor: int, kind: str, cells: list[int], incidents: list[int] | None) -> None:
        """Take one more change in."""
        self.cursor = cursor
        if kind == "edition":
            self.edition = True
            return
        self.cells.update(cells)
        if incidents is None or self.incidents is None:
            self.incidents = None
        else:
            self.incidents.update(incidents)

    @property
    def countless(self) -> bool:
        """Whether listeners do better to read everything again."""
        return self.incidents is None or len(self.cells) > MOST_CELLS


def event(cursor: int, kind: str, data: object) -> bytes:
    """Return one event of the stream."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (cursor, kind.encode(), orjson.dumps(data))


@dataclass(frozen=True)
class Guard:
    """What is told to those who see sums only, and for that matter when.

    Attributes:
        table: the published figures of incidents.
        before: the other figures of each cell as they were told last; None: not known.
    """

    table: Weekly | None = None
    before: Mapping[int, list[int]] | None = None

    def told(self, cell: int, figures: list[int]) -> list[int] | None:
        """Return the figures of a cell; None where nothing but incidents can have changed.

        That something happened there, and when, would give away what the table hides.
        """
        rest = figures[len(LIGHTS) - 1 :]
        if self.before is None or self.before.get(cell) == rest:
            return None
        known = self.table.open_in(cell) if self.table else None
        return [WITHHELD if known is None else known, *[WITHHELD] * (len(LIGHTS) - 2), *rest]


class Values:
    """The values of one batch, read once and shared by all who listen."""

    def __init__(self, city: CityNow, batch: Batch, guard: Guard | None = None) -> None:
        self._city = city
        self._batch = batch
        self._guard = guard or Guard()
        self._cells: list[tuple[Any, ...]] = []
        self._incidents: list[tuple[Any, ...]] = []
        self._left: list[tuple[Any, ...]] = []
        self._open: Open = {}
        self._told: dict[Scope, bytes] = {}
        self._views: set[Scope] = set()

    async def read(self, fetch: Fetch, views: set[Scope]) -> None:
        """Read what these listeners will be told."""
        self._views = views
        batch, city = self._batch, self._city.id
        if batch.countless:
            return
        cells, incidents = list(batch.cells), list(batch.incidents or ())
        if cells:
            self._cells = await fetch(CELLS, (city, cells))
        if incidents:
            self._incidents = await fetch(_INCIDENTS, (incidents, city))
            self._left = await fetch(_LEFT, (incidents, city))
        if cells and any(_by_parts(view) for view in views):
            self._open = _sorted_out(await fetch(_OPEN, (cells,)))

    @property
    def others(self) -> dict[int, list[int]]:
        """The figures of the cells besides their incidents."""
        return {cell: figures[len(LIGHTS) - 1 :] for cell, _, figures in self._cells}

    def told(self, view: Scope) -> bytes:
        """Return the events for a listener of this view; empty when nothing is its business.

        One that came in after the values were read is told to read everything again.
        """
        if view not in self._told:
            self._told[view] = self._change(view) + self._edition()
        return self._told[view]

    def _edition(self) -> bytes:
        if not self._batch.edition:
            return b""
        return event(self._batch.cursor, "edition", {"edition": self._city.edition_name})

    def _change(self, view: Scope) -> bytes:
        batch = self._batch
        unguarded = view.counted != Area() and self._guard.before is None
        if batch.countless or view not in self._views or (unguarded and self._cells):
            return event(batch.cursor, "reset", {})
        cells = self._cells_for(view)
        incidents = self._incidents_for(view)
        if not cells and not incidents:
            return b""
        return event(batch.cursor, "change", {"cells": cells, "incidents": incidents})

    def _cells_for(self, view: Scope) -> list[list[int]]:
        """Cells whose figures may be seen in full; of others the own incidents only.

        Of those only where something happened to an own incident: noughts for another cell would
        give away that, and when, something happened there.
        """
        cells, elsewhere, own = [], [], self._cells_of_own(view)
        for cell, community, figures in self._cells:
            spot = Spot(self._city.id, community, cell)
            if view.only_sums(spot):
                if (told := self._guard.told(cell, figures)) is not None:
                    cells.append([cell, *told])
            elif view.figures.holds(spot):
                cells.append([cell, *figures])
            elif cell in own:
                elsewhere.append((cell, len(figures)))
        if elsewhere and (parts := _by_parts(view)):
            counts = self._counted(parts)
            for cell, width in elsewhere:
                open_ones = counts.get(cell, [0, 0, 0, 0])
                cells.append([cell, *open_ones, *[0] * (width - len(open_ones))])
        return cells

    def _cells_of_own(self, view: Scope) -> set[int | None]:
        """Cells in which an incident that the listener sees, or saw, was touched."""
        touched = [row[1:] for row in self._left] + [row[5:] for row in self._incidents]
        return {
            cell
            for department, helpers, community, cell, *objects in touched
            if view.sees(
                Spot(self._city.id, community, cell, *objects), department, helpers, still_open=True
            )
        }

    def _counted(self, parts: frozenset[Part]) -> dict[int, list[int]]:
        """Count the open incidents of some parts by cell: open, soon, late, parked."""
        counts: dict[int, list[int]] = {}
        found = {row for part in parts & self._open.keys() for row in self._open[part]}
        for _, cell, light in found:
            figures = counts.setdefault(cell, [0, 0, 0, 0])
            figures[0] += 1
            if light > 1:
                figures[light - 1] += 1
        return counts

    def _incidents_for(self, view: Scope) -> list[dict[str, object]]:
        """Incidents as they are; those that left the view, or are no more, as no longer open."""
        city = self._city.id
        told: dict[int, dict[str, object]] = {
            pk: _gone(pk)
            for pk, department, helpers, *spot in self._left
            if view.sees(Spot(city, *spot), department, helpers, still_open=True)
        }
        for pk, lng, lat, light, category, department, helpers, *spot in self._incidents:
            place = Spot(city, *spot)
            if view.sees(place, department, helpers, still_open=light != 0):
                told[pk] = {
                    "id": pk,
                    "lng": round(lng, 7),
                    "lat": round(lat, 7),
                    "light": LIGHTS[light],
                    "category": category,
                    "cell": place.cell,
                    "open": light != 0,
                }
            elif view.sees(place, department, helpers, still_open=True):
                told[pk] = _gone(pk)
        return list(told.values())


def _gone(pk: int) -> dict[str, object]:
    nothing = dict.fromkeys(("lng", "lat", "light", "category", "cell"))
    return {"id": pk, **nothing, "open": False}


def _by_parts(view: Scope) -> frozenset[Part]:
    """Return by what a listener sees incidents in cells that are not the listener's."""
    return frozenset(
        [
            *(("department", one) for one in view.departments),
            *(("assigned", one) for one in view.assigned),
            *(("street", one) for one in view.area.streets),
            *(("lane", one) for one in view.area.lanes),
            *(("building", one) for one in view.area.buildings),
        ]
    )


def _sorted_out(rows: list[tuple[Any, ...]]) -> Open:
    """Return the open incidents (id, cell, light) by what somebody may see them by."""
    found: Open = {}
    for pk, light, department, helpers, community, cell, street, lane, building in rows:
        parts: tuple[Part, ...] = (
            *(("department", one) for one in (department, *helpers)),
            *(("assigned", (one, community)) for one in (department, *helpers)),
            ("street", street),
            ("lane", lane),
            ("building", building),
        )
        for part in parts:
            found.setdefault(part, []).append((pk, cell, light))
    return found
