"""Drafts and publications of an area: the list, new drafts, forks, and what the worker is at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gridmap.actions import beginnings, plans, proposals
from gridmap.errors import Refusal
from gridmap.layers import plan_states
from gridmap.layers.bundles import bundle_of
from gridmap.layers.fabrics import Fabric
from gridmap.layers.jobs import Job
from gridmap.layers.plan_faults import faults_of
from gridmap.layers.plans import READERS, Plan, Status
from gridmap.layers.postings import scope_of
from gridmap.layers.publications import Publication
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community
from gridmap.pages.chiefs import city_asked, number
from gridmap.pages.desk import desk
from gridmap.pages.plan_frame import TONES, editor_of
from gridmap.pages.refusals import turn_away

PAGE = 25
SHOWN = ("draft", "in_review", "approved", "published", "dropped")


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to; all of it stands in the address."""

    city: City
    community: Community | None
    status: str
    publications: bool

    def link(self, **other: object) -> str:
        """Return the address of the same list with something else chosen."""
        query: dict[str, object] = {"city": self.city.slug, "status": self.status}
        query["community"] = self.community.pk if self.community else ""
        query["show"] = "publications" if self.publications else ""
        query |= other
        return f"?{urlencode({name: value for name, value in query.items() if value})}"


def readable(scope: Scope, city: City) -> QuerySet[Community]:
    """Communities of a city whose plans the caller may read."""
    posts = [post.area for post in scope.posts if post.role in READERS]
    whole = any(city.pk in area.cities for area in posts)
    single = {pk for area in posts for pk in area.communities}
    found = Community.objects.within(scope).filter(subdistrict__city=city)
    return (found if whole else found.filter(pk__in=single)).order_by("code")


def _asked(request: HttpRequest, scope: Scope) -> Asked:
    city = city_asked(request, scope)
    mine = readable(scope, city)
    if not mine.exists():
        raise Http404(_("没有这座城市，或不在您的范围内"))
    community = None
    if request.GET.get("community"):
        community = mine.filter(pk=number(request.GET["community"]) or 0).first()
        if community is None:
            raise Http404(_("没有这个社区，或不在您的范围内"))
    status = request.GET.get("status", "")
    return Asked(
        city=city,
        community=community,
        status=status if status in SHOWN else "",
        publications=request.GET.get("show") == "publications",
    )


@never_cache
@require_safe
@login_required
def list_page(request: HttpRequest) -> HttpResponse:
    """Drafts, plans and publications of a city, narrowed as the address says."""
    scope = scope_of(request.user.pk or 0)
    asked = _asked(request, scope)
    communities = list(readable(scope, asked.city).select_related("subdistrict"))
    mine = Plan.objects.within(scope).filter(community__subdistrict__city=asked.city)
    if asked.community:
        mine = mine.filter(community=asked.community)
    counted: dict[str, int] = dict(
        mine.order_by().values("status").annotate(n=Count("pk")).values_list("status", "n")
    )
    rows = mine.filter(status=asked.status) if asked.status else mine
    rows = rows.touched().select_related(
        "community__subdistrict", "owner", "submitted_by", "reviewed_by", "fabric"
    )
    page = Paginator(rows.defer("fabric__bundle"), PAGE).get_page(request.GET.get("page"))
    woven = set(
        Fabric.objects.within(scope)
        .filter(current=True, community__in=communities)
        .values_list("community_id", flat=True)
    )
    running = Job.objects.within(scope).exclude(state__in=beginnings.ENDED)
    context = {
        "here": "plans",
        "city": asked.city,
        "asked": asked,
        "cities": City.objects.within(scope).order_by("demo", "slug"),
        "communities": communities,
        "woven": woven,
        "tabs": _tabs(asked, counted, scope),
        "rows": [] if asked.publications else [_shown(plan, scope) for plan in page.object_list],
        "page": page,
        "earlier": asked.link(page=page.number - 1) if page.has_previous() else "",
        "later": asked.link(page=page.number + 1) if page.has_next() else "",
        "publications": _publications(asked, scope) if asked.publications else [],
        "jobs": running.filter(community__in=communities).select_related("community"),
        "may_draft": any(scope.may("draft", asked.city.pk, one.pk) for one in communities),
        "title": _("%(year)s 年网格调整") % {"year": timezone.localdate().year + 1},
    }
    return desk(request, "plans.html", scope, context)


def _tabs(asked: Asked, counted: dict[str, int], scope: Scope) -> list[tuple[str, str, int, bool]]:
    tabs = [
        (asked.link(status="", show=""), _("全部"), sum(counted.values()),
         not asked.status and not asked.publications),
    ]  # fmt: skip
    tabs += [
        (asked.link(status=value, show=""), _(str(Status(value).label)), counted[value],
         asked.status == value and not asked.publications)
        for value in SHOWN
        if counted.get(value)
    ]  # fmt: skip
    published = _published(asked, scope).count()
    link = asked.link(status="", show="publications")
    return [*tabs, (link, _("发布记录"), published, asked.publications)]


def _shown(plan: Any, scope: Scope) -> dict[str, Any]:
    city = plan.community.subdistrict.city_id
    faults = []
    if plan.status == Status.DRAFT:
        faults = faults_of(plan, plan_states.head_of(plan), bundle_of(plan.fabric_id))
    return {
        "plan": plan,
        "status": _(str(Status(plan.status).label)),
        "tone": TONES[Status(plan.status)],
        "must": sum(fault["must"] for fault in faults),
        "remarks": sum(not fault["must"] for fault in faults),
        "touched": plan.touched or plan.opened_at,
        "said": plan.said,
        "stale": not plan.fabric.current and plan.status == Status.DRAFT,
        "may_draft": scope.may("draft", city, plan.community_id),
        "editor": editor_of(plan),
    }


def _published(asked: Asked, scope: Scope) -> QuerySet[Publication]:
    found = Publication.objects.within(scope).filter(community__subdistrict__city=asked.city)
    return found.filter(community=asked.community) if asked.community else found


def _publications(asked: Asked, scope: Scope) -> list[dict[str, Any]]:
    now, zone = timezone.now(), ZoneInfo(asked.city.time_zone)
    found = list(
        _published(asked, scope)
        .select_related("community", "plan", "reverts__plan", "by", "withdrawn_by")
        .order_by("-starts")[: PAGE * 4]
    )
    newest: dict[int, int] = {}
    for row in found:
        if row.withdrawn_at is None and row.starts <= now:
            newest.setdefault(row.community_id, row.pk)
    coming = {r.community_id for r in found if r.withdrawn_at is None and r.starts > now}
    return [
        {
            "row": row,
            "day": row.starts.astimezone(zone).date(),
            "state": _state(row, now, newest),
            "moved": row.impact.get("figures", {}).get("households_moved"),
            "may": scope.may("publish", asked.city.pk, row.community_id),
            "can_withdraw": row.withdrawn_at is None and row.starts > now,
            "can_revert": newest.get(row.community_id) == row.pk and row.community_id not in coming,
        }
        for row in found
    ]


def _state(row: Publication, now: Any, newest: dict[int, int]) -> tuple[str, str]:
    if row.withdrawn_at is not None:
        return _("已撤回"), "quiet"
    if row.starts > now:
        return _("待生效"), "warn"
    if newest.get(row.community_id) == row.pk:
        return _("现行"), "ok"
    return _("已被取代"), "quiet"


@require_POST
@login_required
def begin(request: HttpRequest) -> HttpResponse:
    """Open a draft of a community; where its units are not known yet, have the worker find them."""
    scope = scope_of(request.user.pk or 0)
    community, title = number(request.POST.get("community")) or 0, request.POST.get("title", "")
    fresh = request.POST.get("fresh") == "1"
    known = Fabric.objects.within(scope).filter(community=community, current=True).exists()
    try:
        if known and not fresh:
            made = plans.open_draft(by=scope, community=community, title=title)
            return HttpResponseRedirect(_landing(made))
        job = beginnings.ask_draft(by=scope, community=community, title=title)
    except Refusal as refusal:
        turn_away(refusal)
        messages.error(request, _(refusal.message) % refusal.detail, extra_tags="bad")
        return HttpResponseRedirect(reverse("plans"))
    return HttpResponseRedirect(reverse("plan-job", args=[job.pk]))


def _landing(plan: Plan) -> str:
    """Where a new draft is shown: in the editor, where there is one."""
    return editor_of(plan) or reverse("plan-compare", args=[plan.pk])


@never_cache
@require_safe
@login_required
def job_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a draft is that needs its units first; goes on to the draft when it is there."""
    scope = scope_of(request.user.pk or 0)
    job = (
        Job.objects.within(scope)
        .select_related("community__subdistrict__city")
        .filter(pk=min(pk, 2**63 - 1), community__isnull=False)
        .first()
    )
    if job is None:
        raise Http404(_("没有这项工作，或不在您的范围内"))
    made = Plan.objects.within(scope).filter(pk=job.result.get("plan", 0)).first()
    if made is not None:
        return HttpResponseRedirect(_landing(made))
    ended = job.state in beginnings.ENDED
    context = {
        "here": "plans",
        "city": job.place.subdistrict.city,
        "community": job.place,
        "job": job,
        "state": _(str(Job.State(job.state).label)),
        "percent": round(100 * job.done),
        "ended": ended,
        "message": _(job.result.get("message", "")) if job.result.get("message") else "",
        "may": scope.may("draft", job.place.subdistrict.city_id, job.place.pk),
    }
    answer = desk(request, "plan_job.html", scope, context)
    if not ended:
        answer.headers["Refresh"] = "2"  # seconds: the page looks again by itself, without a script
    return answer


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Do without a draft that is being begun."""
    scope = scope_of(request.user.pk or 0)
    try:
        proposals.cancel_proposal(by=scope, job=min(pk, 2**63 - 1))
    except Refusal as refusal:
        turn_away(refusal)
        messages.error(request, _(refusal.message) % refusal.detail, extra_tags="bad")
    return HttpResponseRedirect(reverse("plans"))
