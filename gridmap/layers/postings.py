"""Who may see and do what: postings of users, and the scope that follows from them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from gridmap.layers.people import Department
from gridmap.layers.rights import OPERATOR
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


class Posting(models.Model):
    """A user's role over an area, for a time; a user may have several."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="postings")
    role = models.CharField(max_length=12, choices=Role)
    city = models.ForeignKey(City, models.PROTECT)
    subdistrict = models.ForeignKey(Subdistrict, models.PROTECT, null=True, blank=True)
    community = models.ForeignKey(Community, models.PROTECT, null=True, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True)
    valid = DateTimeRangeField()

    class Meta:
        verbose_name = _("授权")
        verbose_name_plural = _("授权")
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="posting_role"),
            models.CheckConstraint(
                condition=Q(subdistrict__isnull=True) | Q(community__isnull=True),
                name="posting_one_area",
            ),
            models.CheckConstraint(
                condition=(Q(role="department") & Q(department__isnull=False))
                | (~Q(role="department") & Q(department__isnull=True)),
                name="posting_department",
            ),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="posting_valid_some"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


# A posting over an area of another city than its own gives nothing: such a row is a slip.
_OF_ITS_OWN_CITY = tuple(
    Q(**{area: None}) | Q(**{f"{area}__{path}": models.F("city")})
    for area, path in (
        ("subdistrict", "city"),
        ("community", "subdistrict__city"),
        ("department", "city"),
    )
)


def scope_of(user_id: int) -> Scope:
    """Return what the user may see and do now, from the postings in force (one query)."""
    rows: list[tuple[int, str, int, int | None, int | None, int | None, int | None]] = list(
        Posting.objects.filter(user_id=user_id, user__is_active=True, valid__contains=Now())
        .filter(*_OF_ITS_OWN_CITY)
        .annotate(in_subdistrict=models.F("subdistrict__communities"))
        .values_list(
            "pk",
            "role",
            "city_id",
            "subdistrict_id",
            "in_subdistrict",
            "community_id",
            "department_id",
        )
    )
    areas: dict[tuple[int, str], Area] = {}
    departments: set[int] = set()
    whole = Area()
    for pk, role, city, subdistrict, in_subdistrict, community, department in rows:
        if community is not None or in_subdistrict is not None:
            area = Area(communities=frozenset({community or in_subdistrict or 0}))
        else:
            area = Area(cities=frozenset({city} if subdistrict is None else ()))
        areas[pk, role] = areas.get((pk, role), Area()) | area
        if department is None:
            whole |= area
        else:
            departments.add(department)
    return Scope(
        user_id=user_id,
        ground=frozenset(row[2] for row in rows),
        area=whole,
        departments=frozenset(departments),
        posts=frozenset(Post(role, area) for (_, role), area in areas.items()),
    )


def operator_scope() -> Scope:
    """Return the scope of whoever sits at the command line of the server: every city, no user."""
    every = Area(cities=frozenset(City.objects.values_list("pk", flat=True)))
    post = Post(OPERATOR, every)
    return Scope(user_id=None, ground=every.cities, area=every, posts=frozenset({post}))
