"""A team: its area with the letters of its segments, what no segment has and what two have."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gridmap.actions.people import Who
from gridmap.actions.people.members import enrol, let_go
from gridmap.actions.shifts import begin_segment, end_segment
from gridmap.errors import BadValue, Refusal
from gridmap.layers import chronicle, segments
from gridmap.layers.people import Membership, Person, Team
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.shifts import Segment
from gridmap.pages.chiefs import number
from gridmap.pages.desk import desk
from gridmap.pages.patrols import KINDS, refused

COLOURS = 9  # --q1 to --q9 of tokens.css


def _drawn(parts: list[dict[str, Any]], letters: dict[str, int]) -> dict[str, Any]:
    """Return the lane sides as lines: by letter, or as gap, or as overlap."""
    if not parts:
        return {}
    west, top = min(p["west"] for p in parts), min(p["top"] for p in parts)
    width = max(max(p["east"] for p in parts) - west, 60)
    height = max(max(p["low"] for p in parts) - top, 60)
    pad = 0.05 * max(width, height)
    for part in parts:
        part["look"] = _look(part, letters)
    # Overlaps and gaps lie on top.
    order = sorted(parts, key=lambda part: part["look"] in {"gap", "over"})
    size = 0.03 * max(width, height)
    return {
        "box": f"{west - pad:.1f} {top - pad:.1f} {width + 2 * pad:.1f} {height + 2 * pad:.1f}",
        "parts": order,
        "labels": [
            {
                "letter": letter,
                "x": f"{sum(p['west'] + p['east'] for p in mine) / 2 / len(mine):.1f}",
                "y": f"{sum(p['top'] + p['low'] for p in mine) / 2 / len(mine) + size / 3:.1f}",
            }
            for letter in letters
            if (mine := [part for part in parts if letter in part["letters"]])
        ],
        "size": f"{size:.1f}",
    }


def _look(part: dict[str, Any], letters: dict[str, int]) -> str:
    if len(part["letters"]) > 1 or (part["letters"] and part["others"]):
        return "over"
    return f"q{letters[part['letters'][0]]}" if part["letters"] else "gap"


def _by_way(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lane sides under the name of their way, to choose from."""
    found: dict[str, dict[str, Any]] = {}
    for part in parts:
        way = found.setdefault(part["name"], {"name": part["name"], "ids": [], "gaps": 0})
        way["ids"].append(part["id"])
        way["gaps"] += not part["letters"]
    return [
        {**way, "value": " ".join(map(str, way["ids"])), "n": len(way["ids"])}
        for way in found.values()
    ]


def _segment_begun(scope: Scope, team: Team, given: QueryDict) -> str:
    ids = [number(word) for words in given.getlist("way") for word in words.split()[:400]]
    stretches = [pk for pk in ids if pk is not None]
    made = begin_segment(by=scope, team=team.pk, stretches=stretches, name=given.get("name", ""))
    return _("已划出巡段 %(letter)s。") % {"letter": made.letter}


def _segment_ended(scope: Scope, _team: Team, given: QueryDict) -> str:
    end_segment(by=scope, segment=number(given.get("segment")) or 0)
    return _("巡段已停用，它的字母不再使用。")


def _enrolled(scope: Scope, team: Team, given: QueryDict) -> str:
    who = Who(person=number(given.get("person")), name=given.get("name", "")[:40])
    made = enrol(by=scope, team=team.pk, who=who)
    return _("%(name)s已入队。") % {"name": made.person.name}


def _let_go(scope: Scope, _team: Team, given: QueryDict) -> str:
    let_go(by=scope, member=number(given.get("member")) or 0)
    return _("已退队，在队的时间留着。")


DEEDS = {"end": _segment_ended, "enrol": _enrolled, "let_go": _let_go}


def _done(request: HttpRequest, team: Team) -> str:
    """Do what a form asks for; return where to go then.

    Raises:
        Http404: what is absent and what is forbidden look the same.
    """
    scope, given, to = scope_of(request.user.pk or 0), request.POST, reverse("team", args=[team.pk])
    do = DEEDS.get(given.get("deed", ""), _segment_begun)
    try:
        messages.success(request, do(scope, team, given))
    except BadValue as refusal:
        refused(request, refusal)
        # Several bear the name: the page asks which of them is meant.
        return f"{to}?{urlencode({'like': given.get('name', '')})}" if do is _enrolled else to
    except Refusal as refusal:
        refused(request, refusal)
    return to


def _members(scope: Scope, team: Team, now: datetime, like: str) -> dict[str, Any]:
    """Return how many are in the team; to those who take people in: who, and who bears a name."""
    mine = Membership.objects.within(scope).filter(team=team, valid__contains=now)
    if not scope.may("enrol", team.city_id, team.community_id):
        return {"member_count": mine.count()}
    members = list(mine.select_related("person").order_by("person__name", "pk"))
    name = like.strip().replace("\0", "")[:40]
    called = Person.objects.within(scope).called(team.city, name.lower()) if name else []
    zone = ZoneInfo(team.city.time_zone)
    return {
        "enrols": True,
        "member_count": len(members),
        "members": [
            {
                "id": one.pk,
                "name": one.person.name,
                "since": one.valid.lower.astimezone(zone) if one.valid.lower else None,
            }
            for one in members
        ],
        "like": name,
        "called": [one for one in called if one["name"] == name],
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def team_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The segments of a team on a small map, its gaps and overlaps, and the forms for them."""
    scope = scope_of(request.user.pk or 0)
    teams = Team.objects.within(scope).select_related("city", "community")
    team = teams.filter(pk=min(pk, 2**63 - 1)).first()
    if team is None or not segments.teams_of(scope, team.city).filter(pk=team.pk).exists():
        raise Http404(_("没有这支队伍，或不在您的范围内"))
    if request.method == "POST":
        return HttpResponseRedirect(_done(request, team))
    now = timezone.now()
    parts = segments.parts_of(team, now=now)
    every = list(Segment.objects.within(scope).filter(team=team))
    standing = [one for one in every if one.ended_at is None]
    numbers = {one.letter: index % COLOURS + 1 for index, one in enumerate(standing)}
    drawn = _drawn(parts, numbers)
    context = {
        "here": "patrols",
        "city": team.city,
        "team": team,
        "kind": KINDS[team.kind],
        "drawn": drawn,
        "segments": [
            {
                "segment": one,
                "look": f"q{numbers[one.letter]}",
                "ways": sorted({p["name"] for p in parts if one.letter in p["letters"]}),
                "n": sum(one.letter in part["letters"] for part in parts),
            }
            for one in standing
        ],
        "ended": [one for one in every if one.ended_at is not None],
        "gaps": [part for part in parts if part["look"] == "gap"],
        "overlaps": [part for part in parts if part["look"] == "over"],
        "ways": _by_way(parts),
        "organises": scope.may("organise", team.city_id, team.community_id),
        "changes": chronicle.latest(scope, "team", team.pk),
        **_members(scope, team, now, request.GET.get("like", "")),
    }
    return desk(request, "team.html", scope, context)
