"""Rows on their way into a table, and what every kind of them needs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely

from gridmap.actions.territory.specs import Layer, LoadOptions
from gridmap.actions.territory.values import Column, given
from gridmap.geo.pinyin import search_text
from gridmap.geo.rows import Rows, text
from gridmap.geo.soundness import Problem, Shapes
from gridmap.layers.territory import City

# Identifiers of OpenStreetMap and its tiles; ways and relations are numbered apart.
SOURCE_IDS = (("osm_id", ""), ("osm_way_id", "w"), ("id", ""), ("fid", ""))
LONGEST = 20  # characters of a code


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


def take_over(draft: Draft) -> None:
    """Take over the fields that are columns, the shape, and what the search box looks through."""
    sources = given(draft.layer, draft.options, draft.rows)
    for item in draft.layer.fields:
        if not item.column:
            continue
        empty: object = [] if item.kind == "list" else "" if item.kind == "text" else None
        draft.columns[item.name] = draft.column(item.name, empty)
        if item.name in sources or item.name in draft.options.values:
            draft.given.append(item.name)
    draft.columns[draft.layer.geometry] = wkb_of(draft.shapes)
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


def wkb_of(shapes: Shapes) -> Column:
    return [
        None if wkb is None else bytes(wkb) for wkb in np.asarray(shapely.to_wkb(shapes)).tolist()
    ]


def of_city(draft: Draft) -> None:
    draft.columns["city_id"] = [draft.city.pk] * len(draft.rows)
    draft.key.insert(0, "city_id")


def source_codes(draft: Draft) -> None:
    """Give every row a code that is the same when the file is read again."""
    codes: list[str] = [text(value) for value in draft.column("code")]
    known = [
        (draft.rows.columns[name], letter)
        for name, letter in SOURCE_IDS
        if name in draft.rows.columns
    ]
    for place in range(len(codes)):
        own = next((letter + text(ids[place]) for ids, letter in known if text(ids[place])), "")
        if len(own) > LONGEST:
            own = _digest(own.encode())
        codes[place] = codes[place] or own or _fingerprint(draft, place)
    draft.values["code"] = list[object](codes)


def _fingerprint(draft: Draft, place: int) -> str:
    told = repr([text(column[place]) for _, column in sorted(draft.rows.columns.items())])
    shape = draft.rows.shapes[place] or b""
    return _digest(shape + told.encode())


def _digest(told: bytes) -> str:
    return "h" + hashlib.sha256(told).hexdigest()[:15]


def refer(draft: Draft, name: str, known: Mapping[str, int]) -> None:
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
