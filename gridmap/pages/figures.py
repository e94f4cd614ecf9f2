"""The page of figures: shares of a period by department, community and post, and their cases."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridmap.layers.assessments import Contest, Evaluation
from gridmap.layers.evaluation import LEAST, RATES, SCORES, VERSION, Figure, level
from gridmap.layers.facts import Period
from gridmap.layers.territory import City
from gridmap.pages.desk import desk
from gridmap.pages.figures_charts import charts
from gridmap.pages.figures_count import BY_WAIT, Count, Unit, lasting
from gridmap.pages.figures_list import (
    STATES,
    categories_of,
    contests_of,
    listed,
    median_said,
    worse_side,
)
from gridmap.pages.figures_view import ALL, GROUPS, NO_UNIT, View, month_of, view_of

# The browser's charts, as script/setup.sh lays them under static/; package.json has the version.
ECHARTS = "vendor/echarts-6.1.0"
TILES = ("closed_in_time", "closed", "rework", "replied", "satisfied")
WORSE = {"part": gettext_lazy("计入的是哪些事"), "rest": gettext_lazy("未计入的是哪些事")}
HEADS = {
    "department": (gettext_lazy("部门"), gettext_lazy("各部门")),
    "community": (gettext_lazy("社区"), gettext_lazy("各社区")),
    "post": (gettext_lazy("岗位"), gettext_lazy("各岗位")),
}


@never_cache
@require_safe
@login_required
def figures_page(request: HttpRequest) -> HttpResponse:
    """The shares, their charts, the list that is open, contests, and what was kept."""
    view, wrong = view_of(request)
    count = Count(view)
    unit = count.chosen
    found = count.figure(unit, view.rate)
    months = count.months()
    targets = count.targets(view.rate, [point.period for point in months])
    rows = [_row(count, one) for one in count.units]
    worse = found.part if worse_side(view.rate) == "part" else found.rest
    categories = categories_of(view, worse, unit.key)
    head, whose = HEADS[view.by]
    context = {
        "here": "period-figures",
        "city": view.city,
        "cities": City.objects.within(view.scope).order_by("demo", "slug"),
        "view": view,
        "wrong": wrong,
        "least": LEAST,
        "sure": "95%",
        "version": VERSION,
        "unit": unit,
        "rate": RATES[view.rate],
        "rates": [(key, _(rate.name)) for key, rate in RATES.items()],
        "groups": GROUPS.items(),
        "head": head,
        "whose": whose,
        "tiles": [_number(count, count.whole, key) for key in TILES],
        "rows": rows,
        "total": _row(count, count.whole),
        "posts": _posts(count),
        "rules": [_number(count, unit, key) for key in RATES],
        "list": listed(count) if view.side else None,
        "months": [_month(view, unit, point.period, point.figure) for point in months],
        "categories": categories,
        "missing": len(worse),
        "what": WORSE[worse_side(view.rate)],
        "charts": charts(
            view,
            rows,
            count.figure(count.whole, view.rate),
            list(zip(months, targets, strict=True)),
            categories,
            count.target,
        ),
        "target": f"{count.target}%" if count.target else "",
        "contests": [_contest(view, row) for row in contests_of(view.scope, _ids(count))],
        "kept": _kept(count),
        "may_keep": view.over and view.scope.may("keep_evaluation", view.city.pk),
        "now": found,
        "out": len(count.out(unit, view.rate)),
        "export": f"{reverse('figures-export')}?{view.query_with()}",
        "burden": f"{reverse('figures-burden')}?{view.query_with()}",
        "report": f"{reverse('figures-map')}?{view.query_with()}",
        "cases_export": f"{reverse('figures-cases')}?{view.query_with()}",
        "back": view.query_with(),
        "library": ECHARTS,
    }
    with timezone.override(view.zone):
        return desk(request, "figures.html", view.scope, context, status=422 if wrong else 200)


def _ids(count: Count) -> list[int]:
    return [fact.incident for fact in count.facts]


def _number(count: Count, unit: Unit, key: str) -> dict[str, Any]:
    """Return a rate of a unit with its rule and where its two numbers are listed."""
    view, rate, figure = count.view, RATES[key], count.figure(unit, key)
    return {
        "key": key,
        "name": _(rate.name),
        "of": rate.said_of,
        "counts": _(rate.counts),
        "figure": figure,
        "wait": _(rate.wait.name) if rate.wait else "",
        "median": lasting(figure.median),
        "median_said": median_said(key, figure),
        "by_wait": key in BY_WAIT,
        "on": key == view.rate,
        "href": view.link(rate=key, category=""),
        "part": view.list_link(key, unit.key, "part"),
        "whole": view.list_link(key, unit.key, "whole"),
    }


def _row(count: Count, unit: Unit) -> dict[str, Any]:
    """Return a line of the table: the chosen rate of one unit."""
    view = count.view
    rated = view.by == "department" and unit.key not in {ALL, NO_UNIT}
    points = count.points(unit, "department") if rated else None
    return {
        **_number(count, unit, view.rate),
        "unit": unit,
        "rest": view.list_link(view.rate, unit.key, "rest"),
        "on": bool(view.side) and unit is count.chosen,
        "rated": rated,
        "points": points,
        "level": level(points),
    }


def _posts(count: Count) -> list[dict[str, Any]]:
    """Return the rating of each post: of all who hold it together, never of one of them."""
    if count.view.by != "post":
        return []
    return [
        {
            "name": _(score.name),
            "base": score.base,
            "points": (points := count.points(count.whole, key)),
            "level": level(points),
            "parts": [
                {**_number(count, count.whole, rate), "weight": weight, "less": rate in score.less}
                for weight, rate in score.parts
            ],
        }
        for key, score in SCORES.items()
        if key != "department"
    ]


def _month(view: View, unit: Unit, period: Period, found: Figure) -> dict[str, Any]:
    since = period.since.astimezone(view.zone).date()
    days = dict(zip(("since", "until"), month_of(since), strict=True))
    return {
        "name": f"{since:%Y-%m}",
        "figure": found,
        "part": view.link(**days, side="part", unit=unit.key, category="") + "#cases",
        "whole": view.link(**days, side="whole", unit=unit.key, category="") + "#cases",
    }


def _contest(view: View, row: Contest) -> dict[str, Any]:
    tone, word = STATES[row.upheld]
    may = view.scope.may_at("decide_contest", row.incident.spot)
    return {
        "row": row,
        "rate": _(RATES[row.rate].name),
        "state": _(word),
        "tone": tone,
        "may_decide": may and row.decided_at is None and row.asked_by_id != view.scope.user_id,
    }


def _kept(count: Count) -> list[dict[str, Any]]:
    """Return what was kept of this period, of the chosen unit and rate, newest first."""
    view = count.view
    period = view.period
    rows = Evaluation.objects.within(view.scope).filter(
        city=view.city, since=period.since, until=period.until
    )
    group = "all" if count.chosen.key == ALL else view.group()
    found = []
    for row in rows[:20]:
        values = row.values.get(group, {}).get(str(view.unit_id), {})
        part, whole = values.get(view.rate, (0, 0))
        found.append(
            {
                "row": row,
                "figure": Figure(list(range(part)), list(range(whole))),
                "out": len(row.left_out.get(view.rate, ())),
            }
        )
    return found
