"""The catalogue: when a matter is filed and closed, in what time, and whose it is.

Everything here is data that differs by city and year. Nothing is overwritten: a row holds for a
time, a change ends it and opens the next (domain.md 3.7). A rule of the parent class holds for
its kinds that have none of their own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridmap.layers.incidents import Category, State
from gridmap.layers.people import Department
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community, Subdistrict


class Unit(models.TextChoices):
    """How a limit is counted (`gridmap.geo.clock`)."""

    WORK_MINUTE = "work_minute", "工作分钟"
    WORK_HOUR = "work_hour", "工作时"
    WORK_DAY = "work_day", "工作日"
    MINUTE = "minute", "分钟"
    HOUR = "hour", "小时"
    DAY = "day", "天"


UNITS = ["work_minute", "work_hour", "work_day", "minute", "hour", "day"]


class PlaceClass(models.TextChoices):
    """Kind of place for which a rule holds."""

    ANY = "any", "全部"
    MAIN = "main", "主次干道"
    LANE = "lane", "背街小巷"
    ESTATE = "estate", "居民小区"


class StandardQuerySet(models.QuerySet["Standard"]):
    def within(self, scope: Scope) -> Self:
        """Standards of the cities in which the caller works."""
        return self.filter(category__city_id__in=scope.ground)

    def as_of(self, when: datetime) -> Self:
        """Standards in force at a moment."""
        return self.filter(valid__contains=when)


class Standard(models.Model):
    """One edition of one filing condition of a category, with its closing standard (立结案标准)."""

    category = models.ForeignKey(Category, models.PROTECT, related_name="standards")
    condition = models.CharField(max_length=20)  # its mark within the category: 一般, 堆量较大
    place_class = models.CharField(max_length=8, choices=PlaceClass, default=PlaceClass.ANY)
    filing = models.CharField(max_length=300)  # 立案条件
    closing = models.CharField(max_length=300)  # 结案标准
    source = models.CharField(max_length=120)  # which rule says so
    added_at = models.DateTimeField(
        db_default=TransactionNow(), editable=False
    )  # of the transaction
    valid = DateTimeRangeField()

    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ["category", "condition", "-valid"]
        verbose_name = _("立结案标准")
        verbose_name_plural = _("立结案标准")
        constraints = [
            models.CheckConstraint(
                condition=Q(place_class__in=["any", "main", "lane", "estate"]),
                name="standard_place_class",
            ),
            models.CheckConstraint(
                condition=~Q(condition="") & ~Q(filing="") & ~Q(closing="") & ~Q(source=""),
                name="standard_says_all",
            ),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="standard_valid_some"),
            ExclusionConstraint(
                name="standard_one_edition_at_a_time",
                expressions=[
                    ("category", RangeOperators.EQUAL),
                    ("condition", RangeOperators.EQUAL),
                    ("place_class", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} · {self.condition}"

    @property
    def city_id(self) -> int:
        """The city whose rule it is."""
        return self.category.city_id


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def within(self, scope: Scope) -> Self:
        """Milestones of the cities in which the caller works."""
        return self.filter(standard__category__city_id__in=scope.ground)


class Milestone(models.Model):
    """What must be reached by when; a case has several: stop, penalty, demolition."""

    standard = models.ForeignKey(Standard, models.PROTECT, related_name="milestones")
    number = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=40)
    limit = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=12, choices=Unit)
    urgent = models.BooleanField(null=True, blank=True)  # only urgent ones, only others; None: all
    not_before = models.TimeField(null=True, blank=True)  # the clock starts at this hour or later

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = ["standard", "number"]
        verbose_name = _("处置时限")
        verbose_name_plural = _("处置时限")
        constraints = [
            models.UniqueConstraint(
                fields=["standard", "number", "urgent"],
                name="milestone_number_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(unit__in=UNITS), name="milestone_unit"),
            models.CheckConstraint(condition=Q(limit__range=(1, 400)), name="milestone_limit"),
            models.CheckConstraint(condition=~Q(name=""), name="milestone_named"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.limit} {self.get_unit_display()}"

    @property
    def city_id(self) -> int:
        """The city whose rule it is."""
        return self.standard.category.city_id

    @property
    def valid(self) -> object:
        """When it holds: as long as its standard."""
        return self.standard.valid


class StepLimitQuerySet(models.QuerySet["StepLimit"]):
    def within(self, scope: Scope) -> Self:
        """Limits of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)

    def as_of(self, when: datetime) -> Self:
        """Limits in force at a moment."""
        return self.filter(valid__contains=when)


class StepLimit(models.Model):
    """In what time a step is done that is no handling: verify, file, dispatch, inspect."""

    city = models.ForeignKey(City, models.PROTECT, related_name="step_limits")
    state = models.CharField(max_length=10, choices=State)
    limit = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=12, choices=Unit)
    valid = DateTimeRangeField()

    objects = StepLimitQuerySet.as_manager()

    class Meta:
        ordering = ["city", "state", "-valid"]
        verbose_name = _("环节时限")
        verbose_name_plural = _("环节时限")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["reported", "filed", "dispatched", "answered", "inspecting"]
                ),
                name="steplimit_state",
            ),
            models.CheckConstraint(condition=Q(unit__in=UNITS), name="steplimit_unit"),
            models.CheckConstraint(condition=Q(limit__range=(1, 400)), name="steplimit_limit"),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="steplimit_valid_some"),
            ExclusionConstraint(
                name="steplimit_one_at_a_time",
                expressions=[
                    ("city", RangeOperators.EQUAL),
                    ("state", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.limit} {self.get_unit_display()}"


class AuthorityQuerySet(models.QuerySet["Authority"]):
    def within(self, scope: Scope) -> Self:
        """Rows of the cities in which the caller works."""
        return self.filter(category__city_id__in=scope.ground)

    def as_of(self, when: datetime) -> Self:
        """Rows in force at a moment."""
        return self.filter(valid__contains=when)


class Authority(models.Model):
    """One field of the matrix: in this area, matters of this category are this department's."""

    category = models.ForeignKey(Category, models.PROTECT, related_name="authorities")
    subdistrict = models.ForeignKey(Subdistrict, models.PROTECT, null=True, blank=True)
    community = models.ForeignKey(Community, models.PROTECT, null=True, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, related_name="authorities")
    source = models.CharField(max_length=120)
    valid = DateTimeRangeField()

    objects = AuthorityQuerySet.as_manager()

    class Meta:
        ordering = ["category", "-valid"]
        verbose_name = _("权责清单")
        verbose_name_plural = _("权责清单")
        constraints = [
            models.CheckConstraint(
                condition=Q(subdistrict__isnull=True) | Q(community__isnull=True),
                name="authority_one_area",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="authority_has_source"),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="authority_valid_some"),
            # authority_one_department: in sql/0041, for an area left out counts as one.
        ]

    def __str__(self) -> str:
        return f"{self.category} → {self.department}"

    @property
    def city_id(self) -> int:
        """The city whose matrix it is."""
        return self.category.city_id
