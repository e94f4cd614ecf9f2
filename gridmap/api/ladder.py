"""GET /api/ladder: who answers at a place, an address or a building, now or at any moment."""

from dataclasses import asdict
from typing import Any

from django.contrib.gis.geos import Point
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.api import answers, caller, filters, parsing
from gridmap.api.filters import Asked, Filter
from gridmap.errors import BadValue, OutOfScope
from gridmap.layers import answering, ladder
from gridmap.layers.places import Building
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import City

NAMES = ("city", "building", "address", "lng", "lat", "as_of")
PARAMETERS = [
    OpenApiParameter("city", str, description="Slug; needed with an address or a place."),
    OpenApiParameter("building", int, description="Id of a building."),
    OpenApiParameter("address", str, description="Address, name, alias or code of a building."),
    OpenApiParameter("lng", float, description="Longitude of a place, EPSG:4326."),
    OpenApiParameter("lat", float, description="Latitude of a place."),
    OpenApiParameter("as_of", str, description=filters.AT_MOMENT.about),
]


class Ladder(APIView):
    """Who answers here, rung by rung."""

    @extend_schema(parameters=PARAMETERS, responses={**answers.LADDER, 422: answers.REFUSAL})
    def get(self, request: Request) -> Response:
        """Return the ladder of a ``building``, an ``address``, or a place (``lng``, ``lat``).

        A building's place is a point inside it; a place answers with the building that holds it or
        stands within 5 m, its lane within 30 m and its street within 60 m; equal ones by code.
        """
        filters.check_names(request, [Filter(name, "", Filter.keep) for name in NAMES])
        asked = filters.asked(request, caller.scope(request))
        given = [name for name in ("building", "address", "lng") if request.query_params.get(name)]
        if len(given) != 1:
            raise BadValue("须给出 building、address、lng 和 lat 三者之一")
        found = HOW[given[0]](request, asked)
        return Response({"at": parsing.stamp(filters.shown(asked)[0]), **found})


def _building(request: Request, asked: Asked) -> dict[str, Any]:
    pk = parsing.number("building", request.query_params["building"])
    building = Building.objects.within(asked.scope).select_related("city").filter(pk=pk).first()
    if building is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    return _with_now(asked, building.city, _of(building, asked))


def _of(building: Building, asked: Asked) -> dict[str, Any]:
    return ladder.of_building(building, at=filters.shown(asked)[0])


def _with_now(asked: Asked, city: City, found: dict[str, Any]) -> dict[str, Any]:
    """Add whom of the ladder to turn to at that moment."""
    now = answering.at_ladder(asked.scope, city, found, at=filters.shown(asked)[0])
    return {**found, "now": asdict(now)}


def _address(request: Request, asked: Asked) -> dict[str, Any]:
    address = parsing.text("address", request.query_params["address"].strip(), longest=120)
    if asked.city is None:
        raise BadValue("须给出参数 city")
    building = ladder.building_called(asked.scope, asked.city, address)
    return _with_now(asked, asked.city, _of(building, asked))


def _place(request: Request, asked: Asked) -> dict[str, Any]:
    if asked.city is None:
        raise BadValue("须给出参数 city")
    lng = parsing.finite("lng", request.query_params["lng"])
    lat = parsing.finite("lat", request.query_params.get("lat", ""))
    if not (abs(lng) <= 180 and abs(lat) <= 90):  # noqa: PLR2004 - degrees
        raise BadValue("参数 %(name)s 须是经纬度", name="lng, lat")
    place = Point(lng, lat, srid=SRID)
    found = ladder.of_place(asked.city, place, at=filters.shown(asked)[0])
    return _with_now(asked, asked.city, found)


HOW = {"building": _building, "address": _address, "lng": _place}
