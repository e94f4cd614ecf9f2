"""The values of each cell, kept in step by triggers, and the log the live map reads.

Triggers append to `Delta` (no lock is shared between writers, so nothing can deadlock); the
timekeeper folds deltas into `CellStat` every quarter of a second and writes one `Change` that names
the cells and incidents touched. All of it lives in SQL (layers/sql/0004_rollup.sql); these models
give the tables their shape.
"""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from gridmap.layers.scope import Scope
from gridmap.layers.territory import Cell, City


class CellStatQuerySet(models.QuerySet["CellStat"]):
    def within(self, scope: Scope) -> Self:
        """Values of the cells that are the caller's business."""
        return self.filter(
            scope.figures.rows(cities="city_id", communities="cell__community_id", cells="cell_id")
        )


class CellStat(models.Model):
    """One row a cell: what the overlays show."""

    cell = models.OneToOneField(Cell, models.CASCADE, primary_key=True, related_name="stat")
    city = models.ForeignKey(City, models.CASCADE)
    open = models.IntegerField(default=0)
    soon = models.IntegerField(default=0)
    late = models.IntegerField(default=0)
    parked = models.IntegerField(default=0)
    stretches = ArrayField(models.IntegerField(), size=7)  # by freshness class 0..6
    entrances = ArrayField(models.IntegerField(), size=7)
    # filled, substitute, expiring, vacant of streets, then lanes, then buildings
    chiefs = ArrayField(models.IntegerField(), size=12)
    counted_on = models.DateField()  # local day for which freshness and terms were counted

    objects = CellStatQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.cell_id)


class Delta(models.Model):
    """What one statement changed in one cell; folded and deleted by ``gridmap_compact()``."""

    cell_id = models.BigIntegerField(null=True)  # null: outside every cell
    city_id = models.BigIntegerField()
    open = models.IntegerField(default=0)
    soon = models.IntegerField(default=0)
    late = models.IntegerField(default=0)
    parked = models.IntegerField(default=0)
    recount = models.BooleanField(default=False)  # freshness and chiefs are counted again
    incidents = ArrayField(models.BigIntegerField(), null=True)  # null: too many to name

    def __str__(self) -> str:
        return f"{self.cell_id} {self.open:+d}"


class Change(models.Model):
    """One coalesced change of the live map: ids only; values are read when it is sent."""

    class Kind(models.TextChoices):
        CHANGE = "change", "change"
        EDITION = "edition", "edition"

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    city = models.ForeignKey(City, models.CASCADE)
    kind = models.CharField(max_length=8, choices=Kind)
    cells = ArrayField(models.BigIntegerField(), default=list)
    incidents = ArrayField(models.BigIntegerField(), null=True)  # null: read them all again

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"


class Clock(models.Model):
    """One row: until when the timekeeper has followed the clock."""

    swept_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="clock_one_row")]

    def __str__(self) -> str:
        return f"{self.swept_at:%F %T}"
