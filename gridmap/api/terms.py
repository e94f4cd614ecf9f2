"""Terms of chiefs: lists, details, and what is done with them; offices handed over; people."""

from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.actions.people import (
    Seat,
    Span,
    Who,
    appoint,
    end_substitution,
    hand_over,
    relieve,
    renew,
    substitute,
)
from gridmap.api import answers, caller, filters, parsing
from gridmap.api.filters import Asked, Filter
from gridmap.api.rows import RowsViewSet
from gridmap.api.serializers import Moment
from gridmap.errors import BadValue, OutOfScope
from gridmap.layers import figures
from gridmap.layers.handovers import Handover
from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.roster import seat_city
from gridmap.layers.scope import Scope

OFFICES = ChiefTerm.Office.values


class ChiefTermOut(serializers.ModelSerializer[ChiefTerm]):
    name = serializers.CharField(source="person.name")
    person = serializers.IntegerField(source="person_id")
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
            "reason",
            "person",
            "name",
            "street",
            "lane",
            "building",
            "cell",
            "since",
            "until",
        ]


class Wish(serializers.Serializer[dict[str, Any]]):
    """What every deed may be sent with."""

    client_id = serializers.UUIDField(required=False, help_text="Given once for each wish.")

    def to_internal_value(self, data: Any) -> Any:
        if unknown := sorted(set(data) - set(self.fields)):
            raise BadValue(
                "不认识的字段 %(unknown)s；可用：%(known)s",
                unknown=", ".join(unknown)[:100],
                known=", ".join(self.fields),
            )
        return super().to_internal_value(data)


DAY = "ISO date (its first minute, local time) or date and time."


class SomebodyIn(Wish):
    """Who is meant: a ``person`` known by id, or a new one by ``name`` and ``relay_phone``."""

    person = serializers.IntegerField(required=False, min_value=1, max_value=parsing.GREATEST_ID)
    name = serializers.CharField(max_length=40, required=False)
    relay_phone = serializers.CharField(max_length=30, required=False)
    since = serializers.CharField(max_length=40, required=False, help_text=DAY)
    until = serializers.CharField(max_length=40, required=False, help_text=DAY)


class AppointmentIn(SomebodyIn):
    office = serializers.ChoiceField(OFFICES)
    object = serializers.IntegerField(min_value=1, max_value=parsing.GREATEST_ID)
    reason = serializers.ChoiceField(
        ChiefTerm.Reason.values, required=False, help_text="Given: this is a substitute."
    )
    why = serializers.CharField(max_length=500, default="", allow_blank=True)


class RenewalIn(Wish):
    until = serializers.CharField(max_length=40, required=False, help_text=DAY)
    why = serializers.CharField(max_length=500, default="", allow_blank=True)


class EndingIn(Wish):
    at = serializers.CharField(max_length=40, required=False, help_text=DAY)
    why = serializers.CharField(max_length=500, default="", allow_blank=True)


class HandOverIn(SomebodyIn):
    note = serializers.CharField(max_length=1000, default="", allow_blank=True)


def moment(name: str, value: str | None, zone: tzinfo, *, today_is_now: bool) -> datetime | None:
    """Return a moment to come; the date of today may stand for now."""
    if not value:
        return None
    found = parsing.moment(name, value, zone)
    now = timezone.now()
    begun = found <= now < found + timedelta(days=1)
    return None if today_is_now and len(value) == len("2026-11-26") and begun else found


def _said(form: type[Wish], request: Request) -> dict[str, Any]:
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _who(said: dict[str, Any]) -> Who:
    return Who(said.get("person"), said.get("name", ""), said.get("relay_phone", ""))


def _span(said: dict[str, Any], zone: tzinfo) -> Span:
    return Span(
        moment("since", said.get("since"), zone, today_is_now=True),
        moment("until", said.get("until"), zone, today_is_now=False),
    )


class ChiefTerms(RowsViewSet):
    """Terms of street, lane and building chiefs and of cell workers in force at a moment."""

    layer = "chief-terms"
    serializer_class = ChiefTermOut
    filters = (
        filters.in_city("person__city"),
        filters.by_word("office", "office", tuple(OFFICES)),
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

    def _zone(self, scope: Scope, pk: int) -> ZoneInfo:
        terms = ChiefTerm.objects.within(scope).select_related("person__city")
        term = terms.filter(pk=pk).first()
        if term is None:
            raise OutOfScope("没有找到，或不在您的范围内")
        return ZoneInfo(term.person.city.time_zone)

    def _answer(self, done: tuple[ChiefTerm | None, bool], made: int) -> Response:
        term, new = done
        body = ChiefTermOut(term).data if term else None
        return Response({"term": body, "done": new}, made if new else 200)

    @extend_schema(request=AppointmentIn, responses={200: answers.DONE, 201: answers.DONE})
    def create(self, request: Request) -> Response:
        """Appoint somebody to a vacant office or, with a ``reason``, let somebody stand in."""
        scope, said = caller.scope(request), _said(AppointmentIn, request)
        seat = Seat(said["office"], said["object"])
        zone = ZoneInfo(seat_city(scope, seat.office, seat.object_id).time_zone)
        who, span, client_id = _who(said), _span(said, zone), said.get("client_id")
        if reason := said.get("reason"):
            done = substitute(
                by=scope, seat=seat, who=who, span=span, reason=reason, client_id=client_id
            )
        else:
            done = appoint(
                by=scope, seat=seat, who=who, span=span, why=said["why"], client_id=client_id
            )
        return self._answer(done, 201)

    @extend_schema(request=RenewalIn, responses={200: answers.DONE, 201: answers.DONE})
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: int) -> Response:
        """Let the holder go on after the agreed end, by a term that begins there."""
        scope, said = caller.scope(request), _said(RenewalIn, request)
        until = moment("until", said.pop("until", None), self._zone(scope, pk), today_is_now=False)
        return self._answer(renew(by=scope, term=pk, until=until, **said), 201)

    @extend_schema(request=EndingIn, responses={200: answers.DONE})
    @action(detail=True, methods=["post"])
    def relieve(self, request: Request, pk: int) -> Response:
        """End a chief's term; ``why`` is needed."""
        scope, said = caller.scope(request), _said(EndingIn, request)
        at = moment("at", said.pop("at", None), self._zone(scope, pk), today_is_now=True)
        return self._answer(relieve(by=scope, term=pk, at=at, **said), 200)

    @extend_schema(request=EndingIn, responses={200: answers.DONE})
    @action(detail=True, methods=["post"], url_path="end-substitution")
    def end_substitution(self, request: Request, pk: int) -> Response:
        """End a substitution before its day."""
        scope, said = caller.scope(request), _said(EndingIn, request)
        at = moment("at", said.pop("at", None), self._zone(scope, pk), today_is_now=True)
        return self._answer(end_substitution(by=scope, term=pk, at=at, **said), 200)

    @extend_schema(request=HandOverIn, responses={200: answers.DONE, 201: answers.DONE})
    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request, pk: int) -> Response:
        """Pass the office to somebody else; what is open is listed in ``/api/handovers``."""
        scope, said = caller.scope(request), _said(HandOverIn, request)
        done = hand_over(
            by=scope,
            term=pk,
            who=_who(said),
            span=_span(said, self._zone(scope, pk)),
            note=said["note"],
            client_id=said.get("client_id"),
        )
        return self._answer(done, 201)


class HandoverOut(serializers.ModelSerializer[Handover]):
    before = ChiefTermOut()
    after = ChiefTermOut()
    at = Moment()
    matters = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = Handover
        fields = ["id", "at", "before", "after", "matters", "note"]


class Handovers(RowsViewSet):
    """Offices handed over, each with what was open at its object then."""

    layer = "handovers"
    serializer_class = HandoverOut
    filters = (
        filters.in_city("before__person__city"),
        *(
            filters.by_id(name, f"before__{name}_id", f"Id of a {name}.")
            for name in ("street", "lane", "building", "cell")
        ),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return Handover.objects.within(asked.scope).select_related(
            "before__person", "after__person"
        )


class People(APIView):
    """People who bear an office or did: to be named in an appointment, not to be listed."""

    @extend_schema(
        parameters=[
            OpenApiParameter("city", str, required=True, description="Slug of a city."),
            OpenApiParameter("q", str, required=True, description="Name, pinyin or initials."),
        ],
        responses={200: answers.PEOPLE},
    )
    def get(self, request: Request) -> Response:
        """Return at most ten people whose name fits, each with an office to tell them apart."""
        filters.check_names(request, [Filter(name, "", Filter.keep) for name in ("city", "q")])
        asked = filters.asked(request, caller.scope(request))
        text = parsing.text("q", request.query_params.get("q", "").strip().lower(), longest=40)
        if asked.city is None or not text:
            raise BadValue("须给出参数 city 和 q")
        return Response({"people": Person.objects.within(asked.scope).called(asked.city, text)})
