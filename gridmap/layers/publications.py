"""What was published when, and what it moved: lineage of cells, history of units, handovers."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from gridmap.layers.people import ChiefTerm, TeamArea
from gridmap.layers.plans import Plan, mine
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Cell, Community


class PublicationQuerySet(models.QuerySet["Publication"]):
    def within(self, scope: Scope) -> Self:
        """Publications in communities whose plans the caller may read."""
        return self.filter(mine(scope, "community"))


class Publication(models.Model):
    """One change of the division of a community, from a midnight on."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="publications")
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="publications"
    )  # null: it takes another one back
    reverts = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reverted_by"
    )
    starts = models.DateTimeField()  # midnight of the city
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    impact = models.JSONField(default=dict)  # the figures that were shown before
    carried = models.JSONField(default=dict)  # terms and areas it ended and made
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # before it took effect

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(plan__isnull=False, reverts__isnull=True)
                | Q(plan__isnull=True, reverts__isnull=False),
                name="publication_of_a_plan_or_back",
            ),
            models.UniqueConstraint(
                fields=["community", "starts"],
                condition=Q(withdrawn_at__isnull=True),
                name="publication_one_a_midnight",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community_id} {self.starts:%F}"


class CellLineage(models.Model):
    """How much of one cell went to another; the same cell on both sides: what stayed."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="lineage")
    source = models.ForeignKey(Cell, models.PROTECT, related_name="went_to")
    target = models.ForeignKey(Cell, models.PROTECT, related_name="came_from")
    households = models.PositiveIntegerField()
    buildings = models.PositiveIntegerField()
    area_m2 = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "source", "target"], name="celllineage_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}"


class UnitCell(models.Model):
    """Which cell a unit belonged to, and when."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="unit_cells")
    uid = models.CharField(max_length=40)
    cell = models.ForeignKey(Cell, models.PROTECT, related_name="unit_cells")
    valid = DateTimeRangeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(valid__isempty=False), name="unitcell_valid_some"),
            ExclusionConstraint(
                name="unitcell_one_at_a_time",
                expressions=[
                    ("community", RangeOperators.EQUAL),
                    ("uid", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.cell_id}"


class CellHandoverQuerySet(models.QuerySet["CellHandover"]):
    def within(self, scope: Scope) -> Self:
        """Handovers in communities whose plans the caller may read."""
        return self.filter(mine(scope, "publication__community"))


class CellHandover(models.Model):
    """An office or a team's care that goes from one cell to another with a publication."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待确认"
        ACCEPTED = "accepted", "已移交"
        KEPT = "kept", "不移交"

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="handovers")
    term = models.ForeignKey(
        ChiefTerm, models.CASCADE, null=True, blank=True, related_name="cell_handovers"
    )
    team_area = models.ForeignKey(
        TeamArea, models.CASCADE, null=True, blank=True, related_name="cell_handovers"
    )
    source = models.ForeignKey(Cell, models.PROTECT, related_name="handed_over")
    target = models.ForeignKey(Cell, models.PROTECT, related_name="taken_over")
    share = models.FloatField()  # of the target's households that come from the source
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = CellHandoverQuerySet.as_manager()

    class Meta:
        ordering = ["publication", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(term__isnull=False, team_area__isnull=True)
                | Q(term__isnull=True, team_area__isnull=False),
                name="cellhandover_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "accepted", "kept"]), name="cellhandover_state"
            ),
            models.CheckConstraint(
                condition=Q(share__gte=0, share__lte=1), name="cellhandover_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}"
