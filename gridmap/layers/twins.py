"""Two reports of one matter: the later one leads to the earlier, whose progress both are told."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from gridmap.layers.incidents import Incident
from gridmap.layers.scope import Scope


class TwinQuerySet(models.QuerySet["Twin"]):
    def within(self, scope: Scope) -> Self:
        """Pairs of which the caller sees both."""
        seen = Incident.objects.within(scope)
        return self.filter(incident__in=seen, original__in=seen)


class Twin(models.Model):
    """An incident that tells of the same as another one."""

    incident = models.OneToOneField(Incident, models.CASCADE, related_name="twin")
    original = models.ForeignKey(Incident, models.CASCADE, related_name="twins")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    objects = TwinQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(incident=models.F("original")), name="twin_of_another"
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} → {self.original_id}"
