"""The teams' areas laid side by side: what two have, what nobody has, and the week's shifts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from gridmap.layers.people import Team
from gridmap.layers.postings import Posting
from gridmap.layers.query import Value, rows
from gridmap.layers.scope import Scope
from gridmap.layers.shifts import Segment, Shift, SignUp, moves_from, state_at
from gridmap.layers.territory import City

# The lane sides of a team's cells, each with the letters of the standing segments it lies in.
PARTS = """
SELECT s.id, coalesce(nullif(l.name, ''), nullif(t.name, ''), s.code) AS name, s.start, s.end,
    s.side, s.lane_id AS lane, s.street_id AS street,
    ST_AsSVG(g.geom, 1, 1) AS shape, ST_XMin(g.geom) AS west, ST_XMax(g.geom) AS east,
    -ST_YMax(g.geom) AS top, -ST_YMin(g.geom) AS low,
    coalesce((
        SELECT array_agg(m.letter ORDER BY m.letter) FROM layers_segmentstretch AS p
        INNER JOIN layers_segment AS m ON m.id = p.segment_id
        WHERE p.stretch_id = s.id AND m.team_id = %(team)s AND m.ended_at IS NULL
    ), '{}') AS letters,
    coalesce((
        SELECT array_agg(DISTINCT o.name) FROM layers_segmentstretch AS p
        INNER JOIN layers_segment AS m ON m.id = p.segment_id
        INNER JOIN layers_team AS o ON o.id = m.team_id
        WHERE p.stretch_id = s.id AND m.team_id <> %(team)s AND m.ended_at IS NULL
    ), '{}') AS others
FROM layers_stretch AS s
LEFT JOIN layers_lane AS l ON l.id = s.lane_id
LEFT JOIN layers_street AS t ON t.id = s.street_id
CROSS JOIN LATERAL (SELECT ST_Transform(s.centreline, %(srid)s) AS geom) AS g
WHERE s.cell_id IN (
        SELECT a.cell_id FROM layers_teamarea AS a
        WHERE a.team_id = %(team)s AND a.valid @> %(now)s::timestamptz
    ) OR s.id IN (
        SELECT p.stretch_id FROM layers_segmentstretch AS p
        INNER JOIN layers_segment AS m ON m.id = p.segment_id
        WHERE m.team_id = %(team)s AND m.ended_at IS NULL
    )
ORDER BY name, s.code, s.side
"""

# Cells that several patrol teams look after, and cells that none does.
AREAS = """
SELECT e.cell_id AS cell, e.code, e.name, k.name AS community, count(t.id) AS n,
    array_agg(t.name ORDER BY t.name) FILTER (WHERE t.id IS NOT NULL) AS teams
FROM layers_celledition AS e
INNER JOIN layers_cell AS c ON c.id = e.cell_id
INNER JOIN layers_community AS k ON k.id = c.community_id
INNER JOIN layers_subdistrict AS u ON u.id = k.subdistrict_id
LEFT JOIN layers_teamarea AS a ON a.cell_id = e.cell_id AND a.valid @> %(now)s::timestamptz
LEFT JOIN layers_team AS t ON t.id = a.team_id AND t.kind = 'patrol'
WHERE u.city_id = %(city)s AND e.valid @> %(now)s::timestamptz
    AND (%(everything)s OR k.id = ANY (%(communities)s) OR c.id = ANY (%(cells)s))
GROUP BY e.cell_id, e.code, e.name, k.name
HAVING count(t.id) <> 1
ORDER BY e.code
"""


def teams_of(scope: Scope, city: City) -> Any:
    """Return the teams whose community or cells are the caller's business, as a queryset."""
    own = scope.area.rows(cities="city_id", communities="community_id")
    cells = Q(areas__cell__in=sorted(scope.beats | scope.area.cells))
    return Team.objects.within(scope).filter(own | cells, city=city).distinct()


def teams_walked(scope: Scope, teams: Iterable[Team]) -> set[int]:
    """Return with which of these teams the caller walks: posted to it, or at home in its community.

    One query.
    """
    posted = Posting.objects.filter(user_id=scope.user_id or 0, valid__contains=timezone.now())
    own = set(posted.exclude(team=None).values_list("team_id", flat=True))
    return {
        team.pk
        for team in teams
        if team.pk in own or scope.may("volunteer", team.city_id, team.community_id)
    }


def parts_of(team: Team, *, now: datetime) -> list[dict[str, Any]]:
    """Return the lane sides of a team, each with the letters that have it and other teams' names.

    Without a letter it is a gap, with two letters or another team's it is an overlap.
    """
    return rows(PARTS, {"team": team.pk, "srid": team.city.metric_srid, "now": now})


def uneven_cells(scope: Scope, city: City, *, now: datetime) -> list[dict[str, Any]]:
    """Return the caller's cells that no patrol team looks after, or more than one."""
    values: dict[str, Value] = {
        "city": city.pk,
        "now": now,
        "everything": city.pk in scope.area.cities,
        "communities": sorted(scope.area.communities),
        "cells": sorted(scope.beats | scope.area.cells),
    }
    return rows(AREAS, values)


def week(
    scope: Scope, teams: list[int], span: tuple[datetime, datetime], *, now: datetime
) -> list[dict[str, Any]]:
    """Return the shifts of some teams that begin in a span, in three queries.

    Each with its state now, what can be done with it, how many come along, and whether the caller
    is one of them; nobody else is named.
    """
    segments = Prefetch("segments", Segment.objects.order_by("letter"))
    found = (
        Shift.objects.within(scope)
        .filter(team_id__in=teams, starts__gte=span[0], starts__lt=span[1])
        .select_related("team")
        .prefetch_related(segments)
        .annotate(hands=Count("sign_ups"))
        .order_by("starts", "pk")
    )
    mine = set(
        SignUp.objects.within(scope).filter(shift__in=found).values_list("shift_id", flat=True)
    )
    told = []
    for shift in found:
        hands = int(shift.hands)  # type: ignore[attr-defined]
        state = state_at(shift, now)
        told.append(
            {
                "shift": shift,
                "state": state,
                "moves": moves_from(state),
                "hands": hands,
                "mine": shift.pk in mine,
                "full": hands >= shift.wanted,
                "open": state not in {"done", "cancelled"} and shift.ends > now,
                "letters": [one.letter for one in shift.segments.all()],
            }
        )
    return told


def doubled(told: list[dict[str, Any]]) -> set[int]:
    """Return the ids of shifts that walk the same segment at the same time."""
    of_letter: dict[tuple[int, str], list[Shift]] = defaultdict(list)
    for row in told:
        if row["state"] != "cancelled":
            for letter in row["letters"]:
                of_letter[row["shift"].team_id, letter].append(row["shift"])
    found: set[int] = set()
    for shifts in of_letter.values():
        for one in shifts:
            for other in shifts:
                if one.pk != other.pk and one.starts < other.ends and other.starts < one.ends:
                    found |= {one.pk, other.pk}
    return found
