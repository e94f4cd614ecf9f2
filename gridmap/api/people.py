"""Teams: lists and details in plain JSON, for they have no shape."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from gridmap.api import filters
from gridmap.api.filters import Asked
from gridmap.api.rows import RowsViewSet
from gridmap.layers import figures
from gridmap.layers.people import Team


class TeamOut(serializers.ModelSerializer[Team]):
    community = serializers.IntegerField(source="community_id", allow_null=True)
    cells = serializers.ListField(child=serializers.IntegerField())

    class Meta:
        model = Team
        fields = ["id", "name", "kind", "community", "cells"]


class Teams(RowsViewSet):
    """Volunteer teams (志愿队伍) and the cells they look after. No list of people is kept here."""

    layer = "teams"
    serializer_class = TeamOut
    filters = (
        filters.in_city("city"),
        filters.in_community("community"),
        filters.in_subdistrict("community__subdistrict"),
        filters.by_word("kind", "kind", tuple(Team.Kind.values)),
        filters.AT_MOMENT,
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return figures.with_cells(Team.objects.within(asked.scope), asked.as_of)
