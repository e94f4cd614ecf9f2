"""Sums and pictures that join several subjects; read only, so nobody below may import them."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    Case,
    DateTimeField,
    F,
    FloatField,
    Func,
    IntegerField,
    JSONField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Now

from gridmap.errors import OutOfScope
from gridmap.layers import open_incidents, signs
from gridmap.layers.coverage import cell_coverage
from gridmap.layers.past import sections_unknown
from gridmap.layers.people import ChiefTerm, Team
from gridmap.layers.places import Building, Headcount, PartyUnit
from gridmap.layers.query import rows
from gridmap.layers.scope import Scope
from gridmap.layers.standing import RUNGS, cell_chiefs
from gridmap.layers.territory import CellEdition, City, Community, PlaceCode, Subdistrict

SHOWN = 3  # rows a section of the card shows at most (ui.md 4)
CITY_OF_CELL = "cell__community__subdistrict__city"

PLACES = """
SELECT count(*) AS buildings, sum(h.households) AS households, sum(h.residents) AS residents,
    count(h.households) AS counted, min(h.counted_on) AS counted_from,
    max(h.counted_on) AS counted_on, array_agg(DISTINCT h.source) FILTER (
        WHERE h.source IS NOT NULL
    ) AS sources
FROM layers_building AS b
INNER JOIN layers_city AS y ON y.id = b.city_id
LEFT JOIN LATERAL (
    SELECT h.households, h.residents, h.counted_on, h.source FROM layers_headcount AS h
    WHERE h.building_id = b.id
        AND (NOT %(past)s OR h.counted_on <= (%(now)s::timestamptz AT TIME ZONE y.time_zone)::date)
    ORDER BY h.counted_on DESC, h.id DESC LIMIT 1
) AS h ON TRUE
WHERE b.cell_id = %(cell)s
"""


def with_headcount(buildings: QuerySet[Building], scope: Scope) -> QuerySet[Any]:
    """Add ``headcount``: the latest households, residents, counted_on and source, or null.

    Residents are null where the caller does not see everything.
    """
    pairs: list[Value | F] = []
    for name in ("households", "residents", "counted_on", "source"):
        pairs += [Value(name), F(name)]
    latest = (
        Headcount.objects.filter(building=OuterRef("pk"))
        .order_by("-counted_on", "-pk")
        .values(said=Func(*pairs, function="jsonb_build_object", output_field=JSONField()))[:1]
    )
    without = Func(
        Subquery(latest),
        Value({"residents": None}, output_field=JSONField()),
        template="(%(expressions)s)",
        arg_joiner=" || ",
        output_field=JSONField(),
    )
    own = scope.area.rows(
        cities="city_id", communities="community_id", cells="cell_id",
        streets="street_id", lanes="lane_id", buildings="pk",
    )  # fmt: skip
    return buildings.annotate(headcount=Case(When(own, then=Subquery(latest)), default=without))


def with_code(
    places: QuerySet[Community] | QuerySet[Subdistrict], when: datetime | None
) -> QuerySet[Any]:
    """Add ``code_then`` and ``name_then``: what the place was called officially at a moment.

    Places that bore no code then are left out; None means now.
    """
    if when is None:
        return places.annotate(code_then=F("code"), name_then=F("name"))
    link = "community" if places.model is Community else "subdistrict"
    borne = PlaceCode.objects.filter(**{link: OuterRef("pk")}, valid__contains=when)
    return places.annotate(
        code_then=Subquery(borne.values("code")[:1]), name_then=Subquery(borne.values("name")[:1])
    ).filter(code_then__isnull=False)


def with_cells(teams: QuerySet[Team], when: datetime | None) -> QuerySet[Any]:
    """Add ``cells``: ids of the cells each team looks after at a moment; None means now."""
    running = Q(areas__valid__contains=Now() if when is None else when)
    ids = ArrayAgg("areas__cell_id", filter=running, default=Value([]), order_by="areas__cell_id")
    return teams.annotate(cells=ids)


def terms_at(terms: QuerySet[ChiefTerm], when: datetime | None) -> QuerySet[ChiefTerm]:
    """Terms that run at a moment; None means now."""
    return terms.filter(valid__contains=Now() if when is None else when)


def with_dates(editions: QuerySet[CellEdition]) -> QuerySet[Any]:
    """Add ``valid_since`` and ``valid_until`` (null: in force until further notice)."""
    since, until = (
        Func(F("valid"), function=side, output_field=DateTimeField()) for side in ("lower", "upper")
    )
    return editions.annotate(valid_since=since, valid_until=until)


def _metric(column: str, srid: str) -> Func:
    metres = Func(F(column), F(srid), function="ST_Transform", output_field=GeometryField())
    return Func(metres, function="ST_Area", output_field=FloatField())


def _inner(column: str, axis: str) -> Func:
    return Func(
        F(column),
        template=f"ST_{axis}((ST_MaximumInscribedCircle(%(expressions)s)).center)",
        output_field=FloatField(),
    )


def _measured(editions: QuerySet[CellEdition]) -> QuerySet[Any]:
    """Add ``area_m2`` in the city's own metres, and ``lng``/``lat`` of the label's place."""
    return editions.annotate(
        area_m2=_metric("geom", f"{CITY_OF_CELL}__metric_srid"),
        lng=_inner("geom", "X"),
        lat=_inner("geom", "Y"),
    )


def labels(city: City, *, when: datetime | None = None) -> list[dict[str, Any]]:
    """Return name, place of the label and area of every cell of a city.

    The label stands at the pole of inaccessibility: 0.2 ms a cell, so the present shapes are
    measured once per edition of the map and kept in this process. Names are read each time: a
    place that is called otherwise leaves the picture as it was.
    """
    editions = CellEdition.objects.filter(**{CITY_OF_CELL: city.pk}).as_of(when)
    measures = _measures(city.pk, city.edition) if when is None else _measured_at(city.pk, when)
    found = editions.order_by("code").values(
        "pk",
        "cell_id",
        "code",
        "name",
        "kind",
        community=F("cell__community_id"),
        community_code=F("cell__community__code"),
        community_name=F("cell__community__name"),
        subdistrict=F("cell__community__subdistrict_id"),
        subdistrict_name=F("cell__community__subdistrict__name"),
    )
    # An edition that came after the city was read is in the next answer, under the next name.
    return [
        {
            "id": row["cell_id"],
            **{name: value for name, value in row.items() if name not in {"pk", "cell_id"}},
            **measures[row["pk"]],
        }
        for row in found
        if row["pk"] in measures
    ]


@lru_cache(maxsize=16)
def _measures(city_id: int, edition: int) -> dict[int, dict[str, float]]:  # noqa: ARG001
    return _measured_at(city_id, None)


def _measured_at(city_id: int, when: datetime | None) -> dict[int, dict[str, float]]:
    editions = CellEdition.objects.filter(**{CITY_OF_CELL: city_id}).as_of(when)
    return {
        pk: {"area_m2": round(area, 1), "lng": round(lng, 7), "lat": round(lat, 7)}
        for pk, area, lng, lat in _measured(editions).values_list("pk", "area_m2", "lng", "lat")
    }


def _head(edition: Any) -> dict[str, Any]:
    """Return the public part of a card: what the cell is and where."""
    community = edition.cell.community
    city = community.subdistrict.city
    return {
        "id": edition.cell_id,
        "code": edition.code,
        "name": edition.name,
        "kind": edition.kind,
        "use": edition.use,
        "city": {"slug": city.slug, "name": city.name, "edition": city.edition_name},
        "community": _place(community),
        "subdistrict": _place(community.subdistrict),
        "area_m2": round(edition.area_m2, 1),
        "lng": round(edition.lng, 7),
        "lat": round(edition.lat, 7),
        "bbox": [round(side, 7) for side in edition.geom.extent],
    }


def _place(place: Model) -> dict[str, Any]:
    return {name: getattr(place, name) for name in ("id", "code", "name")}


def find_cell(scope: Scope, cell_id: int, when: datetime | None = None) -> Any:
    """Return the edition of a cell at a moment, in a city where the caller works, measured.

    Raises:
        OutOfScope: absent, ended or forbidden; the caller cannot tell which.
    """
    editions = CellEdition.objects.within(scope).as_of(when).filter(cell_id=cell_id)
    found = _measured(editions).select_related(CITY_OF_CELL).first()
    if found is None:
        raise OutOfScope("没有这个网格，或不在您的范围内")
    return found


def is_own(scope: Scope, edition: CellEdition) -> bool:
    """Return whether the caller may see the figures of the cell."""
    return scope.figures.holds(edition.spot)


def own_cell(scope: Scope, cell_id: int, when: datetime | None = None) -> CellEdition:
    """Return the edition at a moment of a cell whose figures the caller may see.

    Raises:
        OutOfScope: absent or in somebody else's area.
    """
    cells = CellEdition.objects.within(scope).as_of(when).filter(cell_id=cell_id)
    found = cells.select_related(CITY_OF_CELL).first()
    if found is None or not is_own(scope, found):
        raise OutOfScope("没有这个网格，或不在您的范围内")
    return found


def _party_units(scope: Scope, cell_id: int) -> dict[str, Any]:
    every = Func(template="count(*) OVER ()", output_field=IntegerField())
    first = list(
        PartyUnit.objects.within(scope)
        .filter(cell_id=cell_id)
        .annotate(n=every)
        .order_by("code")
        .values("id", "name", "kind", "superior", "n")[:SHOWN]
    )
    total = first[0]["n"] if first else 0
    return {"total": total, "first": [{k: v for k, v in row.items() if k != "n"} for row in first]}


def _history(scope: Scope, cell_id: int) -> list[dict[str, Any]]:
    editions = CellEdition.objects.within(scope).filter(cell_id=cell_id).order_by("-valid")
    return [
        {"code": code, "name": name, "kind": kind, "since": valid.lower, "until": valid.upper}
        for code, name, kind, valid in editions.values_list("code", "name", "kind", "valid")
    ]


def cell_card(scope: Scope, cell_id: int, *, now: datetime, past: bool = False) -> dict[str, Any]:
    """Return everything the card of a cell shows, in at most 15 queries.

    A cell outside the caller's own area shows its public ground part only, with ``outside``. Of a
    past moment ``unknown`` names the sections that no record reaches, which are null: what lay in
    a cell whose ground has changed since is not kept.

    Args:
        scope: ground of the caller's cities, everything else of the own area.
        cell_id: the lasting identity.
        now: the moment shown.
        past: whether that is another one than the present.

    Raises:
        OutOfScope: no such cell then in a city where the caller works.
    """
    when = now if past else None
    edition = find_cell(scope, cell_id, when)
    card = {**_head(edition), "outside": not is_own(scope, edition), "at": now}
    if card["outside"]:
        return card
    unknown = sections_unknown(edition, now) if past else set()
    counted = rows(PLACES, {"cell": cell_id, "now": now, "past": past})[0]
    chiefs = None if "chiefs" in unknown else cell_chiefs(cell_id, now=now)
    coverage = None if "coverage" in unknown else cell_coverage(cell_id, now=now, past=past)
    return {
        **card,
        **(dict.fromkeys(counted) if "places" in unknown else counted),
        **({} if scope.area.holds(edition.spot) else {"residents": None}),
        "sums_only": scope.only_sums(edition.spot),
        "unknown": sorted(unknown),
        "lanes": chiefs and chiefs["lanes"]["total"],
        "streets": chiefs and chiefs["streets"]["total"],
        "incidents": None
        if "incidents" in unknown
        else open_incidents.of_cell(scope, edition, when),
        "chiefs": chiefs
        and {**chiefs, **{f"{rung}s": _shortened(chiefs[f"{rung}s"]) for rung in RUNGS}},
        "coverage": coverage
        and {
            **{name: value for name, value in coverage.items() if name != "stretches"},
            "worst": [row for row in coverage["stretches"] if row["class"] >= SHOWN + 1][:SHOWN],
        },
        "party_units": None if past else _party_units(scope, cell_id),
        "signs": None if past else signs.of_cell(cell_id, now=now),
        "history": _history(scope, cell_id),
    }


def _shortened(rung: dict[str, Any]) -> dict[str, Any]:
    return {**rung, "objects": rung["objects"][:SHOWN]}
