"""Whose ground it is: rulings, the joint tasks that wait for one, and where cases were returned."""

from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.db.models import F, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_gis.fields import GeometryField
from shapely import set_precision
from shapely.geometry import mapping

from gridmap.actions.rulings import Verdict, end_ruling, rule
from gridmap.api import answers, caller, filters, parsing
from gridmap.api.features import LayerViewSet
from gridmap.api.filters import Asked, Filter, Rows
from gridmap.api.geometry import StrictGeometryField
from gridmap.api.rows import RowsViewSet
from gridmap.api.serializers import FeatureSerializer, Moment
from gridmap.api.terms import Wish
from gridmap.errors import BadValue
from gridmap.layers.duty_borders import Border, borders
from gridmap.layers.incidents import Incident
from gridmap.layers.names import named
from gridmap.layers.rulings import JointTask, Ruling, RulingQuerySet
from gridmap.layers.scope import Scope


class RulingOut(FeatureSerializer):
    geom = GeometryField(precision=7)
    category = serializers.IntegerField(source="category_id")
    category_name = serializers.CharField(source="category.name")
    category_name_en = serializers.CharField(source="category.name_en")
    department = serializers.IntegerField(source="department_id")
    department_name = serializers.CharField(source="department.name")
    department_name_en = serializers.CharField(source="department.name_en")
    since = Moment()
    until = Moment(allow_null=True)

    class Meta:
        model = Ruling
        geo_field = "geom"
        fields = [
            "id", "geom", "category", "category_name", "category_name_en", "department",
            "department_name", "department_name_en", "why",
            "since", "until",
        ]  # fmt: skip


def _told(scope: Scope) -> RulingQuerySet:
    """Return the rulings the caller may see, ready for `RulingOut`."""
    rows = Ruling.objects.within(scope).select_related("category", "department")
    return rows.annotate(since=F("valid__startswith"), until=F("valid__endswith"))


class RulingEndIn(Wish):
    why = serializers.CharField(max_length=2000)


class Rulings(LayerViewSet):
    """Rulings in force at a moment: whose matters of a category are on this ground."""

    layer = "rulings"
    serializer_class = RulingOut
    filters = (
        filters.in_city("city"),
        filters.in_box("geom"),
        filters.by_id("category", "category_id", "Id of a category."),
        filters.by_id("department", "department_id", "Id of a department."),
        filters.AT_MOMENT,
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return _told(asked.scope).as_of(asked.as_of or timezone.now())

    @extend_schema(request=RulingEndIn, responses={200: RulingOut})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: int) -> Response:
        """End a ruling now; ``why`` is needed. What it decided so far stays."""
        form = RulingEndIn(data=request.data)
        form.is_valid(raise_exception=True)
        scope = caller.scope(request)
        done = end_ruling(by=scope, ruling=pk, why=form.validated_data["why"])
        return Response(RulingOut(_told(scope).get(pk=done.pk)).data)


class JointTaskOut(serializers.ModelSerializer[JointTask]):
    incident = serializers.IntegerField(source="incident_id")
    number = serializers.CharField(source="incident.number")
    title = serializers.CharField(source="incident.title")
    place = GeometryField(source="incident.place", precision=7)
    departments = serializers.SerializerMethodField()
    communities = serializers.SerializerMethodField()
    opened_at = Moment()
    settled_at = Moment(allow_null=True)
    ruling = serializers.IntegerField(source="ruling_id", allow_null=True)

    class Meta:
        model = JointTask
        fields = [
            "id", "incident", "number", "title", "place", "cause", "departments", "communities",
            "opened_at", "settled_at", "ruling",
        ]  # fmt: skip

    @extend_schema(responses=answers.every(answers.thing(id=answers.WHOLE, name=answers.TEXT)))
    def get_departments(self, task: JointTask) -> list[dict[str, Any]]:
        """Return the departments that meet."""
        return [{"id": row.pk, "name": row.name} for row in task.departments.all()]

    def get_communities(self, task: JointTask) -> list[dict[str, Any]]:
        """Return the communities whose ground meets there."""
        return [{"id": row.pk, "name": row.name} for row in task.communities.all()]


class RulingIn(Wish):
    geom = StrictGeometryField(kind="Polygon")
    department = serializers.IntegerField(min_value=1, max_value=parsing.GREATEST_ID)
    why = serializers.CharField(max_length=2000)
    whole_class = serializers.BooleanField(default=False)


def _open(rows: Rows, value: str, asked: Asked) -> Rows:  # noqa: ARG001
    return rows.filter(settled_at__isnull=parsing.yes_or_no("open", value))


class JointTasks(RowsViewSet):
    """Cases of which it is not clear whose they are, each with everybody who might be."""

    layer = "joint-tasks"
    serializer_class = JointTaskOut
    filters = (
        filters.in_city("incident__city"),
        Filter("open", "Whether it still waits for a ruling.", _open, {"type": "boolean"}),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        rows = JointTask.objects.within(asked.scope).select_related("incident")
        return rows.prefetch_related("departments", "communities")

    @extend_schema(request=RulingIn, responses={200: RulingOut, 201: RulingOut})
    @action(detail=True, methods=["post"])
    def rule(self, request: Request, pk: int) -> Response:
        """Rule whose ground it is; the case that waits is dispatched at once."""
        form = RulingIn(data=request.data)
        form.is_valid(raise_exception=True)
        told = dict(form.validated_data)
        shape = told.pop("geom")
        verdict = Verdict(geom=MultiPolygon(shape, srid=shape.srid), **told)
        scope = caller.scope(request)
        ruling, new = rule(by=scope, task=pk, verdict=verdict)
        return Response(RulingOut(_told(scope).get(pk=ruling.pk)).data, 201 if new else 200)


BORDER = answers.thing(
    id=answers.TEXT, nobody={"type": "boolean"},
    communities=answers.every(answers.thing(id=answers.WHOLE, name=answers.TEXT)),
    categories=answers.every(answers.TEXT),
    departments=answers.every(answers.thing(id=answers.WHOLE, name=answers.TEXT)),
)  # fmt: skip
COLLECTION = answers.thing(
    type=answers.TEXT,
    features=answers.every(
        answers.thing(
            type=answers.TEXT, id=answers.TEXT, geometry={"type": "object"}, properties=BORDER
        )
    ),
)
BORDERS = (
    filters.in_city("city"),
    filters.by_id("category", "pk", "Id of a category."),
)


class DutyBorders(APIView):
    """Ground along duty borders that nobody has ruled on, and what is nobody's."""

    @extend_schema(
        parameters=[
            OpenApiParameter(one.name, str, description=one.about, required=one.name == "city")
            for one in BORDERS
        ],
        responses={200: COLLECTION},
    )
    def get(self, request: Request) -> Response:
        """Return strips in which departments meet, each with the categories in dispute."""
        filters.check_names(request, BORDERS)
        asked = filters.asked(request, caller.scope(request))
        if asked.city is None:
            raise BadValue("须给出参数 city")
        said = request.query_params.get("category", "")
        category = parsing.number("category", said) if said else None
        found = borders(asked.scope, asked.city, timezone.now(), category)
        return Response({"type": "FeatureCollection", "features": [_border(one) for one in found]})


def _border(found: Border) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": found.ident,
        "geometry": mapping(set_precision(found.geometry, 1e-7)),
        "properties": {
            "id": found.ident,
            "nobody": found.nobody,
            "communities": [{"id": row.pk, "name": row.name} for row in found.communities],
            "categories": [named(row) for row in found.categories],
            "departments": [{"id": row.pk, "name": named(row)} for row in found.departments],
        },
    }


class ReturnedOut(FeatureSerializer):
    place = GeometryField(precision=7)
    category = serializers.IntegerField(source="category_id")
    category_name = serializers.CharField(source="category.name")
    cell = serializers.IntegerField(source="cell_id", allow_null=True)
    community = serializers.IntegerField(source="community_id", allow_null=True)

    class Meta:
        model = Incident
        geo_field = "place"
        fields = [
            "id", "place", "number", "title", "returns", "category", "category_name", "cell",
            "community",
        ]  # fmt: skip


class NoMansLand(LayerViewSet):
    """Cases that departments gave back, where they lie: the ground that is nobody's."""

    layer = "no-mans-land"
    serializer_class = ReturnedOut
    filters = (
        filters.in_city("city"),
        filters.in_box("place"),
        filters.by_id("category", "category_id", "Id of a category."),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        rows = Incident.objects.within(asked.scope).filter(returns__gt=0)
        return rows.select_related("category")
