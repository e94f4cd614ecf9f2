"""From the columns of a file to the values of a layer: named, typed, bounded."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo

from gridmap.actions.territory.specs import Field, Layer, LoadOptions
from gridmap.errors import BadValue
from gridmap.geo.rows import Rows, moment, text
from gridmap.geo.soundness import Problem

Column = list[object]
Fault = tuple[str, dict[str, object]]
SPLIT = re.compile(r"[;；|、]")


class Unusable(ValueError):
    """A value that cannot be used; says what was wanted."""


def given(layer: Layer, options: LoadOptions, rows: Rows) -> dict[str, str]:
    """Return which column of the file each field is read from.

    What the caller named wins, then a column of our own name, then a usual one.

    Raises:
        BadValue: a name that was given is no field of the layer or no column of the file.
    """
    fields = {field.name: field for field in layer.fields}
    for name in (*options.names, *options.values):
        if name not in fields:
            raise BadValue(
                "%(layer)s 没有“%(field)s”这一项；可用：%(fields)s",
                layer=layer.name,
                field=name,
                fields="、".join(fields),
            )
    for column in options.names.values():
        rows.column(column)
    lower = {name.lower(): name for name in reversed(list(rows.columns))}
    taken = set(options.names.values())
    found = dict(options.names)
    for field in layer.fields:
        for name in (field.name, *field.names) if field.name not in found else ():
            usual = lower.get(name.lower())
            if usual is not None and usual not in taken:
                found[field.name] = usual
                break
    return found


def values_of(
    layer: Layer, options: LoadOptions, rows: Rows, zone: tzinfo
) -> tuple[dict[str, Column], list[Problem]]:
    """Return the values of each field that the file or the caller gives, and what cannot be used.

    Args:
        layer: what is loaded.
        options: which columns are read, and what stands where they are empty.
        rows: the rows of the file.
        zone: time zone of moments that name none.
    """
    sources = given(layer, options, rows)
    values: dict[str, Column] = {}
    problems: list[Problem] = []
    for field in layer.fields:
        constant = options.values.get(field.name, "")
        # A value that was set stands above a column found by its name, and fills the gaps of a
        # column that was named.
        chosen = not constant or field.name in options.names
        source = sources.get(field.name) if chosen else None
        if source is None and not constant:
            if field.required:
                detail = {"field": field.name}
                problems += [
                    Problem(number, "missing_field", dict(detail))
                    for number in rows.numbers.tolist()
                ]
            continue
        raw = rows.column(source) if source is not None else [None] * len(rows)
        column, faults = _read(field, raw, constant, zone)
        values[field.name] = column
        problems += [
            Problem(int(rows.numbers[place]), *fault) for place, fault in sorted(faults.items())
        ]
    return values, problems


def _read(
    field: Field, raw: Sequence[object], constant: str, zone: tzinfo
) -> tuple[Column, dict[int, Fault]]:
    column: Column = []
    faults: dict[int, Fault] = {}
    for place, cell in enumerate(raw):
        value = text(cell) or constant
        try:
            column.append(_typed(field, value, zone))
        except Unusable as error:
            column.append(None)
            said = {"field": field.name, "value": value[:60], "wanted": str(error)}
            faults[place] = ("wrong_value", dict(said))
            continue
        fault = _fault(field, value)
        if fault:
            faults[place] = fault
    return column, faults


def _fault(field: Field, value: str) -> Fault | None:
    if not value and field.required:
        return "missing_field", {"field": field.name}
    if "\0" in value:
        return "bad_text", {"field": field.name}
    if field.kind in ("text", "reference") and not field.choices and len(value) > field.length:
        detail = {"field": field.name, "length": len(value), "most": field.length}
        return "too_long", dict(detail)
    return None


def _typed(field: Field, value: str, zone: tzinfo) -> object:
    if field.choices:
        return _choice(field, value)
    return READERS[field.kind](field, value, zone)


def _choice(field: Field, value: str) -> object:
    if not value:
        return ""
    for stored, label in field.choices.items():
        if value in (stored, str(label)):
            return stored
    wanted = "、".join(f"{stored}（{label}）" for stored, label in field.choices.items() if stored)
    raise Unusable(wanted)


def _text(_field: Field, value: str, _zone: tzinfo) -> object:
    return value


def _list(field: Field, value: str, _zone: tzinfo) -> object:
    parts = [part.strip() for part in SPLIT.split(value) if part.strip()]
    if any(len(part) > field.length for part in parts):
        raise Unusable(f"≤ {field.length}")
    return parts


def _number(field: Field, value: str, _zone: tzinfo) -> object:
    if not value:
        return None
    try:
        number = float(value)
    except ValueError as error:
        raise Unusable(f"{field.low:g}–{field.high:g}") from error
    if not field.low <= number <= field.high:  # also refuses NaN
        raise Unusable(f"{field.low:g}–{field.high:g}")
    return number


def _integer(field: Field, value: str, zone: tzinfo) -> object:
    number = _number(field, value, zone)
    if isinstance(number, float) and not number.is_integer():
        raise Unusable(f"{field.low:g}–{field.high:g}")
    return int(number) if isinstance(number, float) else None


def _place(_field: Field, value: str, _zone: tzinfo) -> object:
    """A coordinate; whether it lies in the world is asked later, of places in any system."""
    try:
        return float(value) if value else math.nan
    except ValueError as error:
        raise Unusable("117.6") from error


def _moment(_field: Field, value: str, zone: tzinfo) -> object:
    if not value:
        return None
    found = moment(value, zone)
    if found is None:
        raise Unusable("2026-03-04T08:30:00")
    return found


READERS: Mapping[str, Callable[[Field, str, tzinfo], object]] = {
    "text": _text,
    "reference": _text,
    "list": _list,
    "number": _number,
    "integer": _integer,
    "place": _place,
    "moment": _moment,
}
