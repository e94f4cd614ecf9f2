"""What was seen at one place, visit by visit; what was told wrongly is taken back or put right."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gridmap.actions.withdrawn_visits import Rightly, correct_visit, withdraw_visit
from gridmap.errors import NotYours, OutOfScope, Refusal
from gridmap.layers.intervals import Emphasis
from gridmap.layers.patrols import Visit
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.postings import scope_of
from gridmap.layers.rights import RIGHTS
from gridmap.layers.scope import Area, Scope, Spot
from gridmap.layers.territory import City
from gridmap.layers.withdrawn_visits import WithdrawnVisit
from gridmap.pages.chiefs import number
from gridmap.pages.desk import desk

MOST = 100
SOURCES = {value: gettext_lazy(label) for value, label in Visit.Source.choices}


def place_of(scope: Scope, thing: str, pk: int) -> tuple[City, str, Spot, int]:
    """Return city, name, spot and interval of a place that is the caller's business.

    Raises:
        Http404: it is not there, or not the caller's business.
    """
    row: Stretch | Entrance | None
    if thing == "stretch":
        row = (
            Stretch.objects.within(scope)
            .select_related("city", "cell", "lane", "street")
            .filter(pk=pk)
            .first()
        )
    else:
        row = (
            Entrance.objects.within(scope)
            .select_related("building__city", "cell")
            .filter(pk=pk)
            .first()
        )
    if row is None:
        raise Http404(_("没有找到，或不在您的范围内"))
    if isinstance(row, Stretch):
        city, way = row.city, row.lane or row.street
        name = f"{way} · {row}" if row.start or row.end else str(way)
        spot = Spot(
            city=row.city_id,
            community=row.cell.community_id if row.cell else None,
            cell=row.cell_id,
            street=row.street_id,
            lane=row.lane_id,
        )
    else:
        house = row.building
        city, name = house.city, f"{house} · " + _("%(n)s 号入口") % {"n": row.seq}
        spot = Spot(
            city=house.city_id,
            community=house.community_id,
            cell=row.cell_id,
            street=house.street_id,
            lane=house.lane_id,
            building=house.pk,
        )
    if not (scope.area | Area(cells=scope.beats)).holds(spot):
        raise Http404(_("没有找到，或不在您的范围内"))
    return city, name, spot, row.interval_days


def _rows(scope: Scope, thing: str, pk: int, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return visits and withdrawn ones together, newest first."""
    here = {f"{thing}_id": pk}
    kept: list[Visit | WithdrawnVisit] = [
        *Visit.objects.within(scope).filter(**here).select_related("team").order_by("-at")[:MOST],
        *WithdrawnVisit.objects.within(scope)
        .filter(**here)
        .select_related("team")
        .order_by("-at")[:MOST],
    ]
    return [
        {
            "id": row.pk,
            "at": row.at.astimezone(zone),
            "source": SOURCES[row.source],
            "team": row.team.name if row.team else "",
            "note": row.note,
            "why": row.why if isinstance(row, WithdrawnVisit) else "",
            "replaced": isinstance(row, WithdrawnVisit) and row.replaced_by_id is not None,
        }
        for row in sorted(kept, key=lambda one: one.at, reverse=True)
    ]


def _done(request: HttpRequest, scope: Scope, zone: ZoneInfo) -> str:
    """Do what a form asks for; return what went wrong."""
    given = request.POST
    visit, why = number(given.get("visit")) or 0, given.get("why", "")[:200]
    try:
        if given.get("deed") == "correct":
            try:
                at = parse_datetime(given.get("at", ""))
            except ValueError:
                at = None
            right = Rightly(
                at=at.replace(tzinfo=zone) if at else None, note=given.get("note", "")[:200]
            )
            correct_visit(by=scope, visit=visit, right=right, why=why)
            messages.success(request, _("已更正，原来的记录还在。"))
        else:
            withdraw_visit(by=scope, visit=visit, why=why)
            messages.success(request, _("已撤回，原来的记录还在。"))
    except (OutOfScope, NotYours) as refusal:
        raise Http404(_("没有找到，或不在您的范围内")) from refusal
    except Refusal as refusal:
        return _(refusal.message) % refusal.detail if refusal.detail else _(refusal.message)
    return ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def place_page(request: HttpRequest, thing: str, pk: int) -> HttpResponse:
    """The visits to a stretch or an entrance, with those that were taken back."""
    if thing not in {"stretch", "entrance"} or pk >= 2**63:
        raise Http404
    scope = scope_of(request.user.pk or 0)
    city, name, spot, interval = place_of(scope, thing, pk)
    zone = ZoneInfo(city.time_zone)
    error = ""
    if request.method == "POST":
        error = _done(request, scope, zone)
        if not error:
            return HttpResponseRedirect(reverse("place-visits", args=[thing, pk]))
    context = {
        "here": "patrols",
        "city": city,
        "name": name,
        "interval": interval,
        "emphases": [
            _(str(held.get_kind_display()))
            for held in Emphasis.objects.within(scope)
            .filter(**{f"{thing}_id": pk})
            .order_by("kind")
        ],
        "rows": _rows(scope, thing, pk, zone),
        "may": scope.may_at("visit", spot) and bool(RIGHTS["visit"] & scope.roles),
        "error": error,
        "tried": number(request.POST.get("visit")),
        "latest": timezone.now().astimezone(zone),
    }
    return desk(request, "place_visits.html", scope, context, status=422 if error else 200)
