"""What a change of the live map is worth to each listener: values read once, sifted by scope.

The rows of ``layers_change`` hold ids only. The values sent are those of the moment of sending, in
the listener's scope of that moment; a listener who applies them again loses nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from gridmap.feeds.cities import CityNow

Fetch = Callable[[str, Sequence[object]], Awaitable[list[tuple[Any, ...]]]]
# More than this is dearer to send to everybody than to be asked for by those who look.
MOST_CELLS = 1_000
LIGHTS = (None, "ok", "soon", "late", "parked")

_CELLS = """
SELECT v.cell, v.community, v.figures
FROM gridmap_cell_figures(%s::bigint, NULL, %s::bigint[]) AS v
"""
_INCIDENTS = """
SELECT i.id, ST_X(i.place), ST_Y(i.place), i.light, i.category_id, i.cell_id, i.community_id,
    i.department_id
FROM layers_incident AS i WHERE i.id = ANY (%s::bigint[]) AND i.city_id = %s::bigint
"""
_LEFT = """
SELECT d.incident_id, d.community_id, d.department_id
FROM tl_departure AS d WHERE d.incident_id = ANY (%s::bigint[]) AND d.city_id = %s::bigint
"""
_OPEN = """
SELECT o.cell, o.figures
FROM gridmap_count_open_of(%s::bigint[], %s::bigint[], NULL, NULL, NULL) AS o
"""


@dataclass(frozen=True)
class View:
    """What one listener may see of a city; None: every community."""

    communities: frozenset[int] | None
    departments: frozenset[int]

    def covers(self, community: int | None, department: int | None = None) -> bool:
        """Return whether this is the listener's business."""
        return (
            self.communities is None
            or community in self.communities
            or department in self.departments
        )


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


class Values:
    """The values of one batch, read once and shared by all who listen."""

    def __init__(self, city: CityNow, batch: Batch) -> None:
        self._city = city
        self._batch = batch
        self._cells: list[tuple[Any, ...]] = []
        self._incidents: list[tuple[Any, ...]] = []
        self._left: list[tuple[Any, ...]] = []
        self._counts: dict[frozenset[int], list[tuple[Any, ...]]] = {}
        self._told: dict[View, bytes] = {}
        self._views: set[View] = set()

    async def read(self, fetch: Fetch, views: set[View]) -> None:
        """Read what these listeners will be told."""
        self._views = views
        batch, city = self._batch, self._city.id
        if batch.countless:
            return
        cells, incidents = list(batch.cells), list(batch.incidents or ())
        if cells:
            self._cells = await fetch(_CELLS, (city, cells))
        if incidents:
            self._incidents = await fetch(_INCIDENTS, (incidents, city))
            self._left = await fetch(_LEFT, (incidents, city))
        for departments in {v.departments for v in views if v.communities is not None}:
            if departments and cells:
                self._counts[departments] = await fetch(_OPEN, (list(departments), cells))

    def told(self, view: View) -> bytes:
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

    def _change(self, view: View) -> bytes:
        batch = self._batch
        if batch.countless or view not in self._views:
            return event(batch.cursor, "reset", {})
        cells = self._cells_for(view)
        incidents = self._incidents_for(view)
        if not cells and not incidents:
            return b""
        return event(batch.cursor, "change", {"cells": cells, "incidents": incidents})

    def _cells_for(self, view: View) -> list[list[int]]:
        """Cells of the own communities in full; of others the own departments' incidents only."""
        cells, elsewhere = [], []
        for cell, community, figures in self._cells:
            if view.covers(community):
                cells.append([cell, *figures])
            else:
                elsewhere.append((cell, len(figures)))
        if view.departments:
            counts = dict(self._counts.get(view.departments, ()))
            for cell, width in elsewhere:
                open_ones = counts.get(cell, [0, 0, 0, 0])
                cells.append([cell, *open_ones, *[0] * (width - len(open_ones))])
        return cells

    def _incidents_for(self, view: View) -> list[dict[str, object]]:
        """Incidents as they are; those that left the view, or are no more, as no longer open."""
        told: dict[int, dict[str, object]] = {
            pk: _gone(pk)
            for pk, community, department in self._left
            if view.covers(community, department)
        }
        for pk, lng, lat, light, category, cell, community, department in self._incidents:
            if view.covers(community, department):
                told[pk] = {
                    "id": pk,
                    "lng": round(lng, 7),
                    "lat": round(lat, 7),
                    "light": LIGHTS[light],
                    "category": category,
                    "cell": cell,
                    "open": light != 0,
                }
        return list(told.values())


def _gone(pk: int) -> dict[str, object]:
    nothing = dict.fromkeys(("lng", "lat", "light", "category", "cell"))
    return {"id": pk, **nothing, "open": False}
