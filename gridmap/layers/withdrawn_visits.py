"""Visits that were taken back: told wrongly, or replaced by what is right."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from gridmap.layers.patrols import Visit
from gridmap.layers.people import Team
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.scope import Area, Scope
from gridmap.layers.territory import City


class WithdrawnVisitQuerySet(models.QuerySet["WithdrawnVisit"]):
    def within(self, scope: Scope) -> Self:
        """Of places that are the caller's business, as visits are."""
        own = scope.area | Area(cells=scope.beats)
        return self.filter(
            own.rows(
                cities="city_id",
                communities="stretch__cell__community_id",
                cells="stretch__cell_id",
                streets="stretch__street_id",
                lanes="stretch__lane_id",
            )
            | own.rows(
                communities="entrance__cell__community_id",
                cells="entrance__cell_id",
                buildings="entrance__building_id",
            )
        )


class WithdrawnVisit(models.Model):
    """A visit as it was told, out of every figure; a retry of its sender does not bring it back."""

    city = models.ForeignKey(City, models.CASCADE)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+")
    stretch = models.ForeignKey(
        Stretch, models.CASCADE, null=True, blank=True, related_name="withdrawn_visits"
    )
    entrance = models.ForeignKey(
        Entrance, models.CASCADE, null=True, blank=True, related_name="withdrawn_visits"
    )
    at = models.DateTimeField()
    source = models.CharField(max_length=6, choices=Visit.Source)
    note = models.CharField(max_length=200, blank=True)
    client_id = models.UUIDField(null=True, blank=True, unique=True)
    withdrawn_at = models.DateTimeField()
    why = models.CharField(max_length=200)
    replaced_by = models.ForeignKey(
        Visit, models.SET_NULL, null=True, blank=True, related_name="replaces"
    )

    objects = WithdrawnVisitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="withdrawnvisit_says_why"),
            models.CheckConstraint(
                condition=Q(stretch__isnull=False, entrance__isnull=True)
                | Q(stretch__isnull=True, entrance__isnull=False),
                name="withdrawnvisit_one_place",
            ),
        ]
        indexes = [
            models.Index(fields=["stretch", "-at"], name="withdrawn_stretch"),
            models.Index(fields=["entrance", "-at"], name="withdrawn_entrance"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %R} {self.why}"
