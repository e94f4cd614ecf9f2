"""Incidents: GET lists and details, POST a report; and how many were filed on each day."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_gis.fields import GeometryField

from gridmap.actions.incidents import ASKED, Report, report_incident
from gridmap.api import answers, caller, filters, parsing
from gridmap.api.features import LayerViewSet
from gridmap.api.filters import Asked, Filter, Rows
from gridmap.api.geometry import StrictGeometryField
from gridmap.api.serializers import LIGHTS, FeatureSerializer, LightWord, Moment
from gridmap.errors import BadValue
from gridmap.layers import open_incidents
from gridmap.layers.incidents import Incident, Light, State
from gridmap.layers.scope import Area, Scope
from gridmap.layers.territory import CellEdition


class HelpingOut(serializers.Serializer[dict[str, Any]]):
    """A department that helps (协办)."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    name_en = serializers.CharField()


class IncidentOut(FeatureSerializer):
    place = GeometryField(precision=7)
    light = LightWord(source="light_then")
    open = serializers.BooleanField()
    state = serializers.ChoiceField(choices=State.choices, source="state_then")
    parked = serializers.BooleanField(source="parked_then")
    urgent = serializers.BooleanField(source="urgent_then")
    category = serializers.IntegerField(source="category_id")
    category_code = serializers.CharField(source="category.code")
    category_name = serializers.CharField(source="category.name")
    category_name_en = serializers.CharField(source="category.name_en")
    department = serializers.IntegerField(source="lead_then", allow_null=True)
    department_name = serializers.CharField(source="lead_name", allow_null=True)
    department_name_en = serializers.CharField(source="lead_name_en", allow_null=True)
    helping = HelpingOut(many=True)
    cell = serializers.IntegerField(source="cell_id", allow_null=True)
    community = serializers.IntegerField(source="community_id", allow_null=True)
    reported_at = Moment()
    said_at = Moment(allow_null=True)
    filed_at = Moment(source="filed_then", allow_null=True)
    soon_at = Moment(source="soon_then", allow_null=True)
    due = Moment(source="due_then", allow_null=True)
    closed_at = Moment(source="closed_then", allow_null=True)

    class Meta:
        model = Incident
        geo_field = "place"
        fields = [
            "id",
            "place",
            "number",
            "title",
            "text",
            "address",
            "light",
            "open",
            "state",
            "parked",
            "urgent",
            "source",
            "category",
            "category_code",
            "category_name",
            "category_name_en",
            "department",
            "department_name",
            "department_name_en",
            "helping",
            "cell",
            "community",
            "reported_at",
            "said_at",
            "filed_at",
            "soon_at",
            "due",
            "closed_at",
        ]


class ReporterIn(serializers.Serializer[dict[str, Any]]):
    """How to reach the reporter about this one report."""

    name = serializers.CharField(max_length=40, default="", allow_blank=True)
    phone = serializers.CharField(max_length=30)


class ReportIn(serializers.Serializer[dict[str, Any]]):
    """What somebody tells us; cell, number and limit follow from it and are not asked."""

    place = StrictGeometryField(kind="Point")
    title = serializers.CharField(max_length=120)
    category = serializers.CharField(max_length=60)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        [source for source in Incident.Source.values if source != Incident.Source.IMPORT],
        required=False,
        help_text="How it reached us; without it, it follows from who reports.",
    )
    text = serializers.CharField(max_length=4000, default="", allow_blank=True)
    address = serializers.CharField(max_length=120, default="", allow_blank=True)
    city = serializers.SlugField(max_length=32, required=False)
    client_id = serializers.UUIDField(required=False)
    contact = ReporterIn(required=False)
    said_at = serializers.DateTimeField(
        required=False,
        help_text="When it was said, if that was before it is put down: in a chat, by telephone.",
    )

    derived = serializers.MultipleChoiceField(
        choices=ASKED,
        required=False,
        help_text="What the form has filled in by itself; counted are the things typed by hand.",
    )

    def to_internal_value(self, data: Any) -> Any:
        if unknown := sorted(set(data) - set(self.fields)):
            raise BadValue(
                "不认识的字段 %(unknown)s；可用：%(known)s",
                unknown=", ".join(unknown)[:100],
                known=", ".join(self.fields),
            )
        return super().to_internal_value(data)


def _light(rows: Rows, value: str, asked: Asked) -> Rows:  # noqa: ARG001
    word = parsing.choice("light", value, tuple(LIGHTS.values()))
    return rows.filter(light_then=Light[word.upper()])


def _open(rows: Rows, value: str, asked: Asked) -> Rows:
    light = "light" if asked.as_of is None else "light_then"  # the bare column has an index
    if parsing.yes_or_no("open", value):
        if asked.as_of is not None:  # the last end of what stood open came later: few are left
            rows = rows.filter(Q(closed_at=None) | Q(closed_at__gt=asked.as_of))
        return rows.exclude(**{light: Light.NONE})
    return rows.filter(**{light: Light.NONE})


def _cell(rows: Rows, value: str, asked: Asked) -> Rows:
    """Incidents of a cell; of a past moment those on the ground it covered then."""
    pk = parsing.number("cell", value)
    if asked.as_of is None:
        return rows.filter(cell_id=pk)
    editions = CellEdition.objects.within(asked.scope).as_of(asked.as_of)
    ground = editions.filter(cell_id=pk).values_list("geom", flat=True).first()
    return rows.filter(place__coveredby=ground) if ground else rows.none()


def _of(name: str, part: str = "") -> Callable[[Rows, str, Asked], Rows]:
    """Return what narrows incidents to those a department has, at the moment asked about."""

    def apply(rows: Rows, value: str, asked: Asked) -> Rows:  # noqa: ARG001
        these = [parsing.number(name, value)]
        return rows.of_departments(these, part, then=True)  # type: ignore[attr-defined,no-any-return]

    return apply


def _since(rows: Rows, value: str, asked: Asked) -> Rows:
    return rows.filter(entered__gte=parsing.moment("since", value, asked.zone))


def _until(rows: Rows, value: str, asked: Asked) -> Rows:
    return rows.filter(entered__lt=parsing.moment("until", value, asked.zone, end=True))


DAY = {"type": "string", "example": "2026-11-01"}
WHICH = (
    filters.in_city("city"),
    filters.in_box("place"),
    filters.in_community("community"),
    filters.in_subdistrict("community__subdistrict"),
    Filter("cell", "Id of a cell.", _cell, filters.WHOLE_NUMBER),
    filters.by_id("category", "category_id", "Id of a category."),
    Filter(
        "department",
        "Id of a department: it leads or helps.",
        _of("department"),
        filters.WHOLE_NUMBER,
    ),
    Filter("led_by", "Id of a department: it leads.", _of("led_by", "lead"), filters.WHOLE_NUMBER),
    Filter(
        "helped_by", "Id of a department: it helps.", _of("helped_by", "help"), filters.WHOLE_NUMBER
    ),
    Filter(
        "light",
        "One of: ok, soon, late, parked.",
        _light,
        {"type": "string", "enum": list(LIGHTS.values())},
    ),
    Filter("open", "Whether still open.", _open, {"type": "boolean"}),
    Filter("since", "Filed (or, not yet filed, reported) on this day or later.", _since, DAY),
    Filter("until", "Filed (or, not yet filed, reported) on this day or earlier.", _until, DAY),
    filters.AT_MOMENT,
)
URGENCY = ("late_first", "due_first", "pk")
NEWEST = ("newest_first",)
USUAL_DAYS, MOST_DAYS = 30, 1_100


def _order(rows: Rows, value: str, asked: Asked) -> Rows:  # noqa: ARG001
    parsing.choice("order", value, ("urgency", "newest"))
    return rows


class Incidents(LayerViewSet):
    """Incidents of the caller's own area or department: the most urgent first."""

    layer = "incidents"
    serializer_class = IncidentOut
    filters = (
        *WHICH,
        Filter(
            "order",
            "urgency (usual): overdue, then least time left; or newest.",
            _order,
            {"type": "string", "enum": ["urgency", "newest"]},
        ),
    )

    def rows(self, asked: Asked) -> QuerySet[Any]:
        return _standing_then(asked).select_related("category")

    def sorting(self, request: Request) -> tuple[str, ...]:
        return NEWEST if request.query_params.get("order") == "newest" else URGENCY

    @extend_schema(request=ReportIn, responses={200: IncidentOut, 201: IncidentOut})
    def create(self, request: Request) -> Response:
        """Report an incident; the same client_id with the same words again changes nothing."""
        form = ReportIn(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        city = values.pop("city", None)
        contact = values.pop("contact", {"name": "", "phone": ""})
        scope = caller.scope(request)
        derived = frozenset(values.pop("derived", ()))
        report = Report(
            **values, derived=derived, phone=contact["phone"], reporter_name=contact["name"]
        )
        made, new = report_incident(by=scope, report=report, city=city)
        shown = self.rows(Asked(scope)).get(pk=made.pk)
        return Response(IncidentOut(shown).data, 201 if new else 200)


def shown(scope: Scope) -> QuerySet[Any]:
    """Return the caller's incidents as they stand now, ready for `IncidentOut`."""
    return _standing_then(Asked(scope)).select_related("category")


def _standing_then(asked: Asked) -> QuerySet[Any]:
    """Return the caller's incidents as they stood at the moment asked about."""
    filters.shown(asked)  # a moment still to come is refused
    mine = open_incidents.standing(asked.scope, asked.as_of)
    return open_incidents.with_helpers(open_incidents.with_urgency(mine), asked.as_of)


def _days(request: Request, zone: ZoneInfo, now: datetime) -> tuple[date, date]:
    """Return the first and last day asked for: usually the 30 days that end today."""
    since, until = (request.query_params.get(name) for name in ("since", "until"))
    instant = timedelta(microseconds=1)
    end = parsing.moment("until", until, zone, end=True) - instant if until else now
    last = end.astimezone(zone).date()
    first = last - timedelta(days=USUAL_DAYS - 1)
    if since:
        first = parsing.moment("since", since, zone).astimezone(zone).date()
    if first > last:
        raise BadValue("参数 since 晚于 until")
    if (last - first).days >= MOST_DAYS:
        raise BadValue("参数 since 和 until 之间最多 %(most)s 天", most=MOST_DAYS)
    return first, last


class Histogram(APIView):
    """Incidents filed on each day."""

    @extend_schema(
        parameters=[
            OpenApiParameter(item.name, dict(item.schema), description=item.about) for item in WHICH
        ],
        responses={200: answers.HISTOGRAM},
    )
    def get(self, request: Request) -> Response:
        """Return ``days``: ``[day, number]`` of every day of the span, empty ones too.

        Without ``since`` the 30 days that end with ``until`` or today. Takes every parameter of
        the list of incidents. Empty for those who see sums only: days are not published.
        """
        filters.check_names(request, WHICH)
        asked = filters.asked(request, caller.scope(request))
        if asked.city is None:
            raise BadValue("须给出参数 city")
        if asked.scope.counted != Area() and not asked.scope.sees_incidents:
            return Response({"days": []})
        first, last = _days(request, ZoneInfo(asked.city.time_zone), filters.shown(asked)[0])
        rows = filters.applied(_standing_then(asked), request, WHICH, asked)
        rows = _until(_since(rows, first.isoformat(), asked), last.isoformat(), asked)
        return Response({"days": open_incidents.filed_per_day(rows, asked.city, first, last)})
