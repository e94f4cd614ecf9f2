"""Limits that are running are counted again when the calendar they were counted by changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from gridmap.geo.clock import Calendar, Instants
from gridmap.layers import timing
from gridmap.layers.cases import Deadline, Step
from gridmap.layers.catalogue import StepLimit
from gridmap.layers.incidents import Incident, Light
from gridmap.layers.territory import City

BATCH = 500


@dataclass(frozen=True)
class Recounted:
    """What moved: cases and limits of theirs, the limits of the steps they are in among them."""

    cases: tuple[str, ...] = ()
    limits: int = 0


def recount_running(city: City, first: date, last: date) -> Recounted:
    """Count again every limit of a city that is running and touches days from first to last.

    What was met, is over or stands still is left: a limit that has ended never moves, so that past
    periods stay as they were; a parked one is counted when it goes on. Asks a fixed number of
    questions for each `BATCH` of cases. Call it in the transaction that changes the calendar.
    """
    calendar, now = timing.calendar_of(city), timezone.now()
    # Held first, like every deed does, so that no deed counts by the old calendar meanwhile.
    open_ones = Incident.objects.filter(city=city, due__gt=now).exclude(
        light__in=[Light.NONE, Light.PARKED]
    )
    waiting = Step.objects.filter(ends=None, due__gt=now, incident__city=city, paused=False)
    both = open_ones.order_by().values("pk").union(waiting.values("incident"))
    these = [row["pk"] for row in both.order_by("pk")]
    found = Recounted()
    for start in range(0, len(these), BATCH):
        part = Incident.objects.select_for_update(of=("self",)).filter(
            pk__in=these[start : start + BATCH]
        )
        one = _batch(list(part.order_by("pk")), _Days(calendar, first, last, now))
        found = Recounted(found.cases + one.cases, found.limits + one.limits)
    return found


@dataclass(frozen=True)
class _Days:
    """The days that changed, the calendar as it is now, and the present moment."""

    calendar: Calendar
    first: date
    last: date
    now: datetime

    def touch(self, starts: datetime, due: datetime) -> bool:
        """Return whether a limit is running and was counted over one of these days."""
        since, until = (self.calendar.local(moment).date() for moment in (starts, due))
        return due > self.now and since <= self.last and until >= self.first


def _batch(cases: Sequence[Incident], days: _Days) -> Recounted:
    by_pk = {case.pk: case for case in cases}
    pauses = _pauses(by_pk)
    every: defaultdict[int, list[Deadline]] = defaultdict(list)
    rows = Deadline.objects.filter(incident__in=by_pk).order_by("incident", "number")
    for row in rows.select_related("milestone", "standard"):
        every[row.incident_id].append(row)
    deadlines = []
    for row in (row for rows in every.values() for row in rows):
        case = by_pk[row.incident_id]
        if row.met_at is None and days.touch(row.starts, row.due):
            before = row.due
            _retime(row, case, days, pauses)
            deadlines.append((row, row.due != before))
    moved = [
        by_pk[pk] for pk in dict.fromkeys(row.incident_id for row, other in deadlines if other)
    ]
    for case in moved:
        last = max(every[case.pk], key=lambda row: row.due)
        case.soon_at, case.due = last.soon_at, last.due
    Deadline.objects.bulk_update([row for row, _ in deadlines], ["soon_at", "due", "explanation"])
    steps = _steps(by_pk, days, pauses)
    Step.objects.bulk_update(steps, ["soon_at", "due"])
    Incident.objects.bulk_update(moved, ["soon_at", "due"])
    changed = [row.incident_id for row, other in deadlines if other]
    changed += [step.incident_id for step in steps]
    numbers = tuple(case.number for case in cases if case.pk in set(changed))
    return Recounted(numbers, len(changed))


def _pauses(cases: Iterable[int]) -> dict[int, list[Instants]]:
    paused: defaultdict[int, list[Step]] = defaultdict(list)
    rows = Step.objects.filter(incident__in=cases, paused=True).order_by("incident", "number")
    for step in rows:
        paused[step.incident_id].append(step)
    return {pk: timing.pauses_of(steps) for pk, steps in paused.items()}


def _retime(row: Deadline, case: Incident, days: _Days, pauses: dict[int, list[Instants]]) -> None:
    """Count a deadline again; its explanation names the days even where its time stays."""
    stood = pauses.get(case.pk, [])
    found = timing.retimed(days.calendar, row, urgent=case.urgent, pauses=stood)
    row.soon_at, row.due, row.explanation = found.soon_at, found.due, found.explanation


def _steps(
    cases: dict[int, Incident], days: _Days, pauses: dict[int, list[Instants]]
) -> list[Step]:
    """Return the steps that go on and whose own limit is another one now."""
    city = next(iter(cases.values())).city_id
    limits = list(StepLimit.objects.filter(city_id=city))
    moved = []
    for step in Step.objects.filter(incident__in=cases, ends=None, due__gt=days.now, paused=False):
        case, before = cases[step.incident_id], (step.soon_at, step.due)
        if step.state == "handling":
            step.soon_at, step.due = case.soon_at, case.due
        elif step.due is not None and days.touch(step.entered, step.due):
            holds = (one for one in limits if one.state == step.state and step.entered in one.valid)
            row = next(holds, None)
            if row is not None:
                stood = pauses.get(case.pk, [])
                found = timing.step_limit(days.calendar, case, step, row, stood)
                step.soon_at, step.due = found.soon_at, found.due
        if before != (step.soon_at, step.due):
            moved.append(step)
    return moved
