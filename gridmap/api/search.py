"""GET /api/search, names, freshness and standing: what the map asks for in one go."""

from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.api import answers, caller, filters, parsing
from gridmap.api.filters import Asked, Filter
from gridmap.errors import BadValue
from gridmap.layers import coverage, search, standing
from gridmap.layers.city_settings import CitySetting, city_setting
from gridmap.layers.names import english_names
from gridmap.layers.territory import City

CITY = OpenApiParameter("city", str, required=True, description="Slug of a city.")
TEXT = OpenApiParameter(
    "q",
    str,
    required=True,
    description="Chinese, pinyin, initials, code, number or coordinates.",
)
# Some 5 km, more than the largest screen shows at the zoom at which entrances appear.
WIDEST = 0.05  # degrees
BOX = OpenApiParameter(
    "bbox", str, description="West, south, east, north in degrees, at most 0.05 apart."
)
COMMUNITY = OpenApiParameter("community", int, description="Id of a community.")
SUBDISTRICT = OpenApiParameter("subdistrict", int, description="Id of a subdistrict.")
AREA = [CITY, SUBDISTRICT, COMMUNITY, answers.AS_OF]


def _asked(request: Request, *names: str) -> tuple[Asked, City]:
    """Return who asks about which city; refuse parameters that are not named."""
    filters.check_names(request, [Filter(name, "", Filter.keep) for name in ("city", *names)])
    asked = filters.asked(request, caller.scope(request))
    if asked.city is None:
        raise BadValue("须给出参数 city")
    return asked, asked.city


def _number(request: Request, name: str) -> int | None:
    """Return a parameter that is a number, if it is given."""
    value = request.query_params.get(name)
    return parsing.number(name, value) if value else None


def _unless_known(request: Request, body: Any) -> Response:
    """Answer, or 304 when the browser has this very answer already."""
    data = orjson.dumps(body)
    tag = f'"{blake2b(data, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("If-None-Match") == tag:
        return Response(status=304, headers=headers)
    return Response(orjson.Fragment(data), headers=headers)


class Search(APIView):
    """One box for everything."""

    @extend_schema(parameters=[CITY, TEXT], responses={200: answers.SEARCH})
    def get(self, request: Request) -> Response:
        """Return groups of hits, at most five each with the total beside."""
        asked, city = _asked(request, "q")
        text = parsing.text("q", request.query_params.get("q", ""))
        return Response(search.search(asked.scope, city, text))


class Names(APIView):
    """Names of places for those who read no Chinese."""

    @extend_schema(parameters=[CITY], responses={200: answers.NAMES, 304: None})
    def get(self, request: Request) -> Response:
        """Return ``names``: the English (pinyin, translated terms) by the Chinese name."""
        asked, city = _asked(request)
        return _unless_known(request, {"names": english_names(asked.scope, city)})


class Freshness(APIView):
    """How fresh the coverage of each stretch and entrance is."""

    @extend_schema(
        parameters=[CITY, BOX, COMMUNITY, answers.AS_OF],
        responses={200: answers.FRESHNESS, 304: None},
    )
    def get(self, request: Request) -> Response:
        """Return ``[stretch, class, days]`` of the caller's own area; days null: never seen.

        With ``bbox`` or ``community`` also ``[entrance, lng, lat, class, days, interval]``.
        """
        asked, city = _asked(request, "bbox", "community", "as_of")
        box = request.query_params.get("bbox")
        found = coverage.freshness(
            asked.scope,
            city,
            moment=filters.shown(asked),
            community=_number(request, "community"),
            box=parsing.box("bbox", box, widest=WIDEST).ewkt if box else None,
        )
        return _unless_known(request, found)


class Standing(APIView):
    """Whether each building, lane and street has its chief."""

    @extend_schema(parameters=AREA, responses={200: answers.STANDING, 304: None})
    def get(self, request: Request) -> Response:
        """Return ``[id, class]``: 1 filled, 2 substitute, 3 expiring, 4 vacant.

        ``many`` lists what is one of too many objects in one hand, as ``building 12``.
        """
        city, at, found = _standing(request)
        many = standing.crowded(
            city, found, now=at, most=city_setting(CitySetting.Name.CHIEF_OBJECTS, city.pk, at)
        )
        return _unless_known(request, {**found, "many": many})


class StandingSummary(APIView):
    """How many buildings, lanes and streets of an area have their chief."""

    @extend_schema(parameters=AREA, responses={200: answers.STANDING_SUMMARY, 304: None})
    def get(self, request: Request) -> Response:
        """Return counts by standing; a street is counted once, however many cells it crosses."""
        return _unless_known(request, standing.summary(_standing(request)[2]))


def _standing(request: Request) -> tuple[City, datetime, dict[str, list[list[int]]]]:
    asked, city = _asked(request, "subdistrict", "community", "as_of")
    at = filters.shown(asked)[0]
    found = standing.standing(
        asked.scope,
        city,
        now=at,
        subdistrict=_number(request, "subdistrict"),
        community=_number(request, "community"),
    )
    return city, at, found
