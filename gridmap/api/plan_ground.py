"""What an editor needs once beside a plan: the division in force, names, lanes, own turns."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.api import caller, plan_answers
from gridmap.errors import OutOfScope
from gridmap.layers.plan_ground import ground_of, turns_of
from gridmap.layers.plans import Plan


class PlanGround(APIView):
    """The ground a plan is drawn on."""

    @extend_schema(responses=plan_answers.GROUND)
    def get(self, request: Request, pk: int) -> Response:
        """Return the division in force on the plan's units, their names, and the caller's turns."""
        scope = caller.scope(request)
        plan = Plan.objects.within(scope).select_related("fabric").filter(pk=pk).first()
        if plan is None:
            raise OutOfScope("没有这个草案，或不在您的范围内")
        return Response({**ground_of(plan), "turns": turns_of(plan, scope.user_id)})
