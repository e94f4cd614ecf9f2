"""Ground that is governed: cities, subdistricts, communities, and the cells that tile them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.contrib.gis.geos import Point
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from gridmap.layers.scope import Scope, Spot
from gridmap.layers.shapes import SRID, sound


class CityQuerySet(models.QuerySet["City"]):
    def within(self, scope: Scope) -> Self:
        """Cities in which the caller works."""
        return self.filter(pk__in=scope.ground)


class City(models.Model):
    """A town that is governed by itself; several share one database and never touch."""

    slug = models.SlugField(max_length=32, unique=True)
    code = models.CharField(max_length=6, unique=True)  # GB/T 2260; 99xxxx where there is none
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    former_name = models.CharField(max_length=80, blank=True)
    metric_srid = models.IntegerField()  # every metre in this city is measured in it
    time_zone = models.CharField(max_length=40, default="Asia/Shanghai")
    bounds = models.MultiPolygonField(srid=SRID)  # the ground served; nothing lies outside
    demo = models.BooleanField(default=False)
    edition = models.BigIntegerField(default=1)  # raised by triggers when the map's picture changes
    approval = models.CharField(max_length=80, blank=True)  # 审图号
    public_card = models.BooleanField(default=False)  # whether /q/ answers residents
    # Of what is written to groups and mailboxes; pages follow their reader.
    language = models.CharField(
        max_length=8,
        choices=[("zh-hans", "中文"), ("en", "English")],
        db_default="zh-hans",
        default="zh-hans",
    )

    objects = CityQuerySet.as_manager()

    class Meta:
        verbose_name = _("城市")
        verbose_name_plural = _("城市")
        constraints = [
            *sound("city", "bounds", area=True),
            models.CheckConstraint(condition=Q(code__regex=r"^\d{6}$"), name="city_code_form"),
            models.CheckConstraint(
                condition=~Q(metric_srid__in=[SRID, 3857, 4490]), name="city_metric_srid_is_metric"
            ),
            models.CheckConstraint(
                condition=Q(language__in=["zh-hans", "en"]), name="city_language"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def edition_name(self) -> str:
        """The name of the map's present picture, as it stands in tile addresses."""
        return f"{self.slug}.{self.edition}"


class SubdistrictQuerySet(models.QuerySet["Subdistrict"]):
    def within(self, scope: Scope) -> Self:
        """Subdistricts of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)


class Subdistrict(models.Model):
    """A subdistrict (街道办事处): the lowest office of government."""

    city = models.ForeignKey(City, models.PROTECT, related_name="subdistricts")
    code = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=80)
    geom = models.MultiPolygonField(srid=SRID)

    objects = SubdistrictQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            *sound("subdistrict", "geom", area=True),
            models.CheckConstraint(
                condition=Q(code__regex=r"^\d{9}$"), name="subdistrict_code_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CommunityQuerySet(models.QuerySet["Community"]):
    def within(self, scope: Scope) -> Self:
        """Communities of the cities in which the caller works."""
        return self.filter(subdistrict__city_id__in=scope.ground)

    def own(self, scope: Scope) -> Self:
        """Communities in which something is the caller's own business."""
        whole = scope.figures.rows(cities="subdistrict__city_id", communities="pk")
        parts = scope.figures.rows(
            cells="cells", buildings="buildings", lanes="lanes", streets="cells__stretches__street"
        )
        with_parts = self.model._default_manager.filter(parts).values("pk")
        assigned = {community for _, community in scope.assigned}
        return self.filter(whole | Q(pk__in=with_parts) | Q(pk__in=assigned))


class Community(models.Model):
    """A community (社区): where residents govern themselves; it is tiled by cells."""

    subdistrict = models.ForeignKey(Subdistrict, models.PROTECT, related_name="communities")
    code = models.CharField(max_length=12, unique=True)  # the code in force; history: PlaceCode
    name = models.CharField(max_length=80)
    search = models.TextField(blank=True)
    geom = models.MultiPolygonField(srid=SRID)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            *sound("community", "geom", area=True),
            models.CheckConstraint(
                condition=Q(code__regex=r"^\d{12}$"), name="community_code_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlaceCode(models.Model):
    """One official code and name a place has borne; nothing that was in force is overwritten."""

    subdistrict = models.ForeignKey(
        Subdistrict, models.PROTECT, null=True, blank=True, related_name="codes"
    )
    community = models.ForeignKey(
        Community, models.PROTECT, null=True, blank=True, related_name="codes"
    )
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=80)
    valid = DateTimeRangeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(subdistrict__isnull=False, community__isnull=True)
                | Q(subdistrict__isnull=True, community__isnull=False),
                name="placecode_one_place",
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^\d{9}(\d{3})?$"), name="placecode_code_form"
            ),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="placecode_valid_some"),
            ExclusionConstraint(
                name="placecode_one_code_at_a_time_subdistrict",
                expressions=[
                    ("subdistrict", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="placecode_one_code_at_a_time_community",
                expressions=[
                    ("community", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="placecode_one_bearer_at_a_time",
                expressions=[("code", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CellQuerySet(models.QuerySet["Cell"]):
    def within(self, scope: Scope) -> Self:
        """Cells of the cities in which the caller works."""
        return self.filter(community__subdistrict__city_id__in=scope.ground)

    def own(self, scope: Scope) -> Self:
        """Cells of which the caller may see the figures."""
        return self.filter(
            scope.figures.rows(
                cities="community__subdistrict__city_id", communities="community_id", cells="pk"
            )
        )


class Cell(models.Model):
    """The lasting identity of a grid cell (网格); how it looked when stands in its editions."""

    uid = models.UUIDField(unique=True)
    community = models.ForeignKey(Community, models.PROTECT, related_name="cells")

    objects = CellQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.uid)


class CellEditionQuerySet(models.QuerySet["CellEdition"]):
    def within(self, scope: Scope) -> Self:
        """Editions of the cells in the cities in which the caller works."""
        return self.filter(cell__community__subdistrict__city_id__in=scope.ground)

    def current(self) -> Self:
        """Editions in force now."""
        return self.filter(valid__contains=Now())

    def as_of(self, when: datetime | None) -> Self:
        """Editions that were, are or will be in force at ``when``; None means now."""
        return self.current() if when is None else self.filter(valid__contains=when)

    def covering(self, place: Point) -> Self:
        """Editions whose ground holds ``place``, lowest code first.

        A place on a shared edge lies in two cells; the order makes the answer the same every time,
        and the same as the database's own (``gridmap_cell_at``).
        """
        return self.filter(geom__covers=place).order_by("code")


class CellEdition(models.Model):
    """One dated picture of a cell: code, name, kind and ground; never edited, only closed."""

    class Kind(models.TextChoices):
        BASIC = "basic", "基础网格"
        SPECIAL = "special", "专属网格"

    cell = models.ForeignKey(Cell, models.PROTECT, related_name="editions")
    code = models.CharField(max_length=15)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.BASIC)
    use = models.CharField(max_length=20, blank=True)  # of a special cell: school, market, …
    geom = models.MultiPolygonField(srid=SRID)
    valid = DateTimeRangeField()

    objects = CellEditionQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            *sound("celledition", "geom", area=True),
            models.CheckConstraint(
                condition=Q(code__regex=r"^\d{15}$") & ~Q(code__endswith="000"),
                name="celledition_code_form",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["basic", "special"]), name="celledition_kind"
            ),
            models.CheckConstraint(
                condition=Q(valid__isempty=False), name="celledition_valid_some"
            ),
            ExclusionConstraint(
                name="celledition_one_at_a_time",
                expressions=[("cell", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            ExclusionConstraint(
                name="celledition_one_bearer_of_a_code",
                expressions=[("code", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def spot(self) -> Spot:
        """Where the cell is."""
        community = self.cell.community
        return Spot(community.subdistrict.city_id, community.pk, self.cell_id)


class GroundQuerySet(models.QuerySet["Ground"]):
    def within(self, scope: Scope) -> Self:
        """Ground of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)


class Ground(models.Model):
    """Land that only gives the map its face: water, green, squares."""

    class Kind(models.TextChoices):
        WATER = "water", "水面"
        GREEN = "green", "绿地"
        SQUARE = "square", "广场"
        SCHOOL_GROUND = "school_ground", "校园"

    city = models.ForeignKey(City, models.PROTECT, related_name="grounds")
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=80, blank=True)
    geom = models.MultiPolygonField(srid=SRID)

    objects = GroundQuerySet.as_manager()

    class Meta:
        constraints = [
            *sound("ground", "geom", area=True),
            models.CheckConstraint(
                condition=Q(kind__in=["water", "green", "square", "school_ground"]),
                name="ground_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.kind
