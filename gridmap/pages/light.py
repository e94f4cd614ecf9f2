"""The light map: the same overlays, card and lists without WebGL2 and without scripts of ours."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridmap.errors import OutOfScope
from gridmap.layers.coverage import freshness
from gridmap.layers.figures import cell_card
from gridmap.layers.incidents import Incident, Light
from gridmap.layers.places import Building, Lane, PartyUnit, Street, Stretch
from gridmap.layers.postings import scope_of
from gridmap.layers.rollup import CellStat
from gridmap.layers.scope import Scope, Spot
from gridmap.layers.standing import standing
from gridmap.layers.territory import Cell, CellEdition, City, Community, Ground
from gridmap.layers.weekly import Weekly, weekly
from gridmap.pages.light_map import HIDDEN, Shape, Sheet, draw

OVERLAYS = ("incidents", "coverage", "chiefs", "party")
DECIMALS = 6  # 0.1 m: what the eye can see on this map
MOST_SIGNS = 500  # the most urgent ones; the list tells how many there are
IN_TIME = slice(0, 5)  # freshness classes inside the interval
NEVER = 6  # freshness class of a place without a visit
VACANT = 4  # standing, as in gridmap_standing
VACANCIES = slice(3, None, 4)  # every fourth of filled, substitute, expiring, vacant
# The drawing runs folium's inline scripts in a sandbox of its own: nothing of ours is in reach.
FRAME_POLICY = (
    "sandbox allow-scripts allow-top-navigation-by-user-activation; default-src 'none'; "
    "script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'self'"
)


@dataclass(frozen=True)
class View:
    """What the reader looks at: taken from the address, inside the reader's scope."""

    scope: Scope
    city: City
    community: Community
    overlay: str
    cell: int | None

    def link(self, **other: object) -> str:
        """Return the address of the page with something else chosen."""
        query = QueryDict(mutable=True)
        chosen = {"community": self.community.pk, "overlay": self.overlay, "cell": self.cell}
        query.update({key: str(value) for key, value in {**chosen, **other}.items() if value})
        return f"{reverse('light')}?{query.urlencode()}"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004


def _view(request: HttpRequest) -> View:
    scope = scope_of(request.user.pk or 0)
    own = Community.objects.within(scope).own(scope).select_related("subdistrict__city")
    asked = _number(request.GET.get("community"))
    cell = _number(request.GET.get("cell"))
    if asked is None and cell is not None:
        own = own.filter(cells=cell)
    community = own.filter(pk=asked).first() if asked is not None else own.order_by("code").first()
    if community is None:
        raise Http404(_("没有这个社区，或不在您的范围内"))
    overlay = request.GET.get("overlay", "incidents")
    return View(
        scope=scope,
        city=community.subdistrict.city,
        community=community,
        overlay=overlay if overlay in OVERLAYS else "incidents",
        cell=cell,
    )


def _cells(view: View) -> list[dict[str, Any]]:
    """The reader's cells of the community with the figures of every overlay, in two queries."""
    values = {
        stat.cell_id: stat
        for stat in CellStat.objects.within(view.scope).filter(cell__community=view.community)
    }
    table = _published(view)
    own = Cell.objects.within(view.scope).own(view.scope).filter(community=view.community)
    editions = CellEdition.objects.within(view.scope).current()
    found = editions.filter(cell__in=own).annotate(outline=_drawn("geom"))
    cells = [_figures(edition, values.get(edition.cell_id)) for edition in found.order_by("code")]
    if table is not None:
        for cell in cells:
            cell |= {"open": table.open_in(cell["id"]), "late": None}
    return cells


def _published(view: View) -> Weekly | None:
    """The table of the week, for a reader who sees sums only."""
    spot = Spot(view.city.pk, view.community.pk)
    return weekly(view.city) if view.scope.only_sums(spot) else None


def _total(view: View, cells: list[dict[str, Any]]) -> dict[str, int | None]:
    """The sums of the community; not those of its cells where some of them are not shown."""
    total = {key: sum(cell[key] or 0 for cell in cells) for key in ("open", "late", "vacant")}
    table = _published(view)
    if table is None:
        return total
    return {**total, "open": table.open.get(("community", view.community.pk)), "late": None}


def _figures(edition: Any, stat: CellStat | None) -> dict[str, Any]:
    stretches = stat.stretches if stat else []
    return {
        "id": edition.cell_id,
        "code": edition.code,
        "name": edition.name,
        "outline": edition.outline,
        "open": stat.open if stat else 0,
        "late": stat.late if stat else 0,
        "in_time": sum(stretches[IN_TIME]),
        "stretches": sum(stretches),
        "share": round(100 * sum(stretches[IN_TIME]) / sum(stretches)) if any(stretches) else None,
        "vacant": sum(stat.chiefs[VACANCIES]) if stat else 0,
    }


def _note(view: View, cell: dict[str, Any]) -> str:
    """What the map says under the name of a cell."""
    if view.overlay == "coverage":
        if cell["share"] is None:
            return _("没有巷段")
        return _("%(share)s%% 按要求（%(n)s / %(d)s 段）") % {
            "share": cell["share"],
            "n": cell["in_time"],
            "d": cell["stretches"],
        }
    if view.overlay == "chiefs":
        return _("缺 %(n)s 处") % {"n": cell["vacant"]} if cell["vacant"] else _("三长齐")
    if cell["open"] is None:
        return _("数太小，不显示")
    if cell["late"] is None:
        return _("未结 %(open)s 件") % cell
    return _("未结 %(open)s 件，超期 %(late)s 件") % cell


def _drawn(column: str) -> AsGeoJSON:
    return AsGeoJSON(column, precision=DECIMALS)


def _classes(pairs: list[list[int]]) -> dict[int, int]:
    return {pair[0]: pair[1] for pair in pairs}


def _buildings(view: View) -> list[Shape]:
    found = Building.objects.within(view.scope).filter(community=view.community)
    classes: dict[int, int] = {}
    if view.overlay == "chiefs":
        classes = _classes(standing(view.scope, view.city, now=timezone.now())["buildings"])
    rows = found.annotate(drawn=_drawn("geom")).values_list("pk", "drawn", "name", "address")
    return [
        Shape(geometry=drawn, klass=classes.get(pk, 0), name=name or address, ident=pk)
        for pk, drawn, name, address in rows
    ]


def _stretch_rows(view: View, *columns: str) -> list[tuple[Any, ...]]:
    found = Stretch.objects.within(view.scope).filter(cell__community=view.community)
    way = Coalesce("lane__name", "street__name")
    drawn = found.annotate(drawn=_drawn("centreline"), way=way)
    return list(drawn.values_list("drawn", "way", *columns))


def _fresh_stretches(view: View) -> list[Shape]:
    now = timezone.now()
    seen = freshness(view.scope, view.city, moment=(now, False), community=view.community.pk)
    classes = {pk: (klass, days) for pk, klass, days in seen["stretches"]}
    shapes = []
    for drawn, way, pk, interval in _stretch_rows(view, "pk", "interval_days"):
        klass, days = classes.get(pk, (NEVER, None))
        note = _since(None if days is None else int(days), interval)
        shapes.append(Shape(geometry=drawn, klass=int(klass or 0), name=way, note=note))
    return shapes


def _answered_stretches(view: View) -> list[Shape]:
    held = standing(view.scope, view.city, now=timezone.now())
    lanes, streets = _classes(held["lanes"]), _classes(held["streets"])
    return [
        Shape(
            geometry=drawn,
            klass=lanes.get(lane, VACANT) if lane else streets.get(street, VACANT),
            name=way,
        )
        for drawn, way, lane, street in _stretch_rows(view, "lane_id", "street_id")
    ]


def _since(days: int | None, interval: int) -> str:
    if days is None:
        return _("没有记录，要求每 %(interval)s 天") % {"interval": interval}
    return _("%(days)s 天前走过，要求每 %(interval)s 天") % {"days": days, "interval": interval}


def _incidents(view: View) -> list[Shape]:
    found = Incident.objects.within(view.scope).filter(community=view.community).open()
    return [
        Shape(
            geometry=row.place.json,
            klass=row.light,
            name=row.title,
            note=str(Light(row.light).label),
        )
        for row in found.by_urgency()[:MOST_SIGNS]
    ]


def _units(view: View) -> list[Shape]:
    found = PartyUnit.objects.within(view.scope).filter(community=view.community)
    return [
        Shape(
            geometry=row.place.json,
            name=row.name,
            note=str(PartyUnit.Kind(row.kind).label),
        )
        for row in found
    ]


def _ways(view: View) -> list[Shape]:
    near = {"city": view.city, "polygon__bboverlaps": view.community.geom}
    streets = Street.objects.within(view.scope).filter(**near)
    lanes = Lane.objects.within(view.scope).filter(**near)
    drawn = [
        *streets.values_list(_drawn("polygon"), flat=True),
        *lanes.values_list(_drawn("polygon"), flat=True),
    ]
    return [Shape(geometry=geometry) for geometry in drawn]


def _ground(view: View) -> list[Shape]:
    near = {"city": view.city, "geom__bboverlaps": view.community.geom}
    rows = Ground.objects.within(view.scope).filter(**near).values_list("kind", _drawn("geom"))
    return [Shape(geometry=drawn, klass=kind) for kind, drawn in rows]


@never_cache
@require_safe
@login_required
def light_page(request: HttpRequest) -> HttpResponseBase:
    """The page: overlay, community, drawing, list of cells and the card of the chosen one."""
    view = _view(request)
    try:
        card = cell_card(view.scope, view.cell, now=timezone.now()) if view.cell else None
    except OutOfScope as refusal:
        raise Http404(str(refusal)) from refusal
    cells = _cells(view)
    names = (_("事件"), _("巡查覆盖"), _("三长"), _("党组织"))
    context = {
        "view": view,
        "card": card,
        "cells": [{**cell, "link": view.link(cell=cell["id"])} for cell in cells],
        "total": _total(view, cells),
        "published": _published(view),
        "overlays": [
            {"name": name, "link": view.link(overlay=key), "on": key == view.overlay}
            for key, name in zip(OVERLAYS, names, strict=True)
        ],
        "communities": Community.objects.within(view.scope).own(view.scope).order_by("code"),
        "drawing": view.link().replace(reverse("light"), reverse("light-map"), 1),
        "close": view.link(cell=None),
        "urgent": Incident.objects.within(view.scope)
        .filter(community=view.community)
        .open()
        .by_urgency()
        .select_related("category", "department")[:10],
    }
    return render(request, "light.html", context)


@never_cache
@require_safe
@login_required
def light_drawing(request: HttpRequest) -> HttpResponseBase:
    """The drawing alone, for the page's sandboxed frame."""
    view = _view(request)
    cells = [
        Shape(
            geometry=cell["outline"],
            klass=HIDDEN if cell["open"] is None else cell["open"],
            name=cell["name"],
            note=_note(view, cell),
            link=view.link(cell=cell["id"]),
            ident=cell["id"],
        )
        for cell in _cells(view)
    ]
    lines = {"coverage": _fresh_stretches, "chiefs": _answered_stretches}.get(view.overlay)
    sheet = Sheet(
        overlay=view.overlay,
        extent=view.community.geom.extent,
        cells=cells,
        ground=_ground(view),
        ways=_ways(view),
        buildings=_buildings(view),
        stretches=lines(view) if lines else [],
        incidents=_incidents(view) if view.overlay == "incidents" else [],
        units=_units(view) if view.overlay == "party" else [],
        selected=view.cell,
    )
    response = HttpResponse(draw(sheet))
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    return response
