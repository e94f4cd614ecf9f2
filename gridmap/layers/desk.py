"""The desk: the caller's cases as a list, narrowed by what the address says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, Q, QuerySet

from gridmap.layers.incidents import AREA, Incident, IncidentQuerySet, Light, State
from gridmap.layers.life_cycle import MOVES, OWN
from gridmap.layers.people import Department
from gridmap.layers.scope import Area, Scope
from gridmap.layers.territory import City

OPEN, ENDED = "open", "ended"
LIGHTS = {"late": Light.LATE, "soon": Light.SOON, "ok": Light.OK, "parked": Light.PARKED}
# What waits for which deed of the life cycle. What was looked at waits for the decision, whatever
# was found: a report found untrue is declined, work found undone is done again.
WAITS = {
    "verify": Q(state=State.REPORTED, verified=None),
    "file": Q(state=State.REPORTED, verified__isnull=False),
    "dispatch": Q(state=State.FILED),
    "accept": Q(state=State.DISPATCHED, parked=False),
    "send": Q(state=State.ANSWERED),
    "inspect": Q(state=State.INSPECTING, inspected=None),
    "close": Q(state=State.INSPECTING, inspected__isnull=False),
}
NAME = 30  # letters of a saved filter's name
MOST_SAVED = 20


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; empty: not."""

    light: str = ""  # of LIGHTS, "" for every open one, "ended"
    wait: str = ""  # of WAITS: the deed that the caller may do next; then no light
    state: str = ""
    department: int | None = None
    part: str = ""  # lead or help: of the department chosen or else of the caller's own
    category: int | None = None
    community: int | None = None
    source: str = ""
    text: str = ""
    extra: dict[str, str] = field(default_factory=dict)


def own_departments(scope: Scope) -> frozenset[int]:
    """Return the departments the caller works for."""
    return scope.departments | {department for department, _ in scope.assigned}


def whose(scope: Scope, wanted: Wanted) -> frozenset[int]:
    """Return the departments whose cases are wanted; none: everybody's."""
    if wanted.department:
        return frozenset({wanted.department})
    return own_departments(scope) if wanted.part else frozenset()


def wished(scope: Scope, city: City, wanted: Wanted) -> IncidentQuerySet:
    """Return the caller's cases of a city, narrowed but for the light."""
    rows: IncidentQuerySet = Incident.objects.within(scope).filter(city=city)
    if wanted.state in State.values:
        rows = rows.filter(state=wanted.state)
    if departments := whose(scope, wanted):
        rows = rows.of_departments(departments, wanted.part)
    if wanted.category:
        rows = rows.filter(Q(category_id=wanted.category) | Q(category__parent_id=wanted.category))
    if wanted.community:
        rows = rows.filter(community_id=wanted.community)
    if wanted.source in Incident.Source.values:
        rows = rows.filter(source=wanted.source)
    for word in wanted.text.lower().split()[:6]:
        rows = rows.filter(Q(search__contains=word) | Q(number__startswith=word))
    return rows


def waiting(scope: Scope) -> dict[str, Q]:
    """Return what waits for the caller, by the deed: only where the caller may do it."""
    found = {}
    for verb, waits in WAITS.items():
        move = MOVES[verb]
        area = scope.area_where(move.right)
        if area == Area():
            continue
        here = waits & area.rows(**AREA) & ~Q(light=Light.NONE)  # joined ones wait no more
        if move.who == OWN:
            own = own_departments(scope)
            here &= Q(department_id__in=own)
        found[verb] = here
    return found


def counts(rows: QuerySet[Incident], waits: Mapping[str, Q]) -> dict[str, int]:
    """Return how many there are: of each light, all open ones, ended ones, and of each wait.

    One query, whatever is counted.
    """
    kinds = {name: Q(light=light) for name, light in LIGHTS.items()}
    kinds |= {OPEN: ~Q(light=Light.NONE), ENDED: Q(light=Light.NONE), **waits}
    of = {f"n_{name}": Count("pk", filter=kind) for name, kind in kinds.items()}
    found = rows.order_by().aggregate(**of)
    return {name: found[f"n_{name}"] for name in kinds}


def listed(rows: IncidentQuerySet, light: str, wait: Q | None = None) -> QuerySet[Any]:
    """Return the cases of a light, or of those that wait: overdue first, then least time left.

    Ended ones come newest first.
    """
    if wait is not None:
        chosen = rows.filter(wait).by_urgency()
    elif light == ENDED:
        chosen = rows.filter(light=Light.NONE).order_by("-closed_at", "-pk")
    elif light in LIGHTS:
        chosen = rows.filter(light=LIGHTS[light]).by_urgency()
    else:
        chosen = rows.open().by_urgency()
    return chosen.select_related("category__parent", "department", "community", "cell")


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def within(self, scope: Scope) -> SavedFilterQuerySet:
        """The caller's own."""
        return self.filter(user_id=scope.user_id) if scope.user_id else self.none()


class SavedFilter(models.Model):
    """A query of the desk under a name of the user's own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=NAME)
    query = models.CharField(max_length=500)
    at = models.DateTimeField(auto_now=True)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="savedfilter_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="savedfilter_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


def departments_in(scope: Scope, city_id: int) -> list[Department]:
    """Return the departments of a city in which the caller works, in their fixed order."""
    if city_id not in scope.ground:
        return []
    return list(Department.objects.filter(city_id=city_id).order_by("rank", "pk"))


def case_numbered(scope: Scope, number: str, slug: str = "") -> Incident | None:
    """Return the caller's case of this number; in several cities the one named, else the first."""
    rows = Incident.objects.within(scope).filter(number=number)
    if slug:
        rows = rows.filter(city__slug=slug)
    return rows.select_related(
        "city", "category__parent", "department", "community", "cell", "lane", "building"
    ).first()
