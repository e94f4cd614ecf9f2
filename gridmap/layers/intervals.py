"""How often a place should be seen: the city's rules, and what makes a place need more.

The database works ``interval_days`` of stretches and entrances out of these (layers/sql/0052).
"""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City


class Kind(models.TextChoices):
    """Why a place is seen as often as it is."""

    USUAL = "usual", _("一般")
    SCHOOL = "school", _("学校周边")
    MARKET = "market", _("市场周边")
    NIGHT = "night", _("夜间重点")
    HAZARD = "hazard", _("隐患点位")


class Thing(models.TextChoices):
    """What coverage is measured on."""

    STRETCH = "stretch", _("巷段")
    ENTRANCE = "entrance", _("楼栋入口")


class IntervalRule(models.Model):
    """So many days at most between two visits to places of a kind, in one city.

    The shortest rule of what is emphasised at a place counts; else the usual one; else what the
    place came with, 7 days for a stretch and 14 for an entrance.
    """

    city = models.ForeignKey(City, models.CASCADE, related_name="interval_rules")
    thing = models.CharField(_("对象"), max_length=8, choices=Thing)
    kind = models.CharField(_("种类"), max_length=6, choices=Kind)
    days = models.PositiveSmallIntegerField(_("天数"))

    class Meta:
        verbose_name = _("要求间隔")
        verbose_name_plural = _("要求间隔")
        ordering = ["city", "thing", "days"]
        constraints = [
            models.UniqueConstraint(fields=["city", "thing", "kind"], name="intervalrule_once"),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=366), name="intervalrule_days"
            ),
            models.CheckConstraint(
                condition=Q(thing__in=["stretch", "entrance"]), name="intervalrule_thing"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["usual", "school", "market", "night", "hazard"]),
                name="intervalrule_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_thing_display()} · {self.get_kind_display()}"


class EmphasisQuerySet(models.QuerySet["Emphasis"]):
    def within(self, scope: Scope) -> Self:
        """Those of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)


class Emphasis(models.Model):
    """One place needs to be seen more often, and why."""

    city = models.ForeignKey(City, models.CASCADE, related_name="emphases")
    stretch = models.ForeignKey(
        Stretch, models.CASCADE, null=True, blank=True, related_name="emphases"
    )
    entrance = models.ForeignKey(
        Entrance, models.CASCADE, null=True, blank=True, related_name="emphases"
    )
    kind = models.CharField(max_length=6, choices=Kind)

    objects = EmphasisQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stretch", "kind"], name="emphasis_stretch_once"),
            models.UniqueConstraint(fields=["entrance", "kind"], name="emphasis_entrance_once"),
            models.CheckConstraint(
                condition=Q(stretch__isnull=False, entrance__isnull=True)
                | Q(stretch__isnull=True, entrance__isnull=False),
                name="emphasis_one_place",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["school", "market", "night", "hazard"]), name="emphasis_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stretch_id or self.entrance_id} {self.kind}"
