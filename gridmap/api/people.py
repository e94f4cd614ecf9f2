"""Teams and the terms of chiefs: lists and details in plain JSON, for they have no shape."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from gridmap.api import filters
from gridmap.api.filters import Asked
from gridmap.api.rows import RowsViewSet
from gridmap.api.serializers import Moment
from gridmap.layers import figures
from gridmap.layers.people import ChiefTerm, Team


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


class ChiefTermOut(serializers.ModelSerializer[ChiefTerm]):
    name = serializers.CharField(source="person.name")
    street = serializers.IntegerField(source="street_id", allow_null=True)
    lane = serializers.IntegerField(source="lane_id", allow_null=True)
    building = serializers.IntegerField(source="building_id", allow_null=True)
    cell = serializers.IntegerField(source="cell_id", allow_null=True)
    since = Moment(source="valid.lower", allow_null=True)
    until = Moment(source="valid.upper", allow_null=True)

    class Meta:
        model = ChiefTerm
        fields = [
            "id",
            "office",
            "standing",
            "name",
            "street",
            "lane",
            "building",
            "cell",
            "since",
            "until",
        ]


class ChiefTerms(RowsViewSet):
    """Terms of street, lane and building chiefs and of cell workers in force at a moment."""

    layer = "chief-terms"
    serializer_class = ChiefTermOut
    filters = (
        filters.in_city("person__city"),
        filters.by_word("office", "office", tuple(ChiefTerm.Office.values)),
        filters.by_word("standing", "standing", tuple(ChiefTerm.Standing.values)),
        filters.by_id("street", "street_id", "Id of a street."),
        filters.by_id("lane", "lane_id", "Id of a lane."),
        filters.by_id("building", "building_id", "Id of a building."),
        filters.by_id("cell", "cell_id", "Id of a cell whose head or worker is meant."),
        filters.AT_MOMENT,
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        terms = ChiefTerm.objects.within(asked.scope).select_related("person")
        return figures.terms_at(terms, asked.as_of)
