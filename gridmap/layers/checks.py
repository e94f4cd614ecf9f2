"""The nightly check of the chiefs' register: what must hold at any hour is counted anew."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models

from gridmap.layers.query import Value, rows
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City

MOST = 200  # findings of one rule that are kept by name; the count is whole

# Each gives (office, id, title, detail) of what breaks a rule. Several cannot come about while the
# database's own rules are on: they are asked all the same, for a rule may be off during a repair.
RULES: dict[str, str] = {
    # More than one acting chief, or more than one substitute, now.
    "one_holder": """
SELECT t.office, t.object_id AS id, t.standing AS detail FROM gridmap_office_term AS t
WHERE t.city_id = %(city)s AND t.valid @> %(now)s::timestamptz
GROUP BY 1, 2, 3 HAVING count(*) > 1
""",
    "substitute_has_reason": """
SELECT t.office, t.object_id AS id, t.standing AS detail FROM gridmap_office_term AS t
WHERE t.city_id = %(city)s AND (t.standing = 'substitute') <> (t.reason <> '')
""",
    # Somebody "away" whose post is vacant, or a vacancy that is filled: the reason no longer holds.
    "substitute_for_somebody": """
SELECT t.office, t.object_id AS id, t.reason AS detail
FROM gridmap_office_term AS t
LEFT JOIN gridmap_office_term AS a
    ON a.city_id = t.city_id AND a.office = t.office AND a.object_id = t.object_id
        AND a.standing = 'acting' AND a.valid @> %(now)s::timestamptz
WHERE t.city_id = %(city)s AND t.standing = 'substitute' AND t.valid @> %(now)s::timestamptz
    AND (t.reason = 'vacancy') = (a.id IS NOT NULL)
""",
    # A cell whose last edition is over has no chief any more.
    "ended_object_has_no_chief": """
SELECT t.office, t.object_id AS id, max(upper(e.valid))::text AS detail
FROM gridmap_office_term AS t INNER JOIN layers_celledition AS e ON e.cell_id = t.cell_id
WHERE t.city_id = %(city)s AND t.valid @> %(now)s::timestamptz
GROUP BY 1, 2 HAVING bool_and(coalesce(upper(e.valid) <= %(now)s, false))
""",
    # The figures of the map against the tables they were counted from.
    "roll_up_is_right": """
SELECT 'cell' AS office, s.cell_id AS id, s.chiefs::text || ' / ' || n.chiefs::text AS detail
FROM layers_cellstat AS s
INNER JOIN gridmap_count_cells(array(
    SELECT x.cell_id FROM layers_cellstat AS x WHERE x.city_id = %(city)s
)) AS n ON n.cell = s.cell_id
WHERE s.chiefs <> n.chiefs
    AND NOT EXISTS (SELECT FROM layers_delta AS d WHERE d.cell_id = s.cell_id)
""",
    # Every building: all its rungs, each held or naming who stands in.
    "ladder_is_whole": """
SELECT 'building' AS office, b.id, coalesce(r.gap, 'community') AS detail
FROM layers_building AS b
CROSS JOIN LATERAL gridmap_answering(
    ST_PointOnSurface(b.geom), b.city_id, b.id, %(now)s::timestamptz
) AS a
CROSS JOIN LATERAL (
    SELECT min(g.office) FILTER (WHERE g.class = 4 AND g.stand_in IS NULL) AS gap,
        bool_or(g.rung = 'community') AS governed
    FROM gridmap_rungs(
        a.building, a.lane, a.street, a.cell, a.community, %(now)s::timestamptz
    ) AS g
) AS r
WHERE b.city_id = %(city)s AND (r.gap IS NOT NULL OR NOT coalesce(r.governed, false))
""",
}
COUNTS = """
SELECT p.office, count(*) AS posts, count(*) FILTER (WHERE p.class = 4) AS vacant,
    count(*) FILTER (WHERE p.class = 2) AS substitute
FROM gridmap_posts(%(city)s, %(now)s, interval '30 days') AS p
GROUP BY 1 ORDER BY 1
"""
TITLES = """
SELECT p.office, p.id, p.title FROM gridmap_posts(%(city)s, %(now)s, interval '30 days') AS p
WHERE p.id = ANY(%(ids)s)
"""


def examine(city: City, *, now: datetime) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Hold the register of a city against its rules.

    Returns:
        Counts: ``rules`` (rule -> how many break it) and ``posts`` (office -> how many there are,
        vacant, substitute); and the findings, each ``rule``, ``office``, ``id``, ``title``,
        ``detail``.
    """
    values: dict[str, Value] = {"city": city.pk, "now": now}
    counts: dict[str, int] = {}
    findings: list[dict[str, Any]] = []
    for rule, statement in RULES.items():
        found = rows(statement, values)
        counts[rule] = len(found)
        findings += [{"rule": rule, **row} for row in found[:MOST]]
    ids = sorted({row["id"] for row in findings})
    named = rows(TITLES, {**values, "ids": ids}) if ids else []
    titles = {(row["office"], row["id"]): row["title"] for row in named}
    for row in findings:
        office = "cell_head" if row["office"] == "cell" else row["office"]
        row["title"] = titles.get((office, row["id"]), "")
    posts = {row.pop("office"): row for row in rows(COUNTS, values)}
    return {"rules": counts, "posts": posts}, findings


class ChiefCheckQuerySet(models.QuerySet["ChiefCheck"]):
    def within(self, scope: Scope) -> Self:
        """Checks of the cities of which the caller may see everything."""
        return self.filter(city_id__in=scope.cities)


class ChiefCheck(models.Model):
    """One run of the check: when, what was counted, what was found."""

    city = models.ForeignKey(City, models.CASCADE, related_name="chief_checks")
    at = models.DateTimeField()
    day = models.DateField()  # local day of the city
    counts = models.JSONField(default=dict)
    findings = models.JSONField(default=list)

    objects = ChiefCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["city", "day"], name="chiefcheck_day")]

    def __str__(self) -> str:
        return f"{self.day:%F}"

    @property
    def broken(self) -> int:
        """How many times a rule was found broken."""
        return sum(self.counts.get("rules", {}).values())
