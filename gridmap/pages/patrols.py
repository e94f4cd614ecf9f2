"""The week of the patrols: shifts, signing up, planning; where the teams' areas meet or miss."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gridmap.actions.shifts import Outing, move_shift, plan_shift, sign_up, step_back
from gridmap.errors import BadValue, NotYours, OutOfScope, Refusal
from gridmap.layers import segments
from gridmap.layers.people import Team
from gridmap.layers.postings import scope_of
from gridmap.layers.rights import RIGHTS
from gridmap.layers.scope import Area, Scope
from gridmap.layers.shifts import Segment, Shift
from gridmap.layers.territory import City
from gridmap.pages.chiefs import city_asked, number
from gridmap.pages.desk import desk

STATES = {
    **{value: gettext_lazy(label) for value, label in Shift.State.choices},
    "late": gettext_lazy("迟未开始"),
}
TONES = {"ready": "ok", "active": "ok", "late": "bad", "cancelled": "", "done": "", "scheduled": ""}
MOVE_WORDS = {
    "ready": gettext_lazy("就绪"),
    "start": gettext_lazy("开始"),
    "finish": gettext_lazy("结束"),
    "cancel": gettext_lazy("取消班次"),
}
KINDS = {value: gettext_lazy(label) for value, label in Team.Kind.choices}
HALF = 26  # weeks one may look back or ahead


def refused(request: HttpRequest, refusal: Refusal) -> None:
    """Say why something was not done.

    Raises:
        Http404: what is absent and what is forbidden look the same.
    """
    if isinstance(refusal, OutOfScope | NotYours):
        raise Http404(_("没有找到，或不在您的范围内")) from refusal
    text = _(refusal.message)
    messages.error(request, text % refusal.detail if refusal.detail else text)


def monday_of(text: str | None, today: date) -> date:
    """Return the Monday of a day in an address, at most half a year away; else of this week."""
    try:
        asked = parse_date(text or "")
    except ValueError:
        asked = None
    near = asked is not None and abs((asked - today).days) <= 7 * HALF
    day = asked if asked is not None and near else today
    return day - timedelta(days=day.weekday())


def own_teams(scope: Scope, city: City) -> list[Team]:
    """Return the teams that are the caller's business.

    Raises:
        Http404: the caller has no area.
    """
    if scope.area | Area(cells=scope.beats) == Area():
        raise Http404(_("没有找到，或不在您的范围内"))
    return list(segments.teams_of(scope, city).order_by("name"))


def shown(row: dict[str, Any], zone: ZoneInfo, doubled: set[int]) -> dict[str, Any]:
    """Return a shift in words."""
    shift = row["shift"]
    return {
        **row,
        "from": shift.starts.astimezone(zone),
        "to": shift.ends.astimezone(zone),
        "word": STATES[row["state"]],
        "tone": TONES[row["state"]],
        "steps": [(verb, MOVE_WORDS[verb]) for verb in row["moves"] if verb != "cancel"],
        "cancellable": "cancel" in row["moves"],
        "doubled": shift.pk in doubled,
        "late": shift.began_late,
    }


@never_cache
@require_safe
@login_required
def week_page(request: HttpRequest) -> HttpResponse:
    """The shifts of a week, day by day, and where areas overlap or leave gaps."""
    scope = scope_of(request.user.pk or 0)
    city = city_asked(request, scope)
    teams = own_teams(scope, city)
    zone, now = ZoneInfo(city.time_zone), timezone.now()
    today = now.astimezone(zone).date()
    monday = monday_of(request.GET.get("week"), today)
    chosen = next((t for t in teams if t.pk == number(request.GET.get("team"))), None)
    listed = [chosen] if chosen else teams
    begin = datetime.combine(monday, time(), zone)
    span = (begin, datetime.combine(monday + timedelta(days=7), time(), zone))
    found = segments.week(scope, [team.pk for team in listed], span, now=now)
    doubled = segments.doubled(found)
    organised = [team for team in teams if scope.may("organise", team.city_id, team.community_id)]
    walked = segments.teams_walked(scope, listed)
    rows = [
        {
            **shown(row, zone, doubled),
            "walks": row["shift"].team_id in walked,
            "organises": row["shift"].team in organised,
        }
        for row in found
    ]
    days = [monday + timedelta(days=n) for n in range(7)]
    query = f"city={city.slug}" + (f"&team={chosen.pk}" if chosen else "")
    context = {
        "here": "patrols",
        "city": city,
        "notes": bool(RIGHTS["visit"] & scope.roles),
        "teams": teams,
        "kinds": KINDS,
        "chosen": chosen,
        "days": [
            {
                "day": day,
                "today": day == today,
                "rows": [r for r in rows if r["from"].date() == day],
            }
            for day in days
        ],
        "monday": monday,
        "before": f"?{query}&week={monday - timedelta(days=7)}",
        "after": f"?{query}&week={monday + timedelta(days=7)}",
        "organised": organised,
        "client_id": uuid4(),
        "whole_cells": bool(scope.area.cities or scope.area.communities or scope.beats),
        "uneven": segments.uneven_cells(scope, city, now=now),
        "team_rows": [{"team": team, "word": KINDS[team.kind]} for team in teams],
        "today": today,
        "cities": City.objects.within(scope).order_by("demo", "slug"),
    }
    return desk(request, "patrols.html", scope, context)


def back(request: HttpRequest, usual: str) -> HttpResponseRedirect:
    """Return to the page the form stood on."""
    to = request.POST.get("back", "")
    fine = url_has_allowed_host_and_scheme(to, allowed_hosts=None) and to.startswith("/patrols")
    return HttpResponseRedirect(to if fine else usual)


def _outing(request: HttpRequest, scope: Scope, team: Team) -> Outing:
    """Read the form of a new shift.

    Raises:
        BadValue: a day, an hour or a letter is none.
    """
    given, zone = request.POST, ZoneInfo(team.city.time_zone)
    try:
        day = parse_date(given.get("day", ""))
        begins, ends = parse_time(given.get("from", "")), parse_time(given.get("to", ""))
        key = UUID(given.get("client_id", ""))
    except ValueError as wrong:
        raise BadValue("请填写日期和起止时间") from wrong
    if day is None or begins is None or ends is None:
        raise BadValue("请填写日期和起止时间")
    starts = datetime.combine(day, begins, zone)
    until = datetime.combine(day + timedelta(days=int(ends <= begins)), ends, zone)
    letters = given.get("letters", "").upper().replace(",", " ").replace("、", " ").split()
    walked = dict(
        Segment.objects.within(scope)
        .standing()
        .filter(team=team, letter__in=letters[:60])
        .values_list("letter", "pk")
    )
    if unknown := [letter for letter in letters if letter not in walked]:
        raise BadValue("这支队伍没有巡段 %(letter)s", letter=unknown[0][:10])
    return Outing(
        starts=starts,
        ends=until,
        meeting=given.get("meeting", "")[:80],
        wanted=number(given.get("wanted"), 1, 99) or 0,
        segments=sorted(walked.values()),
        client_id=key,
    )


@require_POST
@login_required
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a shift."""
    scope = scope_of(request.user.pk or 0)
    pk = number(request.POST.get("team")) or 0
    team = Team.objects.within(scope).select_related("city").filter(pk=pk).first()
    if team is None:
        raise Http404(_("没有找到，或不在您的范围内"))
    try:
        made = plan_shift(by=scope, team=team.pk, outing=_outing(request, scope, team))
    except Refusal as refusal:
        refused(request, refusal)
        return back(request, reverse("patrols"))
    messages.success(request, _("已排班。"))
    day = made.starts.astimezone(ZoneInfo(team.city.time_zone)).date()
    return HttpResponseRedirect(f"{reverse('patrols')}?city={team.city.slug}&week={day}")


@require_POST
@login_required
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign up for a shift, step back, or move it along its table."""
    scope = scope_of(request.user.pk or 0)
    deed = request.POST.get("deed", "")
    if pk >= 2**63:
        raise Http404
    try:
        if deed == "sign_up":
            sign_up(by=scope, shift=pk)
            messages.success(request, _("已报名。"))
        elif deed == "step_back":
            step_back(by=scope, shift=pk)
            messages.success(request, _("已退出这个班次。"))
        else:
            move_shift(by=scope, shift=pk, verb=deed, why=request.POST.get("why", ""))
    except Refusal as refusal:
        refused(request, refusal)
    return back(request, reverse("patrols"))
