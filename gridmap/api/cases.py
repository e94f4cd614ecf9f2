"""The course of an incident: POST a verb of the life cycle, GET its steps and its deadlines."""

from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.actions.cases import VERBS, Said, act, is_offered
from gridmap.api import answers, caller, parsing
from gridmap.api.geometry import StrictGeometryField
from gridmap.api.incidents import IncidentOut, shown
from gridmap.api.serializers import LIGHTS, Moment
from gridmap.api.terms import Wish
from gridmap.errors import BadValue, OutOfScope
from gridmap.layers import timing
from gridmap.layers.addresses import address_of
from gridmap.layers.authority import Proposal, propose_department
from gridmap.layers.cases import (
    Application,
    Assignment,
    Deadline,
    Step,
    Supervision,
)
from gridmap.layers.catalogue import UNITS, Standard
from gridmap.layers.incidents import Category, Incident, Light, spot_at
from gridmap.layers.life_cycle import leading_on
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City


class DeedIn(Wish):
    """What a deed is told; which of it is needed depends on the verb."""

    why = serializers.CharField(max_length=2000, default="", allow_blank=True)
    finding = serializers.BooleanField(required=False)
    department = serializers.IntegerField(
        required=False, min_value=1, max_value=parsing.GREATEST_ID
    )
    helpers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=parsing.GREATEST_ID),
        required=False, max_length=20,
    )  # fmt: skip
    standard = serializers.IntegerField(required=False, min_value=1, max_value=parsing.GREATEST_ID)
    urgent = serializers.BooleanField(required=False)
    amount = serializers.IntegerField(required=False, min_value=1, max_value=400)
    unit = serializers.ChoiceField(UNITS, required=False)
    application = serializers.IntegerField(
        required=False, min_value=1, max_value=parsing.GREATEST_ID
    )
    supervision = serializers.IntegerField(
        required=False, min_value=1, max_value=parsing.GREATEST_ID
    )
    satisfied = serializers.IntegerField(required=False, min_value=1, max_value=3)
    milestone = serializers.IntegerField(required=False, min_value=1, max_value=999)


class StepOut(serializers.ModelSerializer[Step]):
    begins = Moment()
    ends = Moment(allow_null=True)
    soon_at = Moment(allow_null=True)
    due = Moment(allow_null=True)
    light = serializers.SerializerMethodField()
    by = serializers.SerializerMethodField()
    department = serializers.IntegerField(source="department_id", allow_null=True)
    department_name = serializers.CharField(source="department.name", allow_null=True, default=None)

    class Meta:
        model = Step
        fields = [
            "number", "verb", "came_from", "state", "paused", "by", "role", "department",
            "department_name", "why", "detail", "begins", "ends", "soon_at", "due", "light",
            "own_minutes", "bundled_minutes",
        ]  # fmt: skip

    def get_light(self, step: Step) -> str | None:
        """Return the light of an open step as a word."""
        return LIGHTS.get(Light(step.light)) if step.ends is None else None

    def get_by(self, step: Step) -> str:
        """Return the account that did it; nobody where it came so."""
        return step.by.username if step.by is not None else ""


def _incident(scope: Scope, pk: int) -> Incident:
    rows = Incident.objects.within(scope).select_related("city", "category__parent")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    return found


class IncidentDeed(APIView):
    """Deeds of the life cycle."""

    @extend_schema(
        operation_id="incidents_deed",
        request=DeedIn,
        responses={200: answers.DEED, 201: answers.DEED},
    )
    def post(self, request: Request, pk: int, verb: str) -> Response:
        """Do it; the same client_id with the same words again changes nothing.

        ``incident`` is null where it is the caller's business no longer.
        """
        if verb not in VERBS:
            raise OutOfScope("没有这个地址；有哪些见 /api/docs")
        form = DeedIn(data=request.data)
        form.is_valid(raise_exception=True)
        told = dict(form.validated_data)
        told["helpers"] = tuple(told.get("helpers", ()))
        scope = caller.scope(request)
        done = act(by=scope, incident=pk, verb=verb, said=Said(**told))
        after = shown(scope).filter(pk=pk).first()
        body = {
            "done": done.new,
            "incident": IncidentOut(after).data if after is not None else None,
            "step": StepOut(done.step).data if after is not None else None,
        }
        return Response(body, 201 if done.new else 200)


def _part(row: Assignment) -> dict[str, Any]:
    return {
        "department": row.department_id, "name": row.department.name, "part": row.part,
        "since": row.since, "until": row.until, "answered_at": row.answered_at,
        "answer": row.answer,
    }  # fmt: skip


def _application(row: Application) -> dict[str, Any]:
    return {
        "id": row.pk, "kind": row.kind, "amount": row.amount, "unit": row.unit, "why": row.why,
        "asked_at": row.asked_at, "granted": row.granted, "decided_at": row.decided_at,
        "answer": row.answer,
    }  # fmt: skip


def _supervision(row: Supervision) -> dict[str, Any]:
    return {
        "id": row.pk, "at": row.at, "words": row.words, "replied_at": row.replied_at,
        "reply": row.reply,
    }  # fmt: skip


class IncidentSteps(APIView):
    """The course of an incident so far, and what the caller may do now."""

    @extend_schema(responses={200: answers.STEPS})
    def get(self, request: Request, pk: int) -> Response:
        """Return steps, departments, applications, supervisions, and the verbs offered."""
        scope = caller.scope(request)
        case = _incident(scope, pk)
        steps = Step.objects.within(scope).filter(incident=case).order_by("number")
        parts = Assignment.objects.within(scope).filter(incident=case).select_related("department")
        asked = Application.objects.within(scope).filter(incident=case)
        pressed = Supervision.objects.within(scope).filter(incident=case)
        open_moves = leading_on(case.state, parked=case.parked)
        return Response(
            {
                "steps": StepOut(steps.select_related("by", "department"), many=True).data,
                "departments": [_part(row) for row in parts],
                "applications": [_application(row) for row in asked],
                "supervisions": [_supervision(row) for row in pressed],
                "may": [
                    move.verb for move in open_moves if is_offered(by=scope, case=case, move=move)
                ],
            }
        )


def _deadline(row: Deadline) -> dict[str, Any]:
    return {
        "number": row.number, "name": row.name, "limit": row.limit, "unit": row.unit,
        "starts": row.starts, "soon_at": row.soon_at, "due": row.due, "met_at": row.met_at,
        "light": LIGHTS.get(Light(row.light)), "explanation": row.explanation,
    }  # fmt: skip


class IncidentDeadline(APIView):
    """By when an incident is due, and how that was counted."""

    @extend_schema(responses={200: answers.DEADLINES})
    def get(self, request: Request, pk: int) -> Response:
        """Return the milestones with their arithmetic; before filing what would hold."""
        scope = caller.scope(request)
        case = _incident(scope, pk)
        rows = Deadline.objects.within(scope).filter(incident=case).order_by("number")
        found = [_deadline(row) for row in rows.select_related("standard", "milestone")]
        if not found:
            found = _simulated(
                case.category, case.filed_at or case.reported_at, None, urgent=case.urgent,
                place=case.place,
            )  # fmt: skip
        return Response(
            {"due": case.due, "light": LIGHTS.get(Light(case.light)), "milestones": found}
        )


def _simulated(
    category: Category,
    start: datetime,
    standard: Standard | None,
    *,
    urgent: bool,
    place: Point | None,
) -> list[dict[str, Any]]:
    calendar = timing.calendar_of(category.city)
    limits = timing.limits_for(category, start, urgent=urgent, standard=standard, place=place)
    counted = [timing.timed(calendar, limit, start, urgent=urgent) for limit in limits]
    return [
        {
            "number": one.limit.number, "name": one.limit.name, "limit": one.limit.amount,
            "unit": one.limit.unit, "starts": one.starts, "soon_at": one.soon_at, "due": one.due,
            "met_at": None, "light": LIGHTS[Light.OK], "explanation": one.explanation,
        }
        for one in counted
    ]  # fmt: skip


class SimulationIn(Wish):
    """A case that may come: its category, and what decides about its limit."""

    category = serializers.IntegerField(min_value=1, max_value=parsing.GREATEST_ID)
    place = StrictGeometryField(kind="Point", required=False)
    start = serializers.DateTimeField(required=False)
    standard = serializers.IntegerField(required=False, min_value=1, max_value=parsing.GREATEST_ID)
    urgent = serializers.BooleanField(default=False)


def told(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal in the caller's language."""
    department = proposal.department
    return {
        "department": department.pk if department else None,
        "name": department.name if department else None,
        "name_en": department.name_en if department else None,
        "why": gettext(proposal.why) % proposal.detail,
        "ruling": proposal.ruling.pk if proposal.ruling else None,
    }


class Simulation(APIView):
    """What limit and which department a case would have; nothing is written."""

    @extend_schema(request=SimulationIn, responses={200: answers.SIMULATION})
    def post(self, request: Request) -> Response:
        """Count the deadlines of a category from a moment on, and propose the department."""
        form = SimulationIn(data=request.data)
        form.is_valid(raise_exception=True)
        scope, said = caller.scope(request), form.validated_data
        category = _category(scope, said["category"])
        start = said.get("start") or timezone.now()
        place = said.get("place")
        standards = timing.standards_for(category, start, place)
        wanted = said.get("standard")
        chosen = next((row for row in standards if row.pk == wanted), None)
        if wanted is not None and chosen is None:
            raise BadValue("这个类别现在没有编号为 %(standard)s 的立结案标准", standard=wanted)
        counted = _simulated(category, start, chosen, urgent=said["urgent"], place=place)
        return Response(
            {
                "milestones": counted,
                "standards": [
                    {
                        "id": row.pk, "condition": row.condition, "filing": row.filing,
                        "closing": row.closing, "place_class": row.place_class,
                    }
                    for row in standards
                ],
                "proposal": told(propose_department(category, place, start)) if place else None,
                "here": _here(scope, category.city, place) if place else None,
            }
        )  # fmt: skip


def _here(scope: Scope, city: City, place: Point) -> dict[str, Any]:
    """What a place is called, and whether the caller may report there."""
    spot = spot_at(city, place)
    return {"address": address_of(scope, spot), "may_report": scope.may_at("report", spot)}


def _category(scope: Scope, pk: int) -> Category:
    rows: QuerySet[Category] = Category.objects.within(scope)
    found = rows.select_related("city", "parent__department", "department").filter(pk=pk).first()
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    return found
