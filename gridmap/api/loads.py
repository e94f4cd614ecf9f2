"""What was read from which file, with what result: lists and details."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from gridmap.api import filters
from gridmap.api.filters import Asked
from gridmap.api.rows import RowsViewSet
from gridmap.api.serializers import Moment
from gridmap.layers.loads import Load


class LoadOut(serializers.ModelSerializer[Load]):
    city = serializers.CharField(source="city.slug")
    at = Moment()
    loaded_by = serializers.CharField(source="loaded_by.username", allow_null=True, default=None)

    class Meta:
        model = Load
        fields = [
            "id",
            "city",
            "layer",
            "file_name",
            "sha256",
            "options",
            "loaded_by",
            "at",
            "seconds",
            "read",
            "added",
            "changed",
            "unchanged",
            "refused",
            "problems",
        ]


class Loads(RowsViewSet):
    """Reports of committed loads, for those who may see everything of the city."""

    layer = "loads"
    serializer_class = LoadOut
    filters = (filters.in_city("city"), filters.by_text("layer", "layer"))

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return Load.objects.within(asked.scope).select_related("city", "loaded_by")
