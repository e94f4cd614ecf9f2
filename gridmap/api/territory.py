"""Cities, subdistricts, communities, cells and ground: lists and details."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet
from rest_framework_gis.fields import GeometryField

from gridmap.api import answers, caller, filters
from gridmap.api.features import LayerViewSet
from gridmap.api.filters import Asked
from gridmap.api.serializers import FeatureSerializer, Moment
from gridmap.errors import BadValue, OutOfScope
from gridmap.layers import coverage, figures, standing
from gridmap.layers.territory import (
    CellEdition,
    City,
    Community,
    Ground,
    Subdistrict,
)


def _city(city: City) -> dict[str, Any]:
    return {
        "slug": city.slug,
        "code": city.code,
        "name": city.name,
        "name_en": city.name_en,
        "former_name": city.former_name,
        "demo": city.demo,
        "edition": city.edition_name,
        "bbox": [round(side, 7) for side in city.bounds.extent],
        "metric_srid": city.metric_srid,
        "time_zone": city.time_zone,
        "approval": city.approval,
    }


class Cities(ViewSet):
    """The cities in which the caller works."""

    lookup_field = "slug"
    lookup_value_converter = "slug"

    @extend_schema(responses=answers.CityOut(many=True))
    def list(self, request: Request) -> Response:
        """List the cities in which the caller works."""
        filters.check_names(request, ())
        found = City.objects.within(caller.scope(request)).order_by("slug")
        return Response([_city(city) for city in found])

    @extend_schema(responses=answers.CityOut)
    def retrieve(self, request: Request, slug: str) -> Response:
        """Return one city."""
        found = City.objects.within(caller.scope(request)).filter(slug=slug).first()
        if found is None:
            raise OutOfScope("没有这座城市，或不在您的范围内")
        return Response(_city(found))


class SubdistrictOut(FeatureSerializer):
    code = serializers.CharField(source="code_then")
    name = serializers.CharField(source="name_then")
    geom = GeometryField(precision=7)
    city = serializers.CharField(source="city.slug")

    class Meta:
        model = Subdistrict
        geo_field = "geom"
        fields = ["id", "geom", "city", "code", "name"]


class Subdistricts(LayerViewSet):
    """Subdistricts (街道办事处), under the codes in force at a moment."""

    layer = "subdistricts"
    serializer_class = SubdistrictOut
    filters = (
        filters.in_city("city"),
        filters.in_box("geom"),
        filters.by_text("code", "code_then"),
        filters.AT_MOMENT,
    )
    order = ("code", "pk")

    def rows(self, asked: Asked) -> QuerySet[Any]:
        found = Subdistrict.objects.within(asked.scope).select_related("city")
        return figures.with_code(found, asked.as_of)


class CommunityOut(FeatureSerializer):
    code = serializers.CharField(source="code_then")
    name = serializers.CharField(source="name_then")
    geom = GeometryField(precision=7)
    subdistrict = serializers.IntegerField(source="subdistrict_id")
    subdistrict_code = serializers.CharField(source="subdistrict.code")
    subdistrict_name = serializers.CharField(source="subdistrict.name")

    class Meta:
        model = Community
        geo_field = "geom"
        fields = [
            "id",
            "geom",
            "code",
            "name",
            "subdistrict",
            "subdistrict_code",
            "subdistrict_name",
        ]


class Communities(LayerViewSet):
    """Communities (社区), under the codes in force at a moment."""

    layer = "communities"
    serializer_class = CommunityOut
    filters = (
        filters.in_city("subdistrict__city"),
        filters.in_box("geom"),
        filters.in_subdistrict("subdistrict"),
        filters.by_text("code", "code_then"),
        filters.AT_MOMENT,
    )
    order = ("code", "pk")

    def rows(self, asked: Asked) -> QuerySet[Any]:
        found = Community.objects.within(asked.scope).select_related("subdistrict")
        return figures.with_code(found, asked.as_of)


class CellOut(FeatureSerializer):
    """A cell as it was at one moment; ``id`` is its lasting identity."""

    id = serializers.IntegerField(source="cell_id")
    uid = serializers.UUIDField(source="cell.uid")
    geom = GeometryField(precision=7)
    community = serializers.IntegerField(source="cell.community_id")
    community_code = serializers.CharField(source="cell.community.code")
    community_name = serializers.CharField(source="cell.community.name")
    subdistrict = serializers.IntegerField(source="cell.community.subdistrict_id")
    since = Moment(source="valid_since")
    until = Moment(source="valid_until", allow_null=True)

    class Meta:
        model = CellEdition
        id_field = "id"
        geo_field = "geom"
        fields = [
            "id",
            "geom",
            "uid",
            "code",
            "name",
            "kind",
            "use",
            "community",
            "community_code",
            "community_name",
            "subdistrict",
            "since",
            "until",
        ]


class Cells(LayerViewSet):
    """Grid cells (网格) in the edition in force at a moment."""

    layer = "cells"
    serializer_class = CellOut
    filters = (
        filters.in_city("cell__community__subdistrict__city"),
        filters.in_box("geom"),
        filters.in_community("cell__community"),
        filters.in_subdistrict("cell__community__subdistrict"),
        filters.by_word("kind", "kind", tuple(CellEdition.Kind.values)),
        filters.by_text("code", "code"),
        filters.AT_MOMENT,
    )
    order = ("code", "pk")
    other_answer = answers.LABELS

    def rows(self, asked: Asked) -> QuerySet[Any]:
        found = CellEdition.objects.within(asked.scope).as_of(asked.as_of)
        return figures.with_dates(found).select_related("cell__community__subdistrict")

    def one(self, rows: QuerySet[Any], pk: int) -> Any:
        return rows.filter(cell_id=pk).first()

    def list(self, request: Request) -> Any:
        """Return cells; with ``fields=labels`` only what a map needs to write their names."""
        if request.query_params.get("fields") == "labels":
            return self._labels(request)
        return super().list(request)

    def _labels(self, request: Request) -> Response:
        filters.check_names(request, self.filters)
        asked = filters.asked(request, caller.scope(request))
        if asked.city is None:
            raise BadValue("要写出网格名称，须给出参数 city")
        return Response(
            {
                "edition": asked.city.edition_name,
                "cells": figures.labels(asked.city, when=asked.as_of),
            }
        )

    @extend_schema(parameters=[answers.AS_OF], responses=answers.CARD)
    @action(detail=True)
    def card(self, request: Request, pk: int) -> Response:
        """Return everything the card of a cell shows."""
        asked = filters.asked(request, caller.scope(request))
        now, past = filters.shown(asked)
        return Response(figures.cell_card(asked.scope, pk, now=now, past=past))

    @extend_schema(parameters=[answers.AS_OF], responses=answers.COVERAGE)
    @action(detail=True)
    def coverage(self, request: Request, pk: int) -> Response:
        """Return the stretches of a cell with class and days, its entrances, teams and sources."""
        asked = filters.asked(request, caller.scope(request))
        now, past = filters.shown(asked)
        cell = figures.own_cell(asked.scope, pk, asked.as_of)
        return Response(coverage.cell_coverage(cell.cell_id, now=now, past=past))

    @extend_schema(parameters=[answers.AS_OF], responses=answers.CHIEFS)
    @action(detail=True)
    def chiefs(self, request: Request, pk: int) -> Response:
        """Return every street, lane and building of a cell with its chiefs."""
        asked = filters.asked(request, caller.scope(request))
        cell = figures.own_cell(asked.scope, pk, asked.as_of)
        return Response(standing.cell_chiefs(cell.cell_id, now=filters.shown(asked)[0]))


class GroundOut(FeatureSerializer):
    geom = GeometryField(precision=7)

    class Meta:
        model = Ground
        geo_field = "geom"
        fields = ["id", "geom", "kind", "name"]


class Grounds(LayerViewSet):
    """Land that only gives the map its face: water, green, squares."""

    layer = "ground"
    serializer_class = GroundOut
    filters = (
        filters.in_city("city"),
        filters.in_box("geom"),
        filters.by_word("kind", "kind", tuple(Ground.Kind.values)),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return Ground.objects.within(asked.scope)
