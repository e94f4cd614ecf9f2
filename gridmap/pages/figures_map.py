"""The report map of a period: a rate by community and the cases behind it, as one file."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models import Union
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridmap.layers import evaluation
from gridmap.layers.evaluation import LESS_IS_BETTER, RATES, VERSION
from gridmap.layers.names import named
from gridmap.layers.places import Street
from gridmap.layers.territory import CellEdition, Community, Ground
from gridmap.pages.downloads import attachment
from gridmap.pages.figures_count import Count
from gridmap.pages.figures_list import (
    SIDE_WORDS,
    by_id,
    ids_of,
    of_category,
    rows_of,
    worse_side,
)
from gridmap.pages.figures_view import View, view_of
from gridmap.pages.report_map import Area, Case, Sheet, report_file

KIND = "text/html; charset=utf-8"
DECIMALS = 5  # 1 m
MOST_CASES = 1_000


@never_cache
@require_safe
@login_required
def report_map(request: HttpRequest) -> HttpResponse:
    """Hand over the report map."""
    view, _wrong = view_of(request)
    name = f"{view.city.slug}-{view.rate}-{view.since:%Y%m%d}-{view.until:%Y%m%d}.html"
    with timezone.override(view.zone):
        return attachment(report_file(sheet_of(view)), name, KIND)


def sheet_of(view: View) -> Sheet:
    """Return what the report map of the address shows."""
    count = Count(view)
    side = view.side or worse_side(view.rate)
    ids = of_category(view, ids_of(count, side))
    rate, found = RATES[view.rate], count.figure(count.chosen, view.rate)
    return Sheet(
        title=f"{view.title} · {_(rate.name)}",
        less=view.rate in LESS_IS_BETTER,
        areas=_areas(count),
        cases=_cases(count, ids[:MOST_CASES]),
        grounds=_grounds(view),
        bounds=view.city.bounds.extent,
        told={
            "city": view.city,
            "unit": count.chosen,
            "rate": rate,
            "said": found.said,
            "version": VERSION,
            "made": timezone.now(),
            "side": _(SIDE_WORDS[side]),
            "n": len(ids),
        },
    )


def _areas(count: Count) -> list[Area]:
    """Return the communities, each put together from its cells as they were at the period's end."""
    view = count.view
    groups = evaluation.grouped(count.chosen.facts, "community")
    left = count.without.get(view.rate, frozenset())
    names = dict(Community.objects.within(view.scope).values_list("pk", "name"))
    when = min(view.period.until, timezone.now()) - timedelta(microseconds=1)
    cells = CellEdition.objects.within(view.scope).as_of(when)
    rows = (
        cells.filter(cell__community__subdistrict__city=view.city)
        .order_by("cell__community__code")
        .values("cell__community")
        .annotate(ground=AsGeoJSON(Union("geom"), precision=DECIMALS))
        .values_list("cell__community", "ground")
    )
    chosen = view.unit_id if view.by == "community" else None
    return [
        Area(
            name=names.get(pk, ""),
            ground=json.loads(ground),
            figure=evaluation.figure(RATES[view.rate], groups.get(pk, []), view.period, left),
            chosen=pk == chosen,
        )
        for pk, ground in rows
    ]


def _grounds(view: View) -> list[tuple[str, str]]:
    """Return what makes the town known: water, green, streets."""
    land = Ground.objects.within(view.scope).filter(city=view.city)
    streets = Street.objects.within(view.scope).filter(city=view.city)
    ways = streets.values_list(AsGeoJSON("polygon", precision=DECIMALS), flat=True)
    drawn = land.values_list("kind", AsGeoJSON("geom", precision=DECIMALS))
    return [*drawn, *(("street", way) for way in ways)]


def _cases(count: Count, ids: list[int]) -> list[Case]:
    """Return cases by what they are and where: no title, no text, nobody's name."""
    view = count.view
    figure, facts = count.figure(count.chosen, view.rate), by_id(count)
    good = set(figure.rest if worse_side(view.rate) == "part" else figure.part)
    cases = []
    for row in rows_of(view.scope, ids):
        due, closed = facts[row.pk].due, facts[row.pk].closed
        lines = (
            named(row.category), row.address, row.number,
            _("时限 %(due)s") % {"due": _local(view, due)} if due else "",
            _("结案 %(closed)s") % {"closed": _local(view, closed)} if closed else _("期末未结"),
        )  # fmt: skip
        place = round(row.place.x, 6), round(row.place.y, 6)
        cases.append(Case(*place, good=row.pk in good, lines=lines))
    return cases


def _local(view: View, moment: datetime) -> str:
    return f"{moment.astimezone(view.zone):%m-%d %H:%M}"
