"""The light map's drawing: folium with our own assets, for machines without WebGL2.

Every string of ours that reaches the drawing is escaped here before folium sees it: its popups are
HTML to the browser and its scripts are templates to itself, so a name could otherwise run. The
document is shown in a sandboxed frame of an opaque origin besides.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

import folium
from django.templatetags.static import static

LEAFLET = "vendor/leaflet-1.9.4"
INK = "#16202e"
# The colours of tokens.css by name of class: folium takes values, it cannot name a variable.
RAMP = ("#fbfaf7", "#f6ebdd", "#edd3b5", "#ddb388", "#c58f5c")
RAMP_STEPS = (1, 4, 7, 10)
HIDDEN = -1  # a figure that is not shown
FRESHNESS = ("#00564d", "#1f8577", "#71b3a6", "#b9d6ce", "#d9762b", "#a8320b", "#7d868f")
FRESHNESS_DASH = ("", "", "", "", "", "6 6", "1 7")
STANDING = {1: "#2f4a8a", 2: "#7f96cf", 3: "#8a5200", 4: "#a8320b"}
STANDING_DASH = {1: "", 2: "8 5", 3: "", 4: "1 5"}
GROUND = {"water": "#cbdfea", "green": "#dce8d2", "square": "#f9f8f4", "school_ground": "#e8ead8"}
# Signs of the lights: colour and shape, for hue alone is not enough.
SIGNS = {
    1: '<circle cx="9" cy="9" r="5.5" fill="#0b7d72" stroke="#fff" stroke-width="2"/>',
    2: '<path d="M9 1.5 16.5 9 9 16.5 1.5 9z" fill="#e69f00" stroke="#16202e"/>',
    3: '<path d="M9 1.5 17 15.5H1z" fill="#b8380c" stroke="#fff" stroke-width="1.5"/>',
    4: '<circle cx="9" cy="9" r="5" fill="#fff" stroke="#434d59" stroke-width="2.6"/>',
}

Style = dict[str, Any]


class LocalMap(folium.Map):
    """A folium map that asks nobody but us for its script and its style."""

    def __init__(self, extent: tuple[float, float, float, float]) -> None:
        self.default_js = [("leaflet", static(f"{LEAFLET}/leaflet.js"))]
        self.default_css = [
            ("leaflet_css", static(f"{LEAFLET}/leaflet.css")),
            ("light_map_css", static("gridmap/light-map.css")),
        ]
        west, south, east, north = extent
        middle = ((south + north) / 2, (west + east) / 2)
        # The zooms by their names in the browser: without tiles folium does not hand its own on.
        super().__init__(
            middle, tiles=None, control_scale=True, minZoom=9, maxZoom=20, zoomSnap=0.25
        )
        self.fit_bounds([(south, west), (north, east)])


@dataclass(frozen=True)
class Shape:
    """One thing to draw: GeoJSON geometry, a class, and what is said about it."""

    geometry: str
    klass: int | str = 0
    name: str = ""
    note: str = ""
    link: str = ""
    ident: int = 0


@dataclass(frozen=True)
class Sheet:
    """What one light map shows; every list is already inside the caller's scope."""

    overlay: str
    extent: tuple[float, float, float, float]
    cells: list[Shape] = field(default_factory=list)
    ground: list[Shape] = field(default_factory=list)
    ways: list[Shape] = field(default_factory=list)
    buildings: list[Shape] = field(default_factory=list)
    stretches: list[Shape] = field(default_factory=list)
    incidents: list[Shape] = field(default_factory=list)
    units: list[Shape] = field(default_factory=list)
    selected: int | None = None


def shade(count: int) -> str:
    """Return the ramp's colour of a number of open incidents."""
    return RAMP[sum(count >= step for step in RAMP_STEPS)]


def inert(text: str) -> str:
    """Return a text that may go through folium: no tag to the browser, no template to folium.

    folium takes the script it has rendered, data and all, for a template once more: two braces in a
    name would be evaluated here, on the server.
    """
    return escape(text).replace("{", "&#123;")


def _words(shape: Shape) -> str:
    """What the popup says, as HTML made of escaped parts."""
    name = f"<b>{inert(shape.name)}</b>"
    if shape.link:
        name = f'<a href="{inert(shape.link)}" target="_top">{name}</a>'
    return f"{name}<br>{inert(shape.note)}" if shape.note else name


def _collection(shapes: list[Shape]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": shape.ident,
                "geometry": json.loads(shape.geometry),
                "properties": {"klass": shape.klass, "words": _words(shape), "ident": shape.ident},
            }
            for shape in shapes
        ],
    }


def _layer(
    page: LocalMap, shapes: list[Shape], style: Callable[[Style], Style], *, spoken: bool = False
) -> None:
    if not shapes:
        return
    said = folium.GeoJsonPopup(fields=["words"], labels=False) if spoken else None
    folium.GeoJson(_collection(shapes), style_function=style, popup=said).add_to(page)


def _cell_style(sheet: Sheet) -> Callable[[Style], Style]:
    def style(drawn: Style) -> Style:
        chosen = drawn["properties"]["ident"] == sheet.selected
        ramped = sheet.overlay == "incidents"
        if ramped and drawn["properties"]["klass"] == HIDDEN:
            # No shade of the ramp: dashes, as where nothing is known.
            return {
                "color": INK if chosen else "#7d868f",
                "weight": 3.2 if chosen else 1.6,
                "dashArray": "3 5",
                "fillColor": "#eceae4",
                "fillOpacity": 0.75,
            }
        return {
            "color": INK if chosen else "#4c5968",
            "weight": 3.2 if chosen else 1.6,
            "fillColor": shade(int(drawn["properties"]["klass"])) if ramped else "#ffffff",
            "fillOpacity": 0.55 if ramped else 0.05,
        }

    return style


def _line(colours: Any, dashes: Any, weight: float) -> Callable[[Style], Style]:
    def style(drawn: Style) -> Style:
        klass = drawn["properties"]["klass"]
        return {
            "color": colours[klass],
            "dashArray": dashes[klass],
            "weight": weight,
            "fill": False,
        }

    return style


def _building_style(sheet: Sheet) -> Callable[[Style], Style]:
    def style(drawn: Style) -> Style:
        standing = drawn["properties"]["klass"]
        if sheet.overlay != "chiefs" or standing not in STANDING:
            return {"color": "#cdc8bc", "weight": 0.6, "fillColor": "#e5e2da", "fillOpacity": 1}
        hollow = standing == 4  # noqa: PLR2004 - vacant, as in gridmap_standing
        return {
            "color": STANDING[standing],
            "weight": 1.4 if hollow else 0.8,
            "fillColor": "#fdf1ec" if hollow else STANDING[standing],
            "fillOpacity": 1 if hollow else 0.45,
        }

    return style


def _points(
    page: LocalMap, shapes: list[Shape], marker: folium.Marker | folium.CircleMarker
) -> None:
    """Draw points of one class; their words travel as properties, never inside a script."""
    if shapes:
        said = folium.GeoJsonPopup(fields=["words"], labels=False)
        folium.GeoJson(_collection(shapes), marker=marker, popup=said).add_to(page)


def _signs(page: LocalMap, shapes: list[Shape]) -> None:
    for light, drawn in SIGNS.items():
        sign = f'<svg width="18" height="18" viewBox="0 0 18 18">{drawn}</svg>'
        icon = folium.DivIcon(html=sign, icon_size=(18, 18), icon_anchor=(9, 9), class_name="sign")
        _points(page, [s for s in shapes if s.klass == light], folium.Marker(icon=icon))


def _units(page: LocalMap, shapes: list[Shape]) -> None:
    dot = folium.CircleMarker(radius=6, color="#99182c", fill_color="#f9e6e8", fill_opacity=1)
    _points(page, shapes, dot)


def draw(sheet: Sheet) -> str:
    """Return the whole document of the light map as HTML."""
    page = LocalMap(sheet.extent)
    quiet = {"color": "#dad6cc", "weight": 1, "fillColor": "#ffffff", "fillOpacity": 1}
    _layer(
        page,
        sheet.ground,
        lambda drawn: {
            "stroke": False,
            "fillColor": GROUND.get(drawn["properties"]["klass"], "#f9f8f4"),
            "fillOpacity": 1,
        },
    )
    _layer(page, sheet.ways, lambda _drawn: quiet)
    _layer(page, sheet.cells, _cell_style(sheet), spoken=True)
    _layer(page, sheet.buildings, _building_style(sheet), spoken=sheet.overlay == "chiefs")
    if sheet.overlay == "coverage":
        _layer(page, sheet.stretches, _line(FRESHNESS, FRESHNESS_DASH, 5), spoken=True)
    if sheet.overlay == "chiefs":
        _layer(page, sheet.stretches, _line(STANDING, STANDING_DASH, 4), spoken=True)
    if sheet.overlay == "incidents":
        _signs(page, sheet.incidents)
    if sheet.overlay == "party":
        _units(page, sheet.units)
    return str(page.get_root().render())
