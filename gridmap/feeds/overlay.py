"""The overlay feed: every cell's figures in one answer, joined to the tiles in the browser.

``format=json`` (default) is documented in docs/api.md. ``format=bin`` is, all little-endian:
uint32 length of the header; the header, JSON as in the first form with ``rows`` instead of
``cells``, padded with spaces so that what follows begins at a multiple of four; then for ``id`` and
for each of the header's ``columns`` one int32 a row.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import numpy as np
import orjson

from gridmap.errors import BadValue
from gridmap.feeds.answer import Answer
from gridmap.feeds.asked import Asked, whole
from gridmap.feeds.cities import Cities
from gridmap.feeds.errors import NO_STORE
from gridmap.feeds.pool import Database
from gridmap.feeds.weeks import Weeks
from gridmap.layers.query import ids_of
from gridmap.layers.scope import Area, Scope
from gridmap.layers.weekly import WITHHELD, Weekly

# Everything of one's own communities; or a part of it, or what else the bearer may see.
WHOLE = """
FROM gridmap_cell_figures(%(city)s::bigint, %(communities)s::bigint[], NULL::bigint[]) AS v
"""
SIFTED = """
FROM gridmap_overlay(
    %(city)s::bigint, %(communities)s::bigint[], %(cells)s::bigint[], %(departments)s::bigint[],
    %(assigned)s::bigint[], %(assigned_in)s::bigint[], %(streets)s::bigint[], %(lanes)s::bigint[],
    %(buildings)s::bigint[], %(kind)s::bigint, %(since)s::date, %(until)s::date
) AS v
"""
# The same of a past moment: slower, for nothing is kept ready for it.
THEN = """
FROM gridmap_overlay_at(
    %(city)s::bigint, %(communities)s::bigint[], %(cells)s::bigint[], %(departments)s::bigint[],
    %(assigned)s::bigint[], %(assigned_in)s::bigint[], %(streets)s::bigint[], %(lanes)s::bigint[],
    %(buildings)s::bigint[], %(kind)s::bigint, %(since)s::date, %(until)s::date,
    %(moment)s::timestamptz
) AS v
"""
# A row is written as 17{1,0,…}, the quickest way for the database to write an array.
TEXT = """
SELECT gridmap_overlay_head(%(city)s::bigint)::text,
    coalesce(string_agg(v.cell::text || v.figures::text, ',['), '')
"""
TEXT_THEN = """
SELECT (gridmap_overlay_head(%(city)s::bigint) || jsonb_build_object(
        'columns', gridmap_overlay_columns_at(%(city)s::bigint, %(moment)s::timestamptz),
        'as_of', to_char(%(moment)s::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    ))::text,
    coalesce(string_agg(
        v.cell::text || CASE WHEN v.figures = '{}' THEN '}' ELSE v.figures::text END, ',['
    ), '')
"""
LIGHTS = ("open", "soon", "late", "parked")  # the columns that count incidents come first
# By these the bearer sees parts of communities that are not the bearer's.
BY_PARTS = ("cells", "departments", "assigned", "streets", "lanes", "buildings")
_JSON = str.maketrans("{}", ",]")
_NUMBERS = str.maketrans("{", ",", "}[")
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")  # Python also reads 2026-W05-6


def day(asked: Asked, name: str) -> date | None:
    """Return the day a parameter names; None where it is missing."""
    given = asked.given(name)
    if given is None:
        return None
    try:
        return date.fromisoformat(given if _DATE.fullmatch(given) else "")
    except ValueError as wrong:
        raise BadValue("参数 %(name)s 应为日期，如 2026-01-31。", name=name) from wrong


def number(asked: Asked, name: str) -> int | None:
    """Return the whole number a parameter gives; None where it is missing."""
    given = asked.given(name)
    return None if given is None else whole(name, given)


def seen(sight: Scope, city: int) -> dict[str, Any]:
    """Return what the bearer may see of a city as parameters; communities None: all of it."""
    pairs = sorted(sight.assigned)
    return {
        "city": city,
        **ids_of(sight.figures),
        "communities": None if city in sight.figures.cities else sorted(sight.figures.communities),
        "departments": sorted(sight.departments),
        "assigned": [department for department, _ in pairs],
        "assigned_in": [community for _, community in pairs],
    }


async def overlay(asked: Asked, database: Database, cities: Cities, weeks: Weeks) -> Answer:
    """Answer the figures of every cell that is the bearer's business.

    Those who see sums only are given the published ones, of the week and of nothing less.
    """
    slug = asked.slug()
    since, until = day(asked, "since"), day(asked, "until")
    if since and until and since > until:
        raise BadValue("参数 since 晚于 until。")
    form = asked.given("format") or "json"
    if form not in {"json", "bin"}:
        raise BadValue("参数 %(name)s 应为 json 或 bin。", name="format")
    kind = number(asked, "category")
    city = await cities.find(slug)
    sight = asked.ticket.sight
    values = {**seen(sight, city.id), "kind": kind, "since": since, "until": until}
    more = values["communities"] is not None and any(values[part] for part in BY_PARTS)
    source = TEXT + (SIFTED if kind is not None or since or until or more else WHOLE)
    if moment := asked.as_of(city.zone):
        source, values = TEXT_THEN + THEN, {**values, "moment": moment}
    rows = await database.rows(source, values)
    head, cells = rows[0]
    if sight.counted != Area() and city.id not in sight.area.cities:
        table = await weeks.of(city)
        head, cells = published(head, cells, sight, table, sifted=not source.endswith(WHOLE))
    if form == "json":
        listed = "[" + cells.translate(_JSON) if cells else ""
        body = f'{head[:-1]},"cells":[{listed}]}}'.encode()
        return Answer(200, [(b"content-type", b"application/json"), NO_STORE], body)
    kind_of = (b"content-type", b"application/octet-stream")
    return Answer(200, [kind_of, NO_STORE], pack(head, cells))


def published(
    head: str, cells: str, sight: Scope, table: Weekly | None, *, sifted: bool
) -> tuple[str, str]:
    """Return the feed with the open incidents of cells as published, where only sums are seen.

    Args:
        head: JSON of what stands before the cells.
        cells: the rows as the database wrote them.
        sight: what the bearer sees.
        table: the published one; None: the city has no communities, and no cells.
        sifted: whether something else was asked about than the whole, which is not published.
    """
    if table is None:
        return head, cells
    header = orjson.loads(head)
    lights = sum(column in LIGHTS for column in header["columns"])
    told = []
    for row in filter(None, cells.split(",[")):
        cell, _, figures = row.partition("{")
        if not sight.only_sums(table.spot(int(cell))):
            told.append(row)
            continue
        known = None if sifted else table.open_in(int(cell))
        numbers = [WITHHELD if known is None else known, *[WITHHELD] * (lights - 1)][:lights]
        rest = filter(None, figures.removesuffix("}").split(",")[lights:])
        told.append(f"{cell}{{{','.join([*map(str, numbers), *rest])}}}")
    return orjson.dumps({**header, "week": table.day}).decode(), ",[".join(told)


def pack(head: str, cells: str) -> bytes:
    """Return the binary form of the feed.

    Args:
        head: JSON of what stands before the cells.
        cells: the rows as the database wrote them.
    """
    header = orjson.loads(head)
    width = 1 + len(header["columns"])
    table = np.fromstring(cells.translate(_NUMBERS), "<i4", sep=",").reshape(-1, width)
    text = orjson.dumps({**header, "rows": len(table)})
    text += b" " * (-len(text) % 4)
    return len(text).to_bytes(4, "little") + text + table.T.tobytes()
