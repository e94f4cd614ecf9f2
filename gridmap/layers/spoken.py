"""What a sentence tells: the place it speaks of, who answers there, and which kind of matter it is.

The gazetteer is asked as it stands: names, aliases and addresses of buildings, lanes and streets.
Its stems (some 1,500 of a city) go to the matcher of `gridmap.geo.mentions`, which asks back for
what bears the few it has heard. A sheet of sentences costs as many queries as one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.contrib.gis.geos import Point
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from gridmap.errors import NoSuchPlace
from gridmap.geo import complaints
from gridmap.geo.hearing import Stems
from gridmap.geo.mentions import Mention, Named, mentions
from gridmap.layers import ladder
from gridmap.layers.incidents import Category, Incident, spot_at, spots_at
from gridmap.layers.places import Building, Entrance, Lane, Street
from gridmap.layers.query import rows
from gridmap.layers.scope import Scope, Spot
from gridmap.layers.territory import City

# A name without the number of the house: 榕树巷 of 榕树巷 24 号. The same as `mentions.parts`.
NUMBER = r"'\s*\d{{1,4}}\s*(号楼|幢楼|号|幢|栋|橦|座|棟|#)?$'"
STEM = rf"regexp_replace(regexp_replace({{}}, {NUMBER}, ''), '\s', '', 'g')"
NAMES = """
SELECT {kind!r} AS kind, x.id, y.name, {near}
FROM layers_{kind} AS x
CROSS JOIN LATERAL unnest({names} || x.aliases::text[]) AS y (name)
WHERE x.city_id = %(city)s AND y.name <> ''
"""
OF_BUILDING = NAMES.format(
    kind="building", names="ARRAY[x.name, x.address]::text[]", near="x.cell_id, x.community_id"
)
OF_WAYS = [
    NAMES.format(kind=kind, names="ARRAY[x.name]::text[]", near=f"NULL::bigint, {community}")
    for kind, community in (("lane", "x.community_id"), ("street", "NULL::bigint"))
]
EVERY = " UNION ALL ".join([OF_BUILDING, *OF_WAYS])
STEMS = f"SELECT DISTINCT {STEM.format('n.name')} AS stem FROM ({EVERY}) AS n"  # noqa: S608
BY_STEM = f"""
SELECT n.*, coalesce(k.name, '') AS community FROM ({EVERY}) AS n
LEFT JOIN layers_community AS k ON k.id = n.community_id
WHERE {STEM.format("n.name")} = ANY (string_to_array(%(stems)s, E'\\n'))
"""  # noqa: S608
TABLES: dict[str, Any] = {"building": Building, "lane": Lane, "street": Street}
ANSWERING = ("filled", "substitute", "expiring", "office")
TITLE = 60  # signs of a title made of a sentence


def _places(scope: Scope, city: City, stems: Sequence[str]) -> Iterable[Named]:
    for row in rows(BY_STEM, {"city": city.pk, "stems": "\n".join(stems)}):
        here = Spot(city.pk, row["community_id"], row["cell_id"], **{row["kind"]: row["id"]})
        near = scope.area.holds(here)
        yield Named(row["kind"], row["id"], row["name"], row["community"], near)


class Located(NamedTuple):
    """The place a sentence most likely speaks of; one where the caller may report, if there is."""

    title: str
    point: Point
    spot: Spot
    may_report: bool


def stems_of(city: City) -> Stems:
    """Return the beginnings of all names of a city, to be heard in sentences."""
    return Stems(row["stem"] for row in rows(STEMS, {"city": city.pk}))


def located(
    scope: Scope, city: City, stems: Stems, sentences: Iterable[str]
) -> dict[str, Located | None]:
    """Return the likeliest place of each sentence.

    Args:
        scope: the caller's; the city is one of the caller's.
        city: in which it is looked for.
        stems: `stems_of` the city.
        sentences: as somebody wrote them.
    """
    each = list(dict.fromkeys(sentences))
    found = mentions(each, stems, lambda wanted: _places(scope, city, wanted))
    places = _placed(scope, [mention for some in found for mention in some])
    spots = spots_at(city, [point for _, point in places])
    every = iter(
        [
            Located(str(row), point, spot, scope.may_at("report", spot))
            for (row, point), spot in zip(places, spots, strict=True)
        ]
    )
    told = {}
    for sentence, some in zip(each, found, strict=True):
        here = [next(every) for _ in some]
        told[sentence] = next((one for one in here if one.may_report), next(iter(here), None))
    return told


def places_of(scope: Scope, city: City, sentence: str) -> list[dict[str, Any]]:
    """Return up to three places a sentence may speak of, the likeliest first.

    Each ``kind``, ``id``, ``title``, ``heard`` (the name by which it was found), ``door``, ``lng``,
    ``lat``, ``cell``, ``area``, ``chiefs`` (who answers there, from the building up) and
    ``may_report``.
    """
    if city.pk not in scope.ground:
        return []
    (found,) = mentions([sentence], stems_of(city), lambda wanted: _places(scope, city, wanted))
    places = _placed(scope, found)
    return [_told(scope, city, *each) for each in zip(found, places, strict=True)]


def _placed(scope: Scope, found: Sequence[Mention]) -> list[tuple[Any, Point]]:
    """Return what each mention speaks of, and where it is: at the door if one was named."""
    ids: dict[str, set[int]] = {}
    for mention in found:
        ids.setdefault(mention.place.kind, set()).add(mention.place.id)
    things = {kind: TABLES[kind].objects.within(scope).in_bulk(some) for kind, some in ids.items()}
    houses = {mention.place.id for mention in found if mention.door}
    doors = {
        (door.building_id, door.seq): door.place
        for door in (Entrance.objects.filter(building__in=houses) if houses else ())
    }
    placed = []
    for mention in found:
        thing = things[mention.place.kind][mention.place.id]
        door = doors.get((mention.place.id, mention.door)) if mention.door else None
        placed.append((thing, door or _inside(thing)))
    return placed


def _inside(thing: Any) -> Point:
    """Return a point inside the building or on the way."""
    ground = thing.geom if isinstance(thing, Building) else thing.centreline
    return ground.point_on_surface


def _told(scope: Scope, city: City, mention: Mention, found: tuple[Any, Point]) -> dict[str, Any]:
    place, (row, point) = mention.place, found
    answering = ladder.of_building(row, at=timezone.now()) if place.kind == "building" else {}
    spot = spot_at(city, point)
    rungs = answering.get("rungs") or _rungs(city, point)
    return {
        "kind": place.kind,
        "id": place.id,
        "title": str(row),
        "heard": place.name,
        "door": mention.door,
        "lng": round(point.x, 7),
        "lat": round(point.y, 7),
        "cell": spot.cell,
        "area": _area(rungs),
        "chiefs": [
            {"office": rung["office"], "name": rung["holders"][-1]["name"]}
            for rung in rungs
            if rung["standing"] in ANSWERING and rung["holders"]
        ],
        "may_report": scope.may_at("report", spot),
    }


def _rungs(city: City, point: Point) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = ladder.of_place(city, point, at=timezone.now())["rungs"]
    except NoSuchPlace:
        return []
    return found


def _area(rungs: list[dict[str, Any]]) -> str:
    names = {rung["office"]: rung["name"] for rung in rungs}
    wanted = (names.get(office) for office in ("community", "cell_worker"))
    return " · ".join(name for name in wanted if name)


def categories_of(city: City, sentence: str) -> list[dict[str, Any]]:
    """Return up to three categories a sentence may tell of, the likeliest first.

    Each ``code``, ``name``, ``name_en``, ``department`` and ``department_en``.
    """
    leaves = leaves_of(city).select_related("department")
    known = {row.name: row for row in leaves.order_by("code")}
    return [
        {
            "code": row.code,
            "name": row.name,
            "name_en": row.name_en,
            "department": row.department.name if row.department else "",
            "department_en": row.department.name_en if row.department else "",
        }
        for row in (known[name] for name in complaints.likeliest(sentence, known))
    ]


def category_of(city: City, code: str) -> Category | None:
    """Return the category of a city with this code, if there is one."""
    return Category.objects.filter(city=city, code=code).first()


USUAL = 8  # categories that stand in sight
RECENT = timedelta(days=90)


def usual_categories(city: City) -> tuple[list[Category], list[Category]]:
    """Return what is reported most in a city of late, and every other category, by code."""
    since = timezone.now() - RECENT
    recent = Count("incident", filter=Q(incident__reported_at__gte=since))
    rows_: list[Any] = list(leaves_of(city).annotate(recent=recent).order_by("-recent", "code"))
    return rows_[:USUAL], sorted(rows_[USUAL:], key=lambda row: row.code)


def leaves_of(city: City) -> QuerySet[Category]:
    """Return the categories of a city that incidents are of: those with none beneath."""
    parents = Category.objects.filter(city=city, parent__isnull=False).values("parent")
    return Category.objects.filter(city=city).exclude(pk__in=parents)


def title_of(sentence: str) -> str:
    """Return a sentence as a title: one line, cut at a full stop or at a comma."""
    line = " ".join(sentence.split())
    if len(line) <= TITLE:
        return line
    head = line[:TITLE]
    cut = max(head.rfind(mark) for mark in "。！？!?；;，,")
    return head[:cut] if cut > TITLE // 4 else head


LIKE_NEAR = """
WITH spot AS MATERIALIZED (
    SELECT ST_SetSRID(ST_MakePoint(%(lng)s, %(lat)s), 4326) AS place
), near AS MATERIALIZED (
    SELECT i.id, i.category_id,
        ST_Distance(ST_Transform(i.place, y.metric_srid), ST_Transform(s.place, y.metric_srid))
            AS metres
    FROM spot AS s
    INNER JOIN layers_city AS y ON y.id = %(city)s
    INNER JOIN layers_incident AS i
        ON i.city_id = y.id AND i.light <> 0
            AND i.place && ST_Expand(s.place, %(degrees)s)
)
SELECT n.id, n.metres, n.category_id = m.id AS same
FROM near AS n
INNER JOIN layers_category AS c ON c.id = n.category_id
INNER JOIN layers_category AS m ON m.id = %(category)s
WHERE n.metres <= %(metres)s
    AND (c.id = m.id OR (c.parent_id IS NOT NULL AND c.parent_id = m.parent_id))
ORDER BY n.category_id <> m.id, n.metres, n.id
"""
NEAR_METRES, NEAR_DEGREES, MOST_NEAR = 60.0, 0.001, 5


def like_near(scope: Scope, category: Category, place: Point) -> list[dict[str, Any]]:
    """Return open incidents of the caller's near in place and kind, likeliest first.

    Each the ``incident``, ``metres`` and whether the category is the ``same`` one (else one of the
    same class).
    """
    found = rows(
        LIKE_NEAR,
        {
            "lng": place.x, "lat": place.y, "degrees": NEAR_DEGREES, "metres": NEAR_METRES,
            "city": category.city_id, "category": category.pk,
        },
    )  # fmt: skip
    mine = Incident.objects.within(scope).select_related("category", "department")
    seen = mine.in_bulk([row["id"] for row in found])
    return [
        {"incident": seen[row["id"]], "metres": row["metres"], "same": row["same"]}
        for row in found
        if row["id"] in seen
    ][:MOST_NEAR]
