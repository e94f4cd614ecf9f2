"""Figures of a period: every share with its rule, its two numbers, and the cases behind each."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.actions.evaluation import contest, decide_contest, keep_evaluation
from gridmap.api import answers, caller, filters, parsing
from gridmap.api.filters import Asked, Filter
from gridmap.api.rows import RowsViewSet
from gridmap.api.serializers import Moment
from gridmap.api.terms import Wish
from gridmap.errors import BadValue, OutOfScope
from gridmap.layers import evaluation
from gridmap.layers.assessments import Contest, Evaluation, left_out
from gridmap.layers.evaluation import LEAST, RATES, SCORES, VERSION, Figure
from gridmap.layers.facts import Fact, Period, facts_of
from gridmap.layers.people import Department
from gridmap.layers.territory import City, Community

GROUPS = ("all", "department", "community")
SIDES = ("part", "whole")
MOST_DAYS = 400
PARAMETERS = {
    "city": "Slug of a city.", "since": "First day.", "until": "Last day, included.",
    "by": "all (usual), department or community.",
}  # fmt: skip
ASKED = [OpenApiParameter(name, str, description=about) for name, about in PARAMETERS.items()]
FIGURE = answers.thing(
    rate=answers.TEXT, name=answers.TEXT, of=answers.TEXT, counts=answers.TEXT,
    part=answers.WHOLE, whole=answers.WHOLE, percent=answers.some(answers.REAL),
    wait=answers.some(answers.TEXT), median_minutes=answers.some(answers.WHOLE),
)  # fmt: skip
EVALUATION = answers.thing(
    version=answers.TEXT, since=answers.MOMENT, until=answers.MOMENT,
    units=answers.every(
        answers.thing(
            id=answers.some(answers.WHOLE), name=answers.TEXT, figures=answers.every(FIGURE),
            scores=answers.every(
                answers.thing(post=answers.TEXT, name=answers.TEXT,
                              points=answers.some(answers.REAL), level=answers.some(answers.TEXT))
            ),
        )
    ),
)  # fmt: skip


class Question:
    """What is asked: city, period, grouping; the facts are read once."""

    def __init__(self, request: Request, *more: str) -> None:
        names = (*PARAMETERS, *more)
        filters.check_names(request, [Filter(name, "", Filter.keep) for name in names])
        self.asked: Asked = filters.asked(request, caller.scope(request))
        if self.asked.city is None:
            raise BadValue("须给出参数 city")
        self.city: City = self.asked.city
        self.group = parsing.choice("by", request.query_params.get("by", "all"), GROUPS)
        self.period = _period(request, self.asked)
        facts = facts_of(self.asked.scope, self.city, self.period)
        self.units = evaluation.grouped(facts, self.group)
        self.without = left_out(self.city, filters.shown(self.asked)[0])

    def names(self) -> dict[int | None, str]:
        """Return what the units are called."""
        if self.group == "department":
            return dict(Department.objects.within(self.asked.scope).values_list("pk", "name"))
        if self.group == "community":
            return dict(Community.objects.within(self.asked.scope).values_list("pk", "name"))
        return {None: self.city.name}


def _period(request: Request, asked: Asked) -> Period:
    said = {name: request.query_params.get(name) for name in ("since", "until")}
    if not said["since"] or not said["until"]:
        raise BadValue("须给出参数 since 和 until")
    since = parsing.moment("since", said["since"], asked.zone)
    until: datetime = parsing.moment("until", said["until"], asked.zone, end=True)
    if until <= since:
        raise BadValue("参数 since 晚于 until")
    if (until - since).days > MOST_DAYS:
        raise BadValue("参数 since 和 until 之间最多 %(most)s 天", most=MOST_DAYS)
    return Period(since, until)


def _figure(key: str, found: Figure) -> dict[str, Any]:
    rate = RATES[key]
    return {
        "rate": key, "name": gettext(rate.name), "of": rate.said_of,
        "counts": gettext(rate.counts), "part": len(found.part), "whole": len(found.whole),
        "percent": found.percent, "wait": gettext(rate.wait.name) if rate.wait else None,
        "median_minutes": found.median,
    }  # fmt: skip


def _unit(question: Question, unit: int | None, name: str, facts: list[Fact]) -> dict[str, Any]:
    found = evaluation.figures_of(facts, question.period, question.without)
    posts = ["department"] if question.group == "department" else list(SCORES)[1:]
    scores = []
    for post in posts:
        points = evaluation.score(SCORES[post], found)
        scores.append(
            {"post": post, "name": gettext(SCORES[post].name), "points": points,
             "level": evaluation.level(points)}
        )  # fmt: skip
    figures = [_figure(key, one) for key, one in found.items()]
    return {"id": unit, "name": name, "figures": figures, "scores": scores}


class EvaluationFigures(APIView):
    """The figures of a period, by department, community or all together; never by person."""

    @extend_schema(parameters=ASKED, responses={200: EVALUATION})
    def get(self, request: Request) -> Response:
        """Return every rate with both its numbers and its rule.

        ``median_minutes`` is what half of ``whole`` waited no longer than, those who wait still
        counting longest: null below 20 cases, and where more than half wait still. ``scores`` are
        null below 20 cases; units stand in the order of their names, not of points.
        """
        question = Question(request)
        names = question.names()
        units = [
            _unit(question, unit, names.get(unit, ""), facts)
            for unit, facts in question.units.items()
        ]
        return Response(
            {
                "version": VERSION, "since": question.period.since,
                "until": question.period.until, "least": LEAST,
                "units": sorted(units, key=lambda unit: (unit["id"] is None, unit["name"])),
            }
        )  # fmt: skip


class EvaluationCases(APIView):
    """The cases behind one number."""

    @extend_schema(
        parameters=[
            *ASKED,
            OpenApiParameter("unit", int, description="Id of the department or community."),
            OpenApiParameter("rate", str, required=True),
            OpenApiParameter("side", str, description="part or whole (usual)."),
        ],
        responses={200: answers.thing(incidents=answers.every(answers.WHOLE))},
    )
    def get(self, request: Request) -> Response:
        """Return the ids of the incidents that a number counts: as many as the number."""
        question = Question(request, "unit", "rate", "side")
        asked = request.query_params
        rate = parsing.choice("rate", asked.get("rate", ""), tuple(RATES))
        side = parsing.choice("side", asked.get("side", "whole"), SIDES)
        unit = parsing.number("unit", asked["unit"]) if asked.get("unit") else None
        found = evaluation.figure(
            RATES[rate], question.units.get(unit, []), question.period,
            question.without.get(rate, frozenset()),
        )  # fmt: skip
        return Response({"incidents": found.part if side == "part" else found.whole})


class KeptOut(serializers.ModelSerializer[Evaluation]):
    since = Moment()
    until = Moment()
    made_at = Moment()
    values = serializers.DictField()
    left_out = serializers.DictField()

    class Meta:
        model = Evaluation
        fields = ["id", "since", "until", "version", "made_at", "values", "left_out"]


class PeriodIn(Wish):
    city = serializers.SlugField(max_length=32)
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()


class Evaluations(RowsViewSet):
    """Figures as they were computed and kept; a later computation stands beside them."""

    layer = "evaluations"
    serializer_class = KeptOut
    filters = (filters.in_city("city"),)

    def rows(self, asked: Asked) -> Any:
        return Evaluation.objects.within(asked.scope)

    @extend_schema(request=PeriodIn, responses={201: KeptOut})
    def create(self, request: Request) -> Response:
        """Compute the figures of a period that is over and keep them."""
        form = PeriodIn(data=request.data)
        form.is_valid(raise_exception=True)
        scope, told = caller.scope(request), form.validated_data
        city = City.objects.within(scope).filter(slug=told["city"]).first()
        if city is None:
            raise OutOfScope("没有这座城市，或不在您的范围内")
        period = Period(told["since"], told["until"])
        return Response(KeptOut(keep_evaluation(by=scope, city=city, period=period)).data, 201)


class ContestOut(serializers.ModelSerializer[Contest]):
    incident = serializers.IntegerField(source="incident_id")
    asked_at = Moment()
    decided_at = Moment(allow_null=True)

    class Meta:
        model = Contest
        fields = ["id", "incident", "rate", "why", "asked_at", "decided_at", "upheld", "answer"]


class ContestIn(Wish):
    incident = serializers.IntegerField(min_value=1, max_value=parsing.GREATEST_ID)
    rate = serializers.ChoiceField(list(RATES))
    why = serializers.CharField(max_length=2000)


class DecisionIn(Wish):
    upheld = serializers.BooleanField()
    answer = serializers.CharField(max_length=2000, default="", allow_blank=True)


class Contests(RowsViewSet):
    """Cases that somebody holds should not count in a rate."""

    layer = "contests"
    serializer_class = ContestOut
    filters = (filters.in_city("incident__city"),)

    def rows(self, asked: Asked) -> Any:
        return Contest.objects.within(asked.scope)

    @extend_schema(request=ContestIn, responses={201: ContestOut})
    def create(self, request: Request) -> Response:
        """Contest a case."""
        form = ContestIn(data=request.data)
        form.is_valid(raise_exception=True)
        told = form.validated_data
        made = contest(
            by=caller.scope(request), incident=told["incident"], rate=told["rate"], why=told["why"]
        )
        return Response(ContestOut(made).data, 201)

    @extend_schema(request=DecisionIn, responses={200: ContestOut})
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: int) -> Response:
        """Decide a contest; kept figures stay, later ones follow."""
        form = DecisionIn(data=request.data)
        form.is_valid(raise_exception=True)
        told = form.validated_data
        done = decide_contest(
            by=caller.scope(request), contest=pk, upheld=told["upheld"], answer=told["answer"]
        )
        return Response(ContestOut(done).data)
