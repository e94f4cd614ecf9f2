"""Whose eyes are looking: the value every read begins with, and every deed asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property, reduce
from operator import or_

from django.db.models import Q

from gridmap.errors import NotYours
from gridmap.layers.rights import DEPARTMENT, OPERATOR, RIGHTS

Ids = frozenset[int]
NONE: Ids = frozenset()


@dataclass(frozen=True)
class Spot:
    """Where something is: the ids the database found for it, as far as they are known."""

    city: int
    community: int | None = None
    cell: int | None = None
    street: int | None = None
    lane: int | None = None
    building: int | None = None


@dataclass(frozen=True)
class Area:
    """A part of the ground: whole cities, communities and cells, single things; all by id."""

    cities: Ids = NONE
    communities: Ids = NONE
    cells: Ids = NONE
    streets: Ids = NONE
    lanes: Ids = NONE
    buildings: Ids = NONE

    def __or__(self, other: Area) -> Area:
        """Return what lies in either."""
        return Area(*(getattr(self, one.name) | getattr(other, one.name) for one in fields(self)))

    def rows(self, **columns: str) -> Q:
        """Return the condition for rows that lie in the area.

        Args:
            columns: by field of the area (``cells="cell_id"``), the column with its ids; fields
                without a column count for nothing.
        """
        found = Q(pk__in=())
        for kind, column in columns.items():
            if ids := getattr(self, kind):
                found |= Q(**{f"{column}__in": ids})
        return found

    def holds(self, spot: Spot) -> bool:
        """Return whether the spot lies in the area, or at one of its things."""
        return (
            spot.city in self.cities
            or spot.community in self.communities
            or spot.cell in self.cells
            or spot.street in self.streets
            or spot.lane in self.lanes
            or spot.building in self.buildings
        )


@dataclass(frozen=True)
class Post:
    """One posting in force: a role, and the area in which it holds."""

    role: str
    area: Area


@dataclass(frozen=True)
class Scope:
    """What one caller may see and do, resolved once at the door and handed down.

    The ground (areas, streets, buildings) of a city is open to whoever works anywhere in it;
    what happens on the ground (incidents, visits, chiefs) only inside the caller's own area.

    Attributes:
        user_id: the signed-in user; None for a command of the operator.
        ground: ids of the cities whose ground may be seen.
        area: of which everything may be seen; of a street, a lane or a building: what is there.
        counted: of which sums may be seen, and no single incident.
        beats: ids of cells whose open incidents may be seen, and every sum.
        departments: ids of departments whose incidents may be seen anywhere in their city.
        assigned: (department, community): whose incidents may be seen there only.
        posts: the postings in force; what they allow stands in `gridmap.layers.rights`.
        seal: how often the caller's postings were changed; an older one is void.
        until: when the first of the postings ends by itself; None: not foreseen.
    """

    user_id: int | None
    ground: Ids = NONE
    area: Area = field(default_factory=Area)
    counted: Area = field(default_factory=Area)
    beats: Ids = NONE
    departments: Ids = NONE
    assigned: frozenset[tuple[int, int]] = frozenset()
    posts: frozenset[Post] = frozenset()
    seal: int = 0
    until: datetime | None = None

    @property
    def cities(self) -> Ids:
        """Cities of which everything may be seen."""
        return self.area.cities

    @property
    def communities(self) -> Ids:
        """Single communities of which everything may be seen."""
        return self.area.communities

    @property
    def roles(self) -> frozenset[str]:
        """Names of the roles held (`gridmap.layers.postings.Role`)."""
        return frozenset(post.role for post in self.posts)

    @cached_property
    def figures(self) -> Area:
        """Of which sums may be seen: open incidents, freshness, standing of chiefs."""
        return self.area | self.counted | Area(cells=self.beats)

    @property
    def sees_incidents(self) -> bool:
        """Return whether single incidents are seen anywhere."""
        return bool(self.area != Area() or self.beats or self.departments or self.assigned)

    def only_sums(self, spot: Spot) -> bool:
        """Return whether of what happens there the caller sees sums, and nothing singly.

        Such sums are the published ones, with the small ones hidden (`gridmap.layers.weekly`).
        """
        return (
            self.counted.holds(spot) and not self.area.holds(spot) and spot.cell not in self.beats
        )

    def covers(
        self, city_id: int, community_id: int | None = None, cell_id: int | None = None
    ) -> bool:
        """Return whether everything that happens there is the caller's business."""
        return self.area.holds(Spot(city_id, community_id, cell_id))

    def sees(
        self,
        spot: Spot,
        department: int | None,
        helpers: Iterable[int] = (),
        *,
        still_open: bool,
    ) -> bool:
        """Return whether an incident there is seen, as `IncidentQuerySet.within` has it."""
        if self.area.holds(spot) or (still_open and spot.cell in self.beats):
            return True
        return any(
            one in self.departments or (one, spot.community) in self.assigned
            for one in (department, *helpers)
        )

    def may(
        self, verb: str, city_id: int, community_id: int | None = None, cell_id: int | None = None
    ) -> bool:
        """Return whether the caller may do this there.

        Args:
            verb: one of `gridmap.layers.rights.RIGHTS`.
            city_id: the city of the thing.
            community_id: its community; without it, only who may do it in all of the city may.
            cell_id: its cell.
        """
        return self.may_at(verb, Spot(city_id, community_id, cell_id))

    def may_at(self, verb: str, spot: Spot) -> bool:
        """Return whether the caller may do this at a spot."""
        roles = RIGHTS[verb]
        return any(
            post.area.holds(spot) and (post.role in roles or post.role == OPERATOR)
            for post in self.posts
        )

    def may_besides_department(self, verb: str, spot: Spot) -> bool:
        """Return whether the caller may do this in a role other than that of a department."""
        roles = RIGHTS[verb] - {DEPARTMENT}
        return any(
            post.area.holds(spot) and (post.role in roles or post.role == OPERATOR)
            for post in self.posts
        )

    def area_where(self, verb: str) -> Area:
        """Return where the caller may do this."""
        roles = RIGHTS[verb] | {OPERATOR}
        return reduce(or_, (post.area for post in self.posts if post.role in roles), Area())

    def cities_where(self, verb: str) -> Ids:
        """Return the cities in all of which the caller may do this."""
        return frozenset(city for city in self.ground if self.may(verb, city))

    def must(
        self, verb: str, city_id: int, community_id: int | None = None, cell_id: int | None = None
    ) -> None:
        """Let only those pass who may do this there; ask it of things the caller can see.

        Raises:
            NotYours: the caller's postings do not allow it there.
        """
        self.must_at(verb, Spot(city_id, community_id, cell_id))

    def must_at(self, verb: str, spot: Spot) -> None:
        """Let only those pass who may do this at a spot.

        Raises:
            NotYours: the caller's postings do not allow it there.
        """
        if not self.may_at(verb, spot):
            raise NotYours("您的岗位在这里不能做这件事", verb=verb)
