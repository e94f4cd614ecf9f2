"""GET /api/figures: the published figures of a week, from the cells up to the city."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.api import answers, caller, filters
from gridmap.api.filters import Filter
from gridmap.api.search import CITY
from gridmap.errors import BadValue
from gridmap.layers.weekly import Level, weekly

LEVELS: tuple[tuple[str, Level], ...] = (
    ("cells", "cell"),
    ("communities", "community"),
    ("subdistricts", "subdistrict"),
    ("city", "city"),
)


class Figures(APIView):
    """Open incidents and residents as they may be handed on."""

    @extend_schema(parameters=[CITY], responses={200: answers.FIGURES})
    def get(self, request: Request) -> Response:
        """Return ``[id, open, residents]`` of each place of the caller's area, as on Monday.

        A figure under ``least``, and what would give one away, is null; of cells there are no
        residents. A larger place is told where all of it is the caller's.
        """
        filters.check_names(request, [Filter("city", "", Filter.keep)])
        asked = filters.asked(request, caller.scope(request))
        if asked.city is None:
            raise BadValue("须给出参数 city")
        table = weekly(asked.city)
        body: dict[str, Any] = {"week": None, "least": None, **{name: [] for name, _ in LEVELS}}
        if table is not None:
            seen = table.seen(asked.scope)
            body |= {"week": table.day, "least": table.least}
            for name, level in LEVELS:
                places = sorted(place for place in seen if place[0] == level)
                body[name] = [
                    [place[1], table.open[place], table.residents.get(place)] for place in places
                ]
        return Response(body)
