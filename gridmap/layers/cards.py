"""What a resident is told about a place: where it belongs and who answers there now.

Everything here is for everybody's eyes: names and relay numbers of those who hold an office now,
the community's line, the nearest duty point. Nothing else of anybody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.errors import OutOfScope
from gridmap.layers import codes
from gridmap.layers.answering import Answering, Held, answering, out_of_hours
from gridmap.layers.lines import CommunityLine, nearest_duty_point
from gridmap.layers.people import Person
from gridmap.layers.query import Value, rows
from gridmap.layers.scope import Scope
from gridmap.layers.standing import cell_chiefs
from gridmap.layers.territory import CellEdition, City, Community

NOWHERE = "没有这个编码，或这里还没有开通公示"

OF_BUILDING = """
SELECT b.city_id, b.address, b.name, ST_AsBinary(b.geom) AS shape, b.id AS building,
    h.lane, h.street, h.cell, h.community
FROM layers_building AS b
CROSS JOIN LATERAL gridmap_answering(
    ST_PointOnSurface(b.geom), b.city_id, b.id, %(now)s::timestamptz
) AS h
WHERE b.id = ANY (%(ids)s) AND b.city_id = ANY (%(cities)s)
"""
OF_LANE = """
SELECT l.city_id, '' AS address, coalesce(nullif(l.name, ''), l.code) AS name,
    ST_AsBinary(l.centreline) AS shape, NULL::bigint AS building, l.id AS lane,
    coalesce(l.street_id, gridmap_street_near(p.place, l.city_id)) AS street,
    gridmap_cell_at(p.place, l.city_id, %(now)s::timestamptz) AS cell, l.community_id AS community
FROM layers_lane AS l
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(l.centreline) AS place) AS p
WHERE l.id = ANY (%(ids)s) AND l.city_id = ANY (%(cities)s)
"""
OF_CELL = """
SELECT d.city_id, '' AS address, e.name, ST_AsBinary(e.geom) AS shape, NULL::bigint AS building,
    NULL::bigint AS lane, NULL::bigint AS street, e.cell_id AS cell, c.community_id AS community
FROM layers_celledition AS e
INNER JOIN layers_cell AS c ON c.id = e.cell_id
INNER JOIN layers_community AS k ON k.id = c.community_id
INNER JOIN layers_subdistrict AS d ON d.id = k.subdistrict_id
WHERE e.cell_id = ANY (%(ids)s) AND e.valid @> %(now)s::timestamptz AND d.city_id = ANY (%(cities)s)
"""
LOCATED = {"building": OF_BUILDING, "lane": OF_LANE, "cell": OF_CELL}
AT = """
SELECT y.id AS city_id, '' AS address, '' AS name, ST_AsBinary(p.place) AS shape,
    h.building, h.lane, h.street, h.cell, h.community
FROM layers_city AS y
CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(%(lng)s, %(lat)s), 4326) AS place) AS p
CROSS JOIN LATERAL gridmap_answering(p.place, y.id, NULL, %(now)s::timestamptz) AS h
WHERE y.id = ANY (%(cities)s) AND ST_Covers(y.bounds, p.place)
ORDER BY h.cell IS NULL, y.id LIMIT 1
"""
RUNGS = """
SELECT r.office, r.title, r.class, r.holders, r.stand_in
FROM gridmap_rungs(
    %(building)s, %(lane)s, %(street)s, %(cell)s, %(community)s, %(now)s::timestamptz
) AS r
WHERE r.class > 0
ORDER BY r.step
"""


@dataclass(frozen=True)
class Holder:
    """Who holds an office now; a substitute is named as one."""

    name: str
    substitute: bool
    relay: str


@dataclass(frozen=True)
class Rung:
    """One office of the ladder.

    Attributes:
        office: one of `ChiefTerm.Office`.
        title: what the office is for: the name of the building, lane, street or cell.
        holder: None while it is vacant.
        stand_in: the office above that answers for a vacancy meanwhile, with its holder.
    """

    office: str
    title: str
    holder: Holder | None
    stand_in: Rung | None = None


@dataclass(frozen=True)
class Card:
    """The answer card of a building, a lane, a cell or a place."""

    kind: str  # building | lane | cell | place
    ident: int | None  # of the building, the lane or the cell
    code: str  # what stands in its address; "" for a place
    title: str
    city: City
    community: Community | None
    edition: CellEdition | None
    rungs: list[Rung]
    line: CommunityLine | None
    duty: dict[str, Any] | None
    shape: BaseGeometry  # what the picture shows, degrees
    now: Answering  # whom to turn to at this moment
    ways: list[Rung] = field(default_factory=list)  # of a cell: its streets and lanes
    retired: str = ""  # the code that was asked for, when it is no longer in force


def by_code(scope: Scope, code: str, *, now: datetime) -> Card:
    """Return the card a public code names.

    Raises:
        OutOfScope: there is none, or its city does not show cards: nobody can tell which.
    """
    named = codes.read(code)
    if named is None:
        raise OutOfScope(NOWHERE)
    if named.kind == "cell":
        return _of_cell(scope, named.cell, now)
    return of(scope, named.kind, named.id, now=now)


def of(scope: Scope, kind: str, ident: int, *, now: datetime) -> Card:
    """Return the card of a building, lane or cell by its id.

    Raises:
        OutOfScope: there is none in the cities the caller may see.
    """
    if kind == "cell":
        edition = CellEdition.objects.within(scope).as_of(now).filter(cell=ident).first()
        if edition is None:
            raise OutOfScope(NOWHERE)
        return _of_edition(scope, edition, now)
    found = located(scope, kind, [ident], now=now)
    if not found:
        raise OutOfScope(NOWHERE)
    thing: codes.Kind = "building" if kind == "building" else "lane"
    return _card(scope, found[0], kind, code=codes.public_code(thing, ident), now=now)


def located(scope: Scope, kind: str, ids: list[int], *, now: datetime) -> list[dict[str, Any]]:
    """Return where buildings, lanes or cells lie and whose they are, in one query.

    Rows have ``city_id``, ``building``, ``lane``, ``street``, ``cell``, ``community``, ``shape``.
    """
    values: dict[str, Value] = {"ids": ids, "cities": sorted(scope.ground), "now": now}
    return [_drawn(row) for row in rows(LOCATED[kind], values)]


def at_place(scope: Scope, lng: float, lat: float, *, now: datetime) -> Card:
    """Return the card of a place.

    Raises:
        OutOfScope: it lies in no city that shows cards, or in no cell of it.
    """
    values: dict[str, Value] = {"lng": lng, "lat": lat, "now": now}
    found = rows(AT, {**values, "cities": sorted(scope.ground)})
    if not found or found[0]["cell"] is None:
        raise OutOfScope(NOWHERE)
    return _card(scope, _drawn(found[0]), "place", code="", now=now)


def _drawn(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "shape": shapely.from_wkb(bytes(row["shape"]))}


def _of_cell(scope: Scope, code: str, now: datetime) -> Card:
    """Return a cell's card; a code that has ended answers with the cell in force there today."""
    editions = CellEdition.objects.within(scope)
    edition = editions.as_of(now).filter(code=code).first()
    retired = ""
    if edition is None:
        past = editions.filter(code=code, valid__startswith__lte=now).order_by("-valid").first()
        if past is None:
            raise OutOfScope(NOWHERE)
        current = editions.as_of(now)
        edition = current.filter(cell=past.cell_id).first()
        edition = edition or current.covering(past.geom.point_on_surface).first()
        retired = code
        if edition is None:
            raise OutOfScope(NOWHERE)
    return _of_edition(scope, edition, now, retired)


def _of_edition(scope: Scope, edition: CellEdition, now: datetime, retired: str = "") -> Card:
    row = {
        **dict.fromkeys(("building", "lane", "street", "community", "city_id")),
        "cell": edition.cell_id,
        "shape": shapely.from_wkb(bytes(edition.geom.wkb)),
        "name": edition.name,
        "address": "",
    }
    return _card(scope, row, "cell", code=edition.code, now=now, retired=retired)


def _card(
    scope: Scope, row: dict[str, Any], kind: str, *, code: str, now: datetime, retired: str = ""
) -> Card:
    edition = (
        CellEdition.objects.within(scope)
        .as_of(now)
        .select_related("cell__community__subdistrict__city")
        .filter(cell=row["cell"])
        .first()
    )
    community = edition.cell.community if edition else _community(scope, row["community"])
    city = community.subdistrict.city if community else City.objects.get(pk=row["city_id"])
    place = row["shape"].representative_point()
    line = _line(scope, community, now)
    duty = nearest_duty_point(city, (place.x, place.y), now=now)
    rungs = _rungs(scope, row, now)
    return Card(
        kind=kind,
        ident=row.get(kind),
        code=code,
        title=row["address"] or row["name"] or code,
        city=city,
        community=community,
        edition=edition,
        rungs=rungs,
        line=line,
        duty=duty,
        shape=row["shape"],
        now=answering(_held(rungs), line, duty, closed=out_of_hours(city, now)),
        ways=_ways(scope, row["cell"], now) if kind == "cell" else [],
        retired=retired,
    )


def _community(scope: Scope, ident: int | None) -> Community | None:
    found = Community.objects.within(scope).select_related("subdistrict__city")
    return found.filter(pk=ident or 0).first()


def _line(scope: Scope, community: Community | None, now: datetime) -> CommunityLine | None:
    lines = CommunityLine.objects.within(scope).as_of(now)
    return lines.filter(community=community).first() if community else None


def _rungs(scope: Scope, row: dict[str, Any], now: datetime) -> list[Rung]:
    places = ("building", "lane", "street", "cell", "community")
    found = rows(RUNGS, {**{place: row[place] for place in places}, "now": now})
    relays = _relays(scope, [holder for rung in found for holder in rung["holders"]])
    return ladder(found, relays)


def _held(rungs: list[Rung]) -> list[Held]:
    return [
        Held(rung.office, rung.holder.name, rung.holder.substitute) for rung in rungs if rung.holder
    ]


def _relays(scope: Scope, holders: list[dict[str, Any]]) -> dict[int, str]:
    ids = {holder["person"] for holder in holders}
    people = Person.objects.within(scope).filter(pk__in=ids)
    return dict(people.values_list("pk", "relay_phone"))


def ladder(found: list[dict[str, Any]], relays: dict[int, str]) -> list[Rung]:
    """Return the rungs as they are shown, from rows of ``gridmap_rungs``, the lowest first."""
    rungs: dict[str, Rung] = {}
    for row in reversed(found):
        front = next(iter(row["holders"]), None)
        holder = front and _holder(front, relays)
        stand_in = rungs.get(row["stand_in"] or "")
        rungs[row["office"]] = Rung(row["office"], row["title"], holder, stand_in)
    return list(reversed(rungs.values()))


def _holder(row: dict[str, Any], relays: dict[int, str]) -> Holder:
    substitute = row["standing"] == "substitute"
    return Holder(row["name"], substitute, relays.get(row["person"], ""))


def _ways(scope: Scope, cell: int, now: datetime) -> list[Rung]:
    chiefs = cell_chiefs(cell, now=now)
    pairs = [(rung, row) for rung in ("street", "lane") for row in chiefs[f"{rung}s"]["objects"]]
    relays = _relays(scope, [holder for _, row in pairs for holder in row["holders"]])
    return [
        Rung(rung, row["name"], _holder(row["holders"][0], relays) if row["holders"] else None)
        for rung, row in sorted(pairs, key=lambda pair: (pair[0] != "street", pair[1]["name"]))
        if row["name"]
    ]
