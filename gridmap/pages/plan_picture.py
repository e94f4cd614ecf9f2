"""The map of a change as SVG: paths of whole numbers; what is written is text, which is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from gridmap.layers.changes import MARGIN, ChangeMap, Standing, frame_around, outline_of
from gridmap.layers.drawing import Frame, Shape
from gridmap.layers.plans import Comment
from gridmap.layers.projection import reproject
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import City, Community
from gridmap.pages.picture import path

UNITS = 6000  # of the picture's width
WIDE = 780  # pixels a map has on a usual screen: sizes until the script measures them


@dataclass(frozen=True)
class Label:
    """The name of a cell and what happens to it."""

    code: str
    name: str
    x: int
    y: int
    old: str
    new: str
    change: str
    tone: str
    gone: bool
    fresh: bool


@dataclass(frozen=True)
class Mark:
    """The sign of a change, at one of its pieces."""

    sign: str
    x: int
    y: int


@dataclass(frozen=True)
class Pin:
    """A comment that is pinned to a place."""

    number: int
    ident: int
    x: int
    y: int
    settled: bool


@dataclass(frozen=True)
class PlanMap:
    """What the template of the map is given; lengths in units of the picture."""

    view: str  # what is looked at first: x y width height
    unit: int  # how long a pixel is before the script has measured it
    base: list[tuple[str, str]]
    kept: str
    gone: str
    new: str
    outline: str
    patches: list[tuple[str, str]]  # mark, path
    marks: list[Mark]
    labels: list[Label]
    names: list[tuple[str, str, int]]  # transform, name, size
    pins: list[Pin]
    bar: tuple[int, int]  # metres of the scale bar, and its length


def plan_map(found: ChangeMap, city: City, comments: Iterable[tuple[int, Comment]]) -> PlanMap:
    """Return the map of a change with the numbered comments that are pinned to places."""
    frame = found.frame
    scale = UNITS / frame.width
    view = _view(found, scale)
    labels = [_label(one, frame, scale) for one in found.cells]
    metres = next(m for m in (1000, 500, 200, 100, 50, 20, 10) if m * 4 < frame.width or m == 10)  # noqa: PLR2004
    return PlanMap(
        view=" ".join(map(str, view)),
        unit=round(max(view[2:]) / WIDE),
        base=_base(found, frame),
        kept=_path(found.kept, frame),
        gone=_path(found.gone, frame),
        new=_path(found.new, frame),
        outline=_path(found.outline, frame),
        patches=[(patch.mark, _path(patch.shape, frame)) for patch in found.patches],
        marks=[
            Mark(patch.mark, *_at(x, y, frame, scale))
            for patch in found.patches
            for x, y in patch.middles
        ],
        labels=labels,
        names=[_name(label, frame, scale) for label in found.ground.labels if not label.stacked],
        pins=[_pin(number, one, city, frame, scale) for number, one in comments if one.place],
        bar=(metres, round(metres * scale)),
    )


def _view(found: ChangeMap, scale: float) -> tuple[int, int, int, int]:
    """The community with some air around it."""
    west, south, east, north = found.outline.bounds
    air = MARGIN * max(east - west, north - south)
    x, y = _at(west - air, north + air, found.frame, scale)
    return x, y, round((east - west + 2 * air) * scale), round((north - south + 2 * air) * scale)


def place_on(community: Community, x: int, y: int) -> Point:
    """Return the place on the ground of a place of the picture of a community."""
    frame = frame_around(outline_of(community))
    metre = frame.width / UNITS
    there = [[frame.west + x * metre, frame.south + frame.height - y * metre]]
    srid = community.subdistrict.city.metric_srid
    ((lng, lat),) = reproject(np.array(there), srid).tolist()
    return Point(lng, lat, srid=SRID)


def _at(x: float, y: float, frame: Frame, scale: float) -> tuple[int, int]:
    return round(x * scale), round((frame.height - y) * scale)


def _path(shape: BaseGeometry, frame: Frame) -> str:
    return path(frame, [Shape(0, "", shape)], UNITS)


def _base(found: ChangeMap, frame: Frame) -> list[tuple[str, str]]:
    shapes = found.ground.shapes
    layers = [
        (kind, [one for one in shapes.get("ground", []) if one.name == kind])
        for kind in ("water", "green")
    ]
    layers.append(("way", [*shapes.get("streets", []), *shapes.get("lanes", [])]))
    layers.append(("house", shapes.get("buildings", [])))
    drawn = [(name, path(frame, held, UNITS)) for name, held in layers]
    outside = shapely.difference(frame.polygon(), found.outline)
    drawn.append(("outside", _path(outside, frame)))
    return [(name, d) for name, d in drawn if d]


def _label(one: Standing, frame: Frame, scale: float) -> Label:
    x, y = _at(one.x, one.y, frame, scale)
    change = (one.after or 0) - (one.before or 0)
    if one.before is None:
        word, tone = _("新设"), "gain"
    elif one.after is None:
        word, tone = _("停用"), "loss"
    elif change:
        word, tone = signed(change), "gain" if change > 0 else "loss"
    else:
        word, tone = _("不变"), "same"
    return Label(
        code=one.code[-3:],
        name=one.name,
        x=x,
        y=y,
        old="" if one.before is None else _("%(n)s 户") % {"n": one.before},
        new="" if one.after is None else _("%(n)s 户") % {"n": one.after},
        change=word,
        tone=tone,
        gone=one.after is None,
        fresh=one.before is None,
    )


def signed(change: int) -> str:
    """Return a change of households with its sign."""
    return _("%(n)s 户") % {"n": plainly(change)}


def plainly(change: int) -> str:
    """Return a number with its sign; a true minus."""
    sign = "+" if change > 0 else "\N{MINUS SIGN}" if change < 0 else ""
    return f"{sign}{abs(change)}"


def _name(label: Any, frame: Frame, scale: float) -> tuple[str, str, int]:
    x, y = _at(label.x, label.y, frame, scale)
    turn = f"translate({x} {y})" + (f" rotate({-label.angle:.0f})" if label.angle else "")
    return turn, label.name, round(frame.height / 70 * scale)


def _pin(number: int, one: Comment, city: City, frame: Frame, scale: float) -> Pin:
    place = shapely.Point(one.place.x, one.place.y) if one.place else shapely.Point()
    there = shapely.transform(place, lambda xy: reproject(xy, SRID, city.metric_srid))
    x, y = _at(there.x - frame.west, there.y - frame.south, frame, scale)
    return Pin(number, one.pk, x, y, settled=one.settled_by_id is not None)
