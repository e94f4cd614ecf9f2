"""Rows wait in a table of their own, are held against the rules there, and are merged at once.

The rules are asked in sets, with the very functions the triggers use, so that each row at fault is
named; the triggers then hold them for the merge, as they do for every writer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from psycopg import sql

from gridmap.geo.soundness import Problem
from gridmap.layers.copying import copy_rows

# Every check gives (row, detail, lng, lat) of the rows at fault; %(city)s is the city.
OUTSIDE_CITY = """
SELECT s.row_number, '{{}}', ST_X(p.p), ST_Y(p.p)
FROM gridmap_stage AS s INNER JOIN layers_city AS c ON c.id = %(city)s
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(s.{geom}) AS p) AS p
WHERE NOT ST_CoveredBy(s.{geom}, c.bounds)
"""
ELSEWHERE = """
SELECT s.row_number, jsonb_build_object('code', s.code)::text, NULL, NULL
FROM gridmap_stage AS s INNER JOIN ({stored}) AS o ON o.code = s.code AND o.city_id <> %(city)s
"""
OUTSIDE_PARENT = """
SELECT s.row_number, jsonb_build_object('parent', p.name, 'm2', round(o.m2::numeric, 1))::text,
    ST_X(ST_PointOnSurface(s.geom)), ST_Y(ST_PointOnSurface(s.geom))
FROM gridmap_stage AS s INNER JOIN {parents} AS p ON p.id = {parent}
CROSS JOIN LATERAL (SELECT gridmap_outside_m2(s.geom, p.{ground}) AS m2) AS o
WHERE o.m2 > gridmap_tolerance_m2()
"""
# Of two rows that overlap the later is refused; what a row replaces is not held against the others.
OVERLAP = """
SELECT DISTINCT ON (s.row_number) s.row_number,
    jsonb_build_object('other', o.code, 'm2', round(o.m2::numeric, 1))::text,
    ST_X(ST_PointOnSurface(s.geom)), ST_Y(ST_PointOnSurface(s.geom))
FROM gridmap_stage AS s
CROSS JOIN LATERAL (
    SELECT x.code, gridmap_shared_m2(s.geom, x.geom) AS m2 FROM gridmap_stage AS x
    WHERE x.geom && s.geom AND x.row_number < s.row_number
    UNION ALL
    SELECT o.code, gridmap_shared_m2(s.geom, o.geom) FROM ({stored}) AS o
    WHERE o.geom && s.geom AND o.city_id = %(city)s
        AND NOT EXISTS (SELECT FROM gridmap_stage AS r WHERE r.code = o.code)
) AS o
WHERE o.m2 > gridmap_tolerance_m2()
ORDER BY s.row_number, o.m2 DESC
"""
SUBDISTRICTS = "SELECT u.code, u.geom, u.city_id FROM layers_subdistrict AS u"
COMMUNITIES = (
    "SELECT k.code, k.geom, u.city_id FROM layers_community AS k"
    " INNER JOIN layers_subdistrict AS u ON u.id = k.subdistrict_id"
)
CELLS = (
    "SELECT e.code, e.geom, u.city_id FROM layers_celledition AS e"
    " INNER JOIN layers_cell AS c ON c.id = e.cell_id"
    " INNER JOIN layers_community AS k ON k.id = c.community_id"
    " INNER JOIN layers_subdistrict AS u ON u.id = k.subdistrict_id WHERE e.valid @> now()"
)
# layer -> its rows in force, its parents, how a row names its parent, the parent's ground
AREAS = {
    "subdistricts": (SUBDISTRICTS, "layers_city", "%(city)s", "bounds"),
    "communities": (COMMUNITIES, "layers_subdistrict", "s.subdistrict_id", "geom"),
    "cells": (CELLS, "layers_community", "s.community_id", "geom"),
}


@dataclass(frozen=True)
class Merged:
    """How many rows a merge added, changed and left as they were."""

    added: int
    changed: int
    unchanged: int


def stage(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Put rows into the waiting table, made in the likeness of their own; return how many.

    Args:
        table: whose rows they are to become.
        columns: the columns given; ``row_number`` among them.
        rows: their values, as `gridmap.layers.copying.copy_rows` takes them.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS gridmap_stage")
        likeness = sql.SQL(
            "CREATE TEMPORARY TABLE gridmap_stage ON COMMIT DROP AS SELECT * FROM {} WITH NO DATA"
        )
        cursor.execute(likeness.format(sql.Identifier(table)))
        for column in ("row_number", "community_id"):
            cursor.execute(f"ALTER TABLE gridmap_stage ADD COLUMN IF NOT EXISTS {column} bigint")
        cursor.execute("CREATE INDEX ON gridmap_stage (row_number)")
    count = copy_rows("gridmap_stage", columns, rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE gridmap_stage")
    return count


def sift(layer: str, geometry: str, city_id: int) -> list[Problem]:
    """Take out of the waiting table what breaks a rule, and return the reasons.

    Args:
        layer: name of the layer whose rows wait.
        geometry: their column that must lie on the ground of the city.
        city_id: the city.
    """
    checks = [("outside_city", OUTSIDE_CITY.format(geom=geometry))]
    if layer in AREAS:
        stored, parents, parent, ground = AREAS[layer]
        outside = OUTSIDE_PARENT.format(parents=parents, parent=parent, ground=ground)
        checks = [
            ("code_elsewhere", ELSEWHERE.format(stored=stored)),
            ("outside_parent", outside),
            ("overlap", OVERLAP.format(stored=stored)),
        ]
    problems: list[Problem] = []
    for code, query in checks:
        found = _take_out(code, query, city_id)
        while found:
            problems += found
            # A row taken out no longer replaces what it would have replaced: ask again.
            found = _take_out(code, query, city_id) if code == "overlap" else []
    return problems


def _take_out(code: str, query: str, city_id: int) -> list[Problem]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"city": city_id})
        found = [
            Problem(row, code, json.loads(detail), lng, lat)
            for row, detail, lng, lat in cursor.fetchall()
        ]
        rows = [problem.row for problem in found]
        cursor.execute("DELETE FROM gridmap_stage WHERE row_number = ANY(%s)", [rows])
    return found


def merge(table: str, key: Sequence[str], given: Sequence[str], filled: Sequence[str]) -> Merged:
    """Merge the waiting rows into their table: those known by their key are compared and changed.

    Args:
        table: the table.
        key: columns a row is known by.
        given: columns that say something: compared, and changed where they differ.
        filled: further columns a new row needs.
    """
    parts = {
        "table": sql.Identifier(table),
        "columns": _list([*key, *given, *filled]),
        "staged": _list([*key, *given, *filled], "s"),
        "known": sql.SQL(" AND ").join(
            sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name)) for name in key
        ),
    }
    changed = 0
    with connection.cursor() as cursor:
        short = [name for name in key if name != "geom"]  # a shape does not fit into an index
        cursor.execute(sql.SQL("CREATE INDEX ON gridmap_stage ({})").format(_list(short)))
        cursor.execute("SELECT count(*) FROM gridmap_stage")
        (count,) = cursor.fetchone()
        if given:
            change = sql.SQL(
                "UPDATE {table} AS t SET ({given}) = ROW({new}) FROM gridmap_stage AS s"
                " WHERE {known} AND ROW({old}) IS DISTINCT FROM ROW({new})"
            )
            cursor.execute(
                change.format(
                    given=_list(given), new=_list(given, "s"), old=_list(given, "t"), **parts
                )
            )
            changed = cursor.rowcount
        add = sql.SQL(
            "INSERT INTO {table} ({columns}) SELECT {staged} FROM gridmap_stage AS s"
            " WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE {known}) ORDER BY s.row_number"
        )
        cursor.execute(add.format(**parts))
        added = cursor.rowcount
    return Merged(added, changed, count - added - changed)


def _list(names: Sequence[str], of: str = "") -> sql.Composed:
    parts = [sql.Identifier(of, name) if of else sql.Identifier(name) for name in names]
    return sql.SQL(", ").join(parts)


def merge_headcounts(city_id: int, rows: Iterable[Sequence[object]]) -> int:
    """Write down how many households and residents buildings had; return how many were counted.

    Args:
        city_id: the city.
        rows: code of the building, day of the count, source, households, residents.
    """
    names = ["code", "counted_on", "source", "households", "residents"]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE gridmap_counts ON COMMIT DROP AS"
            " SELECT b.code, h.counted_on, h.source, h.households, h.residents"
            " FROM layers_headcount AS h INNER JOIN layers_building AS b ON b.id = h.building_id"
            " WITH NO DATA"
        )
        copy_rows("gridmap_counts", names, rows)
        cursor.execute(
            "INSERT INTO layers_headcount AS h"
            " (building_id, counted_on, source, households, residents)"
            " SELECT b.id, c.counted_on, c.source, c.households, c.residents"
            " FROM gridmap_counts AS c"
            " INNER JOIN layers_building AS b ON b.code = c.code AND b.city_id = %s"
            " ON CONFLICT (building_id, counted_on, source) DO UPDATE"
            " SET households = excluded.households, residents = excluded.residents",
            [city_id],
        )
        counted: int = cursor.rowcount
        cursor.execute("DROP TABLE gridmap_counts")
    return counted


def kept_rows() -> set[int]:
    """Return the numbers of the rows that still wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_number FROM gridmap_stage")
        return {row for (row,) in cursor.fetchall()}


def merge_cells(since: datetime | None) -> Merged:
    """Merge waiting cells: one that differs closes its edition and opens another.

    Args:
        since: when a new cell came into force; None: now. A changed one changes now.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE gridmap_stage ADD COLUMN IF NOT EXISTS uid uuid DEFAULT gen_random_uuid(),"
            " ADD COLUMN IF NOT EXISTS edition bigint, ADD COLUMN IF NOT EXISTS same boolean"
        )
        cursor.execute(
            # An edition closed a moment ago, with its community, is opened again below.
            "UPDATE gridmap_stage AS s SET cell_id = e.cell_id, edition = e.id, same ="
            " e.valid @> now() AND (s.name, s.kind, s.use, s.geom)"
            " IS NOT DISTINCT FROM (e.name, e.kind, e.use, e.geom)"
            " FROM layers_celledition AS e"
            " WHERE e.code = s.code AND (e.valid @> now() OR upper(e.valid) = now())"
        )
        cursor.execute("DELETE FROM gridmap_stage WHERE same")
        unchanged = cursor.rowcount
        cursor.execute(
            "UPDATE layers_celledition AS e SET valid = tstzrange(lower(e.valid), now())"
            " FROM gridmap_stage AS s WHERE s.edition = e.id AND e.valid @> now()"
        )
        cursor.execute("SELECT count(*) FROM gridmap_stage WHERE edition IS NOT NULL")
        (changed,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO layers_cell (uid, community_id)"
            " SELECT s.uid, s.community_id FROM gridmap_stage AS s WHERE s.cell_id IS NULL"
        )
        added = cursor.rowcount
        cursor.execute(
            "UPDATE gridmap_stage AS s SET cell_id = c.id, valid = tstzrange(%s, NULL)"
            " FROM layers_cell AS c WHERE c.uid = s.uid",
            [since],
        )
        cursor.execute(
            "INSERT INTO layers_celledition (cell_id, code, name, kind, use, geom, valid)"
            " SELECT s.cell_id, s.code, s.name, s.kind, s.use, s.geom,"
            " tstzrange(coalesce(lower(s.valid), now()), NULL)"
            " FROM gridmap_stage AS s ORDER BY s.code"
        )
    return Merged(added, changed, unchanged)


def close_cells_of_changed_communities() -> None:
    """Close the editions of one-cell communities whose ground or name is about to change.

    They are opened again on the new ground; until then nothing may lie outside its community.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE layers_celledition AS e SET valid = tstzrange(lower(e.valid), now())"
            " FROM gridmap_stage AS s INNER JOIN layers_community AS k ON k.code = s.code"
            " WHERE e.code = s.code || '001' AND e.valid @> now()"
            " AND (k.name, k.geom) IS DISTINCT FROM (s.name, s.geom)"
        )


def follow_codes(kind: str, city_id: int, since: datetime | None) -> None:
    """Keep the history of codes and names in step with the places of a city.

    Args:
        kind: subdistrict or community.
        city_id: the city.
        since: since when a new place has borne its code; None: from now.
    """
    city = {
        "subdistrict": "p.city_id = %(city)s",
        "community": "p.subdistrict_id IN"
        " (SELECT u.id FROM layers_subdistrict AS u WHERE u.city_id = %(city)s)",
    }[kind]
    values = {"city": city_id, "since": since}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE layers_placecode AS h SET valid = tstzrange(lower(h.valid), now())"  # noqa: S608 - kind is one of two words
            f" FROM layers_{kind} AS p WHERE h.{kind}_id = p.id AND h.valid @> now() AND {city}"
            " AND (h.code, h.name) <> (p.code, p.name)",
            values,
        )
        cursor.execute(
            f"INSERT INTO layers_placecode ({kind}_id, code, name, valid)"  # noqa: S608 - as above
            " SELECT p.id, p.code, p.name, tstzrange(CASE WHEN h.id IS NULL"
            " THEN coalesce(%(since)s, now()) ELSE now() END, NULL)"
            f" FROM layers_{kind} AS p LEFT JOIN LATERAL ("
            f" SELECT x.id FROM layers_placecode AS x WHERE x.{kind}_id = p.id LIMIT 1"
            ") AS h ON true"
            f" WHERE {city} AND NOT EXISTS (SELECT FROM layers_placecode AS h"
            f" WHERE h.{kind}_id = p.id AND h.valid @> now())",
            values,
        )


def settle() -> None:
    """Ask the rules that are held at the end of a transaction now, so that a dry run knows too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_check_now()")
