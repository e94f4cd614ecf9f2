"""POST /api/visits: what was seen, many at a time, each answered by itself."""

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.actions.visits import MOST, Outcome, Seen, record_visits
from gridmap.api import answers, caller
from gridmap.layers.patrols import Visit


class SeenIn(serializers.Serializer[dict[str, Any]]):
    """One place that was seen."""

    client_id = serializers.UUIDField()
    at = serializers.DateTimeField()
    source = serializers.ChoiceField(list(Visit.Source.values))  # type: ignore[assignment]
    stretch = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    entrance = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    note = serializers.CharField(max_length=200, default="", allow_blank=True)


class VisitsIn(serializers.Serializer[dict[str, Any]]):
    """Visits, at most 200."""

    visits = serializers.ListField(child=SeenIn(), min_length=1, max_length=MOST)


RESULTS = answers.thing(
    results=answers.every(
        {
            "type": "object",
            "required": ["client_id", "state"],
            "properties": {
                "client_id": {"type": "string", "format": "uuid"},
                "state": {"type": "string", "enum": ["new", "known", "refused"]},
                "code": {"type": "string", "description": "Why refused; else absent."},
                "message": {"type": "string"},
            },
        }
    )
)


def _told(outcome: Outcome) -> dict[str, str]:
    told = {"client_id": str(outcome.client_id), "state": outcome.state}
    if outcome.refusal is not None:
        refusal = outcome.refusal
        message = gettext(refusal.message)
        code = refusal.detail.get("reason") or type(refusal).__name__
        told |= {
            "code": str(code),
            "message": message % refusal.detail if refusal.detail else message,
        }
    return told


class Visits(APIView):
    """Visits to stretches and entrances."""

    @extend_schema(request=VisitsIn, responses={200: RESULTS})
    def post(self, request: Request) -> Response:
        """Note visits; sent again they change nothing. Each has its own result, in order."""
        form = VisitsIn(data=request.data)
        form.is_valid(raise_exception=True)
        seen = [Seen(**values) for values in form.validated_data["visits"]]
        outcomes = record_visits(by=caller.scope(request), seen=seen)
        return Response({"results": [_told(outcome) for outcome in outcomes]})
