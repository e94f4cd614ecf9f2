"""The inbox: what happened to things that concern the reader; and which of it they want to hear."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gridmap.actions.notices import Wish, wish_notices
from gridmap.errors import Refusal
from gridmap.layers.incidents import Incident
from gridmap.layers.names import named, place_name
from gridmap.layers.notices import Kind, Notice, NoticeWish, mark_read, unread, wishes_of, word_of
from gridmap.layers.plans import Plan
from gridmap.layers.postings import scope_of
from gridmap.layers.publications import Publication
from gridmap.layers.scope import Scope
from gridmap.pages.bell import channels_link, words
from gridmap.pages.case import refused
from gridmap.pages.chiefs import number
from gridmap.pages.desk import desk
from gridmap.pages.rail import leads_to

PAGE = 50
MOST_AT_ONCE = 500


@login_required
@never_cache
@require_safe
def inbox_page(request: HttpRequest) -> HttpResponse:
    """The own notices, newest first; unread ones only, or one sort, where the address says so."""
    scope = scope_of(request.user.pk or 0)
    fresh, kind = request.GET.get("unread") == "1", request.GET.get("kind", "")
    before = number(request.GET.get("before"))
    mine = Notice.objects.within(scope)
    wanted = mine.filter(kind=kind) if kind in Kind.values else mine
    wanted = wanted.unread() if fresh else wanted
    rows = list(
        (wanted.filter(pk__lt=before) if before else wanted)
        .select_related(
            "incident__community", "incident__department", "incident__category",
            "plan__community", "publication__community", "publication__plan", "term__person",
            "term__street", "term__lane", "term__building", "term__cell",
        )
        .order_by("-pk")[: PAGE + 1]
    )  # fmt: skip
    shown = rows[:PAGE]
    context = {
        "here": "inbox",
        "rows": _rows(scope, shown),
        "fresh": fresh,
        "kind": kind,
        "kinds": _kinds(mine, kind, fresh=fresh),
        "unread_shown": [row.pk for row in shown if row.read_at is None],
        "older": _link(kind, fresh=fresh, before=shown[-1].pk) if len(rows) > PAGE else "",
        "newest": _link(kind, fresh=fresh) if before else "",
        "switch": _link(kind, fresh=not fresh),
        **_wishes(request),
        **channels_link(scope),
    }
    return desk(request, "inbox.html", scope, context)


def _link(kind: str, *, fresh: bool, before: int | None = None) -> str:
    given = {"kind": kind, "unread": "1" if fresh else "", "before": before or ""}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{reverse('inbox')}?{query}" if query else reverse("inbox")


def _kinds(mine: Any, chosen: str, *, fresh: bool) -> list[dict[str, Any]]:
    """Return the sorts there are notices of, with how many are unread (one query)."""
    found = mine.order_by().values("kind").annotate(
        n=Count("pk"), new=Count("pk", filter=Q(read_at=None))
    )  # fmt: skip
    counts = {row["kind"]: row for row in found}
    total = sum(row["new"] for row in counts.values())
    sorts = [
        {"word": _(str(kind.label)), "new": counts[kind]["new"], "on": kind == chosen,
         "href": _link(kind, fresh=fresh)}
        for kind in Kind if kind in counts
    ]  # fmt: skip
    every = {"word": _("全部"), "new": total, "on": not chosen, "href": _link("", fresh=fresh)}
    return [every, *sorts]


def _rows(scope: Scope, rows: list[Notice]) -> list[dict[str, Any]]:
    """Return notices as they are read; a case that is the reader's own report only has no words."""
    told = [row.incident_id for row in rows if row.incident_id]
    seen = set(Incident.objects.within(scope).filter(pk__in=told).values_list("pk", flat=True))
    return [
        {
            "notice": row,
            "word": _(word_of(row.verb)),
            "kind": _(str(row.get_kind_display())),
            "light": {"late": "late", "step_late": "late", "soon": "soon", "step_soon": "soon"}
            .get(row.verb, ""),
            **_told(row, open_=row.incident_id in seen),
        }
        for row in rows
    ]  # fmt: skip


def _told(row: Notice, *, open_: bool) -> dict[str, str]:
    """Return what stands in a row: what it is about, where, whose."""
    about = row.about
    if isinstance(about, Incident):
        place = place_name(about.community.name) if about.community else ""
        title = about.title if open_ else named(about.category)
        whose = named(about.department) if about.department and open_ else ""
        return {"title": title, "number": about.number, "place": place, "whose": whose}
    if isinstance(about, Plan):
        return {"title": about.title, "place": place_name(about.community.name)}
    if isinstance(about, Publication):
        title = about.plan.title if about.plan else _("撤回已发布方案")
        day = _("%(day)s 起") % {"day": f"{about.starts.astimezone():%Y-%m-%d}"}
        return {"title": title, "place": place_name(about.community.name), "whose": day}
    thing = about.street or about.lane or about.building or about.cell
    return {"title": f"{_(str(about.get_office_display()))} {thing}", "place": about.person.name}


def _target(scope: Scope, row: Notice) -> str:
    """Return the page of what a notice is about; the inbox where the reader may open none."""
    about = row.about
    if isinstance(about, Incident):
        seen = Incident.objects.within(scope).filter(pk=about.pk).exists()
        page = f"{reverse('case', args=[about.number])}?city={row.city.slug}"
        return page if seen else reverse("inbox")
    plan = about.plan if isinstance(about, Publication) else about
    if isinstance(plan, Plan) and Plan.objects.within(scope).filter(pk=plan.pk).exists():
        return reverse("plan", args=[plan.pk])
    if isinstance(about, Publication):
        area = about.community
        return f"{reverse('map')}?city={row.city.slug}&community={area.pk}"
    if isinstance(about, Plan) or not leads_to(scope, "chiefs"):
        return reverse("inbox")
    thing = about.street_id or about.lane_id or about.building_id or about.cell_id
    return reverse("chief", args=[about.office, thing])


@login_required
@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to what a notice is about; it counts as read from now on.

    One that is not there, or not the reader's any more, leads to the inbox.
    """
    scope = scope_of(request.user.pk or 0)
    row = Notice.objects.within(scope).select_related("city").filter(pk=pk).first()
    if row is None:
        return HttpResponseRedirect(reverse("inbox"))
    mark_read(scope, [pk])
    return HttpResponseRedirect(_target(scope, row))


@login_required
@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    """Keep that the notices named were read, or were not; others stay as they are."""
    ids = [int(one) for one in request.POST.getlist("notice")[:MOST_AT_ONCE] if number(one)]
    mark_read(scope_of(request.user.pk or 0), ids, read=request.POST.get("read") != "0")
    return HttpResponseRedirect(_back(request))


def _back(request: HttpRequest) -> str:
    """Return the view of the inbox the form stood in."""
    kind = request.POST.get("kind", "")
    fresh = request.POST.get("unread") == "1"
    return _link(kind if kind in Kind.values else "", fresh=fresh)


@login_required
@never_cache
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """How many are unread, for the bell of pages that stay open."""
    found = unread(scope_of(request.user.pk or 0))
    return JsonResponse({"unread": found, "words": words(found)})


def _wishes(request: HttpRequest) -> dict[str, Any]:
    held = wishes_of(request.user.pk)
    return {
        "wishes": [
            {
                "kind": kind.value,
                "word": _(str(kind.label)),
                "wanted": wish.wanted,
                "mail": wish.mail,
            }
            for kind in Kind
            for wish in [held.get(kind, NoticeWish())]
        ],
        "ways": [(way.value, _(str(way.label))) for way in NoticeWish.Mail],
        "mails": bool(settings.EMAIL_HOST),
        "mail": cast("User", request.user).email,
    }


@login_required
@require_POST
def wish(request: HttpRequest) -> HttpResponse:
    """Keep which sorts are wanted, and which are mailed."""
    wanted = set(request.POST.getlist("wanted"))
    wishes = {
        kind: Wish(kind in wanted, request.POST.get(f"mail_{kind}", "never"))
        for kind in Kind.values
    }
    try:
        wish_notices(by=scope_of(request.user.pk or 0), wishes=wishes)
    except Refusal as refusal:
        messages.error(request, refused(refusal))
    else:
        messages.success(request, _("通知设置已保存。"))
    return HttpResponseRedirect(f"{reverse('inbox')}#wishes")
