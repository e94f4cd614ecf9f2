"""The roster of chiefs in an area: vacant, expiring, substituted too long, or many in one hand.

Places are judged, people are not: every list here is one of streets, lanes, buildings and cells.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from gridmap.errors import OutOfScope
from gridmap.layers.city_settings import CitySetting, city_setting
from gridmap.layers.people import COLUMNS
from gridmap.layers.query import Value, rows
from gridmap.layers.scope import Scope, Spot
from gridmap.layers.territory import City, Community

STANDINGS = ("filled", "substitute", "expiring", "vacant")
STATES = ("vacant", "expiring", "overloaded", "long_substitute")
MOST_DAYS = 366
THINGS = ("street", "lane", "building")  # offices over a thing; the others are over a cell

# The communities a street or lane passes through, beside the one an object lies in.
POSTS = """
WITH of_street AS (
    SELECT w.street_id AS id, array_agg(DISTINCT c.community_id) AS communities
    FROM gridmap_cell_way AS w INNER JOIN layers_cell AS c ON c.id = w.cell_id
    WHERE w.street_id IS NOT NULL GROUP BY 1
),

of_lane AS (
    SELECT w.lane_id AS id, array_agg(DISTINCT c.community_id) AS communities
    FROM gridmap_cell_way AS w INNER JOIN layers_cell AS c ON c.id = w.cell_id
    WHERE w.lane_id IS NOT NULL GROUP BY 1
)

SELECT p.*, coalesce(s.communities, l.communities, '{}') AS communities
FROM gridmap_posts(%(city)s, %(now)s, %(near)s::interval) AS p
LEFT JOIN of_street AS s ON p.office = 'street' AND s.id = p.id
LEFT JOIN of_lane AS l ON p.office = 'lane' AND l.id = p.id
ORDER BY p.code, p.office
"""


@dataclass(frozen=True)
class Limits:
    """What counts as too much: as asked, or the city's own (`limits_of`).

    Attributes:
        days: a term that ends sooner than this expires.
        objects: more of one office than this in one person's hand are too many.
        substitute_days: a substitute who has stood in longer than this stands in too long.
    """

    days: int
    objects: int
    substitute_days: int = settings.SUBSTITUTE_DAYS


def limits_of(city: City) -> Limits:
    """Return what counts as too much in a city today."""
    return Limits(
        days=city_setting(CitySetting.Name.CHIEF_DAYS, city.pk),
        objects=city_setting(CitySetting.Name.CHIEF_OBJECTS, city.pk),
    )


@dataclass
class Line:
    """One office over one object, and how it stands.

    ``among``: how many objects of this office its front holder answers for, this one included.
    """

    office: str
    id: int
    code: str
    title: str
    standing: str
    communities: list[int]
    holders: list[dict[str, Any]]
    held_until: datetime | None
    vacant_since: datetime | None
    substitute_since: datetime | None
    cell: int | None
    among: int = 0
    states: list[str] = field(default_factory=list)

    @property
    def holder(self) -> dict[str, Any] | None:
        """Who is to be asked first: the substitute, else the chief."""
        return self.holders[0] if self.holders else None


def seat_city(scope: Scope, office: str, object_id: int) -> City:
    """Return the city of the object of an office, if the caller works there.

    Raises:
        OutOfScope: there is no such object, or it lies in another's city.
    """
    column = COLUMNS[office]
    cities = City.objects.within(scope)
    if column == "cell":
        found = cities.filter(subdistricts__communities__cells=object_id).first()
    else:
        found = cities.filter(**{f"{column}__pk": object_id}).first()
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    return found


def roster(scope: Scope, city: City, *, now: datetime, limits: Limits) -> list[Line]:
    """Return every post of the caller's own area in a city, by code (one query).

    Args:
        scope: chiefs are seen in the caller's own area only.
        city: one city.
        now: the moment whose terms count.
        limits: what counts as expiring, as too many, as too long.
    """
    values: dict[str, Value] = {"city": city.pk, "now": now, "near": f"{limits.days} days"}
    found = rows(POSTS, values)
    lines = [_line(row) for row in found]
    _judge(lines, now, limits)
    if city.pk in scope.cities:
        return lines
    return [line for line in lines if _is_mine(scope, city, line)]


def _is_mine(scope: Scope, city: City, line: Line) -> bool:
    """Whether an object lies in the caller's own area, or is the caller's own."""
    thing = {line.office: line.id} if line.office in THINGS else {}
    areas: list[int | None] = [*line.communities] if line.communities else [None]
    return any(scope.area.holds(Spot(city.pk, area, line.cell, **thing)) for area in areas)


def _line(row: dict[str, Any]) -> Line:
    communities = {*row["communities"], row["community"]} - {None}
    return Line(
        office=row["office"],
        id=row["id"],
        code=row["code"],
        title=row["title"],
        standing=STANDINGS[row["class"] - 1],
        communities=sorted(communities),
        holders=row["holders"],
        held_until=row["held_until"],
        vacant_since=row["vacant_since"],
        substitute_since=row["substitute_since"],
        cell=row["cell"],
    )


def _judge(found: list[Line], now: datetime, limits: Limits) -> None:
    """Say of each post what is wanting; a load is counted over the whole city."""
    loads = Counter((post.holder["person"], post.office) for post in found if post.holder)
    longest = now - timedelta(days=limits.substitute_days)
    for post in found:
        if post.holder:
            post.among = loads[post.holder["person"], post.office]
        wanting = {
            "vacant": post.standing == "vacant",
            "expiring": post.standing == "expiring",
            "overloaded": post.among > limits.objects,
            "long_substitute": post.substitute_since is not None
            and post.substitute_since < longest,
        }
        post.states = [state for state in STATES if wanting[state]]


def sums(found: list[Line], city: City) -> list[dict[str, Any]]:
    """Return for each subdistrict and community how many posts there are and what is wanting.

    A street counts in every community it passes through, and once in the subdistrict.
    """
    areas = Community.objects.filter(subdistrict__city=city).select_related("subdistrict")
    answer: list[dict[str, Any]] = []
    of_subdistrict: dict[int, dict[str, Any]] = {}
    for area in areas.order_by("subdistrict__code", "code"):
        mine = [post for post in found if area.pk in post.communities]
        if not mine:
            continue
        above = of_subdistrict.get(area.subdistrict_id)
        if above is None:
            above = {"kind": "subdistrict", "id": area.subdistrict_id, "posts": {}}
            above["name"] = area.subdistrict.name
            of_subdistrict[area.subdistrict_id] = above
            answer.append(above)
        above["posts"].update({(post.office, post.id): post for post in mine})
        answer.append({"kind": "community", "id": area.pk, "name": area.name, **_counts(mine)})
    for row in of_subdistrict.values():
        row.update(_counts(list(row.pop("posts").values())))
    return answer


def _counts(found: list[Line]) -> dict[str, int]:
    states = Counter(state for post in found for state in post.states)
    return {"total": len(found), **{state: states[state] for state in STATES}}
