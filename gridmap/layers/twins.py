"""Two reports of one matter: the later one leads to the earlier, whose progress both are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, Self

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


class Marks(NamedTuple):
    """What a list of cases says of twins.

    Attributes:
        leads: by id of a case the number of the one it was joined to.
        gathers: by id of a case how many were joined to it.
    """

    leads: dict[int, str]
    gathers: Counter[int]


def marks(scope: Scope, cases: Iterable[Incident]) -> Marks:
    """Return which of these cases lead to others, and to which of them others lead (one query)."""
    these = [case.pk for case in cases]
    among = Q(incident__in=these) | Q(original__in=these)
    rows = Twin.objects.within(scope).filter(among)
    pairs = list(rows.values_list("incident", "original", "original__number"))
    return Marks(
        {case: number for case, _, number in pairs}, Counter(original for _, original, _ in pairs)
    )


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
