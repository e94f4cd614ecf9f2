"""When offices work: the official calendar of a city, and the hours of its seasons.

The State Council names holidays and the days that are worked instead; cities change their hours
with the season. Deadlines in working hours and days are counted by these rows and nothing else: a
day without a row is worked from Monday to Friday.
"""

from __future__ import annotations

from datetime import date
from typing import Self

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridmap.layers.scope import Scope
from gridmap.layers.territory import City


class CalendarDayQuerySet(models.QuerySet["CalendarDay"]):
    def within(self, scope: Scope) -> Self:
        """Days of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)

    def between(self, first: date, last: date) -> Self:
        """Days from ``first`` to ``last``, both included, in order."""
        return self.filter(day__range=(first, last)).order_by("day")


class CalendarDay(models.Model):
    """One day that is not what its weekday says, or is named."""

    class Kind(models.TextChoices):
        WORK = "work", "工作日"
        REST = "rest", "休息日"
        HOLIDAY = "holiday", "法定节假日"
        MAKE_UP = "make_up", "调休上班"

    city = models.ForeignKey(City, models.PROTECT, related_name="calendar_days")
    day = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=120)  # who said so: number of the notice

    objects = CalendarDayQuerySet.as_manager()

    class Meta:
        ordering = ["day"]
        verbose_name = _("日历")
        verbose_name_plural = _("日历")
        constraints = [
            models.UniqueConstraint(fields=["city", "day"], name="calendarday_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["work", "rest", "holiday", "make_up"]),
                name="calendarday_kind",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="calendarday_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%F} {self.name}"

    @property
    def worked(self) -> bool:
        """Whether offices work on this day."""
        return self.kind in {self.Kind.WORK, self.Kind.MAKE_UP}


FROM_MONTH = 10  # from October on the next year is asked for: limits begin to cross into it


def year_without_days(city: City, today: date) -> int | None:
    """Return the year whose official days are missing: this one, or from October on the next."""
    wanted = [today.year, today.year + 1] if today.month >= FROM_MONTH else [today.year]
    rows = CalendarDay.objects.filter(city=city, day__year__in=wanted)
    known = {day.year for day in rows.dates("day", "year")}
    return next((year for year in wanted if year not in known), None)


class WorkSlotQuerySet(models.QuerySet["WorkSlot"]):
    def within(self, scope: Scope) -> Self:
        """Slots of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)

    def on(self, day: date) -> Self:
        """Slots that hold on a day, in order."""
        return self.filter(valid__contains=day).order_by("begins")


class WorkSlot(models.Model):
    """Hours in which offices work on a working day, during one season."""

    city = models.ForeignKey(City, models.PROTECT, related_name="work_slots")
    season = models.CharField(max_length=20)  # 夏令, 冬令
    begins = models.TimeField()
    ends = models.TimeField()
    valid = DateRangeField()

    objects = WorkSlotQuerySet.as_manager()

    class Meta:
        ordering = ["valid", "begins"]
        verbose_name = _("作息时间")
        verbose_name_plural = _("作息时间")
        constraints = [
            models.CheckConstraint(
                condition=Q(begins__lt=models.F("ends")), name="workslot_begins_before_end"
            ),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="workslot_valid_some"),
            # workslot_one_at_a_time: in sql/0017, for the hours are no range to Django.
        ]

    def __str__(self) -> str:
        return f"{self.season} {self.begins:%H:%M}–{self.ends:%H:%M}"
