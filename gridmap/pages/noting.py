"""Visits noted later: a recorded walk from a file, or a signed sheet of paper typed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gridmap.actions.visits import MOST, OLDEST, Outcome, Seen, record_visits
from gridmap.errors import BadValue, Refusal
from gridmap.geo.uploads import read_upload
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.postings import scope_of
from gridmap.layers.recordings import POINTS, Heard, fixes_of, hear
from gridmap.layers.rights import RIGHTS
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Cell, CellEdition, City
from gridmap.pages.chiefs import city_asked, number
from gridmap.pages.desk import desk
from gridmap.pages.refusals import turn_away

SIDES = {
    "both": gettext_lazy("两侧"),
    "left": gettext_lazy("左侧"),
    "right": gettext_lazy("右侧"),
}
DROPPED = {
    "nowhere": gettext_lazy("没有坐标"),
    "inaccurate": gettext_lazy("定位太粗"),
    "untrue": gettext_lazy("时钟不对"),
    "doubled": gettext_lazy("重复"),
    "leap": gettext_lazy("跳得太远"),
    "driven": gettext_lazy("快得不像走路"),
    "alone": gettext_lazy("前后都断开"),
}


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """Return the moment typed, in the time of the city.

    Raises:
        BadValue: it is none.
    """
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise BadValue("请填写日期和时间")
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _heard(request: HttpRequest, scope: Scope) -> Heard:
    """Return what the file sent tells.

    Raises:
        BadFile, UntrustedFile, BadValue: it is no recording.
        OutOfScope: it was made elsewhere.
    """
    upload = request.FILES.get("file")
    name, size = (str(upload.name), upload.size or 0) if upload else ("", 0)
    chunks = upload.chunks() if upload else ()
    rows = read_upload(name, size, chunks, accepted=(".gpx",), layer=POINTS)
    return hear(scope, *fixes_of(rows), now=timezone.now())


def _walked(request: HttpRequest, zone: ZoneInfo) -> list[Seen]:
    """Read the stretches ticked after a recording was heard.

    Raises:
        BadValue: one of them cannot be read, or its time is not known.
    """
    seen = []
    for word in request.POST.getlist("walk")[:MOST]:
        stretch, _space, rest = word.partition(" ")
        key, _space, at = rest.partition(" ")
        pk = number(stretch)
        try:
            once = UUID(key)
        except ValueError as wrong:
            raise BadValue("这份轨迹请重新上传") from wrong
        if pk is None:
            raise BadValue("这份轨迹请重新上传")
        moment = _moment(at or request.POST.get("at", ""), zone)
        seen.append(Seen(client_id=once, at=moment, source="track", stretch=pk))
    return seen


def _typed(request: HttpRequest, zone: ZoneInfo) -> list[Seen]:
    """Read a sheet of paper: the places ticked, one time for all, what was noticed at each.

    Raises:
        BadValue: the time is none, or the form is torn.
    """
    given = request.POST
    try:
        batch = UUID(given.get("batch", ""))
    except ValueError as wrong:
        raise BadValue("表单不完整，请重新打开这一页") from wrong
    moment, seen = _moment(given.get("at", ""), zone), []
    for word in given.getlist("place")[:MOST]:
        thing, _space, pk = word.partition(" ")
        if thing not in {"stretch", "entrance"} or (found := number(pk)) is None:
            raise BadValue("表单不完整，请重新打开这一页")
        note = given.get(f"note {word}", "").replace("\0", "")[:200]
        seen.append(
            Seen(
                client_id=uuid5(batch, word), at=moment, source="paper", note=note,
                **{thing: found},
            )
        )  # fmt: skip
    return seen


def _said(request: HttpRequest, outcomes: Sequence[Outcome]) -> None:
    counts = {
        state: sum(one.state == state for one in outcomes) for state in ("new", "known", "refused")
    }
    words = _("共 %(n)s 处：新记下 %(new)s 处，早已有 %(known)s 处，没收下 %(refused)s 处。")
    messages.success(request, words % {"n": len(outcomes), **counts})
    reasons = {_(o.refusal.message) % o.refusal.detail for o in outcomes if o.refusal}
    for reason in sorted(reasons)[:5]:
        messages.error(request, reason)


def _cells(scope: Scope, city: City) -> list[CellEdition]:
    """Return the cells in which the caller may note visits."""
    own = Cell.objects.within(scope).own(scope)
    current = CellEdition.objects.within(scope).current().select_related("cell__community")
    found = current.filter(cell__in=own, cell__community__subdistrict__city=city)
    return [
        one
        for one in found.order_by("code")
        if scope.may("visit", city.pk, one.cell.community_id, one.cell_id)
    ]


def _places(scope: Scope, cell: int) -> list[dict[str, str]]:
    """Return the stretches and entrances of a cell, in the order of a walk: by lane, by house."""
    sides = Stretch.objects.within(scope).filter(cell=cell).select_related("lane", "street")
    doors = Entrance.objects.within(scope).filter(cell=cell).select_related("building")
    listed = [
        {
            "key": f"stretch {row.pk}",
            "name": str(row.lane or row.street),
            "part": "–".join(part for part in (row.start, row.end) if part),
            "more": str(SIDES[row.side]),
        }
        for row in sides.order_by("lane__name", "street__name", "code")
    ]
    return listed + [
        {
            "key": f"entrance {row.pk}",
            "name": str(row.building),
            "part": "",
            "more": _("%(n)s 号入口") % {"n": row.seq},
        }
        for row in doors.order_by("building__address", "building__code", "seq")
    ]


def _done(request: HttpRequest, scope: Scope, zone: ZoneInfo) -> Heard | None:
    """Do what a form asks for: hear a file (then something is shown), or note visits.

    Raises:
        Refusal: why not.
    """
    if request.POST.get("deed") == "hear":
        return _heard(request, scope)
    read = _walked if request.POST.get("deed") == "track" else _typed
    _said(request, record_visits(by=scope, seen=read(request, zone)))
    return None


def _preview(heard: Heard, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "words": ngettext("算走过 %(n)s 段。", "算走过 %(n)s 段。", len(heard.walks))
        % {"n": len(heard.walks)},
        "fixes": heard.told.fixes,
        "dropped": [(DROPPED.get(why, why), n) for why, n in heard.told.dropped.items() if n],
        "clock": heard.told.clock,
        "timeless": any(walk.at is None for walk in heard.walks),
        "walks": [
            {
                "value": " ".join(
                    part
                    for part in (
                        str(walk.stretch.pk), str(walk.client_id),
                        walk.at.isoformat() if walk.at else "",
                    )
                    if part
                ),
                "name": walk.name,
                "part": walk.part,
                "side": SIDES[walk.stretch.side],
                "at": walk.at.astimezone(zone) if walk.at else None,
                "share": round(walk.share * 100),
            }
            for walk in heard.walks
        ],
    }  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def note_page(request: HttpRequest) -> HttpResponse:
    """Show both ways of noting, or do what a form asks for."""
    scope = scope_of(request.user.pk or 0)
    if not RIGHTS["visit"] & scope.roles:
        raise Http404(_("没有找到，或不在您的范围内"))
    city = city_asked(request, scope)
    zone, heard, error = ZoneInfo(city.time_zone), None, ""
    if request.method == "POST":
        try:
            heard = _done(request, scope, zone)
        except Refusal as refusal:
            turn_away(refusal)
            error = _(refusal.message) % refusal.detail if refusal.detail else _(refusal.message)
        else:
            if heard is None:
                here = f"?city={city.slug}&cell={request.GET.get('cell', '')}"
                return HttpResponseRedirect(reverse("note-visits") + here)
    cells = _cells(scope, city)
    wanted = number(request.GET.get("cell"))
    walked = set(Stretch.objects.within(scope).filter(city=city).values_list("cell_id", flat=True))
    # Without a word the first in which there is something to walk: a river's own cell has nothing.
    fit = {wanted} if wanted else walked
    cell = next((one for one in cells if one.cell_id in fit), None)
    now = timezone.now().astimezone(zone)
    context = {
        "here": "patrols",
        "city": city,
        "cells": cells,
        "cell": cell,
        "places": _places(scope, cell.cell_id) if cell else [],
        "heard": _preview(heard, zone) if heard else None,
        "batch": request.POST.get("batch") or uuid4(),
        "ticked": set(request.POST.getlist("place")),
        "at": request.POST.get("at") or f"{now:%Y-%m-%dT%H:%M}",
        "earliest": now - OLDEST,
        "latest": now,
        "error": error,
    }
    return desk(request, "note_visits.html", scope, context, status=422 if error else 200)
