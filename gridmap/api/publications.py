"""Publications and what goes with them: lists, taking back, handovers, and cells of other days."""

from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.actions import publications
from gridmap.api import caller, filters, parsing, plan_answers, plan_forms
from gridmap.api.filters import Asked, Filter
from gridmap.api.plan_forms import read
from gridmap.api.plans import name_field
from gridmap.api.rows import RowsViewSet
from gridmap.api.serializers import Moment
from gridmap.errors import BadValue, OutOfScope
from gridmap.layers import plan_guard, whereabouts
from gridmap.layers.places import Building
from gridmap.layers.publications import CellHandover, Publication
from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import City


class PublicationOut(serializers.ModelSerializer[Publication]):
    community = serializers.IntegerField(source="community_id")
    community_code = serializers.CharField(source="community.code")
    plan = serializers.IntegerField(source="plan_id", allow_null=True)
    reverts = serializers.IntegerField(source="reverts_id", allow_null=True)
    starts = Moment()
    at = Moment()
    by = name_field("by")
    withdrawn_by = name_field("withdrawn_by")
    withdrawn_at = Moment(allow_null=True)
    impact = serializers.SerializerMethodField()

    class Meta:
        model = Publication
        fields = [
            "id",
            "community",
            "community_code",
            "plan",
            "reverts",
            "starts",
            "at",
            "by",
            "impact",
            "withdrawn_by",
            "withdrawn_at",
        ]

    def get_impact(self, publication: Publication) -> dict[str, Any]:
        """Return the statement that was shown before; without a caller, to whoever published."""
        told: dict[str, Any] = publication.impact
        if "request" not in self.context:
            return told
        singly = plan_guard.sees_singly(self._scope, publication.community)
        return told if singly else plan_guard.statement(told)

    @cached_property
    def _scope(self) -> Scope:
        return caller.scope(self.context["request"])


class Publications(RowsViewSet):
    """What was published when, the latest day first."""

    layer = "publications"
    serializer_class = PublicationOut
    filters = (
        filters.in_city("community__subdistrict__city"),
        filters.in_community("community"),
        filters.by_id("plan", "plan_id", "Id of a plan."),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        found = Publication.objects.within(asked.scope)
        return found.select_related("community__subdistrict", "by", "withdrawn_by")

    def _shown(self, request: Request, pk: int) -> dict[str, Any]:
        found = self.rows(Asked(caller.scope(request))).get(pk=pk)
        return dict(PublicationOut(found).data)

    @extend_schema(request=None, responses={200: PublicationOut})
    @action(detail=True, methods=["post"], url_name="withdraw-asked")
    def withdraw(self, request: Request, pk: int) -> Response:
        """Take a publication back before its day."""
        publications.withdraw(by=caller.scope(request), publication=pk)
        return Response(self._shown(request, pk))

    @extend_schema(request=plan_forms.DayIn, responses={201: PublicationOut})
    @action(detail=True, methods=["post"], url_name="revert-asked")
    def revert(self, request: Request, pk: int) -> Response:
        """Bring back, from a coming day on, the division it replaced."""
        asked = read(plan_forms.DayIn, request)
        made = publications.revert(
            by=caller.scope(request), publication=pk, effective_from=asked["effective_from"]
        )
        return Response(self._shown(request, made.pk), 201)


class CellHandoverOut(serializers.ModelSerializer[CellHandover]):
    publication = serializers.IntegerField(source="publication_id")
    source = serializers.IntegerField(source="source_id")  # type: ignore[assignment]
    target = serializers.IntegerField(source="target_id")
    office = serializers.CharField(source="term.office", allow_null=True, default=None)
    person = serializers.CharField(source="term.person.name", allow_null=True, default=None)
    team = serializers.CharField(source="team_area.team.name", allow_null=True, default=None)
    decided_by = name_field("decided_by")

    class Meta:
        model = CellHandover
        fields = [
            "id",
            "publication",
            "source",
            "target",
            "office",
            "person",
            "team",
            "share",
            "state",
            "decided_by",
        ]


class CellHandovers(RowsViewSet):
    """Offices and teams' care that go to another cell with a publication."""

    layer = "cell-handovers"
    serializer_class = CellHandoverOut
    filters = (
        filters.in_city("publication__community__subdistrict__city"),
        filters.by_id("publication", "publication_id", "Id of a publication."),
        filters.by_word("state", "state", tuple(CellHandover.State.values)),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return CellHandover.objects.within(asked.scope).select_related(
            "term__person", "team_area__team", "decided_by"
        )

    @extend_schema(request=plan_forms.DecideIn, responses={200: CellHandoverOut})
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: int) -> Response:
        """Confirm a handover, or leave things where they are."""
        asked, scope = read(plan_forms.DecideIn, request), caller.scope(request)
        publications.decide_handover(by=scope, handover=pk, accept=asked["accept"])
        return Response(CellHandoverOut(self.rows(Asked(scope)).get(pk=pk)).data)


WHERE = (
    Filter("city", "Slug of a city in which the caller works.", Filter.keep),
    Filter("building", "Id of a building.", Filter.keep, filters.WHOLE_NUMBER),
    Filter("lng", "Longitude, with lat instead of building.", Filter.keep, {"type": "number"}),
    Filter("lat", "Latitude.", Filter.keep, {"type": "number"}),
    Filter("on", "ISO date (its first minute) or date and time; without it, now.", Filter.keep),
)


class Where(APIView):
    """Which cell an address was in on a day."""

    @extend_schema(
        parameters=[
            OpenApiParameter(item.name, dict(item.schema), description=item.about) for item in WHERE
        ],
        responses=plan_answers.WHERE,
    )
    def get(self, request: Request) -> Response:
        """Return the cell as it was then: code, name, and from when until when it looked so."""
        filters.check_names(request, WHERE)
        city = filters.city_of(request, caller.scope(request))
        if city is None:
            raise BadValue("须给出参数 city")
        on = request.query_params.get("on")
        zone = ZoneInfo(city.time_zone)
        moment = parsing.moment("on", on, zone) if on else timezone.now()
        found = self._found(request, city, moment)
        if found is None:
            raise OutOfScope("那一天这里不在任何网格内")
        since, until = (parsing.stamp(found[name]) for name in ("since", "until"))
        return Response({**found, "since": since, "until": until, "on": parsing.stamp(moment)})

    def _found(self, request: Request, city: City, moment: Any) -> dict[str, Any] | None:
        asked = request.query_params
        if "building" in asked:
            pk = parsing.number("building", asked["building"])
            mine = Building.objects.within(caller.scope(request)).filter(city=city, pk=pk)
            return whereabouts.cell_of_building(city, pk, moment) if mine.exists() else None
        if not {"lng", "lat"} <= set(asked):
            raise BadValue("须给出 building，或 lng 和 lat")
        lng, lat = (parsing.finite(name, asked[name]) for name in ("lng", "lat"))
        if abs(lng) > 180 or abs(lat) > 90:  # noqa: PLR2004 - degrees
            raise BadValue("须给出 building，或 lng 和 lat")
        return whereabouts.cell_at(city, Point(lng, lat, srid=SRID), moment)
