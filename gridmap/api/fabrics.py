"""Fabrics: the units of a community, as a list and as one bundle for the browser."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.actions.fabrics import Border, build_fabric, correct_borders
from gridmap.api import caller, filters
from gridmap.api.filters import Asked
from gridmap.api.plan_forms import BordersIn, FabricIn, read
from gridmap.api.rows import RowsViewSet
from gridmap.api.serializers import Moment
from gridmap.errors import OutOfScope
from gridmap.layers import plan_guard
from gridmap.layers.fabrics import Fabric, fabric_tile

BINARY = "application/octet-stream"
MVT = "application/vnd.mapbox-vector-tile"
DEEPEST = 22
# A fabric never changes; who may not see it must not get it from a shared store.
FOR_EVER = "private, max-age=31536000, immutable"


class FabricOut(serializers.ModelSerializer[Fabric]):
    community = serializers.IntegerField(source="community_id")
    community_code = serializers.CharField(source="community.code")
    units = serializers.IntegerField(source="size")
    built_at = Moment()

    class Meta:
        model = Fabric
        fields = ["id", "community", "community_code", "version", "current", "units", "built_at"]


class Fabrics(RowsViewSet):
    """Fabrics: the units of which the cells of a community are made."""

    layer = "fabrics"
    serializer_class = FabricOut
    filters = (
        filters.in_city("community__subdistrict__city"),
        filters.in_community("community"),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        found = Fabric.objects.within(asked.scope).defer("bundle")
        return found.select_related("community")

    @extend_schema(request=FabricIn, responses={200: FabricOut})
    def create(self, request: Request) -> Response:
        """Work out the units of a community, where anything changed since they last were."""
        asked, scope = read(FabricIn, request), caller.scope(request)
        made = build_fabric(by=scope, community=asked["community"])
        return Response(FabricOut(self.rows(Asked(scope)).get(pk=made.pk)).data)

    @extend_schema(request=BordersIn, responses={201: FabricOut})
    @action(detail=True, methods=["post"])
    def borders(self, request: Request, pk: int) -> Response:
        """Correct what runs along borders and which can be crossed: a newer fabric."""
        asked, scope = read(BordersIn, request), caller.scope(request)
        changes = [
            Border(row["a"], row["b"], row["level"], row["crossable"]) for row in asked["borders"]
        ]
        made = correct_borders(by=scope, fabric=pk, changes=changes)
        return Response(FabricOut(self.rows(Asked(scope)).get(pk=made.pk)).data, 201)

    @extend_schema(responses={(200, BINARY): bytes})
    @action(detail=True)
    def bundle(self, request: Request, pk: int) -> HttpResponseBase:
        """Return every unit and border in one piece, as typed arrays (docs/api.md).

        Whoever does not see everything of the community gets -1 for residents and incidents.
        """
        scope = caller.scope(request)
        fabrics = Fabric.objects.within(scope).select_related("community__subdistrict")
        found = fabrics.filter(pk=pk).first()
        if found is None:
            raise OutOfScope("没有找到，或不在您的范围内")
        singly = plan_guard.sees_singly(scope, found.community)
        body = bytes(found.bundle) if singly else plan_guard.bundle_without(pk)
        answer = HttpResponse(body, content_type=BINARY)
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Cache-Control"] = FOR_EVER
        return answer


class FabricTile(APIView):
    """The units and borders of a fabric as vector tiles."""

    @extend_schema(responses={(200, MVT): bytes})
    def get(self, request: Request, pk: int, z: int, x: int, y: int) -> HttpResponseBase:
        """Return one tile: layers ``units`` and ``edges``, by their places in the bundle."""
        found = Fabric.objects.within(caller.scope(request)).filter(pk=pk)
        if z > DEEPEST or max(x, y) >= 1 << z or not found.exists():
            raise OutOfScope("没有找到，或不在您的范围内")
        answer = HttpResponse(fabric_tile(pk, (z, x, y)), content_type=MVT)
        answer.headers["Cache-Control"] = FOR_EVER
        return answer
