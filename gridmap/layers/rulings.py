"""Whose ground it is (确权): disputes over duty borders, and the rulings that end them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Q

from gridmap.layers.incidents import Category, Incident
from gridmap.layers.people import Department
from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID, sound
from gridmap.layers.territory import City, Community


class RulingQuerySet(models.QuerySet["Ruling"]):
    def within(self, scope: Scope) -> Self:
        """Rulings of the cities in which the caller works: whose ground it is, is no secret."""
        return self.filter(city_id__in=scope.ground)

    def as_of(self, when: datetime) -> Self:
        """Rulings in force at a moment."""
        return self.filter(valid__contains=when)


class Ruling(models.Model):
    """From a day on, matters of a category on this ground are this department's."""

    city = models.ForeignKey(City, models.PROTECT, related_name="rulings")
    category = models.ForeignKey(Category, models.PROTECT, related_name="rulings")
    department = models.ForeignKey(Department, models.PROTECT, related_name="rulings")
    geom = models.MultiPolygonField(srid=SRID)
    why = models.TextField(max_length=2000)
    valid = DateTimeRangeField()

    objects = RulingQuerySet.as_manager()

    class Meta:
        ordering = ["-valid", "-pk"]
        constraints = [
            *sound("ruling", "geom", area=True),
            models.CheckConstraint(condition=~Q(why=""), name="ruling_has_reason"),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="ruling_valid_some"),
            # ruling_overlap: in sql/0041, for shapes that only touch do not overlap.
        ]

    def __str__(self) -> str:
        return f"{self.category} → {self.department}"


class JointTaskQuerySet(models.QuerySet["JointTask"]):
    def within(self, scope: Scope) -> Self:
        """Tasks about incidents that are the caller's business."""
        return self.filter(incident__in=Incident.objects.within(scope))

    def open(self) -> Self:
        """Tasks without a ruling."""
        return self.filter(settled_at__isnull=True)


class JointTask(models.Model):
    """Departments meet on the spot, for it is not clear whose the incident is (联合会勘)."""

    class Cause(models.TextChoices):
        RETURNED = "returned", "两次回退"
        BORDER = "border", "临近责任边界"

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="joint_tasks")
    cause = models.CharField(max_length=10, choices=Cause)
    departments = models.ManyToManyField(Department, related_name="joint_tasks")
    communities = models.ManyToManyField(Community, related_name="joint_tasks")
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    ruling = models.ForeignKey(
        Ruling, models.PROTECT, null=True, blank=True, related_name="joint_tasks"
    )

    objects = JointTaskQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cause__in=["returned", "border"]), name="jointtask_cause"
            ),
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(settled_at__isnull=True),
                name="jointtask_one_open",
            ),
            models.CheckConstraint(
                condition=Q(ruling__isnull=True) | Q(settled_at__isnull=False),
                name="jointtask_ruled_is_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.incident_id}"
