"""Coverage for officials: where nobody has been for too long, on any of ninety days, compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridmap.geo.workbook import KIND, Cell, Sheet, workbook
from gridmap.layers import holes
from gridmap.layers.coverage import NEVER
from gridmap.layers.holes import DAYS_BACK, THINGS, Asked, Sum
from gridmap.layers.places import Stretch
from gridmap.layers.postings import scope_of
from gridmap.layers.rights import RIGHTS
from gridmap.layers.scope import Area, Scope
from gridmap.layers.territory import City, Community
from gridmap.pages.chiefs import city_asked, number
from gridmap.pages.desk import desk
from gridmap.pages.downloads import attachment

PAGE = 50
MOST_ROWS = 20_000
SPANS = (7, 30, 90)
USUAL_SPAN = 30
STEPS = (60, 75, 85, 95)  # percent in time: the five shades of the map
NOTHING = 5  # no place of the caller's in the cell
THING_WORDS = {"stretch": gettext_lazy("巷段"), "entrance": gettext_lazy("楼栋入口")}
SIDES = {value: gettext_lazy(label) for value, label in Stretch.Side.choices}


@dataclass(frozen=True)
class View:
    """What is looked up; all of it stands in the address."""

    asked: Asked
    day: date
    today: date
    against: date | None
    query: QueryDict

    @property
    def city(self) -> City:
        """The city."""
        return self.asked.city

    def link(self, **other: object) -> str:
        """Return the query of the same with something else chosen."""
        query = self.query.copy()
        query.pop("page", None)
        for name, value in other.items():
            query.pop(name, None)
            if value:
                query[name] = str(value)
        return f"?{query.urlencode()}"

    def on(self, day: date) -> Asked:
        """Return the same as it was at the end of a day; of today: now."""
        return _at(self.asked, day, self.today)


def _at(asked: Asked, day: date, today: date) -> Asked:
    if day >= today:
        return replace(asked, now=timezone.now(), past=False)
    zone = ZoneInfo(asked.city.time_zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone) - timedelta(seconds=1)
    return replace(asked, now=end, past=True)


def _day(text: str | None, today: date) -> date | None:
    """Return a day of the last ninety; None for anything else."""
    try:
        found = parse_date(text or "")
    except ValueError:
        return None
    return found if found and today - timedelta(days=DAYS_BACK) < found <= today else None


def _own(scope: Scope) -> Area:
    """Return of which the caller sees visits one by one."""
    return scope.area | Area(cells=scope.beats)


def view_of(request: HttpRequest, scope: Scope) -> View:
    """Read the address; what it names and does not exist is left out.

    Raises:
        Http404: the caller has no area of the city, or the community is not the caller's.
    """
    if _own(scope) == Area():
        raise Http404(_("没有找到，或不在您的范围内"))
    city, given = city_asked(request, scope), request.GET
    community = number(given.get("community"))
    if community and not _communities(scope, city).filter(pk=community).exists():
        raise Http404(_("没有这个社区，或不在您的范围内"))
    today = timezone.now().astimezone(ZoneInfo(city.time_zone)).date()
    ago = number(given.get("ago"), 0, DAYS_BACK - 1)
    day = _day(given.get("day"), today) or today - timedelta(days=ago or 0)
    span = number(given.get("span"))
    thing = given.get("thing")
    asked = Asked(
        city=city,
        now=timezone.now(),
        span=span if span in SPANS else USUAL_SPAN,
        community=community,
        cell=number(given.get("cell")),
        team=number(given.get("team")),
        thing=thing if thing in THINGS else None,
    )
    against = _day(given.get("against"), today)
    return View(_at(asked, day, today), day, today, against, given)


def _communities(scope: Scope, city: City) -> QuerySet[Community]:
    """Return the communities in which the caller has an area or cells of the own."""
    mine = Community.objects.within(scope).filter(subdistrict__city=city)
    cells = Q(cells__in=sorted(scope.beats | scope.area.cells))
    own = scope.area.rows(cities="subdistrict__city_id", communities="pk")
    return mine.filter(own | cells).distinct().order_by("code")


def said(row: dict[str, Any]) -> dict[str, Any]:
    """Return a hole in words."""
    if row["thing"] == "stretch":
        ends = f"{row['start']}–{row['end']}" if row["start"] or row["end"] else ""
        side = str(SIDES[row["side"]])
        more = " · ".join(part for part in (ends, side) if part)
    else:
        more = _("%(n)s 号入口") % {"n": row["seq"]}
    never = row["class"] == NEVER
    return {
        **row,
        "word": THING_WORDS[row["thing"]],
        "more": more,
        "never": never,
        "over": None if never else row["days"] - row["interval_days"],
    }


def shade(sum_: Sum | None) -> int:
    """Return the shade of a cell: 0 is the emptiest, 4 the fullest, 5 nothing to say."""
    if sum_ is None or sum_.share is None:
        return NOTHING
    return sum(sum_.share >= step for step in STEPS)


def drawing(view: View, found: list[dict[str, Any]], teams: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the map: cells by share in time, the areas of the teams around them."""
    per_cell = holes.by("cell", found)
    cells, outlines = holes.shapes(view.city, sorted(per_cell), view.asked.now)
    if not cells:
        return {}
    west, top = min(c["west"] for c in cells), min(c["top"] for c in cells)
    width = max(c["east"] for c in cells) - west
    height = max(c["low"] for c in cells) - top
    pad = 0.02 * max(width, height)
    of_cell: dict[int, list[str]] = {}
    for team in teams:
        for cell in team["cells"]:
            of_cell.setdefault(cell, []).append(team["name"])
    return {
        "box": f"{west - pad:.1f} {top - pad:.1f} {width + 2 * pad:.1f} {height + 2 * pad:.1f}",
        "cells": [
            {
                **cell,
                "shade": shade(per_cell[cell["cell"]]),
                "sum": per_cell[cell["cell"]],
                "teams": "、".join(of_cell.get(cell["cell"], [])),
                "href": view.link(cell=cell["cell"]),
                "on": cell["cell"] == view.asked.cell,
            }
            for cell in cells
        ],
        "outlines": outlines,
    }


def _compared(now: dict[int, Sum], then: dict[int, Sum] | None) -> dict[int, dict[str, Any]]:
    """Return two periods side by side; a difference where both are known."""
    out: dict[int, dict[str, Any]] = {}
    for key, sum_ in now.items():
        before = (then or {}).get(key)
        known = before is not None and None not in (sum_.share, before.share)
        change = (sum_.share or 0) - (before.share or 0) if before and known else None
        out[key] = {"now": sum_, "then": before, "change": change}
    return out


def _tables(scope: Scope, view: View, found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the sums by community and by team, beside those of the other period."""
    teams = holes.teams_at(view.city, view.asked.now)
    then = holes.sums(scope, view.on(view.against)) if view.against else None
    names = dict(
        Community.objects.within(scope)
        .filter(pk__in={row["community"] for row in found})
        .values_list("pk", "name")
    )
    areas = _compared(
        holes.by("community", found), holes.by("community", then) if then is not None else None
    )
    groups = _compared(
        holes.by_team(found, teams), holes.by_team(then, teams) if then is not None else None
    )
    titles = {team["id"]: team["name"] for team in teams}
    return {
        "teams": teams,
        "areas": [
            {"id": key, "name": names.get(key, ""), **row}
            for key, row in sorted(areas.items(), key=lambda one: names.get(one[0], ""))
        ],
        "groups": [{"id": key, "name": titles[key], **row} for key, row in groups.items()],
    }


@never_cache
@require_safe
@login_required
def coverage_page(request: HttpRequest) -> HttpResponse:
    """The map, the sums of communities and teams, and the holes."""
    scope = scope_of(request.user.pk or 0)
    view = view_of(request, scope)
    found = holes.sums(scope, view.asked)
    tables = _tables(scope, view, found)
    page = number(request.GET.get("page"), 1, 9_999) or 1
    listed = holes.holes(scope, view.asked, first=PAGE * (page - 1), most=PAGE)
    total = Sum()
    for row in found:
        total.add(row)
    count = total.over + total.never
    wide = holes.sums(scope, replace(view.asked, cell=None)) if view.asked.cell else found
    context = {
        "here": "patrols",
        "city": view.city,
        "organises": bool(RIGHTS["organise"] & scope.roles),
        "view": view,
        "total": total,
        "drawn": drawing(view, wide, tables["teams"]),
        **tables,
        "holes": [said(row) for row in listed],
        "first": PAGE * (page - 1) + 1,
        "last": PAGE * (page - 1) + len(listed),
        "count": count,
        "before": view.link() + f"&page={page - 1}" if page > 1 else "",
        "after": view.link() + f"&page={page + 1}" if PAGE * page < count else "",
        "communities": _communities(scope, view.city),
        "cities": City.objects.within(scope).order_by("demo", "slug"),
        "spans": SPANS,
        "things": THING_WORDS.items(),
        "ago": (view.today - view.day).days,
        "most_ago": DAYS_BACK - 1,
        "earliest": view.today - timedelta(days=DAYS_BACK - 1),
        "whole_link": view.link(cell=""),
        "export": reverse("coverage-export") + view.link(),
        "legend": _legend(),
    }
    return desk(request, "coverage.html", scope, context)


def _legend() -> list[dict[str, Any]]:
    bounds = [0, *STEPS, 101]
    words = [f"<{bounds[1]}%" if i == 0 else f"{bounds[i]}–{bounds[i + 1] - 1}%" for i in range(5)]
    return [{"shade": i, "word": word} for i, word in enumerate(words)]


HEADS = (
    gettext_lazy("种类"),
    gettext_lazy("地点"),
    gettext_lazy("位置说明"),
    gettext_lazy("社区"),
    gettext_lazy("网格编码"),
    gettext_lazy("要求间隔（天）"),
    gettext_lazy("上次走访"),
    gettext_lazy("超期（天）"),
)


def sheet(view: View, listed: list[dict[str, Any]]) -> bytes:
    """Return the holes as an XLSX file."""
    zone = ZoneInfo(view.city.time_zone)

    def cells(hole: dict[str, Any]) -> tuple[Cell, ...]:
        row = said(hole)
        seen = row["last_seen"]
        return (
            str(row["word"]),
            row["name"],
            row["more"],
            row["community"],
            row["cell_code"],
            row["interval_days"],
            f"{seen.astimezone(zone):%Y-%m-%d}" if seen else pgettext("visit", "没有记录"),
            None if row["never"] else row["over"],
        )

    return workbook(Sheet(_("走访空白"), [str(head) for head in HEADS], map(cells, listed)))


@never_cache
@require_safe
@login_required
def export(request: HttpRequest) -> HttpResponse:
    """The holes that the address narrows to, as a spreadsheet."""
    scope = scope_of(request.user.pk or 0)
    view = view_of(request, scope)
    body = sheet(view, holes.holes(scope, view.asked, most=MOST_ROWS))
    return attachment(body, f"{view.city.slug}-holes-{view.day:%Y%m%d}.xlsx", KIND)
