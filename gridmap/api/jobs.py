"""Proposals being worked out: how far they are, what came of them, and stopping them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from gridmap.actions import proposals
from gridmap.api import caller, filters
from gridmap.api.filters import Asked
from gridmap.api.plans import name_field
from gridmap.api.rows import RowsViewSet
from gridmap.api.serializers import Moment
from gridmap.layers.jobs import Job


class JobOut(serializers.ModelSerializer[Job]):
    plan = serializers.IntegerField(source="plan_id", allow_null=True)
    community = serializers.IntegerField(source="community_id", allow_null=True)
    asked_by = name_field("asked_by")
    made_at = Moment()
    ended_at = Moment(allow_null=True)

    class Meta:
        model = Job
        fields = [
            "id",
            "uid",
            "plan",
            "community",
            "asked",
            "asked_by",
            "base_seq",
            "state",
            "done",
            "step",
            "cancel",
            "result",
            "made_at",
            "ended_at",
        ]


class Jobs(RowsViewSet):
    """Work of the worker about plans that the caller may read."""

    layer = "jobs"
    serializer_class = JobOut
    filters = (
        filters.in_city("plan__community__subdistrict__city", "community__subdistrict__city"),
        filters.by_id("plan", "plan_id", "Id of a plan."),
        filters.by_word("state", "state", tuple(Job.State.values)),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return Job.objects.within(asked.scope).select_related("asked_by")

    @extend_schema(request=None, responses={200: JobOut})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Stop it; the draft stays as it is."""
        scope = caller.scope(request)
        proposals.cancel_proposal(by=scope, job=pk)
        return Response(JobOut(self.rows(Asked(scope)).get(pk=pk)).data)
