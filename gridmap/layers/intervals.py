"""How often a place should be seen: the city's rules, and what makes a place need more.

The database works ``interval_days`` of stretches and entrances out of these (layers/sql/0052).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.query import Value, rows
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City


class Kind(models.TextChoices):
    """Why a place is seen as often as it is."""

    USUAL = "usual", _("一般")
    SCHOOL = "school", _("学校周边")
    MARKET = "market", _("市场周边")
    NIGHT = "night", _("夜间重点")
    HAZARD = "hazard", _("隐患点位")


class Thing(models.TextChoices):
    """What coverage is measured on."""

    STRETCH = "stretch", _("巷段")
    ENTRANCE = "entrance", _("楼栋入口")


class IntervalRuleQuerySet(models.QuerySet["IntervalRule"]):
    def within(self, scope: Scope) -> Self:
        """Rules of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)


class IntervalRule(models.Model):
    """So many days at most between two visits to places of a kind, in one city.

    The shortest rule of what is emphasised at a place counts; else the usual one; else what the
    place came with, 7 days for a stretch and 14 for an entrance.
    """

    city = models.ForeignKey(City, models.CASCADE, related_name="interval_rules")
    thing = models.CharField(_("对象"), max_length=8, choices=Thing)
    kind = models.CharField(_("种类"), max_length=6, choices=Kind)
    days = models.PositiveSmallIntegerField(_("天数"))

    objects = IntervalRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("要求间隔")
        verbose_name_plural = _("要求间隔")
        ordering = ["city", "thing", "days"]
        constraints = [
            models.UniqueConstraint(fields=["city", "thing", "kind"], name="intervalrule_once"),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=366), name="intervalrule_days"
            ),
            models.CheckConstraint(
                condition=Q(thing__in=["stretch", "entrance"]), name="intervalrule_thing"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["usual", "school", "market", "night", "hazard"]),
                name="intervalrule_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_thing_display()} · {self.get_kind_display()}"


class EmphasisQuerySet(models.QuerySet["Emphasis"]):
    def within(self, scope: Scope) -> Self:
        """Those of the cities in which the caller works."""
        return self.filter(city_id__in=scope.ground)


class Emphasis(models.Model):
    """One place needs to be seen more often, and why."""

    city = models.ForeignKey(City, models.CASCADE, related_name="emphases")
    stretch = models.ForeignKey(
        Stretch, models.CASCADE, null=True, blank=True, related_name="emphases"
    )
    entrance = models.ForeignKey(
        Entrance, models.CASCADE, null=True, blank=True, related_name="emphases"
    )
    kind = models.CharField(max_length=6, choices=Kind)

    objects = EmphasisQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stretch", "kind"], name="emphasis_stretch_once"),
            models.UniqueConstraint(fields=["entrance", "kind"], name="emphasis_entrance_once"),
            models.CheckConstraint(
                condition=Q(stretch__isnull=False, entrance__isnull=True)
                | Q(stretch__isnull=True, entrance__isnull=False),
                name="emphasis_one_place",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["school", "market", "night", "hazard"]), name="emphasis_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stretch_id or self.entrance_id} {self.kind}"


# Streets and lanes of a community with their sides and doors; a door belongs to its lane, if any.
WAYS = """
WITH place AS (
    SELECT 'stretch' AS thing, s.id, s.lane_id,
        CASE WHEN s.lane_id IS NULL THEN s.street_id END AS street_id
    FROM layers_stretch AS s
    INNER JOIN layers_cell AS c ON c.id = s.cell_id
    WHERE c.community_id = %(community)s
    UNION ALL
    SELECT 'entrance', e.id, b.lane_id, CASE WHEN b.lane_id IS NULL THEN b.street_id END
    FROM layers_entrance AS e
    INNER JOIN layers_building AS b ON b.id = e.building_id
    WHERE b.community_id = %(community)s AND coalesce(b.lane_id, b.street_id) IS NOT NULL
),
kinds AS (
    SELECT p.lane_id, p.street_id, m.kind, count(*) FILTER (WHERE p.thing = 'stretch') AS sides,
        count(*) FILTER (WHERE p.thing = 'entrance') AS doors
    FROM place AS p
    INNER JOIN layers_emphasis AS m
        ON (p.thing = 'stretch' AND m.stretch_id = p.id)
        OR (p.thing = 'entrance' AND m.entrance_id = p.id)
    GROUP BY 1, 2, 3
)
SELECT p.lane_id AS lane, p.street_id AS street,
    coalesce(nullif(l.name, ''), nullif(w.name, ''), l.code, w.code, '') AS name,
    coalesce(array_agg(p.id) FILTER (WHERE p.thing = 'stretch'), '{}') AS sides,
    coalesce(array_agg(p.id) FILTER (WHERE p.thing = 'entrance'), '{}') AS doors,
    (
        SELECT json_object_agg(k.kind, json_build_array(k.sides, k.doors)) FROM kinds AS k
        WHERE (k.lane_id, k.street_id) IS NOT DISTINCT FROM (p.lane_id, p.street_id)
    ) AS kinds
FROM place AS p
LEFT JOIN layers_lane AS l ON l.id = p.lane_id
LEFT JOIN layers_street AS w ON w.id = p.street_id
GROUP BY p.lane_id, p.street_id, l.name, l.code, w.name, w.code
ORDER BY p.lane_id IS NULL, name, p.lane_id, p.street_id
"""
# What becomes of places when a kind is emphasised there: how many, and how many are over then.
EFFECT = """
WITH place AS (
    SELECT 'stretch' AS thing, s.city_id, s.interval_days, seen.at
    FROM layers_stretch AS s
    LEFT JOIN layers_stretchseen AS seen ON seen.stretch_id = s.id
    WHERE s.id = ANY (%(stretches)s)
    UNION ALL
    SELECT 'entrance', b.city_id, e.interval_days, seen.at
    FROM layers_entrance AS e
    INNER JOIN layers_building AS b ON b.id = e.building_id
    LEFT JOIN layers_entranceseen AS seen ON seen.entrance_id = e.id
    WHERE e.id = ANY (%(entrances)s)
),
later AS (
    SELECT p.*, least(p.interval_days, r.days) AS days,
        (%(now)s::timestamptz AT TIME ZONE y.time_zone)::date AS today,
        (p.at AT TIME ZONE y.time_zone)::date AS seen_on
    FROM place AS p
    INNER JOIN layers_city AS y ON y.id = p.city_id
    LEFT JOIN layers_intervalrule AS r
        ON r.city_id = p.city_id AND r.thing = p.thing AND r.kind = %(kind)s
)
SELECT count(*) AS places, count(*) FILTER (WHERE days < interval_days) AS oftener,
    count(*) FILTER (WHERE gridmap_freshness(seen_on, interval_days, today) >= 5) AS over,
    count(*) FILTER (WHERE gridmap_freshness(seen_on, days, today) >= 5) AS over_then
FROM later
"""


def ways_of(community: int) -> list[dict[str, Any]]:
    """Return the streets and lanes of a community, one query.

    Each with ``lane`` or ``street`` (ids), ``name``, ``sides`` and ``doors`` (ids of stretches and
    entrances) and ``kinds``: of each kind emphasised there, how many sides and doors.
    """
    return rows(WAYS, {"community": community})


def effect(
    kind: str, stretches: Sequence[int], entrances: Sequence[int], *, now: datetime
) -> dict[str, int]:
    """Return what emphasising a kind at places would do.

    ``places``; ``oftener``: that would be wanted more often than now; ``over`` and ``over_then``:
    beyond their interval, or never seen, today and then.
    """
    values: dict[str, Value] = {
        "kind": kind, "stretches": list(stretches), "entrances": list(entrances), "now": now,
    }  # fmt: skip
    return rows(EFFECT, values)[0]
