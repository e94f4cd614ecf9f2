"""Where it is not clear whose a matter is: ground along duty borders on which nobody has ruled.

The same as `gridmap.layers.authority.dispute_at` asks of one place, for all of a city at once:
within the border distance of two communities to which the matrix gives different departments; and
whole communities in which nobody has a category that somebody has elsewhere. A matter that no
department has anywhere is the communities' own; who asks for just this one is told of it too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.layers.catalogue import Authority
from gridmap.layers.city_settings import CitySetting, city_setting
from gridmap.layers.incidents import Category
from gridmap.layers.people import Department
from gridmap.layers.query import Value, rows
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community

# Communities in metres, and what was ruled of each category; everything is cut in shapely.
GROUNDS = """
SELECT k.id, ST_AsBinary(ST_Transform(k.geom, %(srid)s)) AS shape
FROM layers_community AS k
INNER JOIN layers_subdistrict AS s ON s.id = k.subdistrict_id
WHERE s.city_id = %(city)s
ORDER BY k.code
"""
RULED = """
SELECT r.category_id AS category, ST_AsBinary(ST_Transform(r.geom, %(srid)s)) AS shape
FROM layers_ruling AS r
WHERE r.city_id = %(city)s AND r.valid @> %(at)s::timestamptz
"""
DEGREES = "SELECT ST_AsBinary(ST_Transform(ST_GeomFromWKB(%(shape)s, %(srid)s), 4326)) AS shape"
LEAST = 1.0  # square metres: what is smaller is no ground to meet on

Whose = dict[tuple[int, int], Department | None]  # by community and category


@dataclass(frozen=True)
class Border:
    """Ground that is disputed, or nobody's: degrees, and whose it might be."""

    ident: str
    geometry: MultiPolygon
    communities: tuple[Community, ...]
    categories: tuple[Category, ...]
    departments: tuple[Department, ...]

    @property
    def nobody(self) -> bool:
        """Whether no department has the matter there."""
        return not self.departments


def borders(scope: Scope, city: City, at: datetime, category: int | None = None) -> list[Border]:
    """Return the ground along duty borders without a ruling, and what is nobody's.

    Args:
        scope: the caller's.
        city: the city.
        at: when rulings and matrix are in force.
        category: only of this category; None: of all.
    """
    areas = list(Community.objects.within(scope).filter(subdistrict__city=city).order_by("code"))
    wanted = _categories(scope, city, category)
    whose = _whose(areas, wanted, at)
    asked: dict[str, Value] = {"city": city.pk, "srid": city.metric_srid, "at": at}
    shapes = {row["id"]: shapely.from_wkb(bytes(row["shape"])) for row in rows(GROUNDS, asked)}
    ruled: defaultdict[int, list[BaseGeometry]] = defaultdict(list)
    for row in rows(RULED, asked):
        ruled[row["category"]].append(shapely.from_wkb(bytes(row["shape"])))
    found = _along(city, areas, wanted, whose, shapes)
    if category is None:
        taken = {kind for (_area, kind), department in whose.items() if department}
        wanted = [kind for kind in wanted if kind.pk in taken]
    found += _nobodys(areas, wanted, whose, shapes)
    return [
        Border(ident, _in_degrees(city, left), sides, kinds, departments)
        for ident, ground, sides, kinds, departments in found
        if (left := _without(ground, kinds, ruled)).area > LEAST
    ]


def _categories(scope: Scope, city: City, only: int | None) -> list[Category]:
    kinds = Category.objects.within(scope).filter(city=city).select_related("parent", "department")
    if only is not None:
        return list(kinds.filter(pk=only))
    # A class is nobody's matter by itself; its kinds are.
    parents = set(kinds.exclude(parent=None).values_list("parent", flat=True))
    return [kind for kind in kinds.order_by("code") if kind.pk not in parents]


def _whose(areas: list[Community], kinds: list[Category], at: datetime) -> Whose:
    """Return whose each category is in each community, as `authority.by_area` has it."""
    matrix: dict[tuple[int, str, int | None], Department] = {}
    fields = Authority.objects.filter(category__city_id__in={kind.city_id for kind in kinds})
    for row in fields.as_of(at).select_related("department").order_by("-pk"):
        level = "community" if row.community_id else "subdistrict"
        matrix[row.category_id, level, row.community_id or row.subdistrict_id] = row.department
    found: Whose = {}
    for kind in kinds:
        chain = [kind.pk, *([kind.parent.pk] if kind.parent else [])]
        for area in areas:
            keys = [("community", area.pk), ("subdistrict", area.subdistrict_id),
                    ("subdistrict", None)]  # fmt: skip
            held = (matrix.get((one, *key)) for one in chain for key in keys)
            found[area.pk, kind.pk] = next((one for one in held if one), None) or kind.department
    return found


Found = tuple[
    str, BaseGeometry, tuple[Community, ...], tuple[Category, ...], tuple[Department, ...]
]


def _along(
    city: City, areas: list[Community], kinds: list[Category], whose: Whose,
    shapes: dict[int, BaseGeometry],
) -> list[Found]:  # fmt: skip
    metres = float(city_setting(CitySetting.Name.BORDER_METRES, city.pk))
    wide = {pk: shape.buffer(metres) for pk, shape in shapes.items()}
    found: list[Found] = []
    for one, other in combinations(areas, 2):
        if not wide[one.pk].intersects(wide[other.pk]):
            continue
        disputed = [
            kind for kind in kinds
            if (a := whose[one.pk, kind.pk]) and (b := whose[other.pk, kind.pk]) and a.pk != b.pk
        ]  # fmt: skip
        if disputed:
            both = [whose[area.pk, kind.pk] for kind in disputed for area in (one, other)]
            ground = wide[one.pk].intersection(wide[other.pk])
            ground = ground.intersection(shapely.union_all(list(shapes.values())))
            found.append(
                (f"{one.pk}-{other.pk}", ground, (one, other), tuple(disputed), _once(both))
            )
    return found


def _nobodys(
    areas: list[Community], kinds: list[Category], whose: Whose, shapes: dict[int, BaseGeometry]
) -> list[Found]:
    found: list[Found] = []
    for area in areas:
        nobodys = tuple(kind for kind in kinds if whose[area.pk, kind.pk] is None)
        if nobodys:
            found.append((f"{area.pk}-0", shapes[area.pk], (area,), nobodys, ()))
    return found


def _once(found: Iterable[Department | None]) -> tuple[Department, ...]:
    by_id = {row.pk: row for row in found if row is not None}
    return tuple(sorted(by_id.values(), key=lambda row: (row.rank, row.code)))


def _without(
    ground: BaseGeometry, kinds: tuple[Category, ...], ruled: dict[int, list[BaseGeometry]]
) -> BaseGeometry:
    """Return the ground but for that on which every one of the categories was ruled."""
    settled: BaseGeometry | None = None
    for kind in kinds:
        chain = [kind.pk, *([kind.parent.pk] if kind.parent else [])]
        told = shapely.union_all([shape for one in chain for shape in ruled.get(one, ())])
        settled = told if settled is None else settled.intersection(told)
        if settled.is_empty:
            return ground
    return ground if settled is None else ground.difference(settled)


def _in_degrees(city: City, shape: BaseGeometry) -> MultiPolygon:
    asked = {"shape": shapely.to_wkb(shape), "srid": city.metric_srid}
    drawn = shapely.from_wkb(bytes(rows(DEGREES, asked)[0]["shape"]))
    parts = [part for part in shapely.get_parts(drawn) if isinstance(part, Polygon)]
    return MultiPolygon(parts)
