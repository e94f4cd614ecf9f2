"""Incidents: what was reported where, how urgent, whose task, by when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.geos import Point
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import connection
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from gridmap.layers import stood
from gridmap.layers.people import Department
from gridmap.layers.places import Building, Lane, Street, by_letters
from gridmap.layers.scope import Scope, Spot
from gridmap.layers.shapes import SRID, sound
from gridmap.layers.territory import Cell, City, Community


class CategoryQuerySet(models.QuerySet["Category"]):
    def within(self, scope: Scope) -> Self:
        """Categories of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)


class Category(models.Model):
    """A kind of incident: component (部件), event (事件) or community matter (社区事项)."""

    class Kind(models.TextChoices):
        COMPONENT = "component", "部件"
        EVENT = "event", "事件"
        MATTER = "matter", "社区事项"

    city = models.ForeignKey(City, models.PROTECT, related_name="categories")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True)
    limit_hours = models.PositiveIntegerField(default=72)  # calendar hours from filing

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("事件类别")
        verbose_name_plural = _("事件类别")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["city", "code"], name="category_code_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["component", "event", "matter"]), name="category_kind"
            ),
            models.CheckConstraint(condition=Q(limit_hours__gte=1), name="category_limit"),
        ]

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    """The steps of practice (domain.md 3.5)."""

    REPORTED = "reported", "信息收集"
    FILED = "filed", "立案"
    DISPATCHED = "dispatched", "派遣"
    HANDLING = "handling", "处理"
    ANSWERED = "answered", "反馈"
    INSPECTING = "inspecting", "核查"
    CLOSED = "closed", "结案"
    VOID = "void", "作废"


ENDED = (State.CLOSED, State.VOID)
WELL_DONE = 3  # the best that a reporter can say of what was done; 1 is the worst


class Light(models.IntegerChoices):
    """How an incident stands against its limit; set by the database, turned by the timekeeper."""

    NONE = 0, "已结束"
    OK = 1, "正常"
    SOON = 2, "临期"
    LATE = 3, "超期"
    PARKED = 4, "挂账"


# Where the row of an incident says in which part of an area it lies.
AREA = {
    "cities": "city_id",
    "communities": "community_id",
    "cells": "cell_id",
    "streets": "street_id",
    "lanes": "lane_id",
    "buildings": "building_id",
}
# Where it says which departments lead and help.
OF_NOW, OF_THEN = ("department_id", "helpers"), ("lead_then", "helpers_then")


class IncidentQuerySet(models.QuerySet["Incident"]):
    def within(self, scope: Scope, when: datetime | None = None) -> Self:
        """Incidents that are the caller's business, one by one; `Scope.sees` says the same.

        Those in the own area or at an own object, open ones of the own beat, and those assigned
        to the own department, to lead or to help.

        Args:
            scope: who looks.
            when: a past moment; the incidents are then those of `as_of` that were the caller's
                business at that moment. Of the own beat only those that are open today as well:
                what is closed is nobody's there.
        """
        rows = self if when is None else self.as_of(when)
        lead, helpers = OF_NOW if when is None else OF_THEN
        mine = scope.area.rows(**AREA)
        if scope.beats:
            stood_open = Q() if when is None else ~Q(light_then=Light.NONE)
            mine |= Q(cell_id__in=scope.beats) & ~Q(light=Light.NONE) & stood_open
        if scope.departments:
            mine |= Q(**{f"{lead}__in": scope.departments}, city_id__in=scope.ground)
            helped = {f"{helpers}__overlap": sorted(scope.departments)}
            mine |= Q(**helped, city_id__in=scope.ground)
        for department, community in scope.assigned:
            mine |= Q(**{lead: department}, community_id=community)
            mine |= Q(**{f"{helpers}__contains": [department]}, community_id=community)
        return rows.filter(mine)

    def as_of(self, when: datetime | None) -> Self:
        """Incidents reported by a moment as they stood then (`stood.columns`); None means now."""
        if when is None:
            return self.annotate(**stood.columns(None))
        reported = self.filter(reported_at__lte=when).annotate(step_then=stood.step(when))
        return reported.annotate(**stood.columns(when))

    def of_departments(
        self, departments: Iterable[int], part: str = "", *, then: bool = False
    ) -> Self:
        """Incidents that one of these departments leads, or helps with; a part says which.

        Args:
            departments: ids.
            part: lead or help; else either.
            then: at the moment that the incidents are `as_of`.
        """
        these = sorted(departments)
        lead, helpers = OF_THEN if then else OF_NOW
        helped = Q(**{f"{helpers}__overlap": these}) & ~Q(**{helpers: []})  # as the index has it
        led = Q(**{f"{lead}__in": these})
        return self.filter({"lead": led, "help": helped}.get(part, led | helped))

    def open(self) -> Self:
        """Incidents that are not yet closed or void."""
        return self.exclude(light=Light.NONE)

    def by_urgency(self) -> Self:
        """Overdue first, then least time left; parked ones last."""
        late_first = models.Case(
            models.When(light=Light.LATE, then=0),
            models.When(light=Light.PARKED, then=2),
            default=1,
            output_field=models.SmallIntegerField(),
        )
        return self.order_by(late_first, models.F("due").asc(nulls_last=True), "pk")


class Incident(models.Model):
    """One report on its way to closure. Its cell is found by the database, never typed."""

    class Source(models.TextChoices):
        RESIDENT = "resident", "居民"
        CHIEF = "chief", "三长"
        WORKER = "worker", "网格员"
        PATROL = "patrol", "巡查"
        HOTLINE = "hotline", "12345热线"
        WECHAT = "wechat", "微信群"
        OFFICE = "office", "街道社区"  # somebody of an office, who is none of the above
        IMPORT = "import", "导入"

    city = models.ForeignKey(City, models.PROTECT)
    number = models.CharField(max_length=40)  # YYYYMMDD-serial; holds no cell, for cells change
    title = models.CharField(max_length=120)
    text = models.TextField(blank=True, max_length=4000)
    place = models.PointField(srid=SRID)
    address = models.CharField(max_length=120, blank=True)
    search = models.TextField(blank=True)
    category = models.ForeignKey(Category, models.PROTECT)
    source = models.CharField(max_length=10, choices=Source)
    state = models.CharField(max_length=10, choices=State, default=State.REPORTED)
    parked = models.BooleanField(default=False)
    urgent = models.BooleanField(default=False)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reported_at = models.DateTimeField()
    # When it was said, where that was before it was put down: in a chat, on the telephone.
    said_at = models.DateTimeField(null=True, blank=True)
    filed_at = models.DateTimeField(null=True, blank=True)
    soon_at = models.DateTimeField(null=True, blank=True)  # 80 % of the limit is used up
    due = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # What the steps so far have shown (gridmap.layers.cases).
    verified = models.BooleanField(null=True, blank=True)  # 核实: found as reported
    inspected = models.BooleanField(null=True, blank=True)  # 核查: found done
    self_handled = models.BooleanField(db_default=False, default=False)  # 自处理: done on the spot
    returns = models.PositiveSmallIntegerField(db_default=0, default=0)  # 回退 granted
    helpers = (
        ArrayField(  # departments that help (协办); `gridmap.layers.cases.Assignment` tells more
            models.BigIntegerField(), default=list, db_default=Value("{}"), blank=True
        )
    )
    # 评价: 1 no, 2 so-so, 3 yes; of several reporters the lowest word
    satisfied = models.SmallIntegerField(null=True, blank=True)
    # What its reporter filled in by hand; None: it came without a form, or before this was kept.
    typed = models.PositiveSmallIntegerField(null=True, blank=True)
    client_id = models.UUIDField(null=True, blank=True, unique=True)  # makes a retry harmless
    light = models.SmallIntegerField(choices=Light, default=Light.OK, editable=False)
    reported_cell = models.ForeignKey(
        Cell,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reported_incidents",
        editable=False,
    )  # of the day of the report; past statistics do not change when the map changes
    cell = models.ForeignKey(
        Cell, models.PROTECT, null=True, blank=True, related_name="incidents", editable=False
    )
    community = models.ForeignKey(
        Community, models.PROTECT, null=True, blank=True, related_name="incidents", editable=False
    )
    # The objects whose chiefs answered at the place when it was reported, found by the database.
    street = models.ForeignKey(
        Street, models.PROTECT, null=True, blank=True, related_name="incidents", editable=False
    )
    lane = models.ForeignKey(
        Lane, models.PROTECT, null=True, blank=True, related_name="incidents", editable=False
    )
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, blank=True, related_name="incidents", editable=False
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        constraints = [
            *sound("incident", "place"),
            models.UniqueConstraint(
                fields=["city", "number"],
                name="incident_number_once",
                opclasses=["int8_ops", "varchar_pattern_ops"],  # finds beginnings of numbers too
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="incident_state"),
            models.CheckConstraint(condition=Q(light__in=Light.values), name="incident_light"),
            models.CheckConstraint(
                condition=Q(
                    source__in=[
                        "resident",
                        "chief",
                        "worker",
                        "patrol",
                        "hotline",
                        "wechat",
                        "office",
                        "import",
                    ]
                ),
                name="incident_source",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=["closed", "void"]) & Q(closed_at__isnull=False))
                | (~Q(state__in=["closed", "void"]) & Q(closed_at__isnull=True)),
                name="incident_closed_has_time",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=["closed", "void"]) & Q(light=0))
                | (~Q(state__in=["closed", "void"]) & ~Q(light=0)),
                name="incident_light_of_open_ones",
            ),
            models.CheckConstraint(
                condition=Q(due__isnull=True)
                | Q(soon_at__isnull=False, soon_at__lte=models.F("due")),
                name="incident_soon_before_due",
            ),
            models.CheckConstraint(
                condition=Q(satisfied__isnull=True) | Q(satisfied__range=(1, 3)),
                name="incident_satisfied",
            ),
            models.CheckConstraint(
                condition=Q(filed_at__isnull=True) | Q(filed_at__gte=models.F("reported_at")),
                name="incident_filed_after_report",
            ),
            models.CheckConstraint(
                condition=Q(said_at__isnull=True) | Q(said_at__lte=models.F("reported_at")),
                name="incident_said_before_report",
            ),
        ]
        indexes = [
            by_letters("incident"),
            models.Index(
                fields=["cell", "light", "filed_at", "category"],
                name="incident_open_by_cell",
                condition=~Q(light=0),
            ),
            models.Index(fields=["due"], name="incident_due_watch", condition=Q(light__in=[1, 2])),
            models.Index(fields=["soon_at"], name="incident_soon_watch", condition=Q(light=1)),
            models.Index(fields=["city", "-reported_at"], name="incident_newest"),
            GinIndex(fields=["helpers"], name="incident_helpers", condition=~Q(helpers=[])),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def spot(self) -> Spot:
        """Where it is, as rights are asked there."""
        where = (self.city_id, self.community_id, self.cell_id)
        return Spot(*where, self.street_id, self.lane_id, self.building_id)


def spot_at(city: City, place: Point) -> Spot:
    """Return where a report made at a place now would be: its cell, and what answers there."""
    return spots_at(city, [place])[0]


def spots_at(city: City, places: Sequence[Point]) -> list[Spot]:
    """Return where reports made at these places now would be, in one question."""
    if not places:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.community, a.cell, a.street, a.lane, a.building"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS p (place, n)"
            " CROSS JOIN LATERAL gridmap_answering(p.place::geometry, %s, NULL, now()) AS a"
            " ORDER BY p.n",
            [[place.hexewkb.decode() for place in places], city.pk],
        )
        return [Spot(city.pk, *row) for row in cursor.fetchall()]
