"""The small map on which a resident points at a place: a picture the server draws, no script.

A click on ``<input type="image">`` sends where it was; the server answers with the next closer map
or, close enough, with the form. Without a map there are the search and the codes of the signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from shapely import Point

from gridmap.layers.drawing import KINDS, Drawing, Frame, drawing, in_degrees, in_metres
from gridmap.layers.postings import public_scope
from gridmap.layers.territory import City
from gridmap.pages.picture import AREAS, LETTER, UNITS, name_of, path

WIDTHS = (4_800, 1_200, 320)  # metres: the town, a community, some houses
HEIGHT = 640  # units; the width is that of every small map
MAX_AGE = 3_600
FILL = {"water": "#cfe0ea", "green": "#dfe9d6", "square": "#f1ece2", "school_ground": "#f1ece2"}
OF_MAP = (
    ("streets", 'fill="#fff" stroke="#d8d4cc" stroke-width="1"'),
    ("lanes", 'fill="#fff" stroke="#d8d4cc" stroke-width="1"'),
    ("buildings", 'fill="#e5e0d6" stroke="#cfc9bc" stroke-width="1"'),
    ("cells", 'fill="none" stroke="#46525f" stroke-width="2" stroke-opacity=".55"'),
)
FAR = ("ground", "streets", "street lines", "cells")  # of the whole town
TEXT = 'font-family="sans-serif" fill="#46525f" stroke="#fff" stroke-width="4" paint-order="stroke"'


@dataclass(frozen=True)
class Window:
    """What a map shows: its middle in degrees, and how many metres it is wide."""

    lng: float
    lat: float
    metres: int

    def frame(self, city: City) -> Frame:
        """Return it in the metric system of the city."""
        middle = in_metres(city, Point(self.lng, self.lat))
        height = self.metres * HEIGHT / UNITS
        west, south = middle.x - self.metres / 2, middle.y - height / 2
        return Frame(west, south, self.metres, height)

    def at(self, city: City, x: int, y: int) -> tuple[float, float]:
        """Return longitude and latitude of a click, units from the upper left corner."""
        frame = self.frame(city)
        scale = frame.width / UNITS
        return in_degrees(city, frame.west + x * scale, frame.south + frame.height - y * scale)

    @property
    def closer(self) -> int | None:
        """The width of the next closer map; None: this is the closest."""
        return next((width for width in WIDTHS if width < self.metres), None)


def window_of(values: Any, city: City) -> Window | None:
    """Return the window a query names; None where it names none inside the city."""
    try:
        lng, lat, metres = float(values["x"]), float(values["y"]), int(values["m"])
    except (KeyError, ValueError):
        return None
    west, south, east, north = city.bounds.extent
    if metres not in WIDTHS or not (west <= lng <= east and south <= lat <= north):
        return None
    return Window(lng, lat, metres)


def whole(city: City) -> Window:
    """Return the window of the whole town."""
    middle = city.bounds.centroid
    return Window(middle.x, middle.y, WIDTHS[0])


@require_safe
def map_picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The map as SVG, the same for everybody."""
    city = City.objects.within(public_scope()).filter(slug=slug).first()
    window = window_of(request.GET, city) if city else None
    if city is None or window is None:
        raise Http404
    frame = window.frame(city)
    kinds = [kind for kind in KINDS if window.metres < WIDTHS[0] or kind in FAR]
    letter = LETTER * frame.width / UNITS
    found = drawing(city, frame, letter, now=timezone.now(), kinds=kinds)
    answer = HttpResponse(_svg(found), "image/svg+xml")
    patch_cache_control(answer, public=True, max_age=MAX_AGE)
    return answer


def _svg(found: Drawing) -> str:
    ground = found.shapes.get("ground", [])
    layers = [
        (f'fill="{FILL[kind]}"', [shape for shape in ground if shape.name == kind])
        for kind in AREAS
    ]
    layers += [(look, found.shapes.get(name, [])) for name, look in OF_MAP]
    paths = [(look, path(found.frame, shapes)) for look, shapes in layers]
    drawn = "".join(f'<path {look} d="{d}"/>' for look, d in paths if d)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {UNITS} {HEIGHT}" width="{UNITS}"'
        f' height="{HEIGHT}"><rect width="{UNITS}" height="{HEIGHT}" fill="#f7f5f0"/>{drawn}'
        f"{''.join(_text(name_of(found.frame, label)) for label in found.labels)}</svg>"
    )


def _text(name: Any) -> str:
    lines = "".join(
        f'<tspan x="0" dy="{name.rise if index == 0 else 1.12:.2f}em">{escape(letter)}</tspan>'
        for index, letter in enumerate(name.letters)
    )
    return (
        f'<text {TEXT} font-size="{LETTER}" text-anchor="middle" transform="{name.turn}">'
        f"{lines}</text>"
    )
