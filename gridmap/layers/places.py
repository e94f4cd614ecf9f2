"""Things on the ground: streets, lanes, their stretches, buildings, entrances, party units."""

from __future__ import annotations

from typing import Self, TypeVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import Q

from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID, sound
from gridmap.layers.territory import Cell, City, Community

Thing = TypeVar("Thing", bound=models.Model)


class GroundedQuerySet(models.QuerySet[Thing]):
    """Things that belong to the ground of one city."""

    def within(self, scope: Scope) -> Self:
        """Those of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)


class Derived(models.TextChoices):
    """Which form of a street or lane was worked out from the other."""

    NONE = "", "—"
    POLYGON = "polygon", "面由中心线推得"
    CENTRELINE = "centreline", "中心线由面推得"


class Way(models.Model):
    """What streets and lanes share: a centreline and a polygon, one of them perhaps derived."""

    city = models.ForeignKey(City, models.PROTECT)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=80, blank=True)  # unnamed ways stay unnamed
    kind = models.CharField(max_length=30, blank=True)
    aliases = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    search = models.TextField(blank=True)
    width_m = models.FloatField(null=True, blank=True)
    centreline = models.MultiLineStringField(srid=SRID)
    polygon = models.MultiPolygonField(srid=SRID)
    derived = models.CharField(max_length=10, choices=Derived, default=Derived.NONE, blank=True)

    class Meta:
        abstract = True
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name or self.code


def way_constraints(table: str) -> list[models.BaseConstraint]:
    """Return the constraints of a table of ways."""
    return [
        *sound(table, "centreline"),
        *sound(table, "polygon", area=True),
        models.UniqueConstraint(fields=["city", "code"], name=f"{table}_code_once"),
        models.CheckConstraint(condition=Q(derived__in=Derived.values), name=f"{table}_derived"),
        models.CheckConstraint(
            condition=Q(width_m__isnull=True) | Q(width_m__gt=0, width_m__lte=200),
            name=f"{table}_width",
        ),
    ]


def by_letters(table: str) -> GinIndex:
    """Return the trigram index behind the search box."""
    return GinIndex(OpClass("search", name="gin_trgm_ops"), name=f"{table}_search")


class StreetQuerySet(GroundedQuerySet["Street"]):
    """Streets, read within a scope."""


class Street(Way):
    """A street or road (街/路): what a street chief answers for."""

    objects = StreetQuerySet.as_manager()

    class Meta(Way.Meta):
        constraints = way_constraints("street")
        indexes = [by_letters("street")]


class LaneQuerySet(GroundedQuerySet["Lane"]):
    """Lanes, read within a scope."""


class Lane(Way):
    """A lane (巷/弄): what a lane chief answers for."""

    street = models.ForeignKey(Street, models.PROTECT, null=True, blank=True, related_name="lanes")
    community = models.ForeignKey(
        Community, models.PROTECT, null=True, blank=True, related_name="lanes"
    )  # found by the database when the lane comes without

    objects = LaneQuerySet.as_manager()

    class Meta(Way.Meta):
        constraints = way_constraints("lane")
        indexes = [by_letters("lane")]


class BuildingQuerySet(GroundedQuerySet["Building"]):
    """Buildings, read within a scope."""


class Building(models.Model):
    """A building (楼栋): what a building chief answers for. People are counted elsewhere."""

    city = models.ForeignKey(City, models.PROTECT)
    community = models.ForeignKey(
        Community, models.PROTECT, null=True, blank=True, related_name="buildings"
    )
    cell = models.ForeignKey(
        Cell, models.PROTECT, null=True, blank=True, related_name="buildings", editable=False
    )  # found by the database, never typed; so is the community
    lane = models.ForeignKey(Lane, models.PROTECT, null=True, blank=True, related_name="buildings")
    street = models.ForeignKey(
        Street, models.PROTECT, null=True, blank=True, related_name="buildings"
    )
    code = models.CharField(max_length=20)  # unique inside its city: community code-like + 5 digits
    name = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=120, blank=True)
    number = models.CharField(max_length=20, blank=True)
    aliases = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    search = models.TextField(blank=True)
    kind = models.CharField(max_length=30, blank=True)
    floors = models.PositiveSmallIntegerField(null=True, blank=True)
    geom = models.MultiPolygonField(srid=SRID)

    objects = BuildingQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            *sound("building", "geom", area=True),
            models.UniqueConstraint(fields=["city", "code"], name="building_code_once"),
            models.CheckConstraint(
                condition=Q(floors__isnull=True) | Q(floors__gte=1, floors__lte=200),
                name="building_floors",
            ),
        ]
        indexes = [by_letters("building")]

    def __str__(self) -> str:
        return self.name or self.address or self.code


class Headcount(models.Model):
    """How many households and residents a building had, by whose count, on which day."""

    building = models.ForeignKey(Building, models.CASCADE, related_name="headcounts")
    counted_on = models.DateField()
    source = models.CharField(max_length=80)
    households = models.PositiveIntegerField()
    residents = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["building", "counted_on", "source"], name="headcount_once"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="headcount_has_source"),
            models.CheckConstraint(
                condition=Q(households__lte=20000)
                & (Q(residents__isnull=True) | Q(residents__lte=60000)),
                name="headcount_sane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.households} ({self.counted_on}, {self.source})"


class StretchQuerySet(GroundedQuerySet["Stretch"]):
    """Stretches, read within a scope."""


class Stretch(models.Model):
    """A stretch (巷段): a piece of a street or lane between crossings, one side or both.

    Coverage is measured on stretches and entrances. A stretch on the border of two cells has two
    rows, one a side; each side belongs to the cell in which its anchor lies.
    """

    class Side(models.TextChoices):
        BOTH = "both", "两侧"
        LEFT = "left", "左侧"
        RIGHT = "right", "右侧"

    city = models.ForeignKey(City, models.PROTECT)
    code = models.CharField(max_length=30)
    street = models.ForeignKey(
        Street, models.CASCADE, null=True, blank=True, related_name="stretches"
    )
    lane = models.ForeignKey(Lane, models.CASCADE, null=True, blank=True, related_name="stretches")
    side = models.CharField(max_length=5, choices=Side, default=Side.BOTH)
    start = models.CharField(max_length=80, blank=True)  # name of the crossing it starts from
    end = models.CharField(max_length=80, blank=True)
    interval_days = models.PositiveSmallIntegerField(default=7)
    centreline = models.LineStringField(srid=SRID)
    anchor = models.PointField(srid=SRID)
    cell = models.ForeignKey(
        Cell, models.PROTECT, null=True, blank=True, related_name="stretches", editable=False
    )  # found by the database from the anchor

    objects = StretchQuerySet.as_manager()

    class Meta:
        ordering = ["code", "side"]
        constraints = [
            *sound("stretch", "centreline"),
            *sound("stretch", "anchor"),
            models.UniqueConstraint(fields=["city", "code", "side"], name="stretch_code_once"),
            models.CheckConstraint(
                condition=Q(street__isnull=False, lane__isnull=True)
                | Q(street__isnull=True, lane__isnull=False),
                name="stretch_of_street_or_lane",
            ),
            models.CheckConstraint(
                condition=Q(side__in=["both", "left", "right"]), name="stretch_side"
            ),
            models.CheckConstraint(
                condition=Q(interval_days__gte=1, interval_days__lte=366), name="stretch_interval"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start}–{self.end}" if self.start or self.end else self.code


class EntranceQuerySet(models.QuerySet["Entrance"]):
    def within(self, scope: Scope) -> Self:
        """Entrances of the cities in which the caller works."""
        return self.filter(building__city_id__in=scope.ground)


class Entrance(models.Model):
    """An entrance of a building (楼栋入口): the second thing coverage is measured on."""

    building = models.ForeignKey(Building, models.CASCADE, related_name="entrances")
    seq = models.PositiveSmallIntegerField(default=1)
    place = models.PointField(srid=SRID)
    interval_days = models.PositiveSmallIntegerField(default=14)
    cell = models.ForeignKey(
        Cell, models.PROTECT, null=True, blank=True, related_name="entrances", editable=False
    )  # that of its building

    objects = EntranceQuerySet.as_manager()

    class Meta:
        ordering = ["building", "seq"]
        constraints = [
            *sound("entrance", "place"),
            models.UniqueConstraint(fields=["building", "seq"], name="entrance_once"),
            models.CheckConstraint(
                condition=Q(interval_days__gte=1, interval_days__lte=366), name="entrance_interval"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.building_id}/{self.seq}"


class PartyUnitQuerySet(GroundedQuerySet["PartyUnit"]):
    """Party units, read within a scope."""


class PartyUnit(models.Model):
    """A unit of the joint party committee (大党委); it keeps its own superior organisation."""

    class Kind(models.TextChoices):
        ORGAN = "organ", "机关"
        ENTERPRISE = "enterprise", "企业"
        CHAMBER = "chamber", "商会"
        TOWER = "tower", "楼宇"
        SCHOOL = "school", "学校"
        HOSPITAL = "hospital", "医院"
        SOCIETY = "society", "社会组织"

    city = models.ForeignKey(City, models.PROTECT)
    community = models.ForeignKey(
        Community, models.PROTECT, null=True, blank=True, related_name="party_units"
    )  # the community of its seat, found by the database when not given
    cell = models.ForeignKey(
        Cell, models.PROTECT, null=True, blank=True, related_name="party_units", editable=False
    )
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    aliases = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    search = models.TextField(blank=True)
    kind = models.CharField(max_length=12, choices=Kind)
    superior = models.CharField(max_length=120, blank=True)
    place = models.PointField(srid=SRID)

    objects = PartyUnitQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            *sound("partyunit", "place"),
            models.UniqueConstraint(fields=["city", "code"], name="partyunit_code_once"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "organ",
                        "enterprise",
                        "chamber",
                        "tower",
                        "school",
                        "hospital",
                        "society",
                    ]
                ),
                name="partyunit_kind",
            ),
        ]
        indexes = [by_letters("partyunit")]

    def __str__(self) -> str:
        return self.name
