"""The published figures: what is told of a city to those who see sums only.

One table a week, as it stood at 00:00 of Monday: open incidents by cell, community, subdistrict
and city, residents from the community up. What is small in it, and what would give a small one
away, is hidden (`gridmap.geo.small_numbers`). The table is the same for everybody, is not cut by
category or day, and does not follow the minute: two answers cannot be subtracted from one another
(docs/decisions/0030-small-numbers.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.conf import settings

from gridmap.geo import small_numbers
from gridmap.layers.query import rows
from gridmap.layers.scope import Scope, Spot
from gridmap.layers.territory import City

Level = Literal["cell", "community", "subdistrict", "city"]
Place = tuple[Level, int]
Figures = dict[Place, int | None]
WITHHELD = -1  # stands for a figure that is not shown, where a number is needed

# Every cell there ever was; of one that was not in force on Monday, or whose ground has changed
# since, no figure is told. The k is the largest in force since then: a lower one holds from the
# next Monday.
TABLE = """
WITH y AS MATERIALIZED (
    SELECT c.id, c.time_zone,
        date_trunc('week', now() AT TIME ZONE c.time_zone) AT TIME ZONE c.time_zone AS at
    FROM layers_city AS c WHERE c.id = %(city)s::bigint
), cell AS MATERIALIZED (
    SELECT d.cell, d.community, d.same
    FROM y CROSS JOIN LATERAL gridmap_cells_at(y.id, y.at) AS d
), opened AS (
    SELECT o.cell, count(*)::integer AS n
    FROM y CROSS JOIN LATERAL gridmap_open_at(y.id, NULL, NULL, NULL, y.at) AS o
    GROUP BY o.cell
), people AS (
    SELECT b.community_id AS community, sum(h.residents)::integer AS n
    FROM y INNER JOIN layers_building AS b ON b.city_id = y.id
    INNER JOIN LATERAL (
        SELECT h.residents FROM layers_headcount AS h
        WHERE h.building_id = b.id AND h.counted_on <= (y.at AT TIME ZONE y.time_zone)::date
        ORDER BY h.counted_on DESC, h.id DESC LIMIT 1
    ) AS h ON TRUE
    GROUP BY b.community_id
)
SELECT y.at, y.time_zone, coalesce((
        SELECT max(g.value::integer) FROM layers_citysetting AS g
        WHERE g.city_id = y.id AND g.name = 'small_number'
            AND g.valid && tstzrange(y.at, now(), '[]')
    ), %(least)s::integer) AS least,
    y.id AS city, k.subdistrict_id AS subdistrict, k.id AS community, c.id AS cell,
    coalesce(cell.same, FALSE) AS same,
    coalesce(opened.n, 0) AS open, people.n AS residents
FROM y
INNER JOIN layers_subdistrict AS s ON s.city_id = y.id
INNER JOIN layers_community AS k ON k.subdistrict_id = s.id
LEFT JOIN layers_cell AS c ON c.community_id = k.id
LEFT JOIN cell ON cell.cell = c.id
LEFT JOIN opened ON opened.cell = cell.cell
LEFT JOIN people ON people.community = k.id
ORDER BY k.code, c.id
"""
COLUMNS = (
    "at", "time_zone", "least", "city", "subdistrict", "community", "cell", "same", "open",
    "residents",
)  # fmt: skip


def asked(city_id: int) -> dict[str, int]:
    """Return the parameters of `TABLE`."""
    return {"city": city_id, "least": settings.SMALL_NUMBER}


@dataclass(frozen=True)
class Weekly:
    """The published table of one city; None is what is not shown.

    Attributes:
        city: whose.
        at: 00:00 of the Monday, in the city's time.
        least: the smallest figure shown besides 0.
        open: open incidents by place.
        residents: residents by place, from the community up.
        above: of every place the one above it.
    """

    city: int
    at: datetime
    least: int
    open: Figures
    residents: Figures
    above: Mapping[Place, Place | None]

    @property
    def day(self) -> str:
        """Return the Monday as a date of the city."""
        return self.at.date().isoformat()

    def spot(self, cell_id: int) -> Spot:
        """Return where a cell is; of one that was made a moment ago only the city is known."""
        community = self.above.get(("cell", cell_id))
        return Spot(self.city, community and community[1], cell_id)

    def _spot(self, place: Place) -> Spot | None:
        """Return where a cell or a community is; the larger ones are no single spot."""
        level, pk = place
        if level == "cell":
            return self.spot(pk)
        return Spot(self.city, pk) if level == "community" else None

    def open_in(self, cell_id: int) -> int | None:
        """Return the open incidents of a cell."""
        return self.open.get(("cell", cell_id))

    def seen(self, scope: Scope) -> set[Place]:
        """Return the places whose figures are the caller's business.

        A subdistrict and the city are so when all their communities are.
        """
        parts: dict[Place, list[Place]] = {}
        for place, over in self.above.items():
            if over is not None:
                parts.setdefault(over, []).append(place)
        spots = {place: self._spot(place) for place in self.above}
        found = {place for place, spot in spots.items() if spot and scope.figures.holds(spot)}
        for level in ("subdistrict", "city"):
            found |= {p for p, under in parts.items() if p[0] == level and found.issuperset(under)}
        return found


def table_of(found: Iterable[Mapping[str, Any]]) -> Weekly | None:
    """Return the published table of the rows of `TABLE`; None for a city without communities."""
    above: dict[Place, Place | None] = {}
    opened: dict[Place, int] = {}
    people: dict[Place, int] = {}
    changed: set[Place] = set()
    head: Mapping[str, Any] | None = None
    for row in found:
        head = head or row
        city: Place = ("city", row["city"])
        subdistrict: Place = ("subdistrict", row["subdistrict"])
        community: Place = ("community", row["community"])
        above |= {city: None, subdistrict: city, community: subdistrict}
        people[community] = row["residents"] or 0
        if row["cell"] is not None:
            cell: Place = ("cell", row["cell"])
            above[cell] = community
            opened[cell] = row["open"]
            if not row["same"]:
                changed.add(cell)
    if head is None:
        return None
    larger = {place: over for place, over in above.items() if place[0] != "cell"}
    least = head["least"]
    shown = _shown(above, opened, least)
    return Weekly(
        city=head["city"],
        at=head["at"].astimezone(ZoneInfo(head["time_zone"])),
        least=least,
        open={place: None if place in changed else figure for place, figure in shown.items()},
        residents=_shown(larger, people, least),
        above=above,
    )


def _shown(above: Mapping[Place, Place | None], values: Mapping[Place, int], least: int) -> Figures:
    hidden = small_numbers.hidden(above, values, least)
    every = small_numbers.sums(above, values)
    return {place: None if place in hidden else figure for place, figure in every.items()}


def weekly(city: City) -> Weekly | None:
    """Return the published table of a city, in one query."""
    return table_of(rows(TABLE, asked(city.pk)))
