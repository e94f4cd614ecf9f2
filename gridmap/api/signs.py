"""Signs with what became of them, the communities' lines, and the duty points."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet
from rest_framework_gis.fields import GeometryField

from gridmap.api import answers, caller, filters, parsing
from gridmap.api.features import LayerViewSet
from gridmap.api.filters import Asked
from gridmap.api.rows import RowsViewSet
from gridmap.api.serializers import FeatureSerializer, Moment
from gridmap.errors import BadValue
from gridmap.layers import signs
from gridmap.layers.lines import CommunityLine, DutyPoint
from gridmap.layers.territory import City

SHOWN = (
    "id", "number", "kind", "building", "lane", "cell", "name", "community", "state", "changed",
    "outdated", "printing", "printed_at", "hung_at", "removed_at",
)  # fmt: skip
STATES = tuple(state for state in signs.STATES if state != "missing")


class Signs(ViewSet):
    """The ledger of signs (公示牌) in the caller's own area."""

    filters = (
        filters.in_city("city"),
        filters.by_id("subdistrict", "at_community__subdistrict", "Id of a subdistrict."),
        filters.by_id("community", "at_community", "Id of a community."),
        filters.by_id("cell", "at_cell_id", "Id of a cell."),
        filters.by_word("kind", "kind", signs.KINDS),
        filters.by_word("state", "state", STATES),
    )

    @extend_schema(responses=answers.SIGNS)
    def list(self, request: Request) -> Response:
        """Return the signs of a city, and how many are in each state."""
        filters.check_names(request, self.filters)
        asked = filters.asked(request, caller.scope(request))
        if asked.city is None:
            raise BadValue("要列出公示牌，须给出参数 city")
        found = signs.ledger(asked.scope, _wanted(request, asked.city), now=timezone.now())
        state = _chosen(request, "state", STATES)
        rows = [
            {name: row[name] for name in SHOWN} for row in found if state in {None, row["state"]}
        ]
        return Response({"counts": signs.count(found), "signs": rows})


def _chosen(request: Request, name: str, words: tuple[str, ...]) -> str | None:
    given = request.query_params.get(name)
    return parsing.choice(name, given, words) if given else None


def _wanted(request: Request, city: City) -> signs.Wanted:
    given = {name: request.query_params.get(name) for name in ("subdistrict", "community", "cell")}
    ids = {name: parsing.number(name, value) if value else None for name, value in given.items()}
    return signs.Wanted(
        city=city,
        subdistrict=ids["subdistrict"],
        community=ids["community"],
        cell=ids["cell"],
        kind=_chosen(request, "kind", signs.KINDS),
    )


class CommunityLineOut(serializers.ModelSerializer[CommunityLine]):
    community = serializers.IntegerField(source="community_id")
    since = Moment(source="valid.lower", allow_null=True)
    until = Moment(source="valid.upper", allow_null=True)

    class Meta:
        model = CommunityLine
        fields = ["id", "community", "phone", "hours", "since", "until"]


class CommunityLines(RowsViewSet):
    """The telephones of the communities, past and present."""

    layer = "community-lines"
    serializer_class = CommunityLineOut
    filters = (
        filters.in_city("community__subdistrict__city"),
        filters.in_subdistrict("community__subdistrict"),
        filters.in_community("community"),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return CommunityLine.objects.within(asked.scope)


class DutyPointOut(FeatureSerializer):
    place = GeometryField(precision=7)

    class Meta:
        model = DutyPoint
        geo_field = "place"
        fields = ["id", "place", "code", "name", "address", "hours"]


class DutyPoints(LayerViewSet):
    """Places where somebody is on duty (值守点), as they are kept at a moment."""

    layer = "duty-points"
    serializer_class = DutyPointOut
    filters = (filters.in_city("city"), filters.in_box("place"), filters.AT_MOMENT)
    order = ("code", "pk")

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return DutyPoint.objects.within(asked.scope).as_of(asked.as_of or timezone.now())
