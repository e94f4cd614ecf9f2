"""Whose matter it is: rulings first, then the matrix, then the category's usual department."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection
from django.utils.translation import gettext_noop

from gridmap.layers.catalogue import Authority
from gridmap.layers.city_settings import CitySetting, city_setting
from gridmap.layers.incidents import Category
from gridmap.layers.people import Department
from gridmap.layers.query import rows
from gridmap.layers.rulings import Ruling
from gridmap.layers.territory import Community

RULED = gettext_noop("此处已确权：%(category)s由%(department)s负责（%(day)s 起）")
BY_COMMUNITY = gettext_noop("权责清单：%(area)s的%(category)s由%(department)s负责（%(source)s）")
BY_CITY = gettext_noop("权责清单：全市的%(category)s由%(department)s负责（%(source)s）")
BY_CATEGORY = gettext_noop("%(category)s一般由%(department)s负责")
NOBODY = gettext_noop("权责清单没有写明%(category)s由谁负责：请值班长指定，无主的由属地兜底")


@dataclass(frozen=True)
class Proposal:
    """The department proposed, why, and the ruling if one says so; the why is a msgid."""

    department: Department | None
    why: str
    detail: dict[str, Any] = field(default_factory=dict)
    ruling: Ruling | None = None

    @property
    def words(self) -> str:
        """The reason in the words of the msgid."""
        return self.why % self.detail


def _and_parent(category: Category) -> Iterator[Category]:
    yield category
    if category.parent is not None:
        yield category.parent


# A matter: its category, and where it is.
Matter = tuple[Category, Point]
# A ruling about the category itself comes before one about its class.
RULED_AT = """
SELECT DISTINCT ON (w.n) w.n, r.id
FROM unnest(%(own)s::bigint[], %(above)s::bigint[], %(places)s::text[])
WITH ORDINALITY AS w (own, above, place, n)
INNER JOIN layers_ruling AS r
    ON r.category_id IN (w.own, w.above) AND r.valid @> %(at)s::timestamptz
        AND r.geom && w.place::geometry AND ST_Covers(r.geom, w.place::geometry)
ORDER BY w.n, r.category_id = w.own DESC, r.valid DESC, r.id
"""


def _rulings_at(matters: Sequence[Matter], at: datetime) -> dict[int, Ruling]:
    """Return the rulings in force about matters, by the place of the matter in the sequence."""
    found = rows(
        RULED_AT,
        {
            "own": [category.pk for category, _ in matters],
            "above": [category.parent_id for category, _ in matters],
            "places": [place.hexewkb.decode() for _, place in matters],
            "at": at,
        },
    )
    if not found:
        return {}
    rulings = Ruling.objects.select_related("department", "category")
    known = rulings.in_bulk([row["id"] for row in found])
    return {row["n"] - 1: known[row["id"]] for row in found}


def ruling_at(category: Category, place: Point, at: datetime) -> Ruling | None:
    """Return the ruling in force about a category at a place; one about its class comes second."""
    return _rulings_at([(category, place)], at).get(0)


class Matrix:
    """What the authority matrix says of some categories at a moment; read once for all of them."""

    def __init__(self, categories: Iterable[Category], at: datetime) -> None:
        asked = {one.pk for category in categories for one in _and_parent(category)}
        found = Authority.objects.filter(category__in=asked).as_of(at)
        self._fields = {
            (row.category_id, row.community_id, row.subdistrict_id): row
            for row in found.select_related("category", "department", "community", "subdistrict")
        }

    def field(self, category: Category, community: Community | None) -> Authority | None:
        """Return the field that holds: the narrower area and the narrower category."""
        areas: list[tuple[int | None, int | None]] = [(None, None)]
        if community is not None:
            areas = [(community.pk, None), (None, community.subdistrict_id), *areas]
        every = ((one.pk, *area) for one in _and_parent(category) for area in areas)
        return next((self._fields[key] for key in every if key in self._fields), None)


def _communities_at(matters: Sequence[Matter]) -> list[Community | None]:
    """Return the communities in which the places of matters lie."""
    found = rows(
        "SELECT gridmap_community_at(w.place::geometry, w.city) AS id"
        " FROM unnest(%(cities)s::bigint[], %(places)s::text[])"
        " WITH ORDINALITY AS w (city, place, n) ORDER BY w.n",
        {
            "cities": [category.city_id for category, _ in matters],
            "places": [place.hexewkb.decode() for _, place in matters],
        },
    )
    known = Community.objects.in_bulk({row["id"] for row in found if row["id"]})
    return [known.get(row["id"]) for row in found]


def propose_departments(matters: Sequence[Matter], at: datetime) -> list[Proposal]:
    """Return which departments matters belong to, and the reasons; as many questions as for one."""
    rulings = _rulings_at(matters, at)
    matrix = Matrix((category for category, _ in matters), at)
    communities = _communities_at(matters)
    return [
        _ruled(rulings[n]) if n in rulings else _by_area(matrix, category, communities[n])
        for n, (category, _) in enumerate(matters)
    ]


def propose_department(category: Category, place: Point, at: datetime) -> Proposal:
    """Return which department a matter belongs to, and the reason in words."""
    return propose_departments([(category, place)], at)[0]


def by_area(category: Category, community: Community | None, at: datetime) -> Proposal:
    """Return what matrix and category say of a community; rulings are not asked."""
    return _by_area(Matrix([category], at), category, community)


def _ruled(ruling: Ruling) -> Proposal:
    told = {
        "category": ruling.category.name,
        "department": ruling.department.name,
        "day": f"{ruling.valid.lower:%Y-%m-%d}",
    }
    return Proposal(ruling.department, RULED, told, ruling)


def _by_area(matrix: Matrix, category: Category, community: Community | None) -> Proposal:
    row = matrix.field(category, community)
    if row is not None:
        area = row.community or row.subdistrict
        told = {
            "category": row.category.name,
            "department": row.department.name,
            "source": row.source,
            "area": area.name if area else "",
        }
        return Proposal(row.department, BY_COMMUNITY if area else BY_CITY, told)
    if category.department is not None:
        told = {"category": category.name, "department": category.department.name}
        return Proposal(category.department, BY_CATEGORY, told)
    return Proposal(None, NOBODY, {"category": category.name})


@dataclass(frozen=True)
class Dispute:
    """Departments that meet at a border, and the communities on its sides."""

    departments: tuple[Department, ...]
    communities: tuple[Community, ...]


def near(city_id: int, place: Point) -> list[Community]:
    """Return the communities within the city's border distance of a place."""
    metres = city_setting(CitySetting.Name.BORDER_METRES, city_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH close AS MATERIALIZED ("
            " SELECT k.id, k.code, k.geom, k.subdistrict_id FROM layers_community AS k"
            " WHERE k.geom && gridmap_around(%(place)s::geometry, %(metres)s)"
            ") SELECT c.id FROM close AS c"
            " INNER JOIN layers_subdistrict AS s ON s.id = c.subdistrict_id"
            " WHERE s.city_id = %(city)s"
            " AND ST_Distance(c.geom::geography, %(place)s::geometry::geography) <= %(metres)s"
            " ORDER BY c.code",
            {"place": place.hexewkb.decode(), "metres": metres, "city": city_id},
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(Community.objects.filter(pk__in=ids).order_by("code"))


def dispute_at(category: Category, place: Point, at: datetime) -> Dispute | None:
    """Return who meets at a place that lies near a duty border, or None where nobody does."""
    sides = near(category.city_id, place)
    matrix = Matrix([category], at)
    found = [_by_area(matrix, category, side).department for side in sides]
    departments = {department.pk: department for department in found if department}
    if len(departments) <= 1:
        return None
    return Dispute(tuple(departments.values()), tuple(sides))
