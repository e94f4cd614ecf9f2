"""POST /api/tell: a sentence becomes proposals. GET /api/incidents/near: was it reported before."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.api import answers, caller, filters, parsing
from gridmap.api.filters import Filter
from gridmap.api.serializers import LIGHTS
from gridmap.errors import BadValue, OutOfScope
from gridmap.geo.mentions import LONGEST
from gridmap.geo.messages import message
from gridmap.layers import spoken
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import City

TOLD = answers.thing(
    text=answers.TEXT,
    said_at=answers.some(answers.MOMENT),
    title=answers.TEXT,
    places=answers.every(
        answers.thing(
            kind=answers.TEXT,
            id=answers.WHOLE,
            title=answers.TEXT,
            heard=answers.TEXT,
            door=answers.some(answers.WHOLE),
            lng=answers.REAL,
            lat=answers.REAL,
            cell=answers.some(answers.WHOLE),
            area=answers.TEXT,
            chiefs=answers.every(answers.thing(office=answers.TEXT, name=answers.TEXT)),
            may_report={"type": "boolean"},
        )
    ),
    categories=answers.every(
        answers.thing(
            code=answers.TEXT,
            name=answers.TEXT,
            name_en=answers.TEXT,
            department=answers.TEXT,
            department_en=answers.TEXT,
        )
    ),
)
NEAR = answers.thing(
    incidents=answers.every(
        answers.thing(
            id=answers.WHOLE,
            number=answers.TEXT,
            title=answers.TEXT,
            category=answers.TEXT,
            category_en=answers.TEXT,
            light=answers.TEXT,
            address=answers.TEXT,
            reported_at=answers.MOMENT,
            metres=answers.WHOLE,
            same={"type": "boolean"},
        )
    )
)
NEAR_NAMES = ("city", "lng", "lat", "category")
NEAR_PARAMETERS = [
    OpenApiParameter("city", str, required=True, description="Slug of a city."),
    OpenApiParameter("lng", float, required=True, description="Longitude, EPSG:4326."),
    OpenApiParameter("lat", float, required=True, description="Latitude."),
    OpenApiParameter("category", str, required=True, description="Code of a category."),
]


class TellIn(serializers.Serializer[dict[str, Any]]):
    """A line as somebody wrote it."""

    city = serializers.SlugField(max_length=32)
    text = serializers.CharField(max_length=LONGEST)


class Tell(APIView):
    """From a sentence to proposals; nothing is kept of it."""

    @extend_schema(request=TellIn, responses={200: TOLD})
    def post(self, request: Request) -> Response:
        """Return up to three places and three categories, the likeliest first.

        ``text`` is the line without the head of a chat's message, ``said_at`` the hour in it.
        """
        form = TellIn(data=request.data)
        form.is_valid(raise_exception=True)
        scope = caller.scope(request)
        city = City.objects.within(scope).filter(slug=form.validated_data["city"]).first()
        if city is None:
            raise OutOfScope("没有这座城市，或不在您的范围内")
        pasted, zone = form.validated_data["text"], ZoneInfo(city.time_zone)
        text, said_at = message(pasted, timezone.now(), zone)
        return Response(
            {
                "text": text,
                "said_at": parsing.stamp(said_at),
                "title": spoken.title_of(text),
                "places": spoken.places_of(scope, city, text),
                "categories": spoken.categories_of(city, text),
            }
        )


class Near(APIView):
    """What was reported before, near in place and kind."""

    @extend_schema(parameters=NEAR_PARAMETERS, responses={200: NEAR})
    def get(self, request: Request) -> Response:
        """Return open ``incidents`` of the caller's within 60 m, of the same category or class."""
        filters.check_names(request, [Filter(name, "", Filter.keep) for name in NEAR_NAMES])
        asked = filters.asked(request, caller.scope(request))
        if asked.city is None:
            raise BadValue("须给出参数 city")
        code = parsing.text("category", request.query_params.get("category", ""), longest=60)
        category = spoken.category_of(asked.city, code)
        if category is None:
            raise BadValue("没有编码为 %(category)s 的事件类别", category=code)
        lng = parsing.finite("lng", request.query_params.get("lng", ""))
        lat = parsing.finite("lat", request.query_params.get("lat", ""))
        if not (abs(lng) <= 180 and abs(lat) <= 90):  # noqa: PLR2004 - degrees
            raise BadValue("参数 %(name)s 须是经纬度", name="lng, lat")
        found = spoken.like_near(asked.scope, category, Point(lng, lat, srid=SRID))
        return Response({"incidents": [_near(row) for row in found]})


def _near(row: dict[str, Any]) -> dict[str, Any]:
    case = row["incident"]
    return {
        "id": case.pk,
        "number": case.number,
        "title": case.title,
        "category": case.category.name,
        "category_en": case.category.name_en,
        "light": LIGHTS[case.light],
        "address": case.address,
        "reported_at": parsing.stamp(case.reported_at),
        "metres": round(row["metres"]),
        "same": row["same"],
    }
