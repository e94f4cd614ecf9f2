"""What cells are made of: the units of a community, and how they touch.

A fabric is built once and never changed; a newer one takes its place and says, unit by unit, what
became of the old one. Units are counted from 0 in one order (``place``), which is the order of
every array that speaks of them; their lasting name is ``uid``.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.db import connection
from django.db.models import F, Q

from gridmap.layers.places import Building
from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID, sound
from gridmap.layers.territory import Community


class FabricQuerySet(models.QuerySet["Fabric"]):
    def within(self, scope: Scope) -> Self:
        """Fabrics of the cities in which the caller works: they are ground like buildings."""
        return self.filter(community__subdistrict__city_id__in=scope.ground)


class Fabric(models.Model):
    """The units that tile one community, as worked out from its streets, lanes and buildings."""

    community = models.ForeignKey(Community, models.PROTECT, related_name="fabrics")
    version = models.PositiveIntegerField()
    current = models.BooleanField(default=True)  # the newest one of its community
    source_hash = models.CharField(max_length=64)  # of what it was built from
    built_at = models.DateTimeField(auto_now_add=True)
    built_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    size = models.PositiveIntegerField()  # number of units
    bundle = models.BinaryField()  # all of it in one piece, as the browser reads it; gzip

    objects = FabricQuerySet.as_manager()

    class Meta:
        ordering = ["community", "version"]
        constraints = [
            models.UniqueConstraint(fields=["community", "version"], name="fabric_version_once"),
            models.UniqueConstraint(fields=["id", "community"], name="fabric_of_community"),
            models.UniqueConstraint(
                fields=["community"], condition=Q(current=True), name="fabric_one_current"
            ),
            # A label is a smallint, and the browser numbers units with 16 bits less one.
            models.CheckConstraint(condition=Q(size__gte=1, size__lte=65_000), name="fabric_size"),
        ]

    def __str__(self) -> str:
        return f"{self.community_id}.{self.version}"


class UnitQuerySet(models.QuerySet["Unit"]):
    def within(self, scope: Scope) -> Self:
        """Units of the cities in which the caller works."""
        return self.filter(fabric__community__subdistrict__city_id__in=scope.ground)


class Unit(models.Model):
    """The least piece a cell is made of: one building with the ground about it, or open land."""

    class Kind(models.TextChoices):
        BUILDING = "building", "楼栋地块"
        OPEN = "open", "空地"
        WATER = "water", "水面"
        GIVEN = "given", "外来地块"

    fabric = models.ForeignKey(Fabric, models.CASCADE, related_name="units")
    place = models.PositiveIntegerField()  # from 0, in the order of every array
    uid = models.CharField(max_length=40)  # lasting: B and the building's code, or L and a place
    kind = models.CharField(max_length=8, choices=Kind)
    block = models.PositiveIntegerField()  # number of the block: ground that no way or water cuts
    building = models.ForeignKey(
        Building, models.SET_NULL, null=True, blank=True, related_name="units"
    )
    households = models.PositiveIntegerField(default=0)
    residents = models.PositiveIntegerField(default=0)
    incidents = models.PositiveIntegerField(default=0)  # of the 12 months before it was built
    area_m2 = models.FloatField()
    perimeter_m = models.FloatField()
    geom = models.MultiPolygonField(srid=SRID)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["fabric", "place"]
        constraints = [
            *sound("unit", "geom", area=True),
            models.UniqueConstraint(fields=["fabric", "place"], name="unit_place_once"),
            models.UniqueConstraint(fields=["fabric", "uid"], name="unit_uid_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["building", "open", "water", "given"]), name="unit_kind"
            ),
            models.CheckConstraint(
                condition=Q(area_m2__gt=0, perimeter_m__gt=0), name="unit_measures"
            ),
            # Spreadsheets strip zeros and turn long numbers into powers of ten: never only digits.
            models.CheckConstraint(condition=Q(uid__regex=r"^[A-Za-z]\S*$"), name="unit_uid_form"),
        ]

    def __str__(self) -> str:
        return self.uid


class UnitEdge(models.Model):
    """A common border of two units; ``a`` and ``b`` are their places, the lower first."""

    class Level(models.IntegerChoices):
        INNER = 0, "块内"
        BARRIER = 1, "墙或水"
        LANE = 2, "巷"
        STREET = 3, "街路"
        ARTERIAL = 4, "干道"

    fabric = models.ForeignKey(Fabric, models.CASCADE, related_name="edges")
    place = models.PositiveIntegerField()  # from 0, in the order of every array of borders
    a = models.PositiveIntegerField()
    b = models.PositiveIntegerField()
    length_m = models.FloatField()
    level = models.PositiveSmallIntegerField(choices=Level)
    crossable = models.BooleanField(default=True)  # false: water or a wall without a gate
    geom = models.MultiLineStringField(srid=SRID)

    class Meta:
        ordering = ["fabric", "a", "b"]
        constraints = [
            *sound("unitedge", "geom"),
            models.UniqueConstraint(fields=["fabric", "place"], name="unitedge_place_once"),
            models.UniqueConstraint(fields=["fabric", "a", "b"], name="unitedge_once"),
            models.CheckConstraint(condition=Q(a__lt=F("b")), name="unitedge_lower_first"),
            models.CheckConstraint(condition=Q(length_m__gt=0), name="unitedge_length"),
            models.CheckConstraint(condition=Q(level__in=[0, 1, 2, 3, 4]), name="unitedge_level"),
        ]

    def __str__(self) -> str:
        return f"{self.a}–{self.b}"


class UnitLineage(models.Model):
    """What part of a unit of the fabric before this one lies in which unit of this one."""

    fabric = models.ForeignKey(Fabric, models.CASCADE, related_name="lineage")
    old_uid = models.CharField(max_length=40)
    new_uid = models.CharField(max_length=40)
    share = models.FloatField()  # of the old unit's area

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fabric", "old_uid", "new_uid"], name="lineage_once"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="lineage_share"),
        ]

    def __str__(self) -> str:
        return f"{self.old_uid} → {self.new_uid}"


def fabric_tile(fabric_id: int, tile: tuple[int, int, int]) -> bytes:
    """Return one vector tile (z, x, y) of a fabric: its units and borders."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_fabric_tile(%s, %s, %s, %s)", [fabric_id, *tile])
        return bytes(cursor.fetchone()[0])
