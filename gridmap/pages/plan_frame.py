"""What all pages about one plan share: the plan, its frame, and the ways to look at a change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from gridmap.layers.divisions import in_force_since
from gridmap.layers.plans import Comment, Plan, Status
from gridmap.layers.scope import Scope

TONES = {
    Status.DRAFT: "draft",
    Status.IN_REVIEW: "warn",
    Status.APPROVED: "ok",
    Status.PUBLISHED: "ok",
    Status.DROPPED: "quiet",
}


def opened(scope: Scope, pk: int) -> Plan:
    """Return a plan.

    Raises:
        Http404: there is none, or not for the caller.
    """
    found = (
        Plan.objects.within(scope)
        .select_related(
            "community__subdistrict__city", "fabric", "owner", "submitted_by", "reviewed_by"
        )
        .defer("fabric__bundle")
        .filter(pk=pk)
        .first()
        if pk < 2**63
        else None
    )
    if found is None:
        raise Http404(_("没有这个草案，或不在您的范围内"))
    return found


def frame_of(plan: Plan, scope: Scope) -> dict[str, Any]:
    """Return what every page about a plan shows: whose it is, how far, and where else to go."""
    community = plan.community
    city = community.subdistrict.city
    may = {verb: scope.may(verb, city.pk, community.pk) for verb in ("draft", "review", "publish")}
    return {
        "here": "plans",
        "plan": plan,
        "city": city,
        "community": community,
        "status": _(str(Status(plan.status).label)),
        "tone": TONES[Status(plan.status)],
        "may": may,
        "editor": editor_of(plan),
        "newest_fabric": plan.fabric.current,
    }


def editor_of(plan: Plan) -> str:
    """Return the address of the editor, where this installation has one."""
    try:
        return reverse("plan", args=[plan.pk])
    except NoReverseMatch:
        return ""


def views_of(request: HttpRequest, views: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return which side of the change is shown, and the links to the others."""
    asked = request.GET.get("view", "diff")
    shown = asked if asked in {value for value, _word in views} else "diff"
    links = []
    for value, word in views:
        query = request.GET.copy()
        query["view"] = value
        links.append((value, word, f"?{query.urlencode()}"))
    return {"shown": shown, "views": links}


def sides(before: str) -> list[tuple[str, str]]:
    """The four ways to look at a change."""
    return [("diff", _("差异")), ("old", before), ("new", _("草案")), ("both", _("左右对照"))]


def numbered(plan: Plan) -> list[tuple[int, Comment]]:
    """Return what was said, first words only, with their numbers on the map."""
    first = plan.comments.filter(answers=None).select_related("author", "settled_by")
    return list(enumerate(first.order_by("at"), start=1))


def since(plan: Plan) -> date | None:
    """Return the day from which on the division in force has been so."""
    city = plan.community.subdistrict.city
    begun = in_force_since(plan.community)
    return begun.astimezone(ZoneInfo(city.time_zone)).date() if begun else None
