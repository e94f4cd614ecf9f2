"""One box that finds addresses, lanes, streets, cells, chiefs, units, incidents and coordinates.

How a text is looked for: `gridmap.layers.matching`.
"""

import re
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from gridmap.layers.incidents import Incident, Light
from gridmap.layers.matching import MOST, among_many, best, holding, words_of
from gridmap.layers.people import ChiefTerm
from gridmap.layers.places import Building, Lane, PartyUnit, Street, Stretch
from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import CellEdition, City, Community

LONGEST = 60  # characters of a text that are looked for
LAST_DIGITS = 3  # a cell is known by the last three of its fifteen digits
OF_CELL = "cell__community__subdistrict__city"
NUMERALS = "零一二三四五六七八九"
COORDINATES = re.compile(r"\s*(-?\d{1,3}\.\d+)\s*[,，\s]\s*(-?\d{1,3}\.\d+)\s*")

Hit = dict[str, Any]
Group = dict[str, Any]


def _hit(kind: str, row: Model, title: str, **rest: object) -> Hit:
    return {"kind": kind, "id": row.pk, "title": title, **rest}


def _at(point: Point | None) -> dict[str, float | None]:
    if point is None:
        return {"lng": None, "lat": None}
    return {"lng": round(point.x, 7), "lat": round(point.y, 7)}


def _group(kind: str, found: list[Any], hits: list[Hit]) -> Group:
    return {"kind": kind, "total": found[0].total if found else 0, "hits": hits}


def _buildings(scope: Scope, city: City, text: str) -> Group:
    rows = among_many(Building.objects.within(scope).filter(city=city), words_of(text))
    found = best(rows.select_related("community"), text, "name", "address")
    return _group(
        "building",
        found,
        [
            _hit(
                "building",
                row,
                str(row),
                detail=row.address if row.name else "",
                area=row.community.name if row.community else "",
                cell=row.cell_id,
                **_at(row.geom.point_on_surface),
            )
            for row in found
        ],
    )


def _first(kind: str, outer: str, wanted: str) -> Coalesce:
    """Something about the cell of a way's first stretch or, if none is walked, first house."""
    mine = {kind: OuterRef(outer), "cell__isnull": False}
    walked = Stretch.objects.filter(**mine).order_by("code").values(wanted)[:1]
    lined = Building.objects.filter(**mine).order_by("code").values(wanted)[:1]
    return Coalesce(Subquery(walked), Subquery(lined))


def _ways(kind: str, rows: QuerySet[Any], text: str) -> Group:
    """Lanes or streets; ``cell`` is the first one they have a stretch in."""
    found = best(
        rows.filter(holding(words_of(text), "search")).annotate(
            first_cell=_first(kind, "pk", "cell_id"),
            first_area=_first(kind, "pk", "cell__community__name"),
        ),
        text,
        "name",
    )
    return _group(
        kind,
        found,
        [
            _hit(
                kind,
                row,
                str(row),
                area=row.first_area or "",
                cell=row.first_cell,
                **_at(row.centreline.point_on_surface),
            )
            for row in found
        ],
    )


def _communities(scope: Scope, city: City, text: str) -> Group:
    rows = Community.objects.within(scope).filter(subdistrict__city=city)
    match = Q(code__startswith=text) if text.isdecimal() else holding(words_of(text), "search")
    found = best(rows.filter(match).select_related("subdistrict"), text, "name")
    return _group(
        "community",
        found,
        [
            _hit(
                "community",
                row,
                row.name,
                detail=row.code,
                area=row.subdistrict.name,
                cell=None,
                **_at(row.geom.point_on_surface),
            )
            for row in found
        ],
    )


def _numeral(number: int) -> str:
    """Return 1 to 99 as it is written in names: 8 -> 八, 12 -> 十二, 20 -> 二十."""
    tens, ones = divmod(number, 10)
    head = ("" if tens == 1 else NUMERALS[tens]) + "十" if tens else ""
    return head + (NUMERALS[ones] if ones or not tens else "")


def _cell_match(text: str) -> Q:
    """Cells by code, by its last three digits, by number in the name, or by name and community."""
    if not text.isascii() or not text.isdigit():
        return holding(words_of(text), "name", "cell__community__search")
    if len(text) > LAST_DIGITS:
        return Q(code__startswith=text) | Q(code__endswith=text)
    number = int(text)
    named = Q(name=f"第{_numeral(number)}网格") if 0 < number < 100 else Q()  # noqa: PLR2004
    return Q(code__endswith=text.zfill(LAST_DIGITS)) | named


def _cells(scope: Scope, city: City, text: str) -> Group:
    rows = CellEdition.objects.within(scope).current().filter(_cell_match(text), **{OF_CELL: city})
    found = best(rows.select_related("cell__community"), text, "code", "name", letters=None)
    return _group(
        "cell",
        found,
        [
            {
                "kind": "cell",
                "id": row.cell_id,
                "title": row.name,
                "detail": row.code,
                "area": row.cell.community.name,
                "cell": row.cell_id,
                **_at(row.geom.point_on_surface),
            }
            for row in found
        ],
    )


def _seat(term: Any) -> tuple[str, Model, str, Point | None, int | None]:
    """Return kind, object, name, place and cell of what a term is about."""
    if term.street:
        place = term.street.centreline.point_on_surface
        return "street", term.street, str(term.street), place, term.street_cell
    if term.lane:
        place = term.lane.centreline.point_on_surface
        return "lane", term.lane, str(term.lane), place, term.lane_cell
    if term.building:
        place = term.building.geom.point_on_surface
        return "building", term.building, str(term.building), place, term.building.cell_id
    return "cell", term.cell, "", None, term.cell_id


def _chiefs(scope: Scope, city: City, text: str) -> Group:
    """Whoever holds an office now; a person with two offices is two hits."""
    terms = (
        ChiefTerm.objects.within(scope)
        .current()
        .filter(holding(words_of(text), "person__search"), person__city=city)
    )
    named = CellEdition.objects.current().filter(cell=OuterRef("cell"))
    found = best(
        terms.select_related("person", "street", "lane", "building", "cell").annotate(
            cell_name=Subquery(named.values("name")[:1]),
            street_cell=_first("street", "street_id", "cell_id"),
            lane_cell=_first("lane", "lane_id", "cell_id"),
        ),
        text,
        "person__name",
        letters="person__search",
    )
    hits = []
    for term in found:
        kind, seat, name, place, cell = _seat(term)
        hits.append(
            _hit(
                "chief",
                term,
                term.person.name,
                office=term.office,
                standing=term.standing,
                area=name or term.cell_name or "",
                object={"kind": kind, "id": seat.pk},
                cell=cell,
                **_at(place),
            )
        )
    return _group("chief", found, hits)


def _party_units(scope: Scope, city: City, text: str) -> Group:
    rows = PartyUnit.objects.within(scope).filter(holding(words_of(text), "search"), city=city)
    found = best(rows.select_related("community"), text, "name")
    return _group(
        "party_unit",
        found,
        [
            _hit(
                "party_unit",
                row,
                row.name,
                detail=row.superior,
                area=row.community.name if row.community else "",
                cell=row.cell_id,
                **_at(row.place),
            )
            for row in found
        ],
    )


def _incidents(scope: Scope, city: City, text: str) -> tuple[Group, int]:
    """The caller's incidents, and whether somebody else's bears the whole number typed.

    Nothing but a whole number is looked for among the others: a count of what a text finds there
    would tell the text, letter by letter.
    """
    rows = Incident.objects.within(scope).filter(city=city)
    told = among_many(rows, words_of(text), few=rows.open()).order_by().values("pk")
    if text[0].isdigit():  # one branch of a union reads one index; an "or" would read the table
        told = told.union(rows.filter(number__startswith=text).values("pk")[:MOST])
    mine = Incident.objects.within(scope).filter(pk__in=told).select_related("community")
    found = best(mine, text, "number", "title")
    group = _group(
        "incident",
        found,
        [
            _hit(
                "incident",
                row,
                row.title,
                detail=row.number,
                area=row.community.name if row.community else row.address,
                light=Light(row.light).name.lower() if row.light else None,
                cell=row.cell_id,
                **_at(row.place),
            )
            for row in found
        ],
    )
    every = Incident.objects.filter(city=city, number=text)
    others = every.count() - every.within(scope).count() if re.search("[0-9]", text) else 0
    return group, others


def _places(scope: Scope, city: City, text: str) -> Group:
    """Coordinates as people write them; of the two orders the one that lies in the city."""
    written = COORDINATES.fullmatch(text)
    hits: list[Hit] = []
    for one, other in (written.groups(), written.groups()[::-1]) if written else ():
        point = Point(float(one), float(other), srid=SRID)
        if not hits and abs(point.y) <= 90 and city.bounds.covers(point):  # noqa: PLR2004
            cells = CellEdition.objects.within(scope).current().filter(**{OF_CELL: city})
            cell = cells.covering(point).select_related("cell__community").first()
            hits.append(
                {
                    "kind": "place",
                    "id": None,
                    "title": f"{point.y:.6f}, {point.x:.6f}",
                    "area": f"{cell.cell.community.name} · {cell.name}" if cell else "",
                    "cell": cell and cell.cell_id,
                    **_at(point),
                }
            )
    return {"kind": "place", "total": len(hits), "hits": hits}


def search(scope: Scope, city: City, text: str) -> dict[str, Any]:
    """Return what a text finds in a city, in groups that have hits.

    Args:
        scope: ground and chiefs of the caller's cities, incidents of the caller's own area.
        city: one city.
        text: as typed.

    Returns:
        ``groups``: each ``kind``, ``total`` and at most five ``hits``; ``outside``: 1 when the
        whole number of an incident was typed that is not the caller's business, of which nothing
        else is told.
    """
    text = text.strip().lower()[:LONGEST]
    place = _places(scope, city, text)
    if not words_of(text) or place["hits"]:
        return {"groups": [place] if place["hits"] else [], "outside": 0}
    incidents, outside = _incidents(scope, city, text)
    groups = [
        _buildings(scope, city, text),
        _ways("lane", Lane.objects.within(scope).filter(city=city), text),
        _ways("street", Street.objects.within(scope).filter(city=city), text),
        _communities(scope, city, text),
        _cells(scope, city, text),
        _chiefs(scope, city, text),
        _party_units(scope, city, text),
        incidents,
    ]
    return {"groups": [group for group in groups if group["total"]], "outside": outside}
