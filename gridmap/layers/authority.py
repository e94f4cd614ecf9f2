"""Whose matter it is: rulings first, then the matrix, then the category's usual department."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_noop

from gridmap.layers.catalogue import Authority
from gridmap.layers.city_settings import CitySetting, city_setting
from gridmap.layers.incidents import Category
from gridmap.layers.people import Department
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


def ruling_at(category: Category, place: Point, at: datetime) -> Ruling | None:
    """Return the ruling in force about a category at a place; one about its class comes second."""
    for one in _and_parent(category):
        rows = Ruling.objects.filter(category=one, geom__covers=place).as_of(at)
        if found := rows.select_related("department", "category").order_by("-valid", "pk").first():
            return found
    return None


def in_matrix(category: Category, community: Community | None, at: datetime) -> Authority | None:
    """Return the field of the matrix that holds: the narrower area and the narrower category."""
    areas = [Q(community=None, subdistrict=None)]
    if community is not None:
        areas.insert(0, Q(subdistrict_id=community.subdistrict_id))
        areas.insert(0, Q(community=community))
    for one in _and_parent(category):
        for area in areas:
            rows = Authority.objects.filter(area, category=one).as_of(at)
            if found := rows.select_related("department", "category").first():
                return found
    return None


def community_at(category: Category, place: Point) -> Community | None:
    """Return the community in which a place lies."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT gridmap_community_at(%s::geometry, %s)",
            [place.hexewkb.decode(), category.city_id],
        )
        (found,) = cursor.fetchone()
    return Community.objects.filter(pk=found).first()


def propose_department(category: Category, place: Point, at: datetime) -> Proposal:
    """Return which department a matter belongs to, and the reason in words."""
    ruling = ruling_at(category, place, at)
    if ruling is not None:
        told = {
            "category": ruling.category.name,
            "department": ruling.department.name,
            "day": f"{ruling.valid.lower:%Y-%m-%d}",
        }
        return Proposal(ruling.department, RULED, told, ruling)
    return by_area(category, community_at(category, place), at)


def by_area(category: Category, community: Community | None, at: datetime) -> Proposal:
    """Return what matrix and category say of a community; rulings are not asked."""
    row = in_matrix(category, community, at)
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
    found = [(side, by_area(category, side, at).department) for side in sides]
    departments = {department.pk: department for _, department in found if department}
    if len(departments) <= 1:
        return None
    return Dispute(tuple(departments.values()), tuple(sides))
