"""From values and shapes to rows of a table: codes completed, names looked up, sides derived."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from gridmap.actions.territory import shaping
from gridmap.actions.territory.specs import Layer, LoadOptions
from gridmap.actions.territory.values import Column, given, values_of
from gridmap.geo import ways
from gridmap.geo.pinyin import search_text
from gridmap.geo.rows import Rows, text
from gridmap.geo.soundness import Problem, Shapes
from gridmap.layers.incidents import ENDED, Category, State
from gridmap.layers.places import Lane, Street
from gridmap.layers.territory import City, Community, Subdistrict

# Identifiers of OpenStreetMap and its tiles; ways and relations are numbered apart.
SOURCE_IDS = (("osm_id", ""), ("osm_way_id", "w"), ("id", ""), ("fid", ""))


@dataclass
class Draft:
    """Rows on their way into a table.

    Attributes:
        values: by field, as read from the file.
        shapes: EPSG:4326, None where refused.
        columns: by column of the table, filled step by step.
        key: columns a row is known by.
        given: columns that say something about a row already there.
    """

    layer: Layer
    options: LoadOptions
    rows: Rows
    city: City
    values: dict[str, Column]
    shapes: Shapes
    problems: list[Problem]
    columns: dict[str, Column] = field(default_factory=dict)
    key: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)

    def refuse(self, place: int, reason: str, /, **detail: object) -> None:
        """Refuse the row at this position, for the first reason found."""
        if place not in self.bad:
            self.bad.add(place)
            self.problems.append(Problem(int(self.rows.numbers[place]), reason, detail))

    def column(self, name: str, default: object = "") -> Column:
        """The values of a field, or as many defaults."""
        return self.values.get(name) or [default] * len(self.rows)

    def good(self) -> list[int]:
        """Positions of the rows not refused so far."""
        return [place for place in range(len(self.rows)) if place not in self.bad]

    def staged(self) -> Iterator[tuple[object, ...]]:
        """The rows not refused, in the order of ``columns``."""
        columns = list(self.columns.values())
        for place in self.good():
            yield tuple(column[place] for column in columns)


def draft_of(layer: Layer, options: LoadOptions, rows: Rows, city: City) -> Draft:
    """Return the rows of a file as rows of a layer of a city.

    Raises:
        BadValue: the options do not fit the layer or the file.
    """
    values, problems = values_of(layer, options, rows, ZoneInfo(city.time_zone))
    points = None
    if "lng" in values and "lat" in values and all(shape is None for shape in rows.shapes):
        points = shaping.points_of(values["lng"], values["lat"])
    shapes, unsound = shaping.shapes_of(layer, options, rows, points)
    options.tell("checked", len(rows))
    draft = Draft(layer, options, rows, city, values, shapes, [*problems, *unsound])
    places = {int(number): place for place, number in enumerate(rows.numbers.tolist())}
    draft.bad = {places[problem.row] for problem in draft.problems}
    draft.columns["row_number"] = rows.numbers.tolist()
    BUILDERS[layer.name](draft)
    _names_once(draft)
    return draft


def _plain(draft: Draft) -> None:
    """Take over the fields that are columns, the shape, and what the search box looks through."""
    sources = given(draft.layer, draft.options, draft.rows)
    for item in draft.layer.fields:
        if not item.column:
            continue
        empty: object = [] if item.kind == "list" else "" if item.kind == "text" else None
        draft.columns[item.name] = draft.column(item.name, empty)
        if item.name in sources or item.name in draft.options.values:
            draft.given.append(item.name)
    draft.columns[draft.layer.geometry] = _wkb(draft.shapes)
    draft.given.append(draft.layer.geometry)
    if draft.layer.search:
        words = [draft.columns[name] for name in draft.layer.search]
        draft.columns["search"] = [
            search_text(*(part for value in row for part in _texts(value)))
            for row in zip(*words, strict=True)
        ]
        draft.given.append("search")
    if draft.layer.key:
        draft.key = [draft.layer.key]
        draft.given = [name for name in draft.given if name != draft.layer.key]


def _texts(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else [text(value)]


def _wkb(shapes: Shapes) -> Column:
    return [
        None if wkb is None else bytes(wkb) for wkb in np.asarray(shapely.to_wkb(shapes)).tolist()
    ]


def _of_city(draft: Draft) -> None:
    draft.columns["city_id"] = [draft.city.pk] * len(draft.rows)
    draft.key.insert(0, "city_id")


def _source_codes(draft: Draft) -> None:
    """Give every row a code that is the same when the file is read again."""
    codes: list[str] = [text(value) for value in draft.column("code")]
    known = [
        (draft.rows.columns[name], letter)
        for name, letter in SOURCE_IDS
        if name in draft.rows.columns
    ]
    for place in range(len(codes)):
        own = (letter + text(ids[place]) for ids, letter in known if text(ids[place]))
        codes[place] = codes[place] or next(own, "") or _fingerprint(draft, place)
    draft.values["code"] = list[object](codes)


def _fingerprint(draft: Draft, place: int) -> str:
    told = repr([text(column[place]) for _, column in sorted(draft.rows.columns.items())])
    shape = draft.rows.shapes[place] or b""
    return "h" + hashlib.sha256(shape + told.encode()).hexdigest()[:15]


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


def _complete(code: str, parent: str, digits: int) -> str:
    """A short code behind that of its parent: 7 in 350404001 is 350404001007."""
    width = digits - len(parent)
    return parent + code.zfill(width) if parent and len(code) <= width else code


def _digits(draft: Draft, codes: Column, digits: int) -> None:
    for place in draft.good():
        code = text(codes[place])
        if not (code.isascii() and code.isdigit() and len(code) == digits):
            draft.refuse(place, "bad_code", code=code, form=f"{digits} 位数字")
        elif digits == 15 and code.endswith("000"):  # noqa: PLR2004 - a cell's code
            draft.refuse(place, "bad_code", code=code, form="末三位不是 000")


def _subdistricts(draft: Draft) -> None:
    draft.values["code"] = [
        _complete(text(code), draft.city.code, 9) for code in draft.column("code")
    ]
    _digits(draft, draft.values["code"], 9)
    _plain(draft)
    draft.columns["city_id"] = [draft.city.pk] * len(draft.rows)


def made_code(city: City) -> str:
    """The code of the one subdistrict that is made for a city which has none."""
    return f"{city.code}001"


def _communities(draft: Draft) -> None:
    known = dict(Subdistrict.objects.filter(city=draft.city).values_list("code", "pk"))
    codes, parents = draft.column("code"), draft.column("subdistrict")
    only = next(iter(known)) if len(known) == 1 else "" if known else made_code(draft.city)
    ids: Column = [None] * len(codes)
    for place in draft.good():
        code = text(codes[place])
        own = text(parents[place])
        own = _complete(own, draft.city.code, 9) if own else ""
        parent = own or (code[:9] if len(code) == 12 else only)  # noqa: PLR2004 - a community's code
        codes[place] = _complete(code, parent, 12)
        ids[place] = known.get(parent)
        if parent not in known and not (parent == made_code(draft.city) and not known):
            draft.refuse(place, "no_parent", parent=parent)
    draft.values["code"] = codes
    _digits(draft, codes, 12)
    _plain(draft)
    draft.columns["subdistrict_id"] = ids
    draft.given.append("subdistrict_id")


def _cells(draft: Draft) -> None:
    mine = Community.objects.filter(subdistrict__city=draft.city)
    known = dict(mine.values_list("code", "pk"))
    codes, parents = draft.column("code"), draft.column("community")
    ids: Column = [None] * len(codes)
    for place in draft.good():
        code = text(codes[place])
        parent = text(parents[place]) or code[:12]
        codes[place] = _complete(code, parent, 15)
        ids[place] = known.get(parent)
        if parent not in known:
            draft.refuse(place, "no_parent", parent=parent)
    draft.values["code"] = codes
    _digits(draft, codes, 15)
    _plain(draft)
    draft.columns["kind"] = [kind or "basic" for kind in draft.columns["kind"]]
    draft.columns["community_id"] = ids


def _ways(draft: Draft) -> None:
    _source_codes(draft)
    _plain(draft)
    kinds = draft.column("kind")
    widths = [
        width if isinstance(width, float) else ways.width_of(text(kind))
        for width, kind in zip(draft.column("width_m", None), kinds, strict=True)
    ]
    lines, areas, derived = shaping.ways_of(draft.shapes, widths, draft.city.metric_srid)
    draft.columns |= {
        "width_m": list[object](widths),
        "centreline": _wkb(lines),
        "polygon": _wkb(areas),
        "derived": list[object](derived),
    }
    draft.given += ["polygon", "derived"]
    for place in draft.good():
        if draft.columns["centreline"][place] is None or draft.columns["polygon"][place] is None:
            draft.refuse(place, "no_length")
    _of_city(draft)


def _lanes(draft: Draft) -> None:
    _ways(draft)
    _refer(draft, "street", dict(Street.objects.filter(city=draft.city).values_list("code", "pk")))
    mine = Community.objects.filter(subdistrict__city=draft.city)
    _refer(draft, "community", dict(mine.values_list("code", "pk")))


def _refer(draft: Draft, name: str, known: Mapping[str, int]) -> None:
    """Look up what a row names by its code."""
    if name not in draft.values:
        return
    ids: Column = []
    for place, value in enumerate(draft.values[name]):
        ids.append(known.get(text(value)))
        if text(value) and ids[-1] is None:
            draft.refuse(place, "unknown_reference", field=name, value=text(value))
    draft.columns[f"{name}_id"] = ids
    draft.given.append(f"{name}_id")


def _buildings(draft: Draft) -> None:
    _source_codes(draft)
    _addresses(draft)
    _plain(draft)
    _refer(draft, "street", dict(Street.objects.filter(city=draft.city).values_list("code", "pk")))
    _refer(draft, "lane", dict(Lane.objects.filter(city=draft.city).values_list("code", "pk")))
    _of_city(draft)


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


def _party_units(draft: Draft) -> None:
    _source_codes(draft)
    _plain(draft)
    _of_city(draft)


def _ground(draft: Draft) -> None:
    _plain(draft)
    _of_city(draft)
    # Ground bears no code: it is known by what it is and where it lies.
    draft.key, draft.given = ["city_id", "kind", "name", "geom"], []


def _stretches(draft: Draft) -> None:
    singles = [shapely.get_parts(shape) if shape is not None else [] for shape in draft.shapes]
    for place in draft.good():
        if len(singles[place]) != 1:
            draft.refuse(place, "wrong_type", lines=len(singles[place]))
    _plain(draft)
    lines = np.array([parts[0] if len(parts) else None for parts in singles], dtype=object)
    anchors = _anchors(draft, lines)
    draft.columns |= {
        "centreline": _wkb(lines),
        "anchor": _wkb(anchors),
        "side": [side or "both" for side in draft.columns["side"]],
        "interval_days": [days or 7 for days in draft.columns["interval_days"]],
    }
    draft.given.append("anchor")
    _refer(draft, "street", dict(Street.objects.filter(city=draft.city).values_list("code", "pk")))
    _refer(draft, "lane", dict(Lane.objects.filter(city=draft.city).values_list("code", "pk")))
    streets = draft.columns.get("street_id") or [None] * len(draft.rows)
    lanes = draft.columns.get("lane_id") or [None] * len(draft.rows)
    for place in draft.good():
        if (streets[place] is None) is (lanes[place] is None):
            draft.refuse(place, "missing_field", field="street / lane")
    _of_city(draft)
    draft.key.append("side")
    draft.given = [name for name in draft.given if name != "side"]


def _anchors(draft: Draft, lines: Shapes) -> Shapes:
    """The place each stretch is counted at: as given, or its middle."""
    if "anchor_lng" not in draft.values or "anchor_lat" not in draft.values:
        return np.asarray(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    points = shaping.points_of(draft.values["anchor_lng"], draft.values["anchor_lat"])
    return np.asarray(shapely.from_wkb(np.array(points, dtype=object)))


def _incidents(draft: Draft) -> None:
    categories = list(Category.objects.filter(city=draft.city))
    known = {name: item for item in categories for name in (item.name_en, item.name, item.code)}
    wanted = [text(value) for value in draft.column("category")]
    for place in draft.good():
        if wanted[place] not in known:
            draft.refuse(place, "unknown_category", value=wanted[place])
    draft.values["title"] = [
        text(title) or wanted[place][:120] for place, title in enumerate(draft.column("title"))
    ]
    _plain(draft)
    found = [known.get(value) for value in wanted]
    draft.columns |= {
        "category_id": [item and item.pk for item in found],
        "department_id": [item and item.department_id for item in found],
        "state": [state or State.REPORTED for state in draft.columns["state"]],
        "source": [source or "import" for source in draft.columns["source"]],
        "parked": [False] * len(draft.rows),
        "urgent": [False] * len(draft.rows),
    }
    draft.given += ["title", "category_id", "department_id"]
    draft.given = list(dict.fromkeys(draft.given))
    _times(draft, found)
    _of_city(draft)


def _times(draft: Draft, categories: list[Category | None]) -> None:
    """Fill in what follows from the state: an open matter is due, an ended one has an end.

    Where the file does not tell when a matter ended, its end is set to its beginning.
    """
    reported, states = draft.columns["reported_at"], draft.columns["state"]
    empty: Column = [None] * len(draft.rows)
    filed, soon, due, closed = list(empty), list(empty), list(empty), list(empty)
    for place in draft.good():
        start, category = reported[place], categories[place]
        if states[place] in ENDED:
            closed[place] = draft.columns["closed_at"][place] or start
        elif states[place] != State.REPORTED and category is not None:
            limit = timedelta(hours=category.limit_hours)
            filed[place], due[place] = start, start + limit  # type: ignore[operator]
            soon[place] = start + limit * 0.8  # type: ignore[operator]
    draft.columns |= {"filed_at": filed, "soon_at": soon, "due": due, "closed_at": closed}
    draft.given.append("closed_at")


BUILDERS: Mapping[str, Callable[[Draft], None]] = {
    "subdistricts": _subdistricts,
    "communities": _communities,
    "cells": _cells,
    "streets": _ways,
    "lanes": _lanes,
    "buildings": _buildings,
    "party_units": _party_units,
    "ground": _ground,
    "stretches": _stretches,
    "incidents": _incidents,
}
