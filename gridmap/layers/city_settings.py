"""Settings that are data: they differ by city and year, and what was in force stays readable.

One function reads them: `city_setting`. Where a city has no row in force, ``settings.py`` decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridmap.layers.scope import Scope
from gridmap.layers.territory import City


class CitySettingQuerySet(models.QuerySet["CitySetting"]):
    def within(self, scope: Scope) -> Self:
        """Settings of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)

    def as_of(self, when: datetime) -> Self:
        """Settings in force at ``when``."""
        return self.filter(valid__contains=when)


class CitySetting(models.Model):
    """One value of one setting of a city, for a time."""

    class Name(models.TextChoices):
        CELL_HOUSEHOLDS = "cell_households", "基础网格户数范围"
        SMALL_NUMBER = "small_number", "小数保护下限（k）"
        CHIEF_DAYS = "chief_days", "任期到期提前提醒（天）"
        CHIEF_OBJECTS = "chief_objects", "一人负责对象上限"
        BORDER_METRES = "border_metres", "责任边界距离（米）"
        REOPEN_DAYS = "reopen_days", "结案后可重开（天）"
        CLOSE_TARGET = "close_target", "按期结案目标（%）"

    city = models.ForeignKey(City, models.PROTECT, related_name="own_settings")
    name = models.CharField(max_length=20, choices=Name)
    value = models.CharField(max_length=20)
    valid = DateTimeRangeField()

    objects = CitySettingQuerySet.as_manager()

    class Meta:
        ordering = ["name", "-valid"]
        verbose_name = _("城市参数")
        verbose_name_plural = _("城市参数")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    name__in=[
                        "cell_households",
                        "small_number",
                        "chief_days",
                        "chief_objects",
                        "border_metres",
                        "reopen_days",
                        "close_target",
                    ]
                ),
                name="citysetting_name",
            ),
            models.CheckConstraint(
                condition=Q(name="cell_households", value__regex=r"^[1-9]\d{0,4}-[1-9]\d{0,4}$")
                | Q(name="close_target", value__regex=r"^([1-9]\d?|100)$")
                | (
                    ~Q(name__in=["cell_households", "close_target"])
                    & Q(value__regex=r"^[1-9]\d{0,4}$")
                ),
                name="citysetting_value_form",
            ),
            models.CheckConstraint(
                condition=Q(valid__isempty=False), name="citysetting_valid_some"
            ),
            ExclusionConstraint(
                name="citysetting_one_at_a_time",
                expressions=[
                    ("city", RangeOperators.EQUAL),
                    ("name", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()} {self.value}"


# The setting of the installation that holds where a city has none, and what holds without that.
FALLBACK: dict[str, tuple[str, tuple[int, ...]]] = {
    CitySetting.Name.CELL_HOUSEHOLDS: ("CELL_HOUSEHOLDS", (300, 500)),
    CitySetting.Name.SMALL_NUMBER: ("SMALL_NUMBER", (10,)),
    CitySetting.Name.CHIEF_DAYS: ("CHIEF_DAYS", (30,)),
    CitySetting.Name.CHIEF_OBJECTS: ("CHIEF_OBJECTS", (6,)),
    CitySetting.Name.BORDER_METRES: ("BORDER_METRES", (15,)),
    CitySetting.Name.REOPEN_DAYS: ("REOPEN_DAYS", (15,)),
    CitySetting.Name.CLOSE_TARGET: ("CLOSE_TARGET", (0,)),  # 0: none is set
}


def numbers(name: str, city_id: int, when: datetime | None = None) -> tuple[int, ...]:
    """Return the numbers of a setting: one, or the least and the most of a band.

    Args:
        name: one of `CitySetting.Name`.
        city_id: whose.
        when: as it was at that moment; now when left out.
    """
    rows = CitySetting.objects.filter(city_id=city_id, name=name).as_of(when or timezone.now())
    value = rows.values_list("value", flat=True).first()
    if value is not None:
        return tuple(int(part) for part in value.split("-"))
    setting, otherwise = FALLBACK[name]
    held: int | tuple[int, ...] = getattr(settings, setting, otherwise)
    return held if isinstance(held, tuple) else (held,)


def city_setting(name: str, city_id: int, when: datetime | None = None) -> int:
    """Return a setting that is one number (`numbers` for a band)."""
    return numbers(name, city_id, when)[0]


def settings_at(name: str, city_id: int, moments: Sequence[datetime]) -> list[int]:
    """Return a setting that is one number as it was at each moment; one query for all of them."""
    rows = CitySetting.objects.filter(city_id=city_id, name=name).values_list("valid", "value")
    held = list(rows)
    setting, otherwise = FALLBACK[name]
    usual = getattr(settings, setting, otherwise[0])
    return [
        next((int(value) for valid, value in held if moment in valid), usual) for moment in moments
    ]
