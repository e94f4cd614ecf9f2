"""One HTML file that leaves the house whole: folium's map, with every script and style inside.

Opened from file:// it asks nobody for anything, and its own policy forbids it to. Every string
reaches it escaped before folium sees it, or as text set by a script out of a block of JSON.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

import folium
from django.contrib.staticfiles import finders
from django.utils import translation

from gridmap.pages.light_map import LEAFLET, inert

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; form-action 'none'; base-uri 'none'"
)
# folium makes its popups with the one call of jQuery that it needs.
SHIM = "window.$ = (h) => [Object.assign(document.createElement('div'), {innerHTML: h}).firstChild]"
MOST_BYTES = 3_000_000
URL = re.compile(r"url\(([^)]+)\)")
OUTSIDE = re.compile(r"<(?:script|link|img|iframe)[^>]+(?:src|href)\s*=", re.IGNORECASE)

Drawn = dict[str, Any]
Shapes = list[tuple[str, Any, Drawn]]


class OneFileMap(folium.Map):
    """A folium map whose script and style stand in the file itself."""

    def __init__(self, bbox: Iterable[float], furthest: int) -> None:
        self.default_js = []
        self.default_css = []
        west, south, east, north = bbox
        super().__init__(
            ((south + north) / 2, (west + east) / 2), tiles=None, minZoom=furthest,
            maxZoom=20, zoomSnap=0.25, prefer_canvas=False, zoom_control=True,
            attributionControl=False,
        )  # fmt: skip
        self.fit_bounds([(south, west), (north, east)])


def said(*lines: str) -> str:
    """Return lines for a popup of folium's, which is HTML to the browser."""
    return "<br>".join(inert(line) for line in lines if line)


def features(shapes: Shapes) -> Drawn:
    """Return shapes, each its kind, coordinates and properties, as GeoJSON."""
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": {"type": kind, "coordinates": of}, "properties": told}
            for kind, of, told in shapes
        ],
    }


def asset(name: str) -> str:
    """Return the text of one of our static files."""
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return Path(found).read_text("utf-8")


def inlined_style(name: str) -> str:
    """Return a sheet with its pictures inside."""
    folder = name.rpartition("/")[0]

    def inside(found: re.Match[str]) -> str:
        path = found[1].strip("\"'")
        if path.startswith(("data:", "#")):
            return found[0]
        picture = finders.find(f"{folder}/{path}")
        if not isinstance(picture, str):
            raise FileNotFoundError(path)
        packed = base64.b64encode(Path(picture).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{packed})"

    return URL.sub(inside, asset(name))


def inlined_script(name: str) -> str:
    """Return one of our scripts as an element.

    Raises:
        ValueError: it would end the element itself.
    """
    text = asset(name)
    if "</script" in text.lower():
        raise ValueError(name)
    return f"<script>{text}</script>"


def drawing(page: OneFileMap) -> tuple[str, str]:
    """Return folium's map as its element and the scripts that fill it.

    Raises:
        ValueError: it names an address.
    """
    drawn = str(page.get_root().render())
    body = drawn[drawn.index("<body>") + len("<body>") :]
    div, _sep, scripts = body.partition("</body>")
    if OUTSIDE.search(div + scripts):
        raise ValueError("the map asks for something outside the file")
    return div, scripts.replace("</html>", "")


def document(title: str, styles: Iterable[str], body: Iterable[str]) -> str:
    """Return the file: ``body`` are elements that hold no string of anybody's unescaped.

    Raises:
        ValueError: it is larger than a phone should be given.
    """
    head = [
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">',
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        *(f"<style>{sheet}</style>" for sheet in styles),
    ]
    language = translation.get_language() or "zh-hans"
    text = "\n".join(
        ["<!doctype html>", f'<html lang="{escape(language)}"><head>', *head, "</head><body>",
         *body, "</body></html>"]
    )  # fmt: skip
    if len(text.encode()) > MOST_BYTES:
        raise ValueError("the file is too large")
    return text


def map_scripts(scripts: str) -> list[str]:
    """Return what folium's scripts need before them, and they themselves."""
    return [inlined_script(f"{LEAFLET}/leaflet.js"), f"<script>{SHIM}</script>", scripts]
