"""The report map as one file: communities shaded by a share, cases as signs, the numbers beside.

Names and addresses reach folium as properties that were made inert, and the text beside the map
through a template that escapes; labels on the map are numbers of ours and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import folium
import shapely
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from gridmap.layers.evaluation import LEAST, Figure
from gridmap.pages.light_map import GROUND, INK, LEAFLET, RAMP, SIGNS
from gridmap.pages.one_file import (
    Drawn,
    OneFileMap,
    document,
    drawing,
    inlined_style,
    map_scripts,
    said,
)

FURTHEST = 9  # zoom
GOOD, WORSE = SIGNS[1], SIGNS[3]
FEW, NOBODY = "few", "none"
QUIET = "#dad6cc"  # streets, as on the light map
EDGE = 0.02  # of the extent, around it
WHOLE = 100  # percent


@dataclass(frozen=True)
class Area:
    """A community as it was when the period ended, with its share."""

    name: str
    ground: Drawn  # GeoJSON
    figure: Figure
    chosen: bool = False

    @property
    def shape(self) -> Any:
        """The ground as a shape."""
        return shapely.from_geojson(json.dumps(self.ground))


@dataclass(frozen=True)
class Case:
    """Where a case is, whether it went well, and what is said of it."""

    lng: float
    lat: float
    good: bool
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """What one report map shows; all of it is already inside the caller's scope.

    Attributes:
        title: of the file and the page.
        less: whether less of the share is better.
        areas: the communities.
        cases: those drawn.
        grounds: kind (of `Ground`, or ``street``) and geometry as GeoJSON.
        bounds: of the city, for a map without a community.
        told: what the text beside the map says (figures_report.html).
    """

    title: str
    less: bool
    areas: list[Area]
    cases: list[Case]
    grounds: list[tuple[str, str]]
    bounds: tuple[float, float, float, float]
    told: Mapping[str, object] = field(default_factory=dict)


class Shades:
    """Five equal steps from the lowest share to the highest; the darker, the more to look at."""

    def __init__(self, areas: Iterable[Area], *, less: bool) -> None:
        known = [area.figure.short or 0.0 for area in areas if not area.figure.few]
        low, high = (min(known), max(known)) if known else (0.0, float(WHOLE))
        self.low = 10 * int(low // 10)
        self.step = max(2.0, -(-(high - self.low) // 5))
        self.less = less

    def of(self, found: Figure) -> str:
        """Return the colour of a share."""
        at = min(4, int(((found.short or 0.0) - self.low) // self.step))
        return RAMP[at if self.less else 4 - at]

    def legend(self) -> list[dict[str, Any]]:
        """Return the steps there are in words, lowest first."""
        return [
            {
                "shade": at if self.less else 4 - at,
                "word": f"{low:.0f}–{min(float(WHOLE), low + self.step):.0f}%",
            }
            for at in range(5)
            if (low := self.low + at * self.step) < WHOLE
        ]


def report_file(sheet: Sheet) -> str:
    """Return the whole file."""
    shades = Shades(sheet.areas, less=sheet.less)
    page = OneFileMap(_extent(sheet), FURTHEST)
    _draw_ground(page, sheet.grounds)
    _draw_areas(page, sheet.areas, shades)
    _draw_cases(page, sheet.cases)
    div, scripts = drawing(page)
    context = {
        **sheet.told,
        "title": sheet.title,
        "least": LEAST,
        "map": SafeString(div),
        "areas": [area for area in sheet.areas if area.figure.whole],
        "legend": shades.legend(),
        "drawn": len(sheet.cases),
    }
    body = render_to_string("figures_report.html", context)
    names = (f"{LEAFLET}/leaflet.css", "gridmap/tokens.css", "gridmap/report-map.css")
    return document(sheet.title, map(inlined_style, names), [body, *map_scripts(scripts)])


def _extent(sheet: Sheet) -> tuple[float, float, float, float]:
    """Return what the map shows first: where there are cases, else the city."""
    counted = [area.shape for area in sheet.areas if area.figure.whole]
    if not counted:
        return sheet.bounds
    west, south, east, north = shapely.total_bounds(counted)
    edge = EDGE * max(east - west, north - south)
    return west - edge, south - edge, east + edge, north + edge


def _features(shapes: Iterable[tuple[Drawn, Drawn]]) -> Drawn:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": geometry, "properties": told}
            for geometry, told in shapes
        ],
    }


def _popup() -> folium.GeoJsonPopup:
    return folium.GeoJsonPopup(fields=["words"], labels=False)


def _draw_ground(page: OneFileMap, grounds: list[tuple[str, str]]) -> None:
    for kind, colour in {**GROUND, "street": QUIET}.items():
        shapes: list[tuple[Drawn, Drawn]] = [
            (json.loads(geometry), {}) for of, geometry in grounds if of == kind
        ]
        look = {"stroke": False, "fillColor": colour, "fillOpacity": 1}
        if shapes:
            layer = folium.GeoJson(_features(shapes), style_function=lambda _one, look=look: look)
            layer.add_to(page)


def _draw_areas(page: OneFileMap, areas: list[Area], shades: Shades) -> None:
    shapes: list[tuple[Drawn, Drawn]] = []
    for area in areas:
        found = area.figure
        few = _("不足 %(least)s 件，只列件数") % {"least": LEAST} if found.few else ""
        fill = shades.of(found) if not found.few else FEW if found.whole else NOBODY
        told = {"words": said(area.name, found.said, few), "fill": fill, "chosen": area.chosen}
        shapes.append((area.ground, told))
    if shapes:
        folium.GeoJson(_features(shapes), style_function=_look, popup=_popup()).add_to(page)
    for area in areas:
        if area.figure.few:
            continue
        spot = area.shape.representative_point()
        label = f'<b class="share">{area.figure.short:.1f}%</b>'
        icon = folium.DivIcon(html=label, icon_size=(56, 20), icon_anchor=(28, 10))
        place = {"type": "Point", "coordinates": [round(spot.x, 6), round(spot.y, 6)]}
        marker = folium.Marker(icon=icon, interactive=False)
        folium.GeoJson(_features([(place, {})]), marker=marker).add_to(page)


def _look(drawn: Drawn) -> Drawn:
    fill, chosen = drawn["properties"]["fill"], drawn["properties"]["chosen"]
    look = {"color": INK, "weight": 3.2 if chosen else 1.2, "fillOpacity": 0.72, "fillColor": fill}
    if fill == FEW:
        return {**look, "fillColor": "#eceae4", "dashArray": "3 5"}
    if fill == NOBODY:
        return {**look, "fillColor": "#ffffff", "fillOpacity": 0.05}
    return look


def _draw_cases(page: OneFileMap, cases: list[Case]) -> None:
    for good, sign in ((True, GOOD), (False, WORSE)):
        shapes: list[tuple[Drawn, Drawn]] = [
            (
                {"type": "Point", "coordinates": [case.lng, case.lat]},
                {"words": said(*case.lines)},
            )
            for case in cases
            if case.good == good
        ]
        if shapes:
            svg = f'<svg width="18" height="18" viewBox="0 0 18 18">{sign}</svg>'
            icon = folium.DivIcon(html=svg, icon_size=(18, 18), icon_anchor=(9, 9))
            marker = folium.Marker(icon=icon)
            folium.GeoJson(_features(shapes), marker=marker, popup=_popup()).add_to(page)
