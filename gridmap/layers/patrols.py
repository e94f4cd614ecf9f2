"""What was seen when: visits to stretches and entrances. Places are measured, people never."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gridmap.layers.people import Team
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.scope import Area, Scope
from gridmap.layers.territory import City


class VisitQuerySet(models.QuerySet["Visit"]):
    def within(self, scope: Scope) -> Self:
        """Visits to places that are the caller's business, one by one."""
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


class Visit(models.Model):
    """A stretch walked or an entrance seen. "Nothing found" counts; who walked is not kept."""

    class Source(models.TextChoices):
        TAP = "tap", "手机点“走过了”"
        QR = "qr", "扫门牌"
        TRACK = "track", "轨迹"
        PAPER = "paper", "纸质补录"

    city = models.ForeignKey(City, models.PROTECT)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="visits")
    stretch = models.ForeignKey(
        Stretch, models.CASCADE, null=True, blank=True, related_name="visits"
    )
    entrance = models.ForeignKey(
        Entrance, models.CASCADE, null=True, blank=True, related_name="visits"
    )
    at = models.DateTimeField()
    source = models.CharField(max_length=6, choices=Source)
    note = models.CharField(max_length=200, blank=True)  # empty: nothing found
    client_id = models.UUIDField(null=True, blank=True, unique=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stretch__isnull=False, entrance__isnull=True)
                | Q(stretch__isnull=True, entrance__isnull=False),
                name="visit_one_place",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["tap", "qr", "track", "paper"]), name="visit_source"
            ),
        ]
        indexes = [
            models.Index(fields=["stretch", "-at"], name="visit_stretch_latest"),
            models.Index(fields=["entrance", "-at"], name="visit_entrance_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %R} {self.source}"


def team_of_cell(cell_id: int | None) -> int | None:
    """Return which patrol team looks after a cell now; the first by name where several do."""
    if cell_id is None:
        return None
    found = Team.objects.filter(
        kind=Team.Kind.PATROL, areas__cell_id=cell_id, areas__valid__contains=Now()
    )
    return found.values_list("pk", flat=True).first()


class StretchSeen(models.Model):
    """When a stretch was last seen; kept by trigger from visits."""

    stretch = models.OneToOneField(Stretch, models.CASCADE, primary_key=True, related_name="seen")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.stretch_id} {self.at:%F %R}"


class EntranceSeen(models.Model):
    """When an entrance was last seen; kept by trigger from visits."""

    entrance = models.OneToOneField(Entrance, models.CASCADE, primary_key=True, related_name="seen")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.entrance_id} {self.at:%F %R}"
