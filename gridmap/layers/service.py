"""A volunteer's own record of service: seen, kept and printed by nobody else.

Its parts are those of the ministry's rules for volunteer records (民政部令第 67 号): the person,
service, training, awards, evaluation. What is about the person is not kept: it is written on the
printed certificate by hand.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from gridmap.layers.scope import Scope
from gridmap.layers.shifts import Shift


class ServiceEntryQuerySet(models.QuerySet["ServiceEntry"]):
    def within(self, scope: Scope) -> Self:
        """The caller's own, and nothing else, whatever the caller's posts."""
        return self.filter(user_id=scope.user_id)


class ServiceEntry(models.Model):
    """One line of the record, as the volunteer wrote it."""

    class Kind(models.TextChoices):
        SERVICE = "service", "志愿服务"
        TRAINING = "training", "培训"
        AWARD = "award", "表彰奖励"
        EVALUATION = "evaluation", "评价"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    day = models.DateField()
    hours = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    what = models.CharField(max_length=120)
    body = models.CharField(max_length=80, blank=True)  # the organisation
    shift = models.ForeignKey(Shift, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ServiceEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=["service", "training"],
                    hours__isnull=False,
                    hours__gt=0,
                    hours__lte=24,
                )
                | Q(kind__in=["award", "evaluation"], hours=None, shift=None),
                name="serviceentry_hours",
            ),
            models.CheckConstraint(condition=~Q(what=""), name="serviceentry_says_what"),
            models.UniqueConstraint(fields=["user", "shift"], name="serviceentry_shift_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"
