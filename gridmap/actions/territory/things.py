"""Rows of streets, lanes, buildings, party units and stretches."""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.actions.territory import shaping
from gridmap.actions.territory.areas import complete
from gridmap.actions.territory.draft import Draft, of_city, refer, source_codes, take_over, wkb_of
from gridmap.geo import ways
from gridmap.geo.rows import text
from gridmap.geo.soundness import Shapes
from gridmap.layers.places import Lane, Street
from gridmap.layers.territory import Community


def streets(draft: Draft) -> None:
    source_codes(draft)
    take_over(draft)
    kinds = draft.column("kind")
    widths = [
        width if isinstance(width, float) else ways.width_of(text(kind))
        for width, kind in zip(draft.column("width_m", None), kinds, strict=True)
    ]
    lines, areas, derived = shaping.ways_of(draft.shapes, widths, draft.city.metric_srid)
    draft.columns |= {
        "width_m": list[object](widths),
        "centreline": wkb_of(lines),
        "polygon": wkb_of(areas),
        "derived": list[object](derived),
    }
    draft.given += ["polygon", "derived"]
    for place in draft.good():
        if draft.columns["centreline"][place] is None or draft.columns["polygon"][place] is None:
            draft.refuse(place, "no_length")
    of_city(draft)


def lanes(draft: Draft) -> None:
    streets(draft)
    refer(draft, "street", dict(Street.objects.filter(city=draft.city).values_list("code", "pk")))
    mine = Community.objects.filter(subdistrict__city=draft.city)
    refer(draft, "community", dict(mine.values_list("code", "pk")))


def buildings(draft: Draft) -> None:
    # A number of at most five digits counts inside a community: 7 in 350404001001 becomes
    # 35040400100100007. The community itself is found by the database.
    parents, codes = draft.column("community"), draft.column("code")
    draft.values["code"] = [
        complete(text(code), text(parent), 17) if text(code).isdigit() else code
        for code, parent in zip(codes, parents, strict=True)
    ]
    source_codes(draft)
    _addresses(draft)
    take_over(draft)
    refer(draft, "street", dict(Street.objects.filter(city=draft.city).values_list("code", "pk")))
    refer(draft, "lane", dict(Lane.objects.filter(city=draft.city).values_list("code", "pk")))
    of_city(draft)


def _addresses(draft: Draft) -> None:
    """Put an address together from street and number, as OpenStreetMap keeps them."""
    names = ("addr_street", "addr:street")
    streets = next((draft.rows.columns[name] for name in names if name in draft.rows.columns), None)
    if streets is None or "address" in draft.values:
        return
    numbers = draft.column("number")
    draft.values["address"] = [
        f"{text(street)} {text(number)}".strip()[:120] if text(street) else ""
        for street, number in zip(streets, numbers, strict=True)
    ]
    draft.given.append("address")


def party_units(draft: Draft) -> None:
    source_codes(draft)
    take_over(draft)
    of_city(draft)


def stretches(draft: Draft) -> None:
    singles = [shapely.get_parts(shape) if shape is not None else [] for shape in draft.shapes]
    for place in draft.good():
        if len(singles[place]) != 1:
            draft.refuse(place, "wrong_type", lines=len(singles[place]))
    take_over(draft)
    lines = np.array([parts[0] if len(parts) else None for parts in singles], dtype=object)
    anchors = _anchors(draft, lines)
    draft.columns |= {
        "centreline": wkb_of(lines),
        "anchor": wkb_of(anchors),
        "side": [side or "both" for side in draft.columns["side"]],
        "interval_days": [days or 7 for days in draft.columns["interval_days"]],
    }
    draft.given.append("anchor")
    refer(draft, "street", dict(Street.objects.filter(city=draft.city).values_list("code", "pk")))
    refer(draft, "lane", dict(Lane.objects.filter(city=draft.city).values_list("code", "pk")))
    streets = draft.columns.get("street_id") or [None] * len(draft.rows)
    lanes = draft.columns.get("lane_id") or [None] * len(draft.rows)
    for place in draft.good():
        if (streets[place] is None) is (lanes[place] is None):
            draft.refuse(place, "missing_field", field="street / lane")
    of_city(draft)
    draft.key.append("side")
    draft.given = [name for name in draft.given if name != "side"]


def _anchors(draft: Draft, lines: Shapes) -> Shapes:
    """The place each stretch is counted at: as given, or its middle."""
    if "anchor_lng" not in draft.values or "anchor_lat" not in draft.values:
        return np.asarray(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    points = shaping.points_of(draft.values["anchor_lng"], draft.values["anchor_lat"])
    return np.asarray(shapely.from_wkb(np.array(points, dtype=object)))
