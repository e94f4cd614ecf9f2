"""Offices handed over with what was open then; receipts, so that a wish sent twice is done once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from gridmap.layers.people import ChiefTerm
from gridmap.layers.places import Building, Stretch
from gridmap.layers.query import Value, rows
from gridmap.layers.scope import Scope
from gridmap.layers.signs import number_of

LIGHTS = {1: "ok", 2: "soon", 3: "late", 4: "parked"}

# Open incidents whose place is answered for by this very object; those of a cell by the cell.
INCIDENTS_OF = """
SELECT i.id, i.number, i.title, i.light, i.due
FROM layers_{table} AS o
INNER JOIN layers_incident AS i
    ON i.city_id = o.city_id AND i.light <> 0 AND i.place && gridmap_reach(o.{shape})
WHERE o.id = %(object)s
    AND (gridmap_answering(i.place, i.city_id, NULL, %(now)s)).{table} = o.id
ORDER BY i.due NULLS LAST, i.id
"""
INCIDENTS_IN_CELL = """
SELECT i.id, i.number, i.title, i.light, i.due FROM layers_incident AS i
WHERE i.cell_id = %(object)s AND i.light <> 0 ORDER BY i.due NULLS LAST, i.id
"""
SHAPES = {"building": "geom", "lane": "polygon", "street": "polygon"}
# Stretches and entrances that are due, over their interval or were never seen.
STALE = """
SELECT 'stretch' AS kind, s.id, coalesce(nullif(l.name, ''), nullif(w.name, ''), s.code) AS name,
    concat_ws('–', nullif(s.start, ''), nullif(s.end, '')) AS part, s.interval_days,
    d.today - d.seen_on AS days
FROM layers_stretch AS s
LEFT JOIN layers_lane AS l ON l.id = s.lane_id
LEFT JOIN layers_street AS w ON w.id = s.street_id
LEFT JOIN layers_stretchseen AS seen ON seen.stretch_id = s.id
INNER JOIN layers_city AS y ON y.id = s.city_id
CROSS JOIN LATERAL (
    SELECT (%(now)s::timestamptz AT TIME ZONE y.time_zone)::date AS today,
        (seen.at AT TIME ZONE y.time_zone)::date AS seen_on
) AS d
WHERE (s.lane_id = %(lane)s OR s.street_id = %(street)s OR s.cell_id = %(cell)s)
    AND gridmap_freshness(d.seen_on, s.interval_days, d.today) >= 4
UNION ALL
SELECT 'entrance', e.id, coalesce(nullif(b.name, ''), nullif(b.address, ''), b.code),
    e.seq::text, e.interval_days, d.today - d.seen_on
FROM layers_entrance AS e
INNER JOIN layers_building AS b ON b.id = e.building_id
LEFT JOIN layers_entranceseen AS seen ON seen.entrance_id = e.id
INNER JOIN layers_city AS y ON y.id = b.city_id
CROSS JOIN LATERAL (
    SELECT (%(now)s::timestamptz AT TIME ZONE y.time_zone)::date AS today,
        (seen.at AT TIME ZONE y.time_zone)::date AS seen_on
) AS d
WHERE (e.building_id = %(building)s OR e.cell_id = %(cell)s)
    AND gridmap_freshness(d.seen_on, e.interval_days, d.today) >= 4
ORDER BY 1, 6 DESC NULLS FIRST, 2
"""
# Sheets not taken down on which the holder's name stands: of the object, and of what lies at it.
SIGNS = """
SELECT s.id, s.serial, coalesce(s.shows ->> 'name', '') AS name FROM layers_sign AS s
WHERE s.removed_at IS NULL AND position(%(holder)s IN s.shows::text) > 0 AND (
    s.building_id = %(building)s OR s.at_lane_id = %(lane)s OR s.at_street_id = %(street)s
    OR s.at_cell_id = %(cell)s OR s.cell_id IN (
        SELECT w.cell_id FROM gridmap_cell_way AS w
        WHERE w.lane_id = %(lane)s OR w.street_id = %(street)s
    )
)
ORDER BY s.serial
"""


def open_matters(term: ChiefTerm, *, now: datetime) -> list[dict[str, Any]]:
    """Return what is open at the object of a term: what its next holder takes over.

    Open incidents, stretches and entrances to be seen, who stands in, and the signs on which the
    name stands; each with its ``kind``, JSON types only.
    """
    column, pk = term.seat
    values: dict[str, Value] = {"object": pk, "now": now}
    statement = INCIDENTS_IN_CELL
    if column in SHAPES:
        statement = INCIDENTS_OF.format(table=column, shape=SHAPES[column])
    found: list[dict[str, Any]] = [
        {
            "kind": "incident",
            "id": row["id"],
            "number": row["number"],
            "name": row["title"],
            "light": LIGHTS[row["light"]],
            "due": row["due"] and row["due"].isoformat(),
        }
        for row in rows(statement, values)
    ]
    objects: dict[str, Value] = dict.fromkeys(("building", "lane", "street", "cell"))
    found += rows(STALE, {**objects, column: pk, "now": now})
    standing_in = ChiefTerm.objects.filter(
        **{f"{column}_id": pk}, office=term.office, standing="substitute", valid__contains=now
    )
    found += [
        {
            "kind": "substitute",
            "id": other.pk,
            "name": other.person.name,
            "until": other.valid.upper and other.valid.upper.isoformat(),
        }
        for other in standing_in.select_related("person")
    ]
    named = {**objects, column: pk, "holder": term.person.name}
    found += [
        {"kind": "sign", "id": row["id"], "number": number_of(row["serial"]), "name": row["name"]}
        for row in rows(SIGNS, named)
    ]
    return found


class HandoverQuerySet(models.QuerySet["Handover"]):
    def within(self, scope: Scope) -> Self:
        """Those of objects in the caller's own area, for they name incidents."""
        own, area = scope.communities, scope.area
        streets = Building.objects.filter(community_id__in=own).values("street_id")
        walked = Stretch.objects.filter(cell__community_id__in=own).values("street_id")
        return self.filter(
            Q(before__person__city_id__in=scope.cities)
            | Q(before__building__community_id__in=own)
            | Q(before__lane__community_id__in=own)
            | Q(before__cell__community_id__in=own)
            | Q(before__street_id__in=streets)
            | Q(before__street_id__in=walked)
            | Q(before__cell_id__in=area.cells)
            | Q(before__building__cell_id__in=area.cells)
            | Q(before__building_id__in=area.buildings)
            | Q(before__lane_id__in=area.lanes)
            | Q(before__street_id__in=area.streets)
        )


class Handover(models.Model):
    """One office passed from one person to the next, with the list of what was open: kept as is."""

    before = models.ForeignKey(ChiefTerm, models.PROTECT, related_name="handed_over")
    # Empty when the term that should have followed was taken back before it began.
    after = models.OneToOneField(
        ChiefTerm, models.SET_NULL, null=True, blank=True, related_name="taken_over"
    )
    at = models.DateTimeField(db_index=True)
    matters = models.JSONField(default=list)
    note = models.TextField(blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(before=models.F("after")), name="handover_two_terms"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before_id} → {self.after_id}"


class Receipt(models.Model):
    """A wish about a term that was done: sent again, the same term is the answer."""

    client_id = models.UUIDField(unique=True)
    verb = models.CharField(max_length=20)
    wish = models.CharField(max_length=64)  # SHA-256 of what was asked, and by whom
    # A term taken back before it began is gone; its receipt stays.
    term = models.ForeignKey(ChiefTerm, models.SET_NULL, null=True, related_name="receipts")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(wish__regex="^[0-9a-f]{64}$"), name="receipt_wish_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.client_id}"
