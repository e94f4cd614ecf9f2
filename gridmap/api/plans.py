"""Plans: drafts of a new division into cells, their operations, comments and reservations."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from gridmap.actions import plans
from gridmap.actions.beginnings import carry_draft
from gridmap.actions.plans import Outcome, told
from gridmap.api import caller, filters, parsing, plan_answers, plan_forms
from gridmap.api.filters import Asked
from gridmap.api.plan_forms import read
from gridmap.api.rows import RowsViewSet
from gridmap.api.serializers import Moment
from gridmap.errors import BadValue, OutOfScope
from gridmap.layers import plan_guard, plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.plan_figures import figures_of
from gridmap.layers.plans import Comment, Plan, Reservation, Status
from gridmap.layers.scope import Scope

PAGE = 500  # operations of the log in one answer


def name_field(path: str) -> serializers.CharField:
    """The name of a user who may be absent."""
    return serializers.CharField(source=f"{path}.username", allow_null=True, default=None)


class PlanOut(serializers.ModelSerializer[Plan]):
    city = serializers.CharField(source="community.subdistrict.city.slug")
    community = serializers.IntegerField(source="community_id")
    community_code = serializers.CharField(source="community.code")
    community_name = serializers.CharField(source="community.name")
    fabric = serializers.IntegerField(source="fabric_id")
    seq = serializers.IntegerField(source="head_seq")
    owner = name_field("owner")
    band = serializers.SerializerMethodField()
    fork_of = serializers.IntegerField(source="parent_id", allow_null=True)
    fork_seq = serializers.IntegerField(source="parent_seq", allow_null=True)
    opened_at = Moment()
    submitted_by = name_field("submitted_by")
    reviewed_by = name_field("reviewed_by")
    wanted_from = serializers.DateField(allow_null=True)
    carried_from = serializers.IntegerField(source="carried_from_id", allow_null=True)

    class Meta:
        model = Plan
        fields = list(plan_answers.PLAN)

    def get_band(self, plan: Plan) -> list[int]:
        """Households a cell should have at least and at most."""
        return [plan.lowest, plan.highest]


def merged(outcome: Outcome) -> Response:
    """Answer operations: 409 where some of them met what others did, with all that was done."""
    body = {
        **vars(outcome),
        "rebased": [_dated(op) for op in outcome.rebased],
        "cells": plan_guard.rows(outcome.cells),  # those who draw see sums only
    }
    if not outcome.conflicts:
        return Response(body)
    message = gettext("有 %(count)s 处没有改：别人先改了，或已锁定、固定、预留")
    count = len(outcome.conflicts)
    said = {"code": "WrongState", "message": message % {"count": count}}
    return Response({**body, **said, "detail": {"reason": "Conflict", "count": count}}, 409)


class Plans(RowsViewSet):
    """Drafts and plans, for planners and leaders of the area."""

    layer = "plans"
    serializer_class = PlanOut
    filters = (
        filters.in_city("community__subdistrict__city"),
        filters.in_community("community"),
        filters.by_word("status", "status", tuple(Status.values)),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return Plan.objects.within(asked.scope).select_related(
            "community__subdistrict__city", "owner", "submitted_by", "reviewed_by"
        )

    def plan(self, scope: Scope, pk: int) -> Plan:
        """Return one plan.

        Raises:
            OutOfScope: absent, or not the caller's.
        """
        found: Plan | None = self.rows(Asked(scope)).filter(pk=pk).first()
        if found is None:
            raise OutOfScope("没有这个草案，或不在您的范围内")
        return found

    @extend_schema(request=plan_forms.DraftIn, responses={201: PlanOut})
    def create(self, request: Request) -> Response:
        """Open a draft of a community as it is divided now, or a fork of a plan."""
        asked, scope = read(plan_forms.DraftIn, request), caller.scope(request)
        if ("community" in asked) == ("fork_of" in asked):
            raise BadValue("须给出 community 或 fork_of 之一")
        if "fork_of" in asked:
            made = plans.fork(
                by=scope, plan=asked["fork_of"], seq=asked.get("seq"), title=asked["title"]
            )
        else:
            made = plans.open_draft(by=scope, community=asked["community"], title=asked["title"])
        return Response(PlanOut(self.plan(scope, made.pk)).data, 201)

    @extend_schema(
        parameters=[OpenApiParameter("seq", int, description="After which operation.")],
        responses=plan_answers.STATE,
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        """Return a plan with its state: the newest, or after the operation ``seq``."""
        scope = caller.scope(request)
        plan = self.plan(scope, pk)
        wanted = request.query_params.get("seq")
        seq = parsing.number("seq", wanted, 0) if wanted else plan.head_seq
        if seq > plan.head_seq:
            raise BadValue("草案没有第 %(seq)s 步", seq=seq)
        newest = seq == plan.head_seq
        state = plan_states.head_of(plan) if newest else plan_states.state_at(plan, seq)
        bundle = bundle_of(plan.fabric_id)
        figures: list[Any] = figures_of(state.labels, bundle, [0, *state.cells])
        if not plan_guard.sees_singly(scope, plan.community):
            figures = plan_guard.rows(figures)
        return Response(
            {
                **PlanOut(plan).data,
                "seq": seq,
                "labels": state.labels.tolist(),
                "cells": [
                    {"no": no, **_shown(fields)} for no, fields in sorted(state.cells.items())
                ],
                "figures": figures,
                "pins": [bundle.uids[place] for place in sorted(state.pins)],
                "reserved": _reserved(plan),
            }
        )

    @extend_schema(
        methods=["GET"],
        parameters=[OpenApiParameter("after", int, description="Number of an operation.")],
        responses=plan_answers.LOG,
    )
    @extend_schema(methods=["POST"], request=plan_forms.OpsIn, responses=plan_answers.MERGED)
    @action(detail=True, methods=["get", "post"])
    def ops(self, request: Request, pk: int) -> Response:
        """List the operations after one of them, or merge further ones."""
        scope = caller.scope(request)
        if request.method == "POST":
            asked = read(plan_forms.OpsIn, request)
            wishes = [plan_forms.wish_of(row) for row in asked["ops"]]
            done = plans.apply_ops(by=scope, plan=pk, base_seq=asked["base_seq"], ops=wishes)
            return merged(done)
        plan = self.plan(scope, pk)
        after = parsing.number("after", request.query_params.get("after", "0"), 0)
        found = list(plan.ops.filter(seq__gt=after).select_related("author")[: PAGE + 1])
        bundle = bundle_of(plan.fabric_id)
        ops = [_dated(told(op, bundle)) for op in found[:PAGE]]
        return Response({"seq": plan.head_seq, "ops": ops, "more": len(found) > PAGE})

    @extend_schema(request=plan_forms.TurnIn, responses=plan_answers.MERGED)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int) -> Response:
        """Take back the caller's newest operation that counts."""
        asked = read(plan_forms.TurnIn, request)
        return merged(plans.undo(by=caller.scope(request), plan=pk, client_id=asked["id"]))

    @extend_schema(request=plan_forms.TurnIn, responses=plan_answers.MERGED)
    @action(detail=True, methods=["post"])
    def redo(self, request: Request, pk: int) -> Response:
        """Do again what the caller took back last."""
        asked = read(plan_forms.TurnIn, request)
        return merged(plans.redo(by=caller.scope(request), plan=pk, client_id=asked["id"]))

    @extend_schema(request=plan_forms.RestoreIn, responses=plan_answers.MERGED)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: int) -> Response:
        """Bring the draft back to an earlier state, as one further operation."""
        asked = read(plan_forms.RestoreIn, request)
        scope = caller.scope(request)
        return merged(plans.restore(by=scope, plan=pk, seq=asked["seq"], client_id=asked["id"]))

    @extend_schema(request=plan_forms.CarryForm, responses={201: plan_answers.CARRIED})
    @action(detail=True, methods=["post"])
    def carry(self, request: Request, pk: int) -> Response:
        """Go on with the plan on the newest fabric, in a draft of its own."""
        asked, scope = read(plan_forms.CarryForm, request), caller.scope(request)
        made = carry_draft(by=scope, plan=pk, title=asked["title"])
        return Response({**PlanOut(self.plan(scope, made.pk)).data, "report": made.match}, 201)

    @extend_schema(methods=["GET"], responses=plan_answers.RESERVATIONS)
    @extend_schema(
        methods=["POST"], request=plan_forms.ReserveIn, responses=plan_answers.RESERVATIONS
    )
    @action(detail=True, methods=["get", "post"])
    def reservations(self, request: Request, pk: int) -> Response:
        """List who keeps which cells, or keep some for hours; 0 hours sets them free."""
        scope = caller.scope(request)
        if request.method == "POST":
            asked = read(plan_forms.ReserveIn, request)
            plans.reserve_cells(by=scope, plan=pk, cells=asked["cells"], hours=asked["hours"])
        return Response({"reserved": _reserved(self.plan(scope, pk))})

    @extend_schema(methods=["GET"], responses=plan_answers.COMMENTS)
    @extend_schema(
        methods=["POST"], request=plan_forms.RemarkIn, responses={201: plan_answers.SAID}
    )
    @action(detail=True, methods=["get", "post"])
    def comments(self, request: Request, pk: int) -> Response:
        """List what was said about the plan, or say something."""
        scope = caller.scope(request)
        if request.method == "POST":
            remark = plan_forms.RemarkIn.remark(read(plan_forms.RemarkIn, request))
            return Response(_said(plans.comment(by=scope, plan=pk, remark=remark)), 201)
        found = self.plan(scope, pk).comments.select_related("author", "settled_by")
        return Response({"comments": [_said(row) for row in found]})

    @extend_schema(request=plan_forms.SettleIn, responses={200: plan_answers.SAID})
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: int) -> Response:
        """Mark a comment as settled."""
        asked = read(plan_forms.SettleIn, request)
        done = plans.settle_comment(by=caller.scope(request), plan=pk, comment=asked["comment"])
        return Response(_said(done))


def _shown(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "made_by"}


def _dated(op: dict[str, Any]) -> dict[str, Any]:
    return {**op, "at": parsing.stamp(op["at"])}


def _reserved(plan: Plan) -> list[dict[str, Any]]:
    found: QuerySet[Reservation] = plan.reservations.filter(until__gt=timezone.now())
    return [
        {"cell": row.no, "holder": row.holder.username, "until": parsing.stamp(row.until)}
        for row in found.select_related("holder").order_by("no")
    ]


def _said(row: Comment) -> dict[str, Any]:
    return {
        "id": row.pk,
        "author": row.author.username if row.author else None,
        "at": parsing.stamp(row.at),
        "seq": row.seq,
        "text": row.text,
        "lng": round(row.place.x, 7) if row.place else None,
        "lat": round(row.place.y, 7) if row.place else None,
        "cell": row.no,
        "unit": row.unit,
        "answers": row.answers_id,
        "settled_by": row.settled_by.username if row.settled_by else None,
    }
