"""By when: limits of the catalogue counted by a city's calendar, with the arithmetic as data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point

from gridmap.geo import clock
from gridmap.geo.clock import Answer, Calendar, Hours, Instants, Leg, OfficialDay
from gridmap.layers.calendars import CalendarDay, WorkSlot
from gridmap.layers.cases import Deadline, Step
from gridmap.layers.catalogue import Milestone, PlaceClass, Standard, StepLimit, Unit
from gridmap.layers.incidents import Category, Incident, spot_at
from gridmap.layers.places import Street
from gridmap.layers.territory import City

SOON = Fraction(4, 5)  # of the limit: from here a light is yellow
GENERAL = "处置"  # name of the milestone of a category that has no standard
# An urgent case runs on the wall clock.
ON_THE_WALL = {
    Unit.WORK_MINUTE: Unit.MINUTE, Unit.WORK_HOUR: Unit.HOUR, Unit.WORK_DAY: Unit.DAY,
}  # fmt: skip


def calendar_of(city: City) -> Calendar:
    """Return the official days and the hours of a city."""
    days = {
        row.day: OfficialDay(row.kind, row.name) for row in CalendarDay.objects.filter(city=city)
    }
    hours = tuple(
        Hours(row.begins, row.ends, row.valid.lower, row.valid.upper)
        for row in WorkSlot.objects.filter(city=city)
    )
    return Calendar(ZoneInfo(city.time_zone), days, hours)


@dataclass(frozen=True)
class Limit:
    """One limit to be counted, and the rule it comes from."""

    number: int
    name: str
    amount: int
    unit: str
    milestone: Milestone | None = None
    standard: Standard | None = None

    def counted(self, *, urgent: bool) -> str:
        """Return the unit in which it is counted."""
        return ON_THE_WALL.get(Unit(self.unit), self.unit) if urgent else self.unit


@dataclass(frozen=True)
class Timed:
    """A limit with its times and its explanation."""

    limit: Limit
    starts: datetime
    soon_at: datetime
    due: datetime
    explanation: dict[str, Any]


def place_class_at(city: City, place: Point) -> PlaceClass:
    """Return which class of places the rules of the catalogue mean by a place.

    In a building: a residential estate. On a street: main roads. Within reach of a lane (30 m, as
    its chief answers there): lanes. Elsewhere none is said, and rules for all places hold.
    """
    spot = spot_at(city, place)
    if spot.building is not None:
        return PlaceClass.ESTATE
    if Street.objects.filter(city=city, polygon__covers=place).exists():
        return PlaceClass.MAIN
    return PlaceClass.LANE if spot.lane is not None else PlaceClass.ANY


def standards_for(category: Category, when: datetime, place: Point | None = None) -> list[Standard]:
    """Return the standards in force for a category; those of its parent where it has none.

    With a place those of its class come first, then those for all places, then the others.
    """
    for one in (category, category.parent):
        if one is not None:
            found = Standard.objects.filter(category=one).as_of(when)
            if rows := list(found.prefetch_related("milestones").order_by("condition", "pk")):
                return _fitting_first(rows, category.city, place)
    return []


def _fitting_first(rows: list[Standard], city: City, place: Point | None) -> list[Standard]:
    if place is None or all(row.place_class == PlaceClass.ANY for row in rows):
        return rows
    here = place_class_at(city, place)
    order = {here: 0, PlaceClass.ANY: 1}
    return sorted(rows, key=lambda row: order.get(PlaceClass(row.place_class), 2))


def limits_for(
    category: Category,
    when: datetime,
    *,
    urgent: bool,
    standard: Standard | None = None,
    place: Point | None = None,
) -> list[Limit]:
    """Return what is to be reached in what time; without a standard the category's own limit.

    Of several standards the first that fits the place holds until somebody chooses another.
    """
    chosen = standard or next(iter(standards_for(category, when, place)), None)
    if chosen is not None:
        found = [
            Limit(row.number, row.name, row.limit, row.unit, row, chosen)
            for row in chosen.milestones.all()
            if row.urgent is None or row.urgent == urgent
        ]
        if found:
            return found
    return [Limit(1, GENERAL, category.limit_hours, Unit.HOUR)]


def timed(
    calendar: Calendar,
    limit: Limit,
    since: datetime,
    *,
    urgent: bool = False,
    extra: Sequence[Sequence[Any]] = (),
    pauses: Sequence[Instants] = (),
) -> Timed:
    """Count one limit.

    Args:
        calendar: of the city.
        limit: what is granted.
        since: when the case was filed.
        urgent: count on the wall clock.
        extra: granted extensions: amount and unit of each.
        pauses: while it was parked.
    """
    unit = limit.counted(urgent=urgent)
    legs = [Leg(Fraction(limit.amount), unit), *(Leg(Fraction(n), of) for n, of in extra)]
    not_before = limit.milestone.not_before if limit.milestone else None
    starts = clock.begin(calendar, since, not_before)
    answer = clock.due(calendar, starts, legs, pauses)
    soon = clock.due(calendar, starts, clock.share(legs, SOON), pauses)
    told = explained(calendar, answer)
    told |= {
        "rule": _rule(limit), "urgent": urgent, "counted_in": unit,
        "extensions": [[int(n), of] for n, of in extra],
    }  # fmt: skip
    return Timed(limit, starts, soon.due, answer.due, told)


def _rule(limit: Limit) -> dict[str, Any]:
    standard, milestone = limit.standard, limit.milestone
    told: dict[str, Any] = {"name": limit.name, "limit": limit.amount, "unit": limit.unit}
    if standard is not None:
        told |= {
            "standard": standard.pk,
            "condition": standard.condition,
            "place_class": standard.place_class,
            "filing": standard.filing,
            "closing": standard.closing,
            "source": standard.source,
            "since": standard.valid.lower.isoformat(),
        }
    if milestone is not None and milestone.not_before is not None:
        told["not_before"] = f"{milestone.not_before:%H:%M}"
    return told


def explained(calendar: Calendar, answer: Answer) -> dict[str, Any]:
    """Return the arithmetic of a due time as plain values, in local time."""

    def at(moment: datetime) -> str:
        return calendar.local(moment).isoformat(timespec="seconds")

    return {
        "starts": at(answer.starts),
        "due": at(answer.due),
        "days": [
            {
                "day": line.day.isoformat(),
                "kind": line.kind,
                "name": line.name,
                "minutes": round(line.seconds / 60, 1),
                "slots": [
                    [f"{calendar.local(a):%H:%M}", _until(calendar, a, b)] for a, b in line.slots
                ],
            }
            for line in answer.days
        ],
        "pauses": [[at(a), at(b)] for a, b in answer.pauses],
        "warnings": list(answer.warnings),
    }


def _until(calendar: Calendar, begin: datetime, end: datetime) -> str:
    told = f"{calendar.local(end):%H:%M}"
    next_day = calendar.local(end).date() > calendar.local(begin).date()
    return "24:00" if next_day and told == "00:00" else told


def pauses_of(steps: Iterable[Step]) -> list[Instants]:
    """Return when the clock stood still: steps that were parked and have ended."""
    return [(step.begins, step.ends) for step in steps if step.paused and step.ends is not None]


def step_timed(
    calendar: Calendar, incident: Incident, step: Step, pauses: Sequence[Instants]
) -> Timed | None:
    """Return the limit of a step that is no handling, counted; None where it has none."""
    rows = StepLimit.objects.filter(city_id=incident.city_id, state=step.state)
    row = rows.as_of(step.entered).first()
    return None if row is None else step_limit(calendar, incident, step, row, pauses)


def step_limit(
    calendar: Calendar, incident: Incident, step: Step, row: StepLimit, pauses: Sequence[Instants]
) -> Timed:
    """Return the limit of a step counted by the one of its state."""
    limit = Limit(0, "", row.limit, row.unit)
    found = timed(calendar, limit, step.entered, urgent=incident.urgent, pauses=pauses)
    if row.valid.lower is not None:
        found.explanation["rule"]["since"] = row.valid.lower.isoformat()
    return found


def step_times(
    calendar: Calendar, incident: Incident, step: Step, pauses: Sequence[Instants]
) -> tuple[datetime | None, datetime | None]:
    """Return when a step turns yellow and when it is due; handling ends with the whole."""
    if step.state == "handling":
        return (incident.soon_at, incident.due) if incident.due else (None, None)
    found = step_timed(calendar, incident, step, pauses)
    return (found.soon_at, found.due) if found else (None, None)


def minutes(calendar: Calendar, since: datetime, begins: datetime, ends: datetime) -> int:
    """Return the working minutes from begin to end.

    Counted from ``since``, so that the minutes of steps that follow each other add up exactly.
    """
    upto = [int(clock.elapsed(calendar, since, end, "work_minute")) for end in (begins, ends)]
    return upto[1] - upto[0]


def retimed(
    calendar: Calendar, deadline: Deadline, *, urgent: bool, pauses: Sequence[Instants]
) -> Timed:
    """Count a deadline again, after an extension or a pause."""
    limit = Limit(
        deadline.number, deadline.name, deadline.limit, deadline.unit, deadline.milestone,
        deadline.standard,
    )  # fmt: skip
    since = deadline.starts
    return timed(calendar, limit, since, urgent=urgent, extra=deadline.extra, pauses=pauses)
