"""Streets, lanes, stretches, buildings and party units: lists and details."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework_gis.fields import GeometryField

from gridmap.api import answers, filters
from gridmap.api.features import LayerViewSet
from gridmap.api.filters import Asked
from gridmap.api.serializers import FeatureSerializer
from gridmap.layers import figures
from gridmap.layers.places import Building, Lane, PartyUnit, Street, Stretch

WAY = ["id", "code", "name", "kind", "aliases", "width_m", "derived"]


class StreetOut(FeatureSerializer):
    centreline = GeometryField(precision=7)
    aliases = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Street
        geo_field = "centreline"
        fields = [*WAY, "centreline"]


class Streets(LayerViewSet):
    """Streets and roads (街/路) by their centreline."""

    layer = "streets"
    serializer_class = StreetOut
    filters = (
        filters.in_city("city"),
        filters.in_box("centreline"),
        filters.through("community", "street"),
        filters.through("cell", "street"),
        filters.by_text("kind", "kind"),
        filters.by_text("code", "code"),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return Street.objects.within(asked.scope)


class LaneOut(FeatureSerializer):
    centreline = GeometryField(precision=7)
    aliases = serializers.ListField(child=serializers.CharField())
    street = serializers.IntegerField(source="street_id", allow_null=True)
    community = serializers.IntegerField(source="community_id", allow_null=True)

    class Meta:
        model = Lane
        geo_field = "centreline"
        fields = [*WAY, "centreline", "street", "community"]


class Lanes(LayerViewSet):
    """Lanes (巷/弄) by their centreline."""

    layer = "lanes"
    serializer_class = LaneOut
    filters = (
        filters.in_city("city"),
        filters.in_box("centreline"),
        filters.in_community("community"),
        filters.in_subdistrict("community__subdistrict"),
        filters.through("cell", "lane"),
        filters.by_id("street", "street_id", "Id of a street."),
        filters.by_text("kind", "kind"),
        filters.by_text("code", "code"),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return Lane.objects.within(asked.scope)


class StretchOut(FeatureSerializer):
    centreline = GeometryField(precision=7)
    street = serializers.IntegerField(source="street_id", allow_null=True)
    lane = serializers.IntegerField(source="lane_id", allow_null=True)
    cell = serializers.IntegerField(source="cell_id", allow_null=True)

    class Meta:
        model = Stretch
        geo_field = "centreline"
        fields = [
            "id",
            "centreline",
            "code",
            "street",
            "lane",
            "side",
            "start",
            "end",
            "interval_days",
            "cell",
        ]


class Stretches(LayerViewSet):
    """Stretches (巷段): pieces of streets and lanes, one side or both."""

    layer = "stretches"
    serializer_class = StretchOut
    filters = (
        filters.in_city("city"),
        filters.in_box("centreline"),
        filters.in_community("cell__community"),
        filters.in_subdistrict("cell__community__subdistrict"),
        filters.by_id("cell", "cell_id", "Id of a cell."),
        filters.by_id("street", "street_id", "Id of a street."),
        filters.by_id("lane", "lane_id", "Id of a lane."),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return Stretch.objects.within(asked.scope)


@extend_schema_field(answers.HEADCOUNT)
class HeadcountField(serializers.JSONField):
    """The latest count of a building: households, residents, counted_on and source; or null."""


class BuildingOut(FeatureSerializer):
    geom = GeometryField(precision=7)
    aliases = serializers.ListField(child=serializers.CharField())
    lane = serializers.IntegerField(source="lane_id", allow_null=True)
    street = serializers.IntegerField(source="street_id", allow_null=True)
    community = serializers.IntegerField(source="community_id", allow_null=True)
    cell = serializers.IntegerField(source="cell_id", allow_null=True)
    headcount = HeadcountField(allow_null=True)

    class Meta:
        model = Building
        geo_field = "geom"
        fields = [
            "id",
            "geom",
            "code",
            "name",
            "address",
            "number",
            "aliases",
            "kind",
            "floors",
            "lane",
            "street",
            "community",
            "cell",
            "headcount",
        ]


class Buildings(LayerViewSet):
    """Buildings (楼栋) with their latest headcount."""

    layer = "buildings"
    serializer_class = BuildingOut
    filters = (
        filters.in_city("city"),
        filters.in_box("geom"),
        filters.in_community("community"),
        filters.in_subdistrict("community__subdistrict"),
        filters.by_id("cell", "cell_id", "Id of a cell."),
        filters.by_id("lane", "lane_id", "Id of a lane."),
        filters.by_id("street", "street_id", "Id of a street."),
        filters.by_text("kind", "kind"),
        filters.by_text("code", "code"),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return figures.with_headcount(Building.objects.within(asked.scope), asked.scope)


class PartyUnitOut(FeatureSerializer):
    place = GeometryField(precision=7)
    aliases = serializers.ListField(child=serializers.CharField())
    community = serializers.IntegerField(source="community_id", allow_null=True)
    cell = serializers.IntegerField(source="cell_id", allow_null=True)

    class Meta:
        model = PartyUnit
        geo_field = "place"
        fields = [
            "id",
            "place",
            "code",
            "name",
            "aliases",
            "kind",
            "superior",
            "community",
            "cell",
        ]


class PartyUnits(LayerViewSet):
    """Units of the joint party committee (大党委)."""

    layer = "party-units"
    serializer_class = PartyUnitOut
    filters = (
        filters.in_city("city"),
        filters.in_box("place"),
        filters.in_community("community"),
        filters.in_subdistrict("community__subdistrict"),
        filters.by_id("cell", "cell_id", "Id of a cell."),
        filters.by_word("kind", "kind", tuple(PartyUnit.Kind.values)),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return PartyUnit.objects.within(asked.scope)
