"""What is read and decided about a plan: faults, differences, impact, review, publication."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from gridmap.actions import publications
from gridmap.actions.proposals import Asked, ask_proposal
from gridmap.api import caller, parsing, plan_answers, plan_forms
from gridmap.api.filters import Asked as Everything
from gridmap.api.jobs import JobOut
from gridmap.api.plan_forms import read
from gridmap.api.plans import PlanOut, Plans
from gridmap.api.publications import PublicationOut
from gridmap.layers import divisions, plan_guard, plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.changes import IN_FORCE, other_side
from gridmap.layers.plan_faults import faults_of
from gridmap.layers.statements import statement


class ReviewedPlans(Plans):
    """Drafts and plans, with what is asked and decided about them."""

    @extend_schema(responses=plan_answers.FAULTS)
    @action(detail=True)
    def faults(self, request: Request, pk: int) -> Response:
        """Return what must be mended before the plan is handed in, and what is only remarked."""
        plan = self.plan(caller.scope(request), pk)
        found = faults_of(plan, plan_states.head_of(plan), bundle_of(plan.fabric_id))
        return Response({"seq": plan.head_seq, "faults": found})

    @extend_schema(
        parameters=[
            OpenApiParameter("against", str, description="in_force, start, or id of a plan.")
        ],
        responses=plan_answers.DIFF,
    )
    @action(detail=True)
    def diff(self, request: Request, pk: int) -> Response:
        """Return which units differ from another plan or what is in force, and who moves where."""
        scope = caller.scope(request)
        plan = self.plan(scope, pk)
        against = request.query_params.get("against", IN_FORCE)
        bundle = bundle_of(plan.fabric_id)
        before, lost = other_side(plan, against, self.rows(Everything(scope)))
        found = divisions.compare(before, plan_states.head_of(plan), bundle)
        singly = plan_guard.sees_singly(scope, plan.community)
        return Response(
            {
                "seq": plan.head_seq,
                "against": against,
                "units": [bundle.uids[place] for place in found.moved.tolist()],
                "transfers": found.transfers if singly else plan_guard.rows(found.transfers),
                "retained": found.retained,
                "unmatched": lost,
            }
        )

    @extend_schema(responses=plan_answers.IMPACT)
    @action(detail=True, url_name="impact-asked")
    def impact(self, request: Request, pk: int) -> Response:
        """Return the impact statement: what changes for whom, with the list behind each figure."""
        scope = caller.scope(request)
        plan = self.plan(scope, pk)
        told = statement(plan)
        told["at"] = parsing.stamp(told["at"])
        singly = plan_guard.sees_singly(scope, plan.community)
        return Response(told if singly else plan_guard.statement(told))

    @extend_schema(request=plan_forms.ProposeIn, responses={202: JobOut})
    @action(detail=True, methods=["post"])
    def propose(self, request: Request, pk: int) -> Response:
        """Have a proposal worked out in the background; it becomes one operation."""
        asked = read(plan_forms.ProposeIn, request)
        wanted = Asked(**{**asked, "cells": tuple(asked["cells"])})
        job = ask_proposal(by=caller.scope(request), plan=pk, asked=wanted)
        return Response(JobOut(job).data, 202)

    @extend_schema(request=plan_forms.SubmitIn, responses={200: PlanOut})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: int) -> Response:
        """Hand the draft in for review; it is frozen from here on."""
        asked, scope = read(plan_forms.SubmitIn, request), caller.scope(request)
        publications.submit(
            by=scope,
            plan=pk,
            expect_seq=asked["seq"],
            effective_from=asked.get("effective_from"),
        )
        return Response(PlanOut(self.plan(scope, pk)).data)

    @extend_schema(request=plan_forms.VerdictIn, responses={200: PlanOut})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: int) -> Response:
        """Approve the plan, as a second person."""
        asked, scope = read(plan_forms.VerdictIn, request), caller.scope(request)
        publications.approve(by=scope, plan=pk, expect_seq=asked["seq"], note=asked["note"])
        return Response(PlanOut(self.plan(scope, pk)).data)

    @extend_schema(request=plan_forms.NoteIn, responses={200: PlanOut})
    @action(detail=True, methods=["post"], url_path="return")
    def send_back(self, request: Request, pk: int) -> Response:
        """Return the plan to its planners with a reason."""
        asked, scope = read(plan_forms.NoteIn, request), caller.scope(request)
        publications.send_back(by=scope, plan=pk, note=asked["note"])
        return Response(PlanOut(self.plan(scope, pk)).data)

    @extend_schema(request=plan_forms.PublicationIn, responses={201: PublicationOut})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: int) -> Response:
        """Let the approved plan take effect at 00:00 of a day."""
        asked = read(plan_forms.PublicationIn, request)
        made = publications.publish(
            by=caller.scope(request),
            plan=pk,
            expect_seq=asked["seq"],
            effective_from=asked["effective_from"],
        )
        return Response(PublicationOut(made).data, 201)
