"""Who may see and do what: postings of users, and the scope that follows from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridmap.layers.people import Department, Person, Team
from gridmap.layers.rights import OPERATOR, RESIDENT
from gridmap.layers.scope import Area, Post, Scope
from gridmap.layers.territory import City, Community, Subdistrict


class Role(models.TextChoices):
    """Posts of domain.md 3.9; what each may do stands in `gridmap.layers.rights`."""

    LEADER = "leader", "街道领导"
    DISPATCHER = "dispatcher", "值班长"
    CADRE = "cadre", "社区干部"
    WORKER = "worker", "网格员"
    CHIEF = "chief", "三长"
    PATROL = "patrol", "巡防队员"
    PLANNER = "planner", "规划员"
    DEPARTMENT = "department", "部门经办"
    AUDITOR = "auditor", "审计员"
    ADMIN = "admin", "系统管理员"


# Which columns name the area of a posting, by role: all of the first, none or one of the second.
# Where neither is given, a posting holds in all of its city.
AREAS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "leader": ((), ("subdistrict",)),
    "dispatcher": (("subdistrict",), ()),
    "cadre": (("community",), ()),
    "worker": (("person",), ()),
    "chief": (("person",), ()),
    "patrol": (("team",), ()),
    "planner": ((), ("subdistrict", "community")),
    "department": (("department",), ("subdistrict", "community")),
    "auditor": ((), ()),
    "admin": ((), ()),
}
COLUMNS = ("subdistrict", "community", "department", "person", "team")


def columns_of_roles() -> Q:
    """Return the condition that a posting names what its role needs, and nothing else."""
    fitting = Q()
    for role, (needed, possible) in AREAS.items():
        given = {f"{column}__isnull": column not in needed for column in COLUMNS}
        for column in possible:
            del given[f"{column}__isnull"]
        fitting |= Q(role=role, **given)
    return fitting


class Posting(models.Model):
    """A user's role over an area, for a time; a user may have several.

    Chiefs and workers are posted as the person who bears their offices, patrols as their team:
    where they serve follows from the terms and the areas in force.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="postings")
    role = models.CharField(max_length=12, choices=Role)
    city = models.ForeignKey(City, models.PROTECT)
    subdistrict = models.ForeignKey(Subdistrict, models.PROTECT, null=True, blank=True)
    community = models.ForeignKey(Community, models.PROTECT, null=True, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="postings"
    )
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="postings")
    valid = DateTimeRangeField()

    class Meta:
        verbose_name = _("授权")
        verbose_name_plural = _("授权")
        constraints = [
            models.CheckConstraint(
                condition=Q(subdistrict__isnull=True) | Q(community__isnull=True),
                name="posting_one_area",
            ),
            models.CheckConstraint(condition=columns_of_roles(), name="posting_columns_of_role"),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="posting_valid_some"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


# What a role lets its bearer see of what happens in its area. A department sees what is assigned
# to it; whoever is named in neither sees the ground only.
SEES_ALL = frozenset({"leader", "dispatcher", "cadre", "worker", "chief"})
SEES_SUMS = frozenset({"planner"})
SEES_OPEN = frozenset({"patrol"})


class _Piece(NamedTuple):
    """One row of ``gridmap_posted()``: a piece of the ground somebody is posted to."""

    posting: int
    role: str
    city: int
    department: int | None
    kind: str
    id: int
    until: datetime | None
    seal: int


def scope_of(user_id: int) -> Scope:
    """Return what the user may see and do now, from the postings in force (one query)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM gridmap_posted(%s)", [user_id])
        pieces = [_Piece(*row) for row in cursor.fetchall()]
    ground: set[int] = set()
    areas: defaultdict[tuple[int, str, int | None], defaultdict[str, set[int]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for piece in pieces:
        if piece.kind == "none":
            continue
        area = areas[piece.posting, piece.role, piece.department]
        if piece.kind == "ground":
            ground.add(piece.city)
        else:
            area[piece.kind].add(piece.id)
    held = [
        (role, department, Area(**{kind: frozenset(ids) for kind, ids in area.items()}))
        for (_, role, department), area in areas.items()
    ]
    ends = [piece.until for piece in pieces if piece.until is not None]
    given = [(department, area) for _, department, area in held if department is not None]
    return Scope(
        user_id=user_id,
        ground=frozenset(ground),
        area=_together(area for role, _, area in held if role in SEES_ALL),
        counted=_together(area for role, _, area in held if role in SEES_SUMS),
        beats=_together(area for role, _, area in held if role in SEES_OPEN).cells,
        departments=frozenset(department for department, area in given if area.cities),
        assigned=frozenset(
            (department, community) for department, area in given for community in area.communities
        ),
        posts=frozenset(Post(role, area) for role, _, area in held),
        seal=max((piece.seal for piece in pieces), default=0),
        until=min(ends, default=None),
    )


def _together(areas: Iterable[Area]) -> Area:
    return reduce(or_, areas, Area())


def operator_scope() -> Scope:
    """Return the scope of whoever sits at the command line of the server: every city, no user."""
    every = Area(cities=frozenset(City.objects.values_list("pk", flat=True)))
    post = Post(OPERATOR, every)
    return Scope(user_id=None, ground=every.cities, area=every, posts=frozenset({post}))


def resident_scope() -> Scope:
    """Return the scope of whoever reports without an account: may report, sees nothing of it."""
    shown = frozenset(City.objects.filter(public_card=True).values_list("pk", flat=True))
    everywhere = Area(cities=shown)
    post = Post(RESIDENT, everywhere)
    return Scope(user_id=None, ground=shown, counted=everywhere, posts=frozenset({post}))


def public_scope() -> Scope:
    """Return the scope of whoever opens a public card: the ground of the cities that show them."""
    shown = City.objects.filter(public_card=True).values_list("pk", flat=True)
    return Scope(user_id=None, ground=frozenset(shown))
