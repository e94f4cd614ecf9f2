"""Whom to turn to at this very moment (此刻找谁), out of all who answer for a place.

In office hours it is the lowest office that is held, by its holder or by who stands in: a vacancy
falls upward. Out of hours, or when nobody holds any, it is the community's line; where there is
none, the nearest duty point.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gridmap.layers.lines import CommunityLine, nearest_duty_point
from gridmap.layers.query import Value, rows
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City

# A day without a row is worked from Monday to Friday; a city without slots keeps no hours.
OFFICE = """
SELECT count(*) > 0 AS kept, coalesce(
    bool_or(s.begins <= %(hour)s::time AND %(hour)s::time < s.ends), false
) AND coalesce(
    (
        SELECT d.kind IN ('work', 'make_up') FROM layers_calendarday AS d
        WHERE d.city_id = %(city)s AND d.day = %(day)s::date
    ),
    extract(isodow FROM %(day)s::date) < 6
) AS open
FROM layers_workslot AS s
WHERE s.city_id = %(city)s AND s.valid @> %(day)s::date
"""


@dataclass(frozen=True)
class Held:
    """An office that is held: by whom, and whether as a substitute."""

    office: str
    name: str
    substitute: bool


@dataclass(frozen=True)
class Answering:
    """Who answers now.

    Attributes:
        by: ``chief``, ``line``, ``duty`` or ``nobody``.
        closed: whether it is out of office hours.
        office: of the chief; its ``name`` and whether a ``substitute`` holds it.
        phone: of the community's line, with its ``hours``.
        point: name of the nearest duty point, with its ``point_hours``.
    """

    by: str
    closed: bool
    office: str = ""
    name: str = ""
    substitute: bool = False
    phone: str = ""
    hours: str = ""
    point: str = ""
    point_hours: str = ""


def out_of_hours(city: City, now: datetime) -> bool:
    """Whether offices are closed at ``now``; never where a city keeps no hours (one query)."""
    here = now.astimezone(ZoneInfo(city.time_zone))
    values: dict[str, Value] = {
        "city": city.pk,
        "day": f"{here:%Y-%m-%d}",
        "hour": f"{here:%H:%M:%S}",
    }
    (found,) = rows(OFFICE, values)
    return bool(found["kept"] and not found["open"])


def answering(
    held: Iterable[Held],
    line: CommunityLine | None,
    duty: dict[str, Any] | None,
    *,
    closed: bool,
) -> Answering:
    """Choose among who answers; ``held`` from the lowest office up."""
    chief = next(iter(held), None)
    phone, hours = (line.phone, line.hours) if line else ("", "")
    point, point_hours = (duty["name"], duty["hours"]) if duty else ("", "")
    by = "line" if line else "duty" if duty else "nobody"
    if chief and (by == "nobody" or not closed):
        return Answering("chief", closed, chief.office, chief.name, chief.substitute)
    return Answering(by, closed, phone=phone, hours=hours, point=point, point_hours=point_hours)


def at_ladder(scope: Scope, city: City, ladder: dict[str, Any], *, at: datetime) -> Answering:
    """Return who of a ladder (`ladder.of_place`) answered at a moment (three queries)."""
    held = [
        Held(rung["office"], first["name"], first["standing"] == "substitute")
        for rung in ladder["rungs"]
        for first in rung["holders"][:1]
    ]
    lines = CommunityLine.objects.within(scope).as_of(at)
    line = lines.filter(community=ladder["community"]).first()
    duty = nearest_duty_point(city, (ladder["lng"], ladder["lat"]), now=at)
    return answering(held, line, duty, closed=out_of_hours(city, at))
