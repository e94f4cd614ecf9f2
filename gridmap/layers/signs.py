"""Signs (公示牌): what was printed, what hangs, and which of them no longer show what is true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q

from gridmap.layers.places import Building, Lane, Street
from gridmap.layers.query import Value, rows
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Cell, City, Community

KINDS = ("cell", "lane", "building")  # the order of every list
STATES = ("stale", "printed", "hung", "removed", "missing")


class PrintingQuerySet(models.QuerySet["Printing"]):
    def within(self, scope: Scope) -> Self:
        """Print lists of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)


class Printing(models.Model):
    """One print list: the sheets that were made together, and the moment whose facts they show."""

    class Paper(models.TextChoices):
        A4 = "A4", "A4"
        A3 = "A3", "A3"

    city = models.ForeignKey(City, models.PROTECT)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    paper = models.CharField(max_length=2, choices=Paper, default=Paper.A4)

    objects = PrintingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(paper__in=["A4", "A3"]), name="printing_paper")
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.paper}"


class SignQuerySet(models.QuerySet["Sign"]):
    def within(self, scope: Scope) -> Self:
        """Signs in the caller's own area."""
        mine = Q(city_id__in=scope.cities) | Q(at_community_id__in=scope.communities)
        return self.filter(mine | Q(at_cell_id__in=scope.area.cells))


class Sign(models.Model):
    """One sheet of paper: of one building, lane or cell; it remembers what it shows.

    The ``at_`` columns are where the thing lay when the sheet was printed, so that the chiefs whose
    names it bears are known without searching the ground again.
    """

    city = models.ForeignKey(City, models.PROTECT)
    serial = models.PositiveIntegerField()  # the sheet's number in its city's ledger
    printing = models.ForeignKey(Printing, models.PROTECT, related_name="signs")
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, blank=True, related_name="signs"
    )
    lane = models.ForeignKey(Lane, models.PROTECT, null=True, blank=True, related_name="signs")
    cell = models.ForeignKey(Cell, models.PROTECT, null=True, blank=True, related_name="signs")
    at_lane = models.ForeignKey(Lane, models.PROTECT, null=True, blank=True, related_name="+")
    at_street = models.ForeignKey(Street, models.PROTECT, null=True, blank=True, related_name="+")
    at_cell = models.ForeignKey(Cell, models.PROTECT, null=True, blank=True, related_name="+")
    at_community = models.ForeignKey(
        Community, models.PROTECT, null=True, blank=True, related_name="+"
    )
    shows = models.JSONField(default=dict)
    hung_at = models.DateTimeField(null=True, blank=True)
    hung_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    replaced_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaced"
    )

    objects = SignQuerySet.as_manager()

    class Meta:
        ordering = ["city", "serial"]
        constraints = [
            models.UniqueConstraint(fields=["city", "serial"], name="sign_serial_once"),
            models.CheckConstraint(
                condition=Q(building__isnull=False, lane=None, cell=None)
                | Q(building=None, lane__isnull=False, cell=None)
                | Q(building=None, lane=None, cell__isnull=False),
                name="sign_one_object",
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None)
                | Q(hung_at=None)
                | Q(removed_at__gte=models.F("hung_at")),
                name="sign_removed_after_hung",
            ),
            models.CheckConstraint(
                condition=Q(replaced_by=None) | Q(removed_at__isnull=False),
                name="sign_replaced_is_removed",
            ),
        ]

    def __str__(self) -> str:
        return number_of(self.serial)


def number_of(serial: int) -> str:
    """Return the number of a sheet as it is printed."""
    return f"S-{serial:05d}"


@dataclass(frozen=True)
class Wanted:
    """Which part of the ledger is asked for; None everywhere is all of the caller's own area."""

    city: City
    subdistrict: int | None = None
    community: int | None = None
    cell: int | None = None
    kind: str | None = None
    state: str | None = None
    printing: int | None = None


# One row a sign, with what it would show now beside what it shows.
LEDGER = """
WITH mine AS MATERIALIZED (
    SELECT s.*, coalesce(c.community_id, b.community_id, l.community_id, s.at_community_id) AS home,
        coalesce(b.cell_id, s.at_cell_id) AS now_cell
    FROM layers_sign AS s
    LEFT JOIN layers_building AS b ON b.id = s.building_id
    LEFT JOIN layers_lane AS l ON l.id = s.lane_id
    LEFT JOIN layers_cell AS c ON c.id = s.cell_id
    WHERE s.city_id = %(city)s
), seen AS MATERIALIZED (
    SELECT m.* FROM mine AS m
    LEFT JOIN layers_community AS k ON k.id = m.home
    WHERE (%(everything)s OR m.home = ANY (%(communities)s) OR m.now_cell = ANY (%(cells)s))
        AND (%(subdistrict)s::bigint IS NULL OR k.subdistrict_id = %(subdistrict)s)
        AND (%(community)s::bigint IS NULL OR m.home = %(community)s)
        AND (%(cell)s::bigint IS NULL OR m.now_cell = %(cell)s)
        AND (%(printing)s::bigint IS NULL OR m.printing_id = %(printing)s)
        AND (%(kind)s::text IS NULL
            OR (%(kind)s = 'building' AND m.building_id IS NOT NULL)
            OR (%(kind)s = 'lane' AND m.lane_id IS NOT NULL)
            OR (%(kind)s = 'cell' AND m.cell_id IS NOT NULL))
), now_shown AS MATERIALIZED (
    SELECT g.sign, g.shows FROM gridmap_sign_shows(
        array(SELECT n.id FROM seen AS n WHERE n.removed_at IS NULL), %(now)s::timestamptz
    ) AS g
), judged AS (
    SELECT n.*, g.shows AS would, CASE
        WHEN n.removed_at IS NOT NULL THEN 'removed'
        WHEN n.hung_at IS NULL THEN 'printed'
        WHEN g.shows IS DISTINCT FROM n.shows THEN 'stale'
        ELSE 'hung' END AS state
    FROM seen AS n LEFT JOIN now_shown AS g ON g.sign = n.id
)

SELECT j.id, j.serial, j.printing_id AS printing, j.building_id AS building, j.lane_id AS lane,
    j.cell_id AS cell, j.home AS community, j.state, j.shows::json AS shows, j.would::json AS would,
    j.hung_at, j.removed_at,
    j.shows ->> 'name' AS name, j.shows ->> 'community' AS community_name, p.at AS printed_at,
    j.state = 'printed' AND j.would IS DISTINCT FROM j.shows AS outdated,
    u.username AS printed_by, v.username AS hung_by, r.username AS removed_by
FROM judged AS j
INNER JOIN layers_printing AS p ON p.id = j.printing_id
LEFT JOIN auth_user AS u ON u.id = p.by_id
LEFT JOIN auth_user AS v ON v.id = j.hung_by_id
LEFT JOIN auth_user AS r ON r.id = j.removed_by_id
ORDER BY j.serial
"""

# Things of the caller's area that have no sign, neither hung nor waiting to be hung.
MISSING = """
WITH thing AS (
    SELECT 'cell' AS kind, e.cell_id AS id, e.name, e.code, c.community_id, 1 AS rank
    FROM layers_celledition AS e INNER JOIN layers_cell AS c ON c.id = e.cell_id
    INNER JOIN layers_community AS k ON k.id = c.community_id
    INNER JOIN layers_subdistrict AS d ON d.id = k.subdistrict_id
    WHERE d.city_id = %(city)s AND e.valid @> %(now)s::timestamptz
        AND (%(cell)s::bigint IS NULL OR e.cell_id = %(cell)s)
        AND NOT EXISTS (
            SELECT FROM layers_sign AS s WHERE s.cell_id = e.cell_id AND s.removed_at IS NULL)
    UNION ALL
    SELECT 'lane', l.id, coalesce(nullif(l.name, ''), l.code), l.code, l.community_id, 2
    FROM layers_lane AS l
    WHERE l.city_id = %(city)s AND (%(cell)s::bigint IS NULL OR l.id IN (
            SELECT w.lane_id FROM gridmap_cell_way AS w WHERE w.cell_id = %(cell)s))
        AND NOT EXISTS (
            SELECT FROM layers_sign AS s WHERE s.lane_id = l.id AND s.removed_at IS NULL)
    UNION ALL
    SELECT 'building', b.id, coalesce(nullif(b.address, ''), nullif(b.name, ''), b.code), b.code,
        b.community_id, 3
    FROM layers_building AS b
    WHERE b.city_id = %(city)s AND (%(cell)s::bigint IS NULL OR b.cell_id = %(cell)s)
        AND NOT EXISTS (
            SELECT FROM layers_sign AS s WHERE s.building_id = b.id AND s.removed_at IS NULL)
)

SELECT t.kind, t.id, t.name, k.id AS community, k.name AS community_name
FROM thing AS t LEFT JOIN layers_community AS k ON k.id = t.community_id
WHERE (%(everything)s OR k.id = ANY (%(communities)s))
    AND (%(subdistrict)s::bigint IS NULL OR k.subdistrict_id = %(subdistrict)s)
    AND (%(community)s::bigint IS NULL OR k.id = %(community)s)
    AND (%(kind)s::text IS NULL OR t.kind = %(kind)s)
ORDER BY t.rank, k.code, t.code
"""


# Signs of one cell, its lanes and its houses that hang now.
OF_CELL = """
WITH here AS (
    SELECT s.id, s.shows FROM layers_sign AS s
    WHERE s.at_cell_id = %(cell)s AND s.building_id IS NULL AND s.hung_at IS NOT NULL
        AND s.removed_at IS NULL
    UNION ALL
    SELECT s.id, s.shows
    FROM layers_building AS b INNER JOIN layers_sign AS s ON s.building_id = b.id
    WHERE b.cell_id = %(cell)s AND s.hung_at IS NOT NULL AND s.removed_at IS NULL
)

SELECT count(*) AS hung, count(*) FILTER (WHERE g.shows IS DISTINCT FROM h.shows) AS stale
FROM here AS h LEFT JOIN gridmap_sign_shows(
    array(SELECT n.id FROM here AS n), %(now)s::timestamptz
) AS g ON g.sign = h.id
"""


def of_cell(cell_id: int, *, now: datetime) -> dict[str, int]:
    """Return how many signs hang in a cell and how many of them are stale; one query."""
    return rows(OF_CELL, {"cell": cell_id, "now": now})[0]


def _values(scope: Scope, wanted: Wanted, now: datetime) -> dict[str, Value]:
    return {
        "city": wanted.city.pk,
        "everything": wanted.city.pk in scope.cities,
        "communities": sorted(scope.communities),
        "cells": sorted(scope.area.cells),
        "subdistrict": wanted.subdistrict,
        "community": wanted.community,
        "cell": wanted.cell,
        "kind": wanted.kind,
        "printing": wanted.printing,
        "now": now,
    }


def ledger(scope: Scope, wanted: Wanted, *, now: datetime) -> list[dict[str, Any]]:
    """Return every sign of the caller's own area that is asked for, in one query.

    ``state``: ``stale`` (hangs, but no longer shows what is true), ``printed`` (waits to be hung;
    ``outdated`` when it should be thrown away), ``hung``, ``removed``. ``changed``: the parts that
    differ.
    """
    found = rows(LEDGER, _values(scope, wanted, now))
    for row in found:
        row["number"] = number_of(row["serial"])
        row["kind"] = next(kind for kind in KINDS if row[kind] is not None)
        parts = changed(row.pop("shows"), row.pop("would"))
        row["changed"] = parts if row["state"] == "stale" else []
    return [row for row in found if wanted.state in {None, row["state"]}]


def changed(shows: dict[str, str], would: dict[str, str] | None) -> list[str]:
    """Return the names of the parts that differ, in a fixed order."""
    now = would or {}
    return sorted(part for part in {*shows, *now} if shows.get(part) != now.get(part))


def missing(scope: Scope, wanted: Wanted, *, now: datetime) -> list[dict[str, Any]]:
    """Return the things of the caller's own area that have no sign, cells first."""
    return rows(MISSING, _values(scope, wanted, now))


def count_missing(scope: Scope, wanted: Wanted, *, now: datetime) -> int:
    """Return how many things of the caller's own area have no sign."""
    counted = f"SELECT count(*) AS n FROM ({MISSING}) AS m"  # noqa: S608 -- a text of ours
    return int(rows(counted, _values(scope, wanted, now))[0]["n"])


def count(found: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Return how many signs are in each state."""
    counts = dict.fromkeys(("stale", "printed", "hung", "removed"), 0)
    for row in found:
        counts[row["state"]] += 1
    return counts


def shown(signs: Iterable[int], *, now: datetime) -> dict[int, dict[str, str]]:
    """Return what these signs would show at an instant."""
    statement = (
        "SELECT sign, shows::json AS shows FROM gridmap_sign_shows(%(signs)s, %(now)s::timestamptz)"
    )
    found = rows(statement, {"signs": list(signs), "now": now})
    return {row["sign"]: row["shows"] for row in found}
