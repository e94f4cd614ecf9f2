"""From the rows of a file to the rows of a layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np

from gridmap.actions.territory import areas, chiefs, matters, shaping, things
from gridmap.actions.territory.draft import Draft
from gridmap.actions.territory.specs import Layer, LoadOptions
from gridmap.actions.territory.values import values_of
from gridmap.geo.rows import Rows, text
from gridmap.geo.soundness import Form, Problem, Shapes
from gridmap.layers.territory import City

BUILDERS: Mapping[str, Callable[[Draft], None]] = {
    "subdistricts": areas.subdistricts,
    "communities": areas.communities,
    "cells": areas.cells,
    "streets": things.streets,
    "lanes": things.lanes,
    "buildings": things.buildings,
    "party_units": things.party_units,
    "ground": areas.ground,
    "stretches": things.stretches,
    "incidents": matters.incidents,
    "chiefs": chiefs.chiefs,
}


def draft_of(layer: Layer, options: LoadOptions, rows: Rows, city: City) -> Draft:
    """Return the rows of a file as rows of a layer of a city.

    Raises:
        BadValue: the options do not fit the layer or the file.
    """
    rows = _anchored(rows) if layer.name == "stretches" else rows
    values, problems = values_of(layer, options, rows, ZoneInfo(city.time_zone))
    points = None
    if "lng" in values and "lat" in values and all(shape is None for shape in rows.shapes):
        points = shaping.points_of(values["lng"], values["lat"])
    if layer.form == Form.NONE:
        shapes: Shapes = np.full(len(rows), None, dtype=object)
        unsound: list[Problem] = []
    else:
        shapes, unsound = shaping.shapes_of(layer, options, rows, points)
    options.tell("checked", len(rows))
    known = {problem.row for problem in problems}  # a row is not told twice what it lacks
    unsound = [item for item in unsound if item.code != "no_geometry" or item.row not in known]
    draft = Draft(layer, options, rows, city, values, shapes, [*problems, *unsound])
    places = {int(number): place for place, number in enumerate(rows.numbers.tolist())}
    draft.bad = {places[problem.row] for problem in draft.problems}
    draft.columns["row_number"] = rows.numbers.tolist()
    BUILDERS[layer.name](draft)
    draft.given = [name for name in dict.fromkeys(draft.given) if name not in draft.key]
    _names_once(draft)
    return draft


def _anchored(rows: Rows) -> Rows:
    """Take a column of anchors, each [longitude, latitude], apart into two."""
    anchors = rows.columns.get("anchor")
    if anchors is None:
        return rows
    pairs = [[*pair, None, None] if isinstance(pair, list) else [None, None] for pair in anchors]
    apart = {"anchor_lng": [pair[0] for pair in pairs], "anchor_lat": [pair[1] for pair in pairs]}
    return replace(rows, columns={**rows.columns, **apart})


def _names_once(draft: Draft) -> None:
    """Refuse the later of two rows with one key."""
    if not draft.key:
        return
    seen: dict[tuple[object, ...], int] = {}
    columns = [draft.columns[name] for name in draft.key]
    for place in draft.good():
        key = tuple(column[place] for column in columns)
        if key in seen:
            other = int(draft.rows.numbers[seen[key]])
            draft.refuse(place, "duplicate_code", code=text(key[-1]), other=other)
        seen.setdefault(key, place)
