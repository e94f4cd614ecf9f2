"""The first question to a resident: where is it? By search, by the code of a sign, or on a map."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from gridmap.layers.cards import Card
from gridmap.layers.postings import public_scope
from gridmap.layers.rates import seconds_to_wait
from gridmap.layers.search import search
from gridmap.layers.territory import City
from gridmap.pages.card import addresses
from gridmap.pages.picture import UNITS
from gridmap.pages.resident_map import HEIGHT, Window, whole, window_of

PLACES = ("building", "lane", "street", "community", "party_unit")
SHOWN = 328  # pixels of the map's width: a click is told in them; a script makes it wider
CLOSEST = 320  # metres: from here a click is a place
OF_AREA = {"community": 1_200, "street": 1_200, "lane": CLOSEST}


def place_page(
    request: HttpRequest, *, cell: Card | None = None, said: str = "", status: int = 200
) -> HttpResponse:
    """Ask for the place; a click on the map leads to a closer one or to the form."""
    every = City.objects.within(public_scope()).order_by("pk")
    city = every.filter(slug=request.GET.get("city", "")).first() or every.first()
    if city is None:
        return render(request, "report_closed.html", {"heading": _("我要反映")}, status=404)
    window = window_of(request.GET, city) or _window(cell) or whole(city)
    if clicked := _clicked(request, city, window):
        return clicked
    text = request.GET.get("q", "").strip()[:60]
    hits: list[dict[str, Any]] = []
    if text:
        who = f"at {request.META.get('REMOTE_ADDR')}"
        if seconds_to_wait(who, settings.API_RATE_STRANGERS):
            said, status = _("查得太快，请过一分钟再试。"), 429
        else:
            hits = _hits(city, text)
    context = {
        "heading": _("我要反映"),
        "city": city,
        "cities": every,
        "window": window,
        "width": SHOWN,
        "height": round(SHOWN * HEIGHT / UNITS),
        "text": text,
        "hits": hits,
        "said": said,
        "whole": window == whole(city),
        "picture": _picture(city, window),
        "language": request.GET.get("lang", ""),
        **addresses(request),
    }
    return render(request, "report_where.html", context, status=status)


def _picture(city: City, window: Window) -> str:
    address = reverse("report-map", kwargs={"slug": city.slug})
    return f"{address}?{urlencode({'x': window.lng, 'y': window.lat, 'm': window.metres})}"


def _window(cell: Card | None) -> Window | None:
    if cell is None:
        return None
    middle = cell.shape.representative_point()
    return Window(round(middle.x, 6), round(middle.y, 6), CLOSEST)


def _clicked(request: HttpRequest, city: City, window: Window) -> HttpResponse | None:
    """Where a click on the map leads; None: there was none."""
    try:
        x, y = int(request.GET["at.x"]), int(request.GET["at.y"])
    except (KeyError, ValueError):
        return None
    # The browser tells pixels of the picture as it stands; its width is sent beside.
    shown = request.GET.get("w", "")
    scale = UNITS / int(shown) if shown.isascii() and shown.isdigit() and int(shown) else 1.0
    lng, lat = window.at(city, round(x * scale), round(y * scale))
    kept = {key: request.GET[key] for key in ("lang",) if request.GET.get(key)}
    closer = window.closer
    if closer:
        kept |= {"city": city.slug, "x": f"{lng:.6f}", "y": f"{lat:.6f}", "m": str(closer)}
    else:
        kept |= {"lng": f"{lng:.7f}", "lat": f"{lat:.7f}"}
    return HttpResponseRedirect(f"{reverse('report')}?{urlencode(kept)}")


def _hits(city: City, text: str) -> list[dict[str, Any]]:
    """Places only: no persons, no incidents."""
    groups = search(public_scope(), city, text)["groups"]
    found = [hit for group in groups if group["kind"] in PLACES for hit in group["hits"]]
    return [
        {**hit, "href": f"{reverse('report')}?{urlencode(_target(city, hit))}"}
        for hit in found
        if hit["lng"] is not None
    ]


def _target(city: City, hit: dict[str, Any]) -> dict[str, Any]:
    if metres := OF_AREA.get(hit["kind"]):
        return {"city": city.slug, "x": hit["lng"], "y": hit["lat"], "m": metres}
    return {"lng": hit["lng"], "lat": hit["lat"]}
