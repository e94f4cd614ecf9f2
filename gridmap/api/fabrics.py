"""Fabrics: the units of a community, as a list and as one bundle for the browser."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from gridmap.api import caller, filters
from gridmap.api.filters import Asked
from gridmap.api.rows import RowsViewSet
from gridmap.api.serializers import Moment
from gridmap.errors import OutOfScope
from gridmap.layers.fabrics import Fabric

BINARY = "application/octet-stream"


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

    @extend_schema(responses={(200, BINARY): bytes})
    @action(detail=True)
    def bundle(self, request: Request, pk: int) -> HttpResponseBase:
        """Return every unit and border in one piece, as typed arrays (docs/api.md)."""
        found = Fabric.objects.within(caller.scope(request)).filter(pk=pk).first()
        if found is None:
            raise OutOfScope("没有找到，或不在您的范围内")
        answer = HttpResponse(bytes(found.bundle), content_type=BINARY)
        answer.headers["Content-Encoding"] = "gzip"
        # A fabric never changes; who may not see it must not get it from a shared store.
        answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
        return answer
