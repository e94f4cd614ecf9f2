"""Coverage of a point for whoever is signed in; visits taken back or put right."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.actions.withdrawn_visits import Rightly, correct_visit, withdraw_visit
from gridmap.api import answers, caller, filters, parsing
from gridmap.api.filters import Filter
from gridmap.errors import BadValue, NoSuchPlace
from gridmap.layers.covering import covering

PLACE = [
    OpenApiParameter("city", str, required=True, description="Slug."),
    OpenApiParameter("lng", float, required=True, description="Longitude, EPSG:4326."),
    OpenApiParameter("lat", float, required=True, description="Latitude."),
]
DAY = {"type": "string", "format": "date", "nullable": True}
AT = answers.thing(
    cell=answers.thing(id=answers.WHOLE, code=answers.TEXT, name=answers.TEXT),
    community=answers.TEXT,
    teams=answers.every(
        answers.thing(
            id=answers.WHOLE,
            name=answers.TEXT,
            kind=answers.TEXT,
            last_day=DAY,
            next_shift={"type": "string", "format": "date-time", "nullable": True},
        )
    ),
    places=answers.every(
        answers.thing(
            thing={"type": "string", "enum": ["stretch", "entrance"]},
            id=answers.WHOLE,
            name=answers.TEXT,
            side=answers.TEXT,
            metres=answers.WHOLE,
            interval_days=answers.WHOLE,
            last_day=DAY,
            due_day=DAY,
            **{"class": answers.WHOLE},
        )
    ),
)
GREATEST = 2**63 - 1


class CoverageAt(APIView):
    """Which team covers a point."""

    @extend_schema(parameters=PLACE, responses={200: AT, 422: answers.REFUSAL})
    def get(self, request: Request) -> Response:
        """Return who looks after a point, the day they were last there, and their next shift.

        Days only, for this is about places: nobody can be met by it.
        """
        filters.check_names(
            request, [Filter(name, "", Filter.keep) for name in ("city", "lng", "lat")]
        )
        asked = filters.asked(request, caller.scope(request))
        if asked.city is None:
            raise BadValue("须给出参数 city")
        lng = parsing.finite("lng", request.query_params.get("lng", ""))
        lat = parsing.finite("lat", request.query_params.get("lat", ""))
        if not (abs(lng) <= 180 and abs(lat) <= 90):  # noqa: PLR2004 - degrees
            raise BadValue("参数 %(name)s 须是经纬度", name="lng, lat")
        found = covering(asked.scope, asked.city, (lng, lat), now=timezone.now())
        if found is None:
            raise NoSuchPlace("这个地点不在任何网格里")
        for team in found["teams"]:
            team["next_shift"] = parsing.stamp(team["next_shift"])
        return Response(found)


class WithdrawalIn(serializers.Serializer[dict[str, Any]]):
    """The reason."""

    why = serializers.CharField(max_length=200)


class RightlyIn(WithdrawalIn):
    """What a visit should have said; what is not given stays as it was told."""

    at = serializers.DateTimeField(required=False)
    stretch = serializers.IntegerField(required=False, min_value=1, max_value=GREATEST)
    entrance = serializers.IntegerField(required=False, min_value=1, max_value=GREATEST)
    note = serializers.CharField(required=False, max_length=200, allow_blank=True)


class WithdrawVisit(APIView):
    """A visit that was told wrongly."""

    @extend_schema(request=WithdrawalIn, responses={204: None, 422: answers.REFUSAL})
    def post(self, request: Request, pk: int) -> Response:
        """Take a visit back: it counts no longer, and is kept as it was told."""
        form = WithdrawalIn(data=request.data)
        form.is_valid(raise_exception=True)
        withdraw_visit(by=caller.scope(request), visit=pk, why=form.validated_data["why"])
        return Response(status=204)


class CorrectVisit(APIView):
    """A visit that was told not quite rightly."""

    @extend_schema(
        request=RightlyIn, responses={200: answers.thing(id=answers.WHOLE), 422: answers.REFUSAL}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Put a visit right: what was told is kept, a new one with its own id says what is so."""
        form = RightlyIn(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        why = values.pop("why")
        made = correct_visit(by=caller.scope(request), visit=pk, right=Rightly(**values), why=why)
        return Response({"id": made.pk})
