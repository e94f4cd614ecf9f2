"""Figures that were kept as they were computed, and the cases somebody contested."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from gridmap.layers.evaluation import RATES, Figure
from gridmap.layers.incidents import Incident
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def within(self, scope: Scope) -> Self:
        """Those of cities of which the caller sees everything."""
        return self.filter(city_id__in=scope.cities)


class Evaluation(models.Model):
    """The figures of one period as they were computed at one moment; never changed."""

    city = models.ForeignKey(City, models.PROTECT, related_name="evaluations")
    since = models.DateTimeField()
    until = models.DateTimeField()
    version = models.CharField(max_length=20)  # of the rules
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    values = models.JSONField()  # by group, unit and rate: [part, whole]
    left_out = models.JSONField(default=dict)  # by rate: incidents whose contest was upheld

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(since__lt=models.F("until")), name="evaluation_since_before_until"
            ),
            models.CheckConstraint(condition=~Q(version=""), name="evaluation_has_version"),
        ]

    def __str__(self) -> str:
        return f"{self.since:%F}–{self.until:%F} {self.version}"


class ContestQuerySet(models.QuerySet["Contest"]):
    def within(self, scope: Scope) -> Self:
        """Contests about incidents that are the caller's business."""
        return self.filter(incident__in=Incident.objects.within(scope))


class Contest(models.Model):
    """Somebody holds that a case should not count in a rate; somebody else decides."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="contests")
    rate = models.CharField(max_length=20)
    why = models.TextField(max_length=2000)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    upheld = models.BooleanField(null=True, blank=True)
    answer = models.TextField(blank=True, max_length=2000)

    objects = ContestQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    rate__in=[
                        "closed", "closed_in_time", "handled_in_time", "rework",
                        "dispatched_right", "dispatched_in_time", "verified_in_time",
                        "filed_in_time", "inspected_in_time", "valid_reports", "missed",
                        "satisfied", "replied",
                    ]
                ),
                name="contest_rate",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="contest_has_reason"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, upheld__isnull=True)
                | Q(decided_at__isnull=False, upheld__isnull=False),
                name="contest_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("asked_by")),
                name="contest_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["incident", "rate"],
                condition=Q(decided_at__isnull=True),
                name="contest_one_open",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.incident_id} {self.rate}"


def left_out(city: City, at: datetime) -> dict[str, frozenset[int]]:
    """Return by rate the incidents whose contest had been upheld by a moment."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    rows = Contest.objects.filter(incident__city=city, upheld=True, decided_at__lte=at)
    for rate, incident in rows.values_list("rate", "incident"):
        found[rate].add(incident)
    return {rate: frozenset(ids) for rate, ids in found.items()}


def counted(figures: dict[str, Figure]) -> dict[str, list[int]]:
    """Return figures as the numbers that are kept."""
    return {key: [len(one.part), len(one.whole)] for key, one in figures.items() if key in RATES}
